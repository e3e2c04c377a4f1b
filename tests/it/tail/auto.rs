//! `--dialect auto` against servers that speak first, with the real program.
#![expect(clippy::result_large_err, reason = "the library's own signature")]

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    process::Output,
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::{
    Message, WebSocket, accept_hdr,
    handshake::server::{ErrorResponse, Request, Response},
};

use super::{lines, sockeye, stderr};

const TOKEN: &str = "tok-of-the-test";

/// A server that does this with each connection; it is told whether a subprotocol was offered, of which it takes the
/// first.
fn serve(script: fn(&mut WebSocket<TcpStream>, bool)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    // It ends with the test's process.
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut offered = false;
            let choose = |request: &Request, response| choose(request, response, &mut offered);
            if let Ok(mut socket) = accept_hdr(stream, choose) {
                script(&mut socket, offered);
            }
        }
    });
    address
}

#[expect(clippy::unnecessary_wraps, reason = "the library's own signature")]
fn choose(
    request: &Request,
    mut response: Response,
    offered: &mut bool,
) -> Result<Response, ErrorResponse> {
    const NAME: &str = "sec-websocket-protocol";
    let all = request
        .headers()
        .get(NAME)
        .and_then(|all| all.to_str().ok());
    if let Some(first) = all.and_then(|all| all.split(", ").next()) {
        *offered = true;
        let first = first.parse().expect("a header");
        response.headers_mut().insert(NAME, first);
    }
    Ok(response)
}

fn say(socket: &mut WebSocket<TcpStream>, message: &Value) -> bool {
    socket.send(Message::text(message.to_string())).is_ok()
}

fn heard(socket: &mut WebSocket<TcpStream>) -> Option<Value> {
    serde_json::from_str(socket.read().ok()?.to_text().ok()?).ok()
}

fn tail(address: SocketAddr, more: &[&str]) -> Output {
    let home = TempDir::new().expect("a directory");
    let file = home.path().join("token");
    fs::write(&file, TOKEN).expect("a file");
    let limit = if more.contains(&"--no-reconnect") {
        "3s"
    } else {
        "60s"
    };
    let output = sockeye()
        .args(["tail", &format!("ws://{address}/ws"), "--dialect", "auto"])
        .args(["--lifecycle", "json", "--for", limit, "--token-file"])
        .arg(file)
        .args(more)
        .output()
        .expect("sockeye runs");
    assert!(!stderr(&output).contains(TOKEN), "{}", stderr(&output));
    output
}

/// The same by a profile of the configuration.
fn tail_profile(address: SocketAddr, more: &str) -> Output {
    let home = TempDir::new().expect("a directory");
    let file = home.path().join("token");
    fs::write(&file, TOKEN).expect("a file");
    let profile = format!(
        "[profiles.p]\nurl = \"ws://{address}/ws\"\ndialect = \"auto\"\ntoken = {{ file = '{}' }}\n{more}",
        file.display()
    );
    fs::write(home.path().join("config.toml"), profile).expect("a file");
    sockeye()
        .env("SOCKEYE_CONFIG_DIR", home.path())
        .args([
            "tail",
            "p",
            "--lifecycle",
            "json",
            "--for",
            "60s",
            "--count",
            "9",
        ])
        .output()
        .expect("sockeye runs")
}

fn records<'r>(records: &'r [Value], event: &str) -> Vec<&'r Value> {
    let all = records.iter();
    all.filter(|record| record["event"] == event).collect()
}

/// As Home Assistant: a challenge, the token in a message, then events.
fn home_assistant(socket: &mut WebSocket<TcpStream>, _: bool) {
    say(
        socket,
        &json!({"type": "auth_required", "ha_version": "2026.11.0"}),
    );
    let login = json!({"type": "auth", "access_token": TOKEN});
    if heard(socket) == Some(login) {
        say(socket, &json!({"type": "auth_ok"}));
        while say(socket, &json!({"id": 2, "type": "event", "event": {}})) {}
    } else {
        say(socket, &json!({"type": "auth_invalid", "message": "no"}));
    }
}

