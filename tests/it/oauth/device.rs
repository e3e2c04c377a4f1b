//! Device codes (RFC 8628).

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use sockeye::{profile::Grant, session::FetchFault};

use super::Place;
use crate::support::token_server::{TokenServer, answer, json};

/// A server that gives a code, and these answers to polls; the last again and again.
fn server(answers: Vec<Vec<u8>>) -> TokenServer {
    let polls = AtomicU32::new(0);
    TokenServer::start(move |asked| {
        if asked.path == "/device" {
            let code = json!({
                "device_code": "hunter2", "user_code": "WDJB-MJHT", "interval": 1, "expires_in": 600,
                "verification_uri": "https://id.example/device"
            });
            return json(200, &code);
        }
        let poll = polls.fetch_add(1, Ordering::SeqCst) as usize;
        answers[poll.min(answers.len() - 1)].clone()
    })
}

fn error(name: &str) -> Vec<u8> {
    json(400, &json!({ "error": name }))
}

fn tokens() -> Value {
    json!({ "access_token": "a1", "token_type": "bearer", "expires_in": 3600, "refresh_token": "r1" })
}

#[test]
fn the_code_is_shown_and_asked_for_until_it_is_typed() {
    let server = server(vec![error("authorization_pending"), json(200, &tokens())]);
    let place = Place::with(&server, |oauth| oauth.grant = Grant::Device);
    let fetched = place.fetch(&[]);
    assert_eq!(fetched.got.as_deref(), Ok("a1"));
    assert_eq!(
        fetched.notes,
        ["sign in: type the code WDJB-MJHT at https://id.example/device within 10 m 00 s"]
    );
    let asked = server.asked();
    let paths: Vec<_> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, ["/device", "/token", "/token"]);
    assert_eq!(asked[0].form["scope"], "orders");
    assert_eq!(asked[2].form["device_code"], "hunter2");
    assert_eq!(place.kept(), Some(("a1".into(), Some("r1".into()))));
    // The next stream needs no code.
    assert_eq!(place.fetch(&[]).got.as_deref(), Ok("a1"));
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn a_refusal_ends_it() {
    for name in ["access_denied", "expired_token"] {
        let server = server(vec![error(name)]);
        let place = Place::with(&server, |oauth| oauth.grant = Grant::Device);
        let fetched = place.fetch(&[]);
        assert!(
            matches!(fetched.got, Err(FetchFault::SignIn(_))),
            "{fetched:?}"
        );
        assert!(fetched.fault().contains(name), "{fetched:?}");
        assert_eq!(server.asked().len(), 2);
    }
}

#[test]
fn something_that_is_no_answer_ends_it() {
    let server = server(vec![answer(200, "text/html", "<html>")]);
    let place = Place::with(&server, |oauth| oauth.grant = Grant::Device);
    let fetched = place.fetch(&[]);
    assert!(fetched.fault().contains("a web page (200)"), "{fetched:?}");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn slow_down_is_obeyed() {
    let server = server(vec![error("slow_down"), json(200, &tokens())]);
    let place = Place::with(&server, |oauth| oauth.grant = Grant::Device);
    let clock = sockeye::clock::Clock::start();
    assert_eq!(place.fetch(&[]).got.as_deref(), Ok("a1"));
    // One second, and five more (RFC 8628 section 3.5).
    assert!(clock.now().mono.0 >= 6_000_000);
}
