//! The guide's own server (`tests/servers/fastapi`): the three ways, the close codes 1008,
//! 4001 and 4003, the refusal before accept, and re-authentication on the live connection.
//!
//! The server counts what it was offered; so "never the same token twice" is the server's word, not ours.

use serde_json::{Value, json};

use crate::support::{
    guide_server::GuideServer,
    tail::{EXIT_FORBIDDEN, EXIT_UNAUTHENTICATED, Tail},
    token::{good_token, token_of_wrong_role, token_with_bad_signature},
};

const QUERY: &str = r#"{ query = "token" }"#;
const HEADER: &str = r#"{ header = "Authorization", prefix = "Bearer " }"#;
const FIRST_MESSAGE: &str = r#"{ first-message = '{"type":"auth","token":"{token}"}', ack = { type = "auth_ok" }, renew = true }"#;

/// The program on a path of the server, its token going the given way.
fn start(url: &str, way: &str, token: &str, count: u32) -> Tail {
    Tail::start(url, &format!("way = {way}"), token, count)
}

fn orders(tail: &Tail) -> impl Iterator<Item = &Value> {
    tail.events
        .iter()
        .filter(|event| event["dir"] == "in" && event["payload"]["type"] == "order.created")
}

#[test]
fn a_query_token_is_taken_before_accept() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    delivers_events(&server, "/ws", QUERY);
}

#[test]
fn a_header_token_is_taken() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    delivers_events(&server, "/ws/header", HEADER);
}

#[test]
fn a_first_message_token_is_taken_and_acknowledged() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let tail = delivers_events(&server, "/ws/first", FIRST_MESSAGE);
    let acknowledged = tail.record(|record| record["event"] == "authenticated");
    assert!(
        acknowledged.is_some_and(|record| record["took_ms"].is_u64()),
        "{tail:?}"
    );
}

fn delivers_events(server: &GuideServer, path: &str, way: &str) -> Tail {
    let token = good_token(600);
    let mut tail = start(&server.url(path), way, &token, 5);
    assert_eq!(tail.finish(), 0, "{tail:?}");
    let seqs = orders(&tail).map(|order| order["payload"]["seq"].as_u64());
    assert!(
        seqs.eq((1..).map(Some).take(orders(&tail).count())),
        "{tail:?}"
    );
    assert!(orders(&tail).count() >= 4, "{tail:?}");
    assert_eq!(server.stats().offers(&token), 1);
    tail
}

#[test]
fn an_invalid_token_is_closed_with_1008_and_not_offered_again() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let token = token_with_bad_signature();
    let mut tail = start(&server.url("/ws/after"), QUERY, &token, 5);
    assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"], &ended["by"]),
        (&json!(1008), &json!("Invalid token"), &json!("server"))
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&token), stats.all_offers()),
        (1, 1),
        "{stats:?}"
    );
}

#[test]
fn a_missing_token_is_closed_with_1008() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let mut tail = start(
        &server.url("/ws/header"),
        r#"{ header = "X-Elsewhere" }"#,
        &good_token(600),
        5,
    );
    assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"]),
        (&json!(1008), &json!("Missing token"))
    );
}

#[test]
fn a_refusal_before_accept_arrives_as_http_403() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let token = token_with_bad_signature();
    let mut tail = start(&server.url("/ws"), QUERY, &token, 5);
    assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["status"], &ended["code"]),
        (&json!(403), &Value::Null)
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&token), stats.all_offers()),
        (1, 1),
        "{stats:?}"
    );
    assert!(stats.accepted.is_empty(), "{stats:?}");
}

#[test]
fn an_expired_token_is_closed_with_4001_and_renewed_from_the_file() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let (first, second) = (good_token(3), good_token(600));
    let way = format!("{QUERY}\noverlap = false");
    let mut tail = start(&server.url("/ws/after"), &way, &first, 45);
    tail.wait_for(|line| line["payload"]["type"] == "order.created");
    tail.rewrite_token(&second);
    assert_eq!(tail.finish(), 0, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"], &ended["verdict"]),
        (&json!(4001), &json!("Token expired"), &json!("renew"))
    );
    assert!(
        tail.record(|record| record["event"] == "gap").is_some(),
        "{tail:?}"
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&first), stats.offers(&second)),
        (1, 1),
        "{stats:?}"
    );
    assert_eq!(
        (stats.accepted["/ws/after"], stats.all_offers()),
        (2, 2),
        "{stats:?}"
    );
}

#[test]
fn a_new_token_is_used_before_the_old_one_expires_without_a_gap() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let (first, second) = (good_token(6), good_token(600));
    let mut tail = start(&server.url("/ws/after"), QUERY, &first, 60);
    tail.wait_for(|line| line["payload"]["type"] == "order.created");
    tail.rewrite_token(&second);
    // Three seconds before the expiry, as the profile demands, another connection is made.
    tail.wait_for(|line| {
        let note = line["message"].as_str().unwrap_or_default();
        note.contains("another connection has taken over")
    });
    assert_eq!(tail.finish(), 0, "{tail:?}");
    assert!(
        tail.record(|record| record["event"] == "ended" || record["event"] == "gap")
            .is_none(),
        "{tail:?}"
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&first), stats.offers(&second)),
        (1, 1),
        "{stats:?}"
    );
}

#[test]
fn a_role_without_access_is_closed_with_4003() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let token = token_of_wrong_role();
    let mut tail = start(&server.url("/ws/after"), QUERY, &token, 5);
    assert_eq!(tail.finish(), EXIT_FORBIDDEN, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"], &ended["verdict"]),
        (
            &json!(4003),
            &json!("Role may not read this stream"),
            &json!("ask")
        )
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&token), stats.all_offers()),
        (1, 1),
        "{stats:?}"
    );
}

/// Sixty events take six seconds, and the first token lives for four: the rest can come only by the second one.
#[test]
fn a_new_token_is_taken_on_the_live_connection() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let (first, second) = (good_token(4), good_token(600));
    let mut tail = start(&server.url("/ws/first"), FIRST_MESSAGE, &first, 60);
    tail.wait_for(|line| line["payload"]["type"] == "order.created");
    tail.rewrite_token(&second);
    tail.wait_for(|line| line["event"] == "renewed");
    assert_eq!(tail.finish(), 0, "{tail:?}");
    assert!(
        tail.record(|record| record["event"] == "ended").is_none(),
        "{tail:?}"
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&first), stats.offers(&second)),
        (1, 1),
        "{stats:?}"
    );
    assert_eq!(
        (stats.accepted["/ws/first"], stats.all_offers()),
        (1, 2),
        "{stats:?}"
    );
}
