//! A Python environment with the pinned requirements of the guide's server, made once and kept under `target/tmp`.
//!
//! Where there is no Python, or the packages cannot be had, the test is skipped and says so. With `CI=true` that is a
//! failure.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use sha2::{Digest, Sha256};

const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };
const VENV_PYTHON: &str = if cfg!(windows) {
    "Scripts/python.exe"
} else {
    "bin/python"
};
/// Prints which Python it is, and fails when it is older than 3.10, which the requirements need.
const WHICH: &str =
    "import sys; print(sys.version, sys.executable); sys.exit(sys.version_info < (3, 10))";

/// The environment's interpreter, or `None` when the calling test has to be skipped.
pub(crate) fn interpreter(requirements: &Path) -> Option<PathBuf> {
    // One attempt a process: without a network every further one would take as long to fail.
    static MADE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match MADE.get_or_init(|| environment(requirements)) {
        Ok(interpreter) => Some(interpreter.clone()),
        Err(why) if std::env::var_os("CI").is_some_and(|ci| ci == "true") => {
            panic!("CI=true, so the interop tests must run: {why}")
        }
        Err(why) => {
            // Not `eprintln!`, which the test runner keeps back when a test passes.
            let _ = writeln!(
                std::io::stderr(),
                "\nSKIPPED: an interop test did not run: {why}"
            );
            None
        }
    }
}

fn environment(requirements: &Path) -> Result<PathBuf, String> {
    let which = run(Command::new(PYTHON).args(["-c", WHICH]))
        .map_err(|fault| format!("Python 3.10 or later is needed: {fault}"))?;
    let pinned =
        fs::read(requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let digest = Sha256::new()
        .chain_update(pinned)
        .chain_update(which)
        .finalize();
    let key = format!("{digest:x}");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-{}", &key[..12]));
    made_once(&home, requirements).map_err(|error| format!("{}: {error}", home.display()))?;
    Ok(home.join(VENV_PYTHON))
}

/// Makes the environment unless it is there and whole. The lock holds off other threads and other processes.
fn made_once(home: &Path, requirements: &Path) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    let lock = File::create(home.with_extension("lock")).map_err(text)?;
    lock.lock().map_err(text)?;
    let whole = home.join("whole");
    if whole.exists() {
        return Ok(());
    }
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
    File::create(whole).map_err(text)?;
    Ok(())
}

/// Runs a command to its end and gives what it printed.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{command:?} failed with {}: {}",
        output.status,
        said.trim()
    ))
}
