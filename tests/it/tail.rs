//! `sockeye tail`: what stands on which output, and the exit code for every way to end.

mod alerts;
mod auto;
mod filter;
mod send;

use std::{
    io::{BufRead, BufReader, Read},
    process::{Output, Stdio},
    time::Duration,
};

use serde_json::Value;
use sockeye::clock::Clock;
use tokio_tungstenite::tungstenite::{Message, accept};

use crate::support::{command::sockeye, demo::Demo, tail::PATIENCE};

fn tail(demo: &Demo, path: &str, sample: &str, more: &[&str]) -> Output {
    let mut command = sockeye();
    command
        .arg("tail")
        .arg(demo.url(path))
        .arg("--token-file")
        .arg(demo.token_file(sample))
        .args(more);
    command.output().expect("sockeye runs")
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const QUERY: [&str; 2] = ["--query", "token"];
const FIRST_MESSAGE: [&str; 4] = [
    "--first-message",
    r#"{"type":"auth","token":"{token}"}"#,
    "--ack",
    r#"{"type":"auth_ok"}"#,
];

#[test]
fn events_stand_alone_on_the_standard_output() {
    let demo = Demo::start(500.0);
    let token = demo.server.sample("good").expect("a sample");
    for way in [&QUERY[..], &[], &FIRST_MESSAGE] {
        let more = [way, &["--count", "20", "--lifecycle", "json"]].concat();
        let output = tail(&demo, "/ws/orders", "good", &more);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let events = lines(&output.stdout);
        assert_eq!(
            events.iter().filter(|event| event["dir"] == "in").count(),
            20
        );
        assert!(
            events
                .iter()
                .all(|event| event["n"].is_u64() && event["stream"] == "127.0.0.1")
        );
        let statuses: Vec<_> = lines(&output.stderr)
            .iter()
            .filter_map(|line| line["status"].as_str().map(str::to_owned))
            .collect();
        assert!(
            statuses.iter().any(|status| status == "live"),
            "{statuses:?}"
        );
        let told = [output.stdout.as_slice(), &output.stderr].concat();
        assert!(
            !String::from_utf8_lossy(&told).contains(token.expose()),
            "the token was printed"
        );
    }
}

#[test]
fn refusals_have_exit_codes_of_their_own() {
    let demo = Demo::start(10.0);
    for (path, sample, exit, told) in [
        ("/ws/orders", "garbage", 4, "closed 1008 Policy Violation"),
        ("/ws/orders", "expired", 4, "closed 4001 Token Expired"),
        ("/ws/audit", "guest", 5, "closed 4003 Unauthorized Access"),
        ("/strict/ws/orders", "garbage", 4, "HTTP 401"),
        ("/strict/ws/audit", "guest", 4, "HTTP 403"),
        ("/nothing", "good", 7, "HTTP 404"),
    ] {
        let output = tail(&demo, path, sample, &QUERY);
        assert_eq!(
            output.status.code(),
            Some(exit),
            "{path} {sample}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(told),
            "{path} {sample}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_port_where_nobody_listens_is_a_network_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let output = sockeye()
        .args(["tail", &format!("ws://{address}/"), "--no-reconnect"])
        .output()
        .expect("sockeye runs");
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
    assert!(stderr(&output).contains("refused"), "{}", stderr(&output));
}

#[test]
fn wrong_usage_is_explained() {
    let cases: [(&[&str], &str); 4] = [
        (&["tail", "nobody"], "there is no profile 'nobody'"),
        (&["tail", "http://example.com/"], "ws"),
        (
            &["tail", "ws://127.0.0.1/", "--token", "hunter2"],
            "--token-file",
        ),
        (
            &["tail", "ws://127.0.0.1/", "-H", "Cookie: hunter2"],
            "--token-file",
        ),
    ];
    for (arguments, told) in cases {
        let output = sockeye().args(arguments).output().expect("sockeye runs");
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(told),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(!stderr(&output).contains("hunter2"));
    }
}

#[test]
fn a_time_limit_ends_as_asked() {
    let demo = Demo::start(100.0);
    let more = [&QUERY[..], &["--for", "300ms", "--lifecycle", "none"]].concat();
    let output = tail(&demo, "/ws/orders", "good", &more);
    assert_eq!(
        (output.status.code(), stderr(&output)),
        (Some(0), String::new())
    );
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let demo = Demo::start(500.0);
    let mut command = sockeye();
    command
        .arg("tail")
        .arg(demo.url("/ws/orders"))
        .arg("--token-file")
        .arg(demo.token_file("good"));
    command
        .args(QUERY)
        .args(["--lifecycle", "none"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("sockeye runs");
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut first).expect("a line");
    drop(stdout);
    let mut told = String::new();
    child
        .stderr
        .take()
        .expect("a pipe")
        .read_to_string(&mut told)
        .expect("UTF-8");
    assert_eq!(
        (child.wait().expect("an end").code(), told.as_str()),
        (Some(0), "")
    );
    lines(first.as_bytes());
}

#[cfg(unix)]
#[test]
fn signals_end_it_in_order() {
    use rustix::process::{Pid, Signal, kill_process};
    let demo = Demo::start(500.0);
    for (signal, exit) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut command = sockeye();
        command
            .arg("tail")
            .arg(demo.url("/ws/orders"))
            .arg("--token-file")
            .arg(demo.token_file("good"));
        command
            .args(QUERY)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().expect("sockeye runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut text = String::new();
        stdout.read_line(&mut text).expect("a line");
        kill_process(Pid::from_child(&child), signal).expect("a signal");
        stdout.read_to_string(&mut text).expect("UTF-8");
        assert_eq!(child.wait().expect("an end").code(), Some(exit));
        assert!(text.ends_with('\n'), "the last line is whole");
        lines(text.as_bytes());
    }
}

/// A service that gives a ticket for each connection: the demo's token endpoint and its query token.
const TICKETS: &str = r#"
title = "tickets"
[variables]
server = { about = "where tickets are given" }
subject = { about = "for whom", default = "alice" }
[[before]]
post = "{server}/token"
form = { subject = "{subject}", role = "operator" }
take = { ticket = "/access_token" }
secret = ["ticket"]
fail = [{ match = { "/error" = { exists = true } }, verdict = "ask", token = "refused", text = "/error_description", advice = "a" }]
[open]
query = { token = "{ticket}" }
"#;

#[test]
fn a_ticket_is_fetched_before_a_connection() {
    let demo = Demo::start(500.0);
    let config = demo.directory.path().join("dialects");
    std::fs::create_dir(&config).expect("a directory");
    std::fs::write(config.join("tickets.toml"), TICKETS).expect("a file");
    let server = format!("server=http://{}", demo.server.address());
    let tail = |var: &[&str]| {
        let mut command = sockeye();
        command.env("SOCKEYE_CONFIG_DIR", demo.directory.path());
        command.args([
            "tail",
            &demo.url("/ws/orders"),
            "--dialect",
            "tickets",
            "--lifecycle",
            "json",
        ]);
        command
            .args(["--count", "3", "--for", "30s"])
            .args(var)
            .output()
            .expect("sockeye runs")
    };
    let output = tail(&["--var", &server]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(lines(&output.stdout).len(), 3);
    assert!(!stderr(&output).contains("eyJ"), "{}", stderr(&output));
    let output = tail(&["--var", &server, "--var", "subject="]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let output = tail(&["--var", "server=http://tickets.example.com"]);
    assert!(
        stderr(&output).contains("only sent over https:"),
        "{}",
        stderr(&output)
    );
}

/// The server never stops, never reads and so never closes; without a bound it would be waited for for five minutes.
#[test]
fn a_flood_ends_with_the_count() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let flood = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut socket = accept(stream).expect("an upgrade");
        let mut sent = 0;
        while socket.send(Message::text(r#"{"n":1}"#)).is_ok() {
            sent += 1;
        }
        sent
    });
    let home = tempfile::TempDir::new().expect("a directory");
    let config = format!(
        "[profiles.flood]\nurl = \"ws://{address}/\"\nway = \"none\"\nlimits = {{ close = \"5m\" }}\n"
    );
    std::fs::write(home.path().join("config.toml"), config).expect("a file");
    let clock = Clock::start();
    let output = sockeye()
        .args(["tail", "flood", "--count", "3", "--lifecycle", "none"])
        .arg("--config")
        .arg(home.path())
        .output()
        .expect("sockeye runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(lines(&output.stdout).len(), 3);
    assert!(flood.join().expect("the flood ends") > 3);
    let took = Duration::from_micros(clock.now().mono.0);
    assert!(took < PATIENCE, "it read on for {took:?}");
}
