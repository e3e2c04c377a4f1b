//! `sockeye tail --send` and `--stdin`: what reaches the server, when, and in which order.

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept};

use super::{lines, sockeye, stderr};

type Socket = WebSocket<TcpStream>;

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    (listener, format!("ws://{address}/"))
}

fn next_client(listener: &TcpListener) -> Socket {
    accept(listener.accept().expect("a client").0).expect("an upgrade")
}

/// The next text, whatever pings come between.
fn text(socket: &mut Socket) -> String {
    loop {
        if let Message::Text(text) = socket.read().expect("a message") {
            return text.to_string();
        }
    }
}

/// `sockeye tail` on a profile that reconnects quickly, until one event has come.
fn tail(home: &TempDir, url: &str, more: &[&str]) -> Child {
    let config = format!(
        "[profiles.echo]\nurl = \"{url}\"\nway = \"none\"\nlimits = {{ message = \"1KiB\" }}\n\
         retry = {{ base = \"10ms\", cap = \"10ms\" }}\n"
    );
    std::fs::write(home.path().join("config.toml"), config).expect("a file");
    sockeye()
        .args(["tail", "echo", "--count", "1", "--for", "5m"])
        .args(more)
        .arg("--config")
        .arg(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sockeye runs")
}

/// Lines wait while the stream is not live, a text of the command line comes first after each login, and the end of the
/// standard input ends nothing.
#[test]
fn lines_wait_for_a_live_stream_and_are_sent_once() {
    let (listener, url) = listener();
    let home = TempDir::new().expect("a directory");
    let mut child = tail(&home, &url, &["--send", "hello", "--stdin"]);
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"one\n\ntwo\r\n").expect("it reads");
    // The first attempt fails.
    drop(listener.accept().expect("a client"));
    let mut first = next_client(&listener);
    let said = [(); 3].map(|()| text(&mut first));
    assert_eq!(said, ["hello", "one", "two"]);
    drop(first);
    let mut second = next_client(&listener);
    assert_eq!(text(&mut second), "hello");
    stdin.write_all(b"three").expect("it reads");
    drop(stdin);
    assert_eq!(text(&mut second), "three");
    second.send(Message::text("[1]")).expect("a message");
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let events = lines(&output.stdout);
    let sent: Vec<_> = events
        .iter()
        .filter(|event| event["dir"] == "out")
        .map(|event| event["text"].as_str().expect("a text"))
        .collect();
    assert_eq!(sent, ["hello", "one", "two", "hello", "three"]);
}

/// The server reads slowly, and what waits for it here has little room: the lines are held, and all of them arrive.
#[test]
fn a_slow_server_holds_the_standard_input() {
    const LINES: usize = 250;
    let (listener, url) = listener();
    let home = TempDir::new().expect("a directory");
    // What was sent is not written: nobody reads it here before the end.
    let mut child = tail(&home, &url, &["--stdin", "--filter", "dir:in"]);
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = thread::spawn(move || {
        let line = [vec![b'x'; 64 << 10], vec![b'\n']].concat();
        (0..LINES).all(|_| stdin.write_all(&line).is_ok())
    });
    let mut socket = next_client(&listener);
    for _ in 0..LINES {
        thread::park_timeout(Duration::from_millis(2));
        assert_eq!(text(&mut socket).len(), 64 << 10);
    }
    assert!(writer.join().expect("the writer ends"));
    socket.send(Message::text("[1]")).expect("a message");
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn what_cannot_be_sent_is_told_at_once() {
    let two = ["tail", "ws://127.0.0.1:1/", "ws://127.0.0.1:2/", "--stdin"];
    let send = |text: &'static str| ["tail", "ws://127.0.0.1:1/", "--send", text];
    for (arguments, told) in [
        (two, "--stdin sends to one stream, and 2 are named"),
        (
            send(r#"{"op":"a" 1}"#),
            "is not whole JSON: expected `,` or `}`",
        ),
        (send(r#"{"password":"hunter2"}"#), "would hold a secret"),
        (send("auth {token}"), "has a place for the token"),
        (send(""), "is empty"),
    ] {
        let output = sockeye().args(arguments).output().expect("sockeye runs");
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(told) && said.contains("help:"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
