//! The audit: every authentication leaves a line, for its owner alone, and none of them holds a token.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use sockeye::secret::Secret;

use crate::support::demo::Demo;

/// `sockeye` with a configuration, and a state, of its own.
fn sockeye(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    command.arg("--config").arg(home);
    command
}

/// Until the first message; the fingerprint of the token.
fn tail(home: &Path, demo: &Demo, path: &str, sample: &str) -> String {
    let file = demo.token_file(sample);
    let output = sockeye(home)
        .arg("tail")
        .arg(demo.url(path))
        .args(["--query", "token", "--count", "1", "--token-file"])
        .arg(&file)
        .output();
    output.expect("sockeye runs");
    let token = fs::read_to_string(file).expect("a token");
    Secret::new(token.trim().to_owned())
        .fingerprint()
        .to_string()
}

fn audit(home: &Path, more: &[&str]) -> String {
    let output = sockeye(home).arg("audit").args(more).output();
    String::from_utf8(output.expect("sockeye runs").stdout).expect("UTF-8")
}

#[test]
fn every_authentication_is_written_down() {
    let (home, demo) = (tempfile::tempdir().expect("a directory"), Demo::start(50.0));
    let home = home.path();
    assert_eq!(audit(home, &[]), "");
    let tokens = [
        tail(home, &demo, "/ws/orders", "good"),
        tail(home, &demo, "/ws/orders", "expired"),
        tail(home, &demo, "/ws/audit", "guest"),
        tail(home, &demo, "/strict/ws/orders", "garbage"),
    ];
    let text = audit(home, &["--json"]);
    let records: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let outcome = |record: &Value| {
        let number = record["code"]
            .as_u64()
            .or_else(|| record["status"].as_u64());
        (
            record["outcome"].as_str().unwrap_or_default().to_owned(),
            number,
        )
    };
    let outcomes: Vec<_> = records.iter().map(outcome).collect();
    let expected = [
        ("accepted", None),
        ("refused", Some(4001)),
        ("sign-in-needed", None),
        ("forbidden", Some(4003)),
        ("refused", Some(401)),
        ("sign-in-needed", None),
    ];
    assert_eq!(
        outcomes,
        expected.map(|(word, number)| (word.to_owned(), number)),
        "{text}"
    );
    for token in &tokens {
        assert!(
            records
                .iter()
                .any(|record| record["token"] == token.as_str()),
            "{token}: {text}"
        );
    }
    for name in ["good", "expired", "guest"] {
        let secret = fs::read_to_string(demo.token_file(name)).expect("a token");
        let signature = secret.trim().rsplit('.').next().expect("a part");
        assert!(!text.contains(signature), "{text}");
    }
    let shown = audit(home, &["--last", "2"]);
    assert_eq!(shown.lines().count(), 2, "{shown}");
    assert!(
        shown.contains("refused         127.0.0.1  token ")
            && shown.contains(" by query, from file "),
        "{shown}"
    );
    assert_eq!(audit(home, &["another"]), "");
}

#[cfg(unix)]
#[test]
fn the_audit_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (home, demo) = (tempfile::tempdir().expect("a directory"), Demo::start(50.0));
    tail(home.path(), &demo, "/ws/orders", "good");
    let state = home.path().join("state");
    let mode = |path: &Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (mode(&state), mode(&state.join("audit.ndjson"))),
        (0o700, 0o600)
    );
    // One that others can read is refused, aloud, and the stream goes on.
    fs::set_permissions(
        state.join("audit.ndjson"),
        fs::Permissions::from_mode(0o644),
    )
    .expect("a mode");
    let output = sockeye(home.path())
        .arg("tail")
        .arg(demo.url("/ws/orders"))
        .args(["--query", "token", "--count", "5", "--token-file"])
        .arg(demo.token_file("good"))
        .output()
        .expect("sockeye runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && told.contains("the audit is not written"),
        "{told}"
    );
}

#[test]
fn a_full_audit_is_put_aside_and_broken_lines_do_no_harm() {
    let (home, demo) = (tempfile::tempdir().expect("a directory"), Demo::start(50.0));
    tail(home.path(), &demo, "/ws/orders", "good");
    let file = home.path().join("state/audit.ndjson");
    let mut bytes = fs::read(&file).expect("the audit");
    bytes.extend(std::iter::repeat_n(b'x', 1 << 20));
    bytes.push(b'\n');
    fs::write(&file, &bytes).expect("written");
    tail(home.path(), &demo, "/ws/orders", "good");
    assert!(home.path().join("state/audit.1.ndjson").exists());
    assert!(fs::metadata(&file).expect("a new one").len() < 1000);
    assert_eq!(audit(home.path(), &["--json"]).lines().count(), 2);
}
