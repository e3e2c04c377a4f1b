//! Servers in Python, each with an environment of the packages that its `requirements.txt` pins.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    made::{SERVERS, environment, or_skip, run},
    server::Server,
};

const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };
const VENV_PYTHON: &str = if cfg!(windows) {
    "Scripts/python.exe"
} else {
    "bin/python"
};
/// Prints which Python it is, and fails when it is older than 3.10, which the requirements need.
const WHICH: &str =
    "import sys; print(sys.version, sys.executable); sys.exit(sys.version_info < (3, 10))";

/// Starts the server of this folder; `None` when the calling test has to be skipped.
pub(crate) fn serve(name: &str) -> Option<Server> {
    let folder = Path::new(SERVERS).join(name);
    let interpreter = or_skip(interpreter(&folder.join("requirements.txt")))?;
    let mut command = Command::new(interpreter);
    command.args(["-B", "server.py"]).current_dir(folder);
    Some(Server::start(&mut command))
}

fn interpreter(requirements: &Path) -> Result<PathBuf, String> {
    let home = environment("python", requirements, which, |home| {
        install(home, requirements)
    })?;
    Ok(home.join(VENV_PYTHON))
}

fn which() -> Result<String, String> {
    run(Command::new(PYTHON).args(["-c", WHICH]))
        .map_err(|fault| format!("Python 3.10 or later is needed: {fault}"))
}

fn install(home: &Path, requirements: &Path) -> Result<(), String> {
    run(Command::new(PYTHON)
        .args(["-m", "venv", "--clear"])
        .arg(home))?;
    run(Command::new(home.join(VENV_PYTHON))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ])
        .args(["--retries", "2", "--only-binary", ":all:", "--requirement"])
        .arg(requirements))?;
    Ok(())
}
