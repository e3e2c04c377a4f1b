//! Tokens are verified by the keys that a profile trusts: the set is fetched once, and again when keys were changed.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};
use sockeye::{
    auth::{Checked, Credential, Way},
    clock::Clock,
    credential::Sources,
    event::Verification,
    profile::{Client, Endpoint, Introspection, KeyPlace, Profile, SecretRef, Source, Verify},
    time::Wall,
};

use super::wait;
use crate::support::{
    command::Running,
    tail::write_private,
    token_server::{Asked, TokenServer, answer, json},
};

/// What the client of introspection authenticates with.
const SECRET: &str = "a-secret-of-a-client";

/// A key that signs tokens.
struct Key(KeyPair);

impl Key {
    fn new() -> Self {
        Self(KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key"))
    }

    /// The set with its public half under these names.
    fn set(&self, names: &[&str]) -> Value {
        // The last 32 bytes of the key's info (RFC 8410 section 4) are the key.
        let info = self.0.subject_public_key_info();
        let x = base64::Engine::encode(
            &base64::prelude::BASE64_URL_SAFE_NO_PAD,
            &info[info.len() - 32..],
        );
        let key = |kid| json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x });
        json!({ "keys": names.iter().map(key).collect::<Vec<_>>() })
    }

    /// A token of this issuer that names this key.
    fn token(&self, name: &str, issuer: &str) -> String {
        let now = Clock::start().now().wall.0 / 1_000_000;
        let claims =
            json!({ "sub": "alice", "iss": issuer, "aud": "orders", "iat": now, "exp": now + 600 });
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(name.to_owned());
        let key = EncodingKey::from_ed_pem(self.0.serialize_pem().as_bytes()).expect("a key");
        jsonwebtoken::encode(&header, &claims, &key).expect("a token")
    }
}

/// A server of key sets whose names can be changed, and what verifies by it.
struct Place {
    server: TokenServer,
    names: Arc<Mutex<Vec<&'static str>>>,
    key: Arc<Key>,
    sources: Sources,
}

impl Place {
    fn new() -> Self {
        let (key, names) = (Arc::new(Key::new()), Arc::new(Mutex::new(vec!["k-1"])));
        let held = (key.clone(), names.clone());
        let server = TokenServer::start(move |asked: &Asked| {
            let base = format!("http://{}", asked.headers["host"]);
            let set = held.0.set(&held.1.lock().expect("names"));
            match asked.path.as_str() {
                "/jwks" => json(200, &set),
                "/.well-known/openid-configuration" => json(
                    200,
                    &json!({ "issuer": base, "jwks_uri": format!("{base}/jwks") }),
                ),
                "/away" => b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/jwks\r\nContent-Length: 0\r\n\r\n".to_vec(),
                "/introspect" => json(200, &known(asked)),
                "/page" => answer(200, "text/html", "<html>welcome</html>"),
                _ => answer(500, "text/plain", "no"),
            }
        });
        Self {
            server,
            names,
            key,
            sources: Sources::default(),
        }
    }

    fn url(&self, path: &str) -> KeyPlace {
        KeyPlace::Url(self.server.url(path).parse().expect("an address"))
    }

    fn verify(&self, keys: KeyPlace, token: &str) -> Checked {
        let verify = Verify {
            keys: Some(keys),
            audience: Some("orders".into()),
            introspection: None,
        };
        self.verify_as(verify, token)
    }

    /// Asks the server itself, as a client with a secret in a file.
    fn introspect(&self, path: &str, token: &str) -> Checked {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), SECRET).expect("written");
        let url = self.server.url(path).parse().expect("an address");
        let introspection = Introspection {
            endpoint: Endpoint::Url(url),
            client: Client {
                id: "me".into(),
                secret: Some(SecretRef::File(file.path().into())),
                in_form: true,
            },
        };
        let verify = Verify {
            keys: None,
            audience: Some("orders".into()),
            introspection: Some(introspection),
        };
        self.verify_as(verify, token)
    }

    fn verify_as(&self, verify: Verify, token: &str) -> Checked {
        let url = "ws://localhost/".parse().expect("an address");
        let mut profile = Profile::new("q", url, Way::None, Source::Stored);
        profile.verify = Some(verify);
        let credential = Credential::new(token, "a test");
        wait(self.sources.verify(&profile, &credential, Clock::start()))
    }

    fn told(&self, keys: KeyPlace, token: &str) -> String {
        self.verify(keys, token).verification.to_string()
    }
}

