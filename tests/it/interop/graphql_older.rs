//! `subscriptions-transport-ws` for Node: the reference server of the older GraphQL protocol. It has no word for an
//! expired token.

use serde_json::{Value, json};

use super::rounds::{Service, says, verdicts};
use crate::support::{node, server::Server, token::good_token};

const SPEECH: &str = r#"dialect = "graphql-ws"
subscribe = [{ query = "subscription { orders { seq kind } }" }]"#;

fn service() -> Option<(Server, Service<'static>)> {
    let server = node::serve("graphql-older")?;
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
        service.delivers(&good_token(600));
    }
}

#[test]
fn a_wrong_token_is_refused() {
    if let Some((_server, service)) = service() {
        is_refused(&service.refuses(), "Not authorized");
    }
}

#[test]
fn an_expired_token_is_refused_at_the_next_connection() {
    if let Some((_server, service)) = service() {
        let ends = service.outlives(&good_token(3), || ());
        assert_eq!(verdicts(&ends), ["reconnect", "renew"], "{ends:?}");
        assert_eq!(ends[0]["code"], json!(1000), "{ends:?}");
        is_refused(&ends[1], "jwt expired");
    }
}

#[test]
fn a_new_token_in_the_file_is_taken_by_reconnecting() {
    if let Some((_server, service)) = service() {
        let ends = service.renews(&good_token(3), &good_token(600), || ());
        assert_eq!(verdicts(&ends), ["reconnect"], "{ends:?}");
    }
}

fn is_refused(ended: &Value, words: &str) {
    says(ended, words);
    assert_eq!(ended["verdict"], "renew", "{ended}");
}
