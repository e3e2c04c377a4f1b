//! Renewal: one at a time, each refresh token once, and what it brings is stored before it is used.
#![expect(clippy::print_stderr, reason = "processes of the tests' own report so")]

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::json;
use sockeye::{
    clock::Clock,
    credential::{Sources, Vault},
};

use super::{Place, errand, profile, wait};
use crate::support::token_server::{TokenServer, json};

/// What a server of one-time refresh tokens has seen.
#[derive(Debug, Default)]
struct Seen {
    number: u32,
    used: BTreeSet<String>,
    reused: Vec<String>,
}

/// A server whose refresh tokens are good once; its access tokens live for so many seconds.
fn one_time(life: u32) -> (TokenServer, Arc<Mutex<Seen>>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let log = seen.clone();
    let server = TokenServer::start(move |asked| {
        let mut seen = log.lock().expect("the log");
        let refresh = asked.form.get("refresh_token").cloned().unwrap_or_default();
        let wanted = format!("r{}", seen.number);
        if refresh != wanted || !seen.used.insert(refresh.clone()) {
            seen.reused.push(refresh);
            return json(400, &json!({ "error": "invalid_grant" }));
        }
        seen.number += 1;
        let number = seen.number;
        json(
            200,
            &json!({
                "access_token": format!("a{number}"), "token_type": "bearer",
                "expires_in": life, "refresh_token": format!("r{number}")
            }),
        )
    });
    (server, seen)
}

#[test]
fn a_hundred_rotations_of_two_processes_use_no_refresh_token_twice() {
    let (server, seen) = one_time(1);
    let place = Place::new(&server);
    place.keep("a0", "r0", -1);
    let children: Vec<_> = (0..2)
        .map(|_| {
            Command::new(std::env::current_exe().expect("this program"))
                .args(["--exact", "oauth::rotation::act_in_a_process_of_its_own"])
                .args(["--ignored", "--nocapture"])
                .env("SOCKEYE_TEST_DIRECTORY", super::path(&place.directory))
                .env("SOCKEYE_TEST_SERVER", server.url(""))
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .expect("a process")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("its end");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert_eq!(said.matches("got a").count(), 50, "{said}");
    }
    let seen = seen.lock().expect("the log");
    assert_eq!(seen.reused, Vec::<String>::new());
    assert!(seen.number >= 100, "{seen:?}");
    let last = seen.number;
    assert_eq!(
        place.kept(),
        Some((format!("a{last}"), Some(format!("r{last}"))))
    );
}

/// What each of two processes does for the test above.
#[test]
#[ignore = "the test above runs it, in processes of its own"]
fn act_in_a_process_of_its_own() {
    let value = |name: &str| std::env::var(format!("SOCKEYE_TEST_{name}")).expect("a value");
    let sources = Sources::new(Some(Vault::new(value("DIRECTORY").into())));
    let profile = profile(&value("SERVER"), |_| {});
    for _ in 0..50 {
        let (errand, _notes) = errand(&[]);
        // The life is shorter than the margin, so each fetch renews.
        let got = wait(sources.fetch(&profile, &errand)).expect("a token");
        eprintln!("got {}", got.secret.expose());
    }
}

#[test]
fn streams_of_a_process_renew_once_together() {
    let (server, seen) = one_time(3600);
    let place = Place::new(&server);
    place.keep("a0", "r0", -1);
    let (errand, _notes) = errand(&[]);
    let fetches = (0..20).map(|_| place.sources.fetch(&place.profile, &errand));
    let got = wait(futures_util::future::join_all(fetches));
    for credential in got {
        assert_eq!(credential.expect("a token").secret.expose(), "a1");
    }
    assert_eq!(seen.lock().expect("the log").number, 1);
}

#[test]
fn a_token_that_is_not_wanted_is_replaced_once() {
    let (server, seen) = one_time(3600);
    let place = Place::new(&server);
    place.keep("a0", "r0", 3600);
    assert_eq!(place.fetch(&[]).got.as_deref(), Ok("a0"));
    assert_eq!(place.fetch(&["a0"]).got.as_deref(), Ok("a1"));
    // Another stream that has the old one still takes what is there.
    assert_eq!(place.fetch(&["a0"]).got.as_deref(), Ok("a1"));
    assert_eq!(seen.lock().expect("the log").number, 1);
}

#[test]
fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    let tokens = json!({ "access_token": "new", "token_type": "BEARER", "expires_in": "3600" });
    let server = TokenServer::start(move |_| json(200, &tokens));
    let place = Place::new(&server);
    place.keep("old", "r1", -20);
    assert_eq!(place.fetch(&[]).got.as_deref(), Ok("new"));
    assert_eq!(place.kept(), Some(("new".into(), Some("r1".into()))));
}