#[test]
fn an_issuers_keys_are_fetched_once_and_again_when_they_were_changed() {
    let place = Place::new();
    let issuer = place.server.url("");
    let told = |kid: &str| {
        let token = place.key.token(kid, &issuer);
        place.told(KeyPlace::Issuer(issuer.clone()), &token)
    };
    assert_eq!(told("k-1"), "verified by 127.0.0.1 (key k-1, EdDSA)");
    assert_eq!(told("k-1"), "verified by 127.0.0.1 (key k-1, EdDSA)");
    let fetched = || {
        place
            .server
            .asked()
            .iter()
            .filter(|asked| asked.path == "/jwks")
            .count()
    };
    assert_eq!(fetched(), 1);
    *place.names.lock().expect("names") = vec!["k-2"];
    assert_eq!(told("k-2"), "verified by 127.0.0.1 (key k-2, EdDSA)");
    assert_eq!(fetched(), 2);
    // Whoever offers names that nobody knows does not have the set fetched each time.
    for _ in 0..3 {
        assert_eq!(told("k-9"), "unverified: 127.0.0.1 has no key 'k-9'");
    }
    assert_eq!(fetched(), 2);
}

#[test]
fn a_token_that_is_not_what_it_says_fails() {
    let place = Place::new();
    let issuer = place.server.url("");
    let failed = |token: &str| match place
        .verify(KeyPlace::Issuer(issuer.clone()), token)
        .verification
    {
        Verification::Failed(why) => why,
        other => panic!("{other:?}"),
    };
    let forged = Key::new().token("k-1", &issuer);
    assert_eq!(failed(&forged), "the signature is not by a key of the set");
    let other = place.key.token("k-1", "https://other.example");
    assert_eq!(
        failed(&other),
        format!("its issuer is https://other.example, not {issuer}")
    );
    // {"alg":"none"}, {"sub":"mallory"}
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWxsb3J5In0.";
    assert_eq!(
        failed(unsigned),
        "its algorithm none is none that can be verified"
    );
}

