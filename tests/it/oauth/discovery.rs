//! Endpoints are asked of the issuer, whose document must be its own.

use std::sync::OnceLock;

use serde_json::{Value, json};
use sockeye::profile::Server;

use super::Place;
use crate::support::token_server::{Asked, TokenServer, answer, json};

/// A server with this document at this path, on itself as the issuer.
fn place(
    path: &'static str,
    document: impl Fn(&str) -> Value + Send + 'static,
) -> (TokenServer, Place) {
    let base: &'static OnceLock<String> = Box::leak(Box::new(OnceLock::new()));
    let server = TokenServer::start(move |asked: &Asked| {
        let base = base.get().expect("its address");
        match asked.path.as_str() {
            "/new-token" => json(
                200,
                &json!({ "access_token": "a1", "token_type": "bearer", "expires_in": 3600 }),
            ),
            other if other == path => json(200, &document(base)),
            _ => answer(404, "text/plain", "no"),
        }
    });
    base.set(server.url("")).expect("once");
    let issuer = server.url("");
    let place = Place::with(&server, |oauth| oauth.server = Server::Issuer(issuer));
    place.keep("a0", "r0", -1);
    (server, place)
}

fn document(issuer: &str) -> Value {
    json!({ "issuer": issuer, "token_endpoint": format!("{issuer}/new-token") })
}

#[test]
fn the_document_is_found_in_either_place_and_asked_for_once() {
    for (path, requests) in [
        ("/.well-known/openid-configuration", 2),
        ("/.well-known/oauth-authorization-server", 3),
    ] {
        let (server, place) = place(path, document);
        assert_eq!(place.fetch(&[]).got.as_deref(), Ok("a1"));
        assert_eq!(server.asked().len(), requests);
        assert_eq!(place.fetch(&["a1"]).got.as_deref(), Ok("a1"));
        assert_eq!(server.asked().len(), requests + 1);
    }
}

#[test]
fn no_token_goes_to_endpoints_of_another_issuer() {
    let (server, place) = place(
        "/.well-known/openid-configuration",
        |issuer| json!({ "issuer": "https://evil.example", "token_endpoint": format!("{issuer}/new-token") }),
    );
    let fetched = place.fetch(&[]);
    assert!(
        fetched
            .fault()
            .contains("is of another issuer, https://evil.example"),
        "{fetched:?}"
    );
    assert!(server.asked().iter().all(|asked| asked.form.is_empty()));
}

#[test]
fn an_issuer_without_a_document_is_told() {
    let (_server, place) = place("/nowhere", document);
    let fetched = place.fetch(&[]);
    assert!(
        fetched
            .fault()
            .contains("does not tell its endpoints (404)"),
        "{fetched:?}"
    );
}