#[test]
fn a_stream_that_is_stopped_while_renewing_loses_nothing() {
    let (server, _) = one_time(3600);
    let place = Place::new(&server);
    place.keep("a0", "r0", -1);
    let (errand, _notes) = errand(&[]);
    wait(async {
        let mut fetch = Box::pin(place.sources.fetch(&place.profile, &errand));
        while server.asked().is_empty() {
            let poll = std::future::poll_fn(|cx| {
                let _ = fetch.as_mut().poll(cx);
                std::task::Poll::Ready(())
            });
            poll.await;
            tokio::task::yield_now().await;
        }
        drop(fetch);
        let again = place.sources.fetch(&place.profile, &errand).await;
        assert_eq!(again.expect("a token").secret.expose(), "a1");
    });
    assert_eq!(place.kept(), Some(("a1".into(), Some("r1".into()))));
}

#[test]
fn the_end_of_the_program_waits_for_a_renewal() {
    let (server, _) = one_time(3600);
    let place = Place::new(&server);
    place.keep("a0", "r0", -1);
    let (errand, _notes) = errand(&[]);
    wait(async {
        let fetch = place.sources.fetch(&place.profile, &errand);
        // Given up as soon as the server has been asked.
        let asked = async {
            while server.asked().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = asked => {}
            got = fetch => drop(got),
        }
        place.sources.settle().await;
    });
    assert_eq!(place.kept(), Some(("a1".into(), Some("r1".into()))));
}

#[test]
fn what_was_granted_for_something_else_is_not_used() {
    let (server, seen) = one_time(3600);
    let mut place = Place::new(&server);
    place.keep("a0", "r0", 3600);
    place.profile = profile(&server.url(""), |oauth| oauth.scopes = vec!["more".into()]);
    let fetched = place.fetch(&[]);
    assert!(
        fetched.fault().contains("nobody is signed in for q"),
        "{fetched:?}"
    );
    assert_eq!(seen.lock().expect("the log").number, 0);
    // Nor is it taken for a token that the user gave.
    assert_eq!(place.vault().token("q"), Ok(None));
}

#[test]
fn a_token_that_was_issued_just_now_tells_how_the_issuers_clock_differs() {
    let server = TokenServer::start(|_| {
        let now = Clock::start().now().wall.0 / 1_000_000;
        let claims = json!({ "sub": "alice", "iat": now + 120, "exp": now + 720 });
        let key = jsonwebtoken::EncodingKey::from_secret(b"a key");
        let token = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key);
        json(
            200,
            &json!({ "access_token": token.expect("a token"), "token_type": "bearer", "expires_in": 600 }),
        )
    });
    let place = Place::new(&server);
    place.keep("a0", "r0", -1);
    let skew = || {
        let (errand, _notes) = errand(&[]);
        let fetched = wait(place.sources.fetch(&place.profile, &errand));
        fetched.expect("a token").skew
    };
    let fresh = skew().expect("it was issued just now");
    assert!((110_000_000..=120_000_000).contains(&fresh), "{fresh}");
    assert_eq!(skew(), None, "it is kept, and was issued some time ago");
}
