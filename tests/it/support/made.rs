//! What tests need from others: environments with pinned packages, made once and kept under `target/tmp`, and programs
//! of the system.
//!
//! Where something cannot be had the test is skipped and says so. With `CI=true` that is a failure.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

/// Where the servers of the tests stand, each in a folder of its own.
pub(crate) const SERVERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers");

/// What was got, or `None` when the calling test has to be skipped.
pub(crate) fn or_skip<T>(got: Result<T, String>) -> Option<T> {
    match got {
        Ok(got) => Some(got),
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

/// The folder of an environment of this kind for the packages that a file pins; `which` names what else it hangs on.
pub(crate) fn environment(
    kind: &str,
    pins: &Path,
    which: impl Fn() -> Result<String, String>,
    make: impl Fn(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    // One attempt a process: without a network every further one would take as long to fail.
    static MADE: Mutex<BTreeMap<PathBuf, Result<PathBuf, String>>> = Mutex::new(BTreeMap::new());
    let mut all = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    all.entry(pins.to_owned())
        .or_insert_with(|| {
            let home = home(kind, pins, &which()?)?;
            made_once(&home, make).map_err(|fault| format!("{}: {fault}", home.display()))?;
            Ok(home)
        })
        .clone()
}

fn home(kind: &str, pins: &Path, which: &str) -> Result<PathBuf, String> {
    let pinned = fs::read(pins).map_err(|error| format!("{}: {error}", pins.display()))?;
    let digest = Sha256::new()
        .chain_update(pinned)
        .chain_update(which)
        .finalize();
    let key = format!("{digest:x}");
    Ok(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{kind}-{}", &key[..12])))
}

/// Makes the environment unless it is there and whole. The lock holds off other processes.
fn made_once(home: &Path, make: impl Fn(&Path) -> Result<(), String>) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    let lock = File::create(home.with_extension("lock")).map_err(text)?;
    lock.lock().map_err(text)?;
    let whole = home.join("whole");
    if whole.exists() {
        return Ok(());
    }
    make(home)?;
    File::create(whole).map_err(text)?;
    Ok(())
}

/// Runs a command to its end and gives what it printed.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
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
