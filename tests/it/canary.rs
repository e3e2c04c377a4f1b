//! Secrets are canaries: whatever goes wrong, none of them stands in anything the program puts out, or reaches another
//! server or program.

#[cfg(unix)]
mod monitor;

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::support::command::Running;

const CANARY: &str = "canary/7f3a9+c2e81b";

/// The forms in which the canary could come out.
fn forms() -> Vec<String> {
    let hex: String = CANARY
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from_digit(half.into(), 16).expect("a digit"))
        .collect();
    // The middle of it in base64, wherever it begins.
    let base64 = ["", "a", "ab"].map(|before| {
        let text = BASE64_STANDARD.encode(format!("{before}{CANARY}"));
        text[4..text.len() - 4].to_owned()
    });
    [
        vec![
            CANARY.to_owned(),
            "canary%2F7f3a9%2Bc2e81b".into(),
            "canary\\/7f3a9".into(),
            hex,
        ],
        base64.to_vec(),
    ]
    .concat()
}

fn holds_none(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for form in forms() {
        assert!(
            !text.to_lowercase().contains(&form.to_lowercase()),
            "{what} holds {form}:\n{text}"
        );
    }
}

/// Answers every connection with `answer`, in which `{canary}` was put, and tells what it received.
fn server(answer: &str) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (told, received) = mpsc::channel();
    let answer = answer.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let head = request(&stream);
            let _ = told.send(head);
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    (port, received)
}

/// The head of a request, or what there is of it when the other side ends or says nothing more.
fn request(mut stream: &TcpStream) -> String {
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .expect("a limit");
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        bytes.push(byte[0]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Runs `sockeye tail` once with the canary as its token, and looks at all it leaves behind.
fn run(url: &str, way: &[&str]) -> Output {
    let home = tempfile::tempdir().expect("a directory");
    let token = tempfile::NamedTempFile::new().expect("a file");
    fs::write(token.path(), CANARY).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_sockeye"))
        .arg("--config")
        .arg(home.path())
        .args([
            "tail",
            url,
            "--no-reconnect",
            "--for",
            "10s",
            "--lifecycle",
            "json",
            "--token-file",
        ])
        .arg(token.path())
        .arg("--record")
        .arg(home.path().join("recording.ndjson"))
        .args(way)
        .output()
        .expect("sockeye runs");
    let told = [output.stdout.clone(), output.stderr.clone()].concat();
    holds_none(url, &told);
    holds_none_below(home.path());
    output
}

fn holds_none_below(directory: &Path) {
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            holds_none_below(&path);
        } else {
            holds_none(
                &path.display().to_string(),
                &fs::read(&path).expect("a file"),
            );
        }
    }
}

const WAYS: [&[&str]; 3] = [
    &["--query", "token"],
    &[],
    &["--first-message", r#"{"token":"{token}"}"#],
];

#[test]
fn a_failed_handshake_repeats_the_token_in_vain() {
    let encoded = BASE64_STANDARD.encode(format!("user:{CANARY}"));
    let body = format!("bad token {CANARY} canary%2F7f3a9%2Bc2e81b {encoded}");
    for status in [
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "500 Oops",
    ] {
        let answer = format!(
            "HTTP/1.1 {status}\r\nWWW-Authenticate: Bearer error=\"{CANARY}\"\r\nX-Token: {encoded}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let (port, received) = server(&answer);
        for way in WAYS {
            let output = run(&format!("ws://127.0.0.1:{port}/ws"), way);
            assert!(!output.status.success(), "{status}");
            assert!(
                received.recv().expect("a request").starts_with("GET /ws"),
                "{status}"
            );
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                told.contains("***"),
                "what the server repeated is shown, masked: {told}"
            );
        }
    }
}

#[test]
fn what_is_no_server_for_it_gets_no_token() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    // Answers a TLS handshake with plain HTTP.
    let (plain, received) = server("HTTP/1.1 400 Bad Request\r\n\r\n");
    for url in [
        format!("ws://{closed}/ws"),
        "wss://sockeye.invalid/ws".into(),
        format!("wss://127.0.0.1:{plain}/ws"),
    ] {
        assert!(!run(&url, &["--query", "token"]).status.success(), "{url}");
    }
    holds_none(
        "a handshake",
        received.recv().expect("a handshake").as_bytes(),
    );
}

#[test]
fn a_redirect_does_not_take_the_token_along() {
    let (elsewhere, received) = server("HTTP/1.1 200 OK\r\n\r\n");
    let location = format!("http://127.0.0.1:{elsewhere}/ws?token={CANARY}");
    let answer = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let (port, asked) = server(&answer);
    for way in WAYS {
        let output = run(&format!("ws://127.0.0.1:{port}/ws"), way);
        assert!(!output.status.success());
        asked.recv().expect("a request");
    }
    assert!(received.try_recv().is_err(), "the other server was asked");
}

#[test]
fn a_token_does_not_go_over_plain_text_to_another_machine() {
    let output = run("ws://192.0.2.1/ws", &[]);
    assert_eq!(output.status.code(), Some(4));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("it is not sent over plain ws:"), "{told}");
}

#[test]
fn a_token_too_short_to_be_masked_is_told_once() {
    let (port, asked) = server("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    for (token, times) in [("ab12", 1), ("ab1234", 0)] {
        let home = tempfile::tempdir().expect("a directory");
        fs::write(home.path().join("token"), token).expect("written");
        let config = format!(
            "[profiles.q]\nurl = \"ws://127.0.0.1:{port}/\"\ntoken = {{ file = '{}' }}\n\
             retry = {{ base = \"50ms\", cap = \"200ms\", stable = \"30s\" }}\n",
            home.path().join("token").display()
        );
        fs::write(home.path().join("config.toml"), config).expect("written");
        let mut tail = Running::start(home.path(), &["tail", "q"], "");
        let mut links = 0;
        while links < 3 {
            tail.says("HTTP 500");
            links += asked.try_iter().count();
        }
        let words = "shorter than 6 characters";
        let told = tail.said.iter().filter(|line| line.contains(words));
        assert_eq!(told.count(), times, "{:?}", tail.said);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn others_see_nothing_of_it_in_the_process() {
    let home = tempfile::tempdir().expect("a directory");
    // The command that gives a token sees no secret of the environment.
    let seen = home.path().join("seen");
    let config = format!(
        "[profiles.a]\nurl = \"wss://sockeye.invalid/ws\"\ntoken = {{ env = \"SECRET_OF_A\" }}\n\
         [profiles.b]\nurl = \"wss://sockeye.invalid/ws\"\n\
         token = {{ command = [\"sh\", \"-c\", \"env > {0}; cat /proc/$PPID/cmdline /proc/$PPID/limits >> {0}; echo t\"] }}\n",
        seen.display()
    );
    fs::write(home.path().join("config.toml"), config).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_sockeye"))
        .arg("--config")
        .arg(home.path())
        .args(["tail", "b", "a", "--no-reconnect"])
        .env("SECRET_OF_A", CANARY)
        .env("ANOTHER", "stays")
        .output()
        .expect("sockeye runs");
    let seen = fs::read(seen).expect("the command ran");
    holds_none("the command", &seen);
    holds_none("the output", &[output.stdout, output.stderr].concat());
    let seen = String::from_utf8_lossy(&seen).into_owned();
    assert!(seen.contains("ANOTHER=stays"), "{seen}");
    let core = seen
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .expect("the limit");
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}
