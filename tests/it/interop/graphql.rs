//! `graphql-ws` for Node: the reference server of graphql-transport-ws.

use serde_json::{Value, json};

use super::rounds::Service;
use crate::support::{node, server::Server, token::good_token};

const SPEECH: &str = r#"dialect = "graphql-transport-ws"
subscribe = [{ query = "subscription { orders { seq kind } }" }]"#;

fn service() -> Option<(Server, Service<'static>)> {
    let server = node::serve("graphql")?;
    let service = Service {
        url: server.url("/graphql"),
        speech: SPEECH,
        is_event: |line| line["payload"]["payload"]["data"]["orders"]["kind"] == "order.created",
    };
    Some((server, service))
}

#[test]
fn a_good_token_delivers_events() {
    if let Some((_server, service)) = service() {
        let tail = service.delivers(&good_token(600));
        // `ws` for Node.
        let opened = tail.record(|record| record["event"] == "opened");
        assert!(
            opened.is_some_and(|record| record["compression"] == true),
            "{tail:?}"
        );
    }
}

#[test]
fn a_wrong_token_is_closed_with_4403() {
    if let Some((_server, service)) = service() {
        is_forbidden(&service.refuses());
    }
}

#[test]
fn an_expired_token_is_closed_with_4403() {
    if let Some((_server, service)) = service() {
        let ends = service.outlives(&good_token(3), || ());
        ends.iter().for_each(is_forbidden);
    }
}

#[test]
fn a_new_token_in_the_file_is_taken_by_reconnecting() {
    if let Some((_server, service)) = service() {
        let ends = service.renews(&good_token(3), &good_token(600), || ());
        assert_eq!(ends.len(), 1, "{ends:?}");
        is_forbidden(&ends[0]);
    }
}

fn is_forbidden(ended: &Value) {
    assert_eq!(
        (&ended["code"], &ended["reason"], &ended["verdict"]),
        (&json!(4403), &json!("Forbidden"), &json!("renew"))
    );
}