#[test]
fn where_nobody_can_tell_it_is_said_why() {
    let place = Place::new();
    let token = place.key.token("k-1", "me");
    for (path, why) in [
        ("/away", "a redirect (302), which is not followed"),
        ("/page", "a web page (200) in place of JSON"),
        ("/broken", "failed (500)"),
    ] {
        let checked = place.verify(place.url(path), &token);
        let Verification::Open(told) = &checked.verification else {
            panic!("{checked:?}");
        };
        assert!(told.contains(why), "{told}");
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    let url = format!("http://{}/jwks", nobody.expect("a port"));
    let told = place.told(KeyPlace::Url(url.parse().expect("an address")), &token);
    assert!(
        told.starts_with("unverified: the key set of http://127.0.0.1:"),
        "{told}"
    );
    let missing = KeyPlace::File(Path::new("no-such-file.json").into());
    let told = place.told(missing, &token);
    assert!(told.contains("no-such-file.json"), "{told}");
    let opaque = place.told(place.url("/jwks"), "opaque");
    assert_eq!(opaque, "unverified: it is no signed JWT, so no key tells");
}

/// What the server knows of a token.
fn known(asked: &Asked) -> Value {
    assert_eq!(asked.form["client_secret"], SECRET);
    match asked.form["token"].as_str() {
        "good" => json!({
            "active": true, "sub": "alice", "scope": "read write", "exp": 1_795_521_600, "aud": "orders",
            "username": "good",
        }),
        "foreign" => json!({ "active": true, "aud": ["prices"] }),
        "a-token-that-is-repeated" => {
            json!({ "active": true, "sub": asked.form["token"], "scope": format!("for {SECRET}") })
        }
        _ => json!({ "active": false }),
    }
}

#[test]
fn a_server_tells_what_it_knows_of_an_opaque_token() {
    let place = Place::new();
    let good = place.introspect("/introspect", "good");
    assert_eq!(
        good.verification.to_string(),
        "verified by 127.0.0.1 (active)"
    );
    assert_eq!(good.expires, Some(Wall::from_seconds(1_795_521_600)));
    assert_eq!(
        (good.subject.as_deref(), good.scopes.as_deref()),
        (Some("alice"), Some("read write"))
    );
    let told = |token| place.introspect("/introspect", token).verification;
    assert_eq!(
        told("gone"),
        Verification::Failed(
            "127.0.0.1 says that it is not active: expired, revoked or never issued".into()
        )
    );
    assert_eq!(
        told("foreign"),
        Verification::Failed("its audience is prices, not orders".into())
    );
    // What a server repeats of token and secret is not told.
    let echo = place.introspect("/introspect", "a-token-that-is-repeated");
    assert_eq!(
        (echo.subject.as_deref(), echo.scopes.as_deref()),
        (Some("***"), Some("for ***"))
    );
    let broken = place.introspect("/page", "good").verification;
    assert!(
        matches!(&broken, Verification::Open(why) if why.contains("a web page (200) in place of JSON")),
        "{broken:?}"
    );
}

/// What `sockeye token` says, and its exit code.
fn token(home: &tempfile::TempDir, arguments: &[&str], token: &str) -> (i32, String) {
    let arguments = [&["token", "verify"][..], arguments].concat();
    let mut run = Running::start(home.path(), &arguments, token);
    (run.finish(), run.said.join("\n"))
}

#[test]
fn an_issuer_verifies_a_token_on_the_command_line() {
    let place = Place::new();
    let home = tempfile::TempDir::new().expect("a directory");
    let issuer = place.server.url("");
    let good = place.key.token("k-1", &issuer);
    let by_issuer = |token_: &str| token(&home, &["--issuer", &issuer, "--aud", "orders"], token_);
    let verified = "verified by 127.0.0.1 (key k-1, EdDSA)";
    assert_eq!(by_issuer(&good), (0, verified.to_owned()));
    let other = by_issuer(&place.key.token("k-1", "https://other.example"));
    assert_eq!(other.0, 4, "{other:?}");
    assert!(
        other
            .1
            .contains("not verified: its issuer is https://other.example"),
        "{other:?}"
    );
    let elsewhere = format!("{issuer}/elsewhere");
    let nowhere = token(&home, &["--issuer", &elsewhere], &good);
    assert_eq!(nowhere.0, 6, "{nowhere:?}");
    assert!(
        nowhere.1.contains("does not tell its endpoints (500)"),
        "{nowhere:?}"
    );
    let nobody = token(&home, &[], &good);
    assert_eq!(nobody.0, 2, "{nobody:?}");
    assert!(nobody.1.contains("give --issuer URL"), "{nobody:?}");
    // A profile says itself by whom.
    let config = format!(
        "[profiles.q]\nurl = \"ws://localhost/\"\ntoken = {{ file = \"token\" }}\nverify = {{ issuer = \"{issuer}\" }}\n"
    );
    write_private(&home, "config.toml", &config);
    write_private(&home, "token", &good);
    assert_eq!(token(&home, &["q"], ""), (0, verified.to_owned()));
    let other = token(&home, &["q", "--aud", "prices"], "");
    assert_eq!(other.0, 4, "{other:?}");
    assert!(
        other.1.contains("its audience is orders, not prices"),
        "{other:?}"
    );
}

#[test]
fn a_stream_says_whether_its_token_is_verified() {
    let place = Place::new();
    let home = tempfile::TempDir::new().expect("a directory");
    let (url, issuer) = (place.server.url("/ws"), place.server.url(""));
    let url = url.replace("http:", "ws:");
    let config = format!(
        "[profiles.q]\nurl = \"{url}\"\ntoken = {{ file = \"token\" }}\n[profiles.q.verify]\nissuer = \"{issuer}\"\n"
    );
    write_private(&home, "config.toml", &config);
    write_private(&home, "token", &place.key.token("k-1", &issuer));
    // The server refuses the stream with 500, again and again: the keys tell all the same.
    let mut tail = Running::start(home.path(), &["tail", "q"], "");
    let line = tail.says(" verified by 127.0.0.1 (key k-1, EdDSA), for alice, expires ");
    assert!(line.contains("q: token "), "{line}");
}

#[test]
fn what_the_server_knows_is_told_on_the_command_line() {
    let place = Place::new();
    let home = tempfile::TempDir::new().expect("a directory");
    let config = format!(
        "[profiles.q]\nurl = \"ws://localhost/\"\ntoken = {{ file = \"token\" }}\n[profiles.q.verify]\n\
         introspect = \"{}\"\nclient-id = \"me\"\nclient-auth = \"form\"\nclient-secret = {{ file = \"secret\" }}\n",
        place.server.url("/introspect")
    );
    write_private(&home, "config.toml", &config);
    write_private(&home, "secret", SECRET);
    write_private(&home, "token", "good");
    let (code, said) = token(&home, &["q"], "");
    assert_eq!(code, 0, "{said}");
    assert!(
        said.starts_with("verified by 127.0.0.1 (active)\nsub        alice\nscope      read write\nexp        2026-11-24 "),
        "{said}"
    );
    write_private(&home, "token", "gone");
    let (code, said) = token(&home, &["q"], "");
    assert_eq!(code, 4, "{said}");
    assert!(
        said.contains("not verified: 127.0.0.1 says that it is not active"),
        "{said}"
    );
}
