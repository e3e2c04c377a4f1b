//! `socket.io` for Node: the reference server of Socket.IO 4.

use serde_json::Value;

use super::rounds::{Service, says, verdicts};
use crate::support::{node, server::Server, token::good_token};

const MAIN: &str = r#"dialect = "socketio"
subscribe = [["orders", "north"]]"#;

fn service(speech: &'static str) -> Option<(Server, Service<'static>)> {
    let server = node::serve("socketio")?;
    let service = Service {
        url: server.url("/socket.io/"),
        speech,
        is_event: |line| {
            let text = line["text"].as_str().unwrap_or_default();
            text.starts_with(r#"42["order","#)
        },
    };
    Some((server, service))
}

#[test]
fn a_good_token_delivers_events() {
    if let Some((_server, service)) = service(MAIN) {
        service.delivers(&good_token(600));
    }
}

#[test]
fn a_wrong_token_is_refused_by_the_middleware() {
    if let Some((_server, service)) = service(MAIN) {
        let ended = service.refuses();
        assert_eq!(ended["verdict"], "renew");
        says(&ended, "unauthorized");
    }
}

#[test]
fn an_expired_token_is_refused_at_the_next_connection() {
    if let Some((_server, service)) = service(MAIN) {
        let ends = service.outlives(&good_token(3), || ());
        assert_eq!(verdicts(&ends), ["reconnect", "renew"], "{ends:?}");
        says(&ends[1], "jwt expired");
    }
}

#[test]
fn a_new_token_in_the_file_is_taken_by_reconnecting() {
    if let Some((_server, service)) = service(MAIN) {
        let ends = service.renews(&good_token(3), &good_token(600), || ());
        assert_eq!(verdicts(&ends), ["reconnect"], "{ends:?}");
    }
}

const CUT: &str = r#"dialect = "socketio"
subscribe = [["ticks"], ["cut"]]"#;

/// The number of an event `42["tick",NUMBER,OFFSET]`.
fn tick(line: &Value) -> Option<u64> {
    let text = line["text"].as_str()?.strip_prefix("42")?;
    let event: Value = serde_json::from_str(text).ok()?;
    (event[0] == "tick").then(|| event[1].as_u64())?
}

#[test]
fn a_lost_connection_is_recovered_with_what_was_missed() {
    let Some((_server, service)) = service(CUT) else {
        return;
    };
    let mut tail = service.tail(&good_token(600), 10_000);
    tail.wait_for(|line| line["event"] == "gap");
    let resumed = tail.record(|record| record["event"] == "gap");
    assert_eq!(
        resumed.map(|gap| &gap["resumed"]),
        Some(&true.into()),
        "{tail:?}"
    );
    for _ in 0..5 {
        tail.wait_for(|line| tick(line).is_some());
    }
    let ticks: Vec<u64> = tail.events.iter().filter_map(tick).collect();
    let whole = ticks.windows(2).all(|two| two[1] == two[0] + 1);
    assert!(whole, "{ticks:?}");
    let sent = tail.events.iter().filter(|event| event["dir"] == "out");
    let joins = sent.filter(|event| event["text"] == r#"42["ticks"]"#);
    assert_eq!(joins.count(), 1, "{tail:?}");
}

#[test]
fn the_server_is_recognised_by_its_first_packet() {
    if let Some((_server, mut service)) = service(MAIN) {
        service.url.push_str("?EIO=4&transport=websocket");
        let more = ["--subscribe", r#"["orders", "north"]"#];
        service.is_recognised("socketio", "/engine = 0", &good_token(600), &more);
    }
}

#[test]
fn events_come_from_another_namespace_than_the_logins() {
    const OTHER: &str = r#"dialect = "socketio"
subscribe = [{ namespace = "/admin" }, { namespace = "/admin", event = ["orders", "north"] }]"#;
    if let Some((_server, mut service)) = service(OTHER) {
        service.is_event = |line| {
            let text = line["text"].as_str().unwrap_or_default();
            text.starts_with(r#"42/admin,["order","#)
        };
        service.delivers(&good_token(600));
    }
}