#[test]
fn the_login_goes_on_over_the_same_connection() {
    let output = tail(serve(home_assistant), &["--count", "9"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = lines(&output.stderr);
    let recognised = records(&told, "recognised");
    assert_eq!(recognised.len(), 1, "{told:?}");
    assert_eq!(
        (&recognised[0]["dialect"], &recognised[0]["by"]),
        (
            &json!("homeassistant"),
            &json!("its first message: /type = auth_required")
        )
    );
    assert_eq!(records(&told, "opened").len(), 1, "{told:?}");
    assert!(records(&told, "authenticated")[0]["took_ms"].is_u64());
    let events = lines(&output.stdout);
    assert!(
        events
            .iter()
            .any(|event| event["payload"]["type"] == "event")
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains(TOKEN));
}

#[test]
fn a_profile_has_its_dialect_recognised_too() {
    let output = tail_profile(serve(home_assistant), "subscribe = [\"state_changed\"]");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = lines(&output.stderr);
    let recognised = records(&told, "recognised");
    assert_eq!(
        (recognised.len(), &recognised[0]["dialect"]),
        (1, &json!("homeassistant"))
    );
    let more = "subprotocols = [\"actioncable-v1-json\"]\nsubscribe = [{ channel = \"Room\" }]";
    let output = tail_profile(serve(action_cable), more);
    let told = lines(&output.stderr);
    assert_eq!(
        records(&told, "recognised")[0]["by"],
        "the subprotocol actioncable-v1-json"
    );
    assert_eq!(records(&told, "opened").len(), 1, "{told:?}");
}

/// Filters look where the recognised dialect says: the type of an event of Home Assistant lies within it.
#[test]
fn a_filter_knows_the_recognised_dialect() {
    fn server(socket: &mut WebSocket<TcpStream>, _: bool) {
        say(socket, &json!({"type": "auth_required"}));
        heard(socket);
        say(socket, &json!({"type": "auth_ok"}));
        let event = |kind: &str| json!({"type": "event", "event": {"event_type": kind}});
        while say(socket, &event("other")) && say(socket, &event("state_changed")) {}
    }
    let more = ["--count", "3", "--filter", "type:state_changed"];
    let output = tail(serve(server), &more);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let events = lines(&output.stdout);
    let wanted = |event: &Value| event["payload"]["event"]["event_type"] == "state_changed";
    assert!(events.len() == 3 && events.iter().all(wanted), "{events:?}");
}

/// As Action Cable: it welcomes everybody, and takes commands from those only who offered its subprotocol.
fn action_cable(socket: &mut WebSocket<TcpStream>, offered: bool) {
    say(socket, &json!({"type": "welcome"}));
    let Some(command) = heard(socket).filter(|_| offered) else {
        return;
    };
    let identifier = &command["identifier"];
    while say(
        socket,
        &json!({"identifier": identifier, "message": {"n": 1}}),
    ) {}
}

#[test]
fn a_connection_that_has_to_be_opened_otherwise_is_made_anew() {
    let more = ["--count", "9", "--subscribe", r#"{"channel":"Room"}"#];
    let output = tail(serve(action_cable), &more);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = lines(&output.stderr);
    let recognised = records(&told, "recognised");
    assert_eq!(recognised.len(), 1, "{told:?}");
    assert_eq!(
        (&recognised[0]["dialect"], &recognised[0]["reopens"]),
        (&json!("actioncable"), &json!(true))
    );
    let opened = records(&told, "opened");
    let subprotocols: Vec<_> = opened.iter().map(|record| &record["subprotocol"]).collect();
    assert_eq!(subprotocols, [&Value::Null, &json!("actioncable-v1-json")]);
    let events = lines(&output.stdout);
    assert!(
        events
            .iter()
            .any(|event| event["payload"]["message"]["n"] == 1)
    );
}

fn orders(socket: &mut WebSocket<TcpStream>, _: bool) {
    while say(socket, &json!({"type": "order.created"})) {}
}

#[test]
fn a_subprotocol_tells_before_anything_is_said() {
    let output = tail(
        serve(orders),
        &[
            "--count",
            "1",
            "--subprotocol",
            "graphql-transport-ws",
            "--no-reconnect",
        ],
    );
    let told = lines(&output.stderr);
    let recognised = records(&told, "recognised");
    assert_eq!(
        (&recognised[0]["dialect"], &recognised[0]["by"]),
        (
            &json!("graphql-transport-ws"),
            &json!("the subprotocol graphql-transport-ws")
        )
    );
}

#[test]
fn a_server_of_no_dialect_is_listened_to() {
    let output = tail(serve(orders), &["--count", "9"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = lines(&output.stderr);
    assert!(records(&told, "recognised").is_empty(), "{told:?}");
    let notes = records(&told, "note");
    let note = notes[0]["message"].as_str().expect("a text");
    assert!(note.contains("no dialect is recognised"), "{note}");
    assert_eq!(lines(&output.stdout).len(), 9);
}

#[test]
fn a_variable_that_no_dialect_has_is_refused() {
    let address = "127.0.0.1:9".parse().expect("an address");
    for (variable, told) in [
        ("nonsense=1", "no dialect has a variable 'nonsense'"),
        ("passphrase=hunter2", "'passphrase' is a secret"),
    ] {
        let output = tail(address, &["--var", variable]);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(told), "{}", stderr(&output));
        assert!(!stderr(&output).contains("hunter2"));
    }
}
