//! What tests need from others: environments with pinned packages, made once and kept under `target/tmp`, and programs
//! of the system.
//!
//! Where something cannot be had the test is skipped and says so. Where `CI` is set, and not to `false`, it fails.

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
    let ci = std::env::var("CI").ok();
    // Not `eprintln!`, which the test runner keeps back when a test passes.
    skipped_aloud(got, ci.as_deref(), &mut std::io::stderr())
}

fn skipped_aloud<T>(got: Result<T, String>, ci: Option<&str>, told: &mut impl Write) -> Option<T> {
    let why = match got {
        Ok(got) => return Some(got),
        Err(why) => why,
    };
    let may_skip = matches!(ci, None | Some("" | "0" | "false"));
    assert!(may_skip, "CI is set, so the interop tests must run: {why}");
    // Nobody is left to hear it when the standard error is gone.
    let _ = writeln!(told, "\nSKIPPED: an interop test did not run: {why}");
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> Result<u8, String> {
        run(&mut Command::new("no-such-runtime-of-sockeye")).map(|_| 1)
    }

    #[test]
    fn a_test_that_lacks_its_runtime_is_skipped_aloud() {
        for ci in [None, Some(""), Some("0"), Some("false")] {
            let mut told = Vec::new();
            assert_eq!(skipped_aloud(missing(), ci, &mut told), None);
            let told = String::from_utf8(told).expect("UTF-8");
            assert!(told.starts_with("\nSKIPPED: "), "{told}");
            assert!(told.contains("no-such-runtime-of-sockeye: "), "{told}");
        }
    }

    #[test]
    #[should_panic(
        expected = "CI is set, so the interop tests must run: no-such-runtime-of-sockeye"
    )]
    fn a_test_that_lacks_its_runtime_fails_where_everything_must_run() {
        skipped_aloud(missing(), Some("true"), &mut Vec::new());
    }

    #[test]
    fn a_test_that_has_its_runtime_says_nothing() {
        for ci in [None, Some("true")] {
            let mut told = Vec::new();
            assert_eq!(skipped_aloud(Ok(1), ci, &mut told), Some(1));
            assert!(told.is_empty());
        }
    }
}
