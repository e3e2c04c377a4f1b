//! Recordings hold every event of a run and no secret, belong to their owner alone, and never take another file's place.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use tokio_tungstenite::tungstenite::{Message, accept, protocol::CloseFrame};

use crate::support::{command::sockeye, demo::Demo};

/// `sockeye tail` on the orders of the demo, recorded.
fn tail(demo: &Demo, recording: &Path, more: &[&str]) -> Command {
    let mut command = sockeye();
    command.args(arguments(demo, recording)).args(more);
    command
}

fn arguments(demo: &Demo, recording: &Path) -> Vec<String> {
    let shown = |path: &Path| path.display().to_string();
    let token = shown(&demo.token_file("good"));
    let url = demo.url("/ws/orders");
    let recording = shown(recording);
    ["tail", &url, "--token-file", &token, "--record", &recording]
        .map(str::to_owned)
        .to_vec()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

/// What `sockeye export` makes of a recording, as it is.
fn exported(recording: &Path) -> Vec<u8> {
    let mut export = sockeye();
    let export = export.arg("export").arg(recording);
    let output = export.args(["--format", "ndjson", "--unmasked"]).output();
    let output = output.expect("sockeye runs");
    assert_eq!(stderr(&output), "");
    output.stdout
}

fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<_> = fs::read_dir(folder).expect("a folder").flatten().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].path()
}

