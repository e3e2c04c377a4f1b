//! Servers in Node, each with the packages that its `package-lock.json` pins.

use std::{fs, path::Path, process::Command};

use super::{
    made::{SERVERS, environment, or_skip, run},
    server::Server,
};

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };
/// Prints which Node it is, and fails when it is older than 20, which the packages need.
const WHICH: &str = "console.log(process.version, process.arch); process.exit(+(parseInt(process.version.slice(1)) < 20))";

/// Starts the server of this folder; `None` when the calling test has to be skipped.
pub(crate) fn serve(name: &str) -> Option<Server> {
    let folder = Path::new(SERVERS).join(name);
    let pins = folder.join("package-lock.json");
    let home = or_skip(environment("node", &pins, which, |home| {
        install(home, &folder)
    }))?;
    let mut command = Command::new("node");
    command
        .arg("server.js")
        .current_dir(folder)
        .env("NODE_PATH", home.join("node_modules"));
    Some(Server::start(&mut command))
}

fn which() -> Result<String, String> {
    run(Command::new("node").args(["-e", WHICH]))
        .map_err(|fault| format!("Node 20 or later is needed: {fault}"))
}

fn install(home: &Path, folder: &Path) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    fs::create_dir_all(home).map_err(text)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(folder.join(name), home.join(name)).map_err(text)?;
    }
    run(Command::new(NPM)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(home))?;
    Ok(())
}
