//! Jupyter Server for Python, its stream of events. It looks at the token only when the link is opened.

use serde_json::{Value, json};

use super::rounds::Service;
use crate::support::{
    python,
    server::Server,
    tail::EXIT_UNAUTHENTICATED,
    token::{good_token, token_with_bad_signature},
};

fn service() -> Option<(Server, Service<'static>)> {
    let server = python::serve("jupyter")?;
    let service = Service {
        url: server.url("/api/events/subscribe"),
        speech: r#"dialect = "jupyter""#,
        is_event: |line| line["payload"]["path"] == "orders",
    };
    Some((server, service))
}

/// Two seconds of life for the token, three seconds of events.
#[test]
fn events_go_on_after_the_token_has_expired() {
    let Some((_server, service)) = service() else {
        return;
    };
    let mut tail = service.tail(&good_token(2), 60);
    assert_eq!(tail.finish(), 0, "{tail:?}");
    assert!(tail.events.iter().all(service.is_event), "{tail:?}");
    let ended = |record: &Value| record["event"] == "ended";
    assert!(tail.record(ended).is_none(), "{tail:?}");
}

#[test]
fn a_wrong_token_is_refused_with_403() {
    is_refused(&token_with_bad_signature());
}

#[test]
fn an_expired_token_is_refused_with_403() {
    is_refused(&good_token(-5));
}

fn is_refused(token: &str) {
    let Some((_server, service)) = service() else {
        return;
    };
    let mut tail = service.tail(token, 10);
    assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["status"], &ended["verdict"]),
        (&json!(403), &json!("renew"))
    );
}