#[test]
fn every_event_of_tail_is_recorded_whatever_it_writes() {
    let demo = Demo::start(500.0);
    let folder = tempfile::tempdir().expect("a folder");
    let wanted = ["--count", "20", "--filter", "type:order.created"];
    let output = tail(&demo, folder.path(), &wanted).output();
    let output = output.expect("sockeye runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let path = only_file(folder.path());
    let name = path.file_name().expect("a name").to_string_lossy();
    assert!(name.starts_with("127.0.0.1-20"), "{name}");
    assert!(stderr(&output).contains(&*name), "{}", stderr(&output));
    let bytes = fs::read(&path).expect("a file");
    assert_eq!(exported(&path), bytes);
    let recorded = lines(&bytes);
    // What was written is part of it; what the filter left out is there too, and the stream's life.
    let written = lines(&output.stdout);
    assert!(written.iter().all(|event| recorded.contains(event)));
    let numbers: Vec<_> = recorded.iter().map(|event| event["n"].as_u64()).collect();
    let all: Vec<_> = (1..=recorded.len() as u64).map(Some).collect();
    assert_eq!(numbers, all, "no number is left out");
    for event in ["opened", "status"] {
        assert!(recorded.iter().any(|line| line["event"] == event));
    }
    let last = &recorded[recorded.len() - 1];
    assert_eq!(last["status"], "stopped", "the goodbye is recorded: {last}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn nothing_is_overwritten_and_no_directory_made() {
    let demo = Demo::start(10.0);
    let folder = tempfile::tempdir().expect("a folder");
    let taken = folder.path().join("taken.ndjson");
    fs::write(&taken, "mine").expect("written");
    let missing = folder.path().join("none/a.ndjson");
    for (path, told) in [(&taken, "is there already"), (&missing, "mkdir -p")] {
        let output = tail(&demo, path, &["--count", "1"]).output();
        let output = output.expect("sockeye runs");
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
    }
    assert_eq!(fs::read_to_string(&taken).expect("a file"), "mine");
    assert_eq!(only_file(folder.path()), taken);
}

#[test]
fn a_closed_pipe_leaves_a_whole_recording() {
    let demo = Demo::start(500.0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.ndjson");
    let mut command = tail(&demo, &path, &["--lifecycle", "none"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("sockeye runs");
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut first).expect("a line");
    drop(stdout);
    let output = child.wait_with_output().expect("an end");
    assert_eq!((output.status.code(), &*stderr(&output)), (Some(0), ""));
    let bytes = fs::read(&path).expect("a file");
    assert_eq!(exported(&path), bytes);
    assert!(String::from_utf8_lossy(&bytes).contains(&first));
}

/// A limit on the size of files stands in for a full disk; its signal would end the program by itself.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_the_recording_and_nothing_else() {
    let demo = Demo::start(f64::INFINITY);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.ndjson");
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -f 40; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_sockeye"))
        .args(arguments(&demo, &path))
        .args(["--count", "3000"])
        .env("SOCKEYE_CONFIG_DIR", "/nonexistent/sockeye");
    let output = command.output().expect("sockeye runs");
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("the recording broke off: "), "{told}");
    assert!(told.contains("help: see that the disk has room"), "{told}");
    assert!(lines(&output.stdout).len() >= 3000, "it went on");
    let bytes = fs::read(&path).expect("a file");
    assert!(bytes.len() <= 40 << 10 && bytes.ends_with(b"}\n"));
    assert_eq!(exported(&path), bytes);
}

#[test]
fn no_secret_is_recorded() {
    const CANARY: &str = "canary/7f3a9+c2e81b";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut socket = accept(stream).expect("an upgrade");
        let login = socket.read().expect("a login").into_text().expect("text");
        let encoded = BASE64_STANDARD.encode(CANARY);
        let echo = format!(r#"{{"echo":{login},"encoded":"{encoded}"}}"#);
        socket.send(Message::text(echo)).expect("a listener");
        let _until_it_leaves = socket.read();
    });
    let folder = tempfile::tempdir().expect("a folder");
    let (token, path) = (folder.path().join("t"), folder.path().join("a.ndjson"));
    fs::write(&token, CANARY).expect("written");
    let output = sockeye()
        .args(["tail", &format!("ws://{address}/"), "--count", "1"])
        .args(["--first-message", r#"{"token":"{token}"}"#, "--token-file"])
        .arg(&token)
        .arg("--record")
        .arg(&path)
        .output()
        .expect("sockeye runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = fs::read_to_string(&path).expect("a file");
    assert!(
        text.contains(r#""dir":"out""#) && text.contains("echo"),
        "{text}"
    );
    for form in [CANARY, "7f3a9", &BASE64_STANDARD.encode(CANARY)] {
        assert!(!text.contains(form), "{text}");
    }
}

/// A server that says one text and one `MessagePack` message, each with a password of its own, and closes with a third.
fn tells_passwords() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut socket = accept(stream).expect("an upgrade");
        let text = Message::text(r#"{"user":"ann","password":"hunter-text"}"#);
        let packed = &b"\x81\xa8password\xaahunter-bin"[..];
        socket.send(text).expect("a listener");
        socket.send(Message::binary(packed)).expect("a listener");
        let reason = r#"{"password":"hunter-close"}"#.into();
        let close = CloseFrame {
            code: 1000.into(),
            reason,
        };
        socket.close(Some(close)).expect("a listener");
        while socket.read().is_ok() {}
    });
    format!("ws://{address}/")
}

#[test]
fn what_looks_like_a_secret_is_masked_where_that_is_asked_for() {
    for (format, masks) in [
        ("ndjson", false),
        ("ndjson", true),
        ("payload", true),
        ("payload", false),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut tail = sockeye();
        tail.args([
            "tail",
            &tells_passwords(),
            "--no-reconnect",
            "--format",
            format,
        ])
        .args(masks.then_some("--mask"))
        .arg("--record")
        .arg(folder.path());
        let output = tail.output().expect("sockeye runs");
        let recorded = fs::read_to_string(only_file(folder.path())).expect("a file");
        let written = String::from_utf8_lossy(&output.stdout).into_owned();
        let all = written + &stderr(&output) + &recorded;
        let all = decoded(&all) + &all;
        for secret in ["hunter-text", "hunter-bin", "hunter-close"] {
            assert_eq!(all.contains(secret), !masks, "{secret} in {format}: {all}");
        }
        assert!(all.contains(r#""ann""#), "{all}");
    }
}

/// The binary messages among lines, as text.
fn decoded(lines: &str) -> String {
    let lines = lines
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let binary = lines.filter_map(|line: Value| Some(line["base64"].as_str()?.to_owned()));
    let bytes = binary.flat_map(|text| BASE64_STANDARD.decode(text).expect("base64"));
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}
