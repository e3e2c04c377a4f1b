//! Bad answers of the token endpoint: told as what they are, few, and the old token stays.

use serde_json::{Value, json};

use super::Place;
use crate::support::token_server::{TokenServer, answer, json};

/// Tokens with this life.
fn living(life: &Value) -> Vec<u8> {
    let tokens = json!({ "access_token": "new", "token_type": "Bearer", "expires_in": life });
    json(200, &tokens)
}

/// What is said of an answer, when the old token is good for a while and when it is not wanted any more.
fn said(bytes: Vec<u8>) -> String {
    let server = TokenServer::start(move |_| bytes.clone());
    let place = Place::new(&server);
    place.keep("old", "r1", 20);
    let kept = place.fetch(&[]);
    assert_eq!(kept.got.as_deref(), Ok("old"), "{kept:?}");
    let [note] = &kept.notes[..] else {
        panic!("{kept:?}");
    };
    let (_, why) = note
        .split_once("the token in use stays: ")
        .expect("a reason");
    let failed = place.fetch(&["old"]);
    assert_eq!(failed.fault(), why);
    assert_eq!(place.kept(), Some(("old".into(), Some("r1".into()))));
    assert!(!note.contains("hunter2"), "{note}");
    note.clone()
}

#[test]
fn each_is_told_and_the_old_token_stays() {
    let large = "x".repeat(10 << 20);
    let cases = [
        (
            answer(200, "text/html", "<html>hunter2"),
            "a web page (200)",
        ),
        (answer(503, "text/plain", "hunter2"), "failed (503)"),
        (answer(500, "application/json", ""), "failed (500)"),
        (
            answer(200, "application/json", &large),
            "larger than 1024 KiB",
        ),
        (
            b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
                .to_vec(),
            "redirect (302)",
        ),
        (living(&json!(0)), "no life left: expires_in is 0"),
        (living(&json!(-1)), "no life left: expires_in is -1"),
        (living(&json!(1e18)), "makes no sense: expires_in is 1e+18"),
        (
            json(200, &json!({ "access_token": 7, "token_type": "Bearer" })),
            "not understood at 'access_token'",
        ),
        (
            json(
                200,
                &json!({ "access_token": "hunter2\n", "token_type": "Bearer" }),
            ),
            "the access token holds more than one line",
        ),
        (
            json(200, &json!({ "token_type": "hunter2" })),
            "not understood",
        ),
        (
            json(
                400,
                &json!({ "error": "temporarily_unavailable", "error_description": "later" }),
            ),
            "temporarily_unavailable: later",
        ),
        (b"hunter2\r\n".to_vec(), "the call to"),
    ];
    for (bytes, words) in cases {
        let said = said(bytes);
        assert!(said.contains(words), "'{words}' is not in: {said}");
    }
}

#[test]
fn one_that_does_not_come_is_not_waited_for() {
    let server = TokenServer::start(|_| Vec::new());
    let place = Place::new(&server);
    place.keep("old", "r1", 25);
    let kept = place.fetch(&[]);
    assert_eq!(kept.got.as_deref(), Ok("old"));
    assert!(kept.notes[0].contains("no answer within 10 s"), "{kept:?}");
}

#[test]
fn a_server_without_good_answers_is_asked_six_times_a_minute() {
    let server = TokenServer::start(|_| answer(500, "text/plain", "no"));
    let place = Place::new(&server);
    place.keep("old", "r1", -20);
    let faults: Vec<_> = (0..20)
        .map(|_| place.fetch(&[]).fault().to_owned())
        .collect();
    assert_eq!(server.asked().len(), 6);
    assert!(faults[5].contains("failed (500)"), "{faults:?}");
    assert!(
        faults[6].contains("no good answer to 6 requests within 1 m 00 s"),
        "{faults:?}"
    );
}

#[test]
fn a_refresh_token_survives_an_access_token_without_life() {
    let tokens = json!({ "access_token": "new", "token_type": "Bearer", "expires_in": 0, "refresh_token": "r2" });
    let server = TokenServer::start(move |_| json(200, &tokens));
    let place = Place::new(&server);
    place.keep("old", "r1", 20);
    assert_eq!(place.fetch(&[]).got.as_deref(), Ok("old"));
    assert_eq!(place.kept(), Some(("old".into(), Some("r2".into()))));
}

#[test]
fn a_dead_grant_wants_a_sign_in() {
    let dead = json!({ "error": "invalid_grant", "error_description": "\u{1b}[2J" });
    let server = TokenServer::start(move |_| json(400, &dead));
    let place = Place::new(&server);
    place.keep("old", "r1", -20);
    let fetched = place.fetch(&[]);
    assert!(
        fetched.fault().contains("refuses: invalid_grant"),
        "{fetched:?}"
    );
    assert!(
        fetched.fault().ends_with("run: sockeye login q"),
        "{fetched:?}"
    );
}
