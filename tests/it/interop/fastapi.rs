//! The guide's own server (`tests/servers/fastapi`): the three ways and the dialects that fit it, the close codes 1008,
//! 4001 and 4003, the refusal before accept, and re-authentication on the live connection.
//!
//! The server counts what it was offered; so "never the same token twice" is the server's word, not ours.

use serde_json::{Value, json};

use crate::support::{
    guide_server::GuideServer,
    tail::{EXIT_FORBIDDEN, EXIT_UNAUTHENTICATED, Tail},
    token::{good_token, token_of_wrong_role, token_with_bad_signature},
};

const QUERY: &str = r#"way = { query = "token" }"#;
const HEADER: &str = r#"way = { header = "Authorization", prefix = "Bearer " }"#;
const FIRST_MESSAGE: &str = r#"way = { first-message = '{"type":"auth","token":"{token}"}', ack = { type = "auth_ok" }, renew = true }"#;

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
    // uvicorn with `websockets` for Python.
    let opened = tail.record(|record| record["event"] == "opened");
    assert!(
        opened.is_some_and(|record| record["compression"] == true),
        "{tail:?}"
    );
    let acknowledged = tail.record(|record| record["event"] == "authenticated");
    assert!(
        acknowledged.is_some_and(|record| record["took_ms"].is_u64()),
        "{tail:?}"
    );
}

fn delivers_events(server: &GuideServer, path: &str, speech: &str) -> Tail {
    takes(server, path, speech, &good_token(600))
}

fn takes(server: &GuideServer, path: &str, speech: &str, token: &str) -> Tail {
    let mut tail = Tail::start(&server.url(path), speech, token, 5);
    assert_eq!(tail.finish(), 0, "{tail:?}");
    let seqs = orders(&tail).map(|order| order["payload"]["seq"].as_u64());
    assert!(
        seqs.eq((1..).map(Some).take(orders(&tail).count())),
        "{tail:?}"
    );
    assert!(orders(&tail).count() >= 4, "{tail:?}");
    assert_eq!(server.stats().offers(token), 1);
    tail
}

#[test]
fn an_invalid_token_is_closed_with_1008_and_not_offered_again() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let token = token_with_bad_signature();
    let mut tail = Tail::start(&server.url("/ws/after"), QUERY, &token, 5);
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
    let mut tail = Tail::start(
        &server.url("/ws/header"),
        r#"way = { header = "X-Elsewhere" }"#,
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
    let mut tail = Tail::start(&server.url("/ws"), QUERY, &token, 5);
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
    let mut tail = Tail::start(&server.url("/ws/after"), &way, &first, 45);
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
    let mut tail = Tail::start(&server.url("/ws/after"), QUERY, &first, 60);
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
    let mut tail = Tail::start(&server.url("/ws/after"), QUERY, &token, 5);
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
    let mut tail = Tail::start(&server.url("/ws/first"), FIRST_MESSAGE, &first, 60);
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

/// Each dialect that fits, with the path that takes its token.
const DIALECTS: [(&str, &str); 6] = [
    ("fastapi", "/ws/header"),
    ("fastapi", "/ws/strict"),
    ("bearer", "/ws/header"),
    ("bearer-query", "/ws/query"),
    ("bearer-cookie", "/ws/cookie"),
    ("first-message", "/ws/first"),
];

fn speech(dialect: &str) -> String {
    format!("dialect = \"{dialect}\"")
}

#[test]
fn dialects_deliver_events() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    // Made within a second, equal tokens could not be told apart.
    for ((dialect, path), seconds) in DIALECTS.into_iter().zip(600..) {
        let tail = takes(&server, path, &speech(dialect), &good_token(seconds));
        let logs_in = dialect == "first-message";
        let told =
            |record: &Value| record["event"] == "authenticated" && record["took_ms"].is_u64();
        assert_eq!(tail.record(told).is_some(), logs_in, "{dialect}: {tail:?}");
    }
}

#[test]
fn dialects_offer_a_refused_token_once() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    for (dialect, path) in DIALECTS {
        let token = token_with_bad_signature();
        let before = server.stats().all_offers();
        let mut tail = Tail::start(&server.url(path), &speech(dialect), &token, 5);
        assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{dialect}: {tail:?}");
        let ended = tail.only_end();
        let (code, status) = if path == "/ws/strict" {
            (Value::Null, json!(403))
        } else {
            (json!(1008), Value::Null)
        };
        assert_eq!(
            (&ended["code"], &ended["status"], &ended["verdict"]),
            (&code, &status, &json!("renew")),
            "{dialect}"
        );
        assert_eq!(server.stats().all_offers(), before + 1, "{dialect}");
    }
}

#[test]
fn dialects_renew_an_expired_token_from_the_file() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    for (dialect, path) in [DIALECTS[0], DIALECTS[5]] {
        let (first, second) = (good_token(3), good_token(600));
        let mut tail = Tail::start(&server.url(path), &speech(dialect), &first, 45);
        tail.wait_for(|line| line["payload"]["type"] == "order.created");
        tail.rewrite_token(&second);
        assert_eq!(tail.finish(), 0, "{dialect}: {tail:?}");
        let ended = tail.only_end();
        assert_eq!(
            (&ended["code"], &ended["verdict"]),
            (&json!(4001), &json!("renew")),
            "{dialect}"
        );
        let stats = server.stats();
        assert_eq!((stats.offers(&first), stats.offers(&second)), (1, 1));
    }
}

#[test]
fn a_role_without_access_is_forbidden_by_its_dialect() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let token = token_of_wrong_role();
    let mut tail = Tail::start(&server.url("/ws/header"), &speech("fastapi"), &token, 5);
    assert_eq!(tail.finish(), EXIT_FORBIDDEN, "{tail:?}");
    assert_eq!(tail.only_end()["code"], 4003);
    assert_eq!(server.stats().offers(&token), 1);
}
