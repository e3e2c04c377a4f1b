//! Tokens of commands, of keys of this machine, and tickets; and the client's own grant.
#![cfg(unix)]

use std::{fs, path::PathBuf, time::Duration};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use serde_json::{Map, Value, json};
use sockeye::{
    auth::{Credential, Way},
    clock::Clock,
    credential::{Errand, Sources},
    profile::{Endpoints, Grant, Helper, Mint, Profile, Proxy, SecretRef, Server, Source, Ticket},
    session::FetchFault,
};
use tempfile::TempDir;

use super::{Place, wait};
use crate::support::{
    proxy::Proxy as Recorder,
    token_server::{TokenServer, answer, json},
};

fn fetch(source: Source) -> Result<Credential, String> {
    let url = "ws://localhost/".parse().expect("an address");
    let profile = Profile::new("q", url, Way::None, source);
    let errand = Errand::new(Clock::start());
    let got = wait(Sources::default().fetch(&profile, &errand));
    got.map_err(|fault| match fault {
        FetchFault::Failed(text) | FetchFault::SignIn(text) => text,
        FetchFault::AskUser => "the user is asked".into(),
    })
}

fn command(argv: &[&str]) -> Result<Credential, String> {
    fetch(Source::Command(Box::new(Helper {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        ttl: Some(Duration::from_secs(60)),
    })))
}

#[test]
fn a_command_prints_a_token() {
    let token = |argv: &[&str]| command(argv).map(|got| got.secret.expose().to_owned());
    let is = |text: &str| Ok(text.to_owned());
    assert_eq!(token(&["printf", "%s\n", "abc"]), is("abc"));
    // No shell looks at it.
    assert_eq!(token(&["printf", "%s", "$HOME;`id`"]), is("$HOME;`id`"));
    let exec = r#"{"status":{"token":"k","expirationTimestamp":"2100-01-01T00:00:00Z"}}"#;
    let got = command(&["printf", "%s", exec]).expect("a token");
    assert_eq!(got.secret.expose(), "k");
    assert_eq!(
        got.expires().map(|end| end.to_string()).as_deref(),
        Some("2100-01-01T00:00:00.000Z")
    );
    let stated = command(&["printf", "abc"])
        .expect("a token")
        .expires()
        .expect("its end");
    let left = stated.micros_since(Clock::start().now().wall);
    assert!((50_000_000..=60_000_000).contains(&left), "{left}");
}

#[test]
fn a_command_that_gives_no_token_is_told() {
    for (argv, words) in [
        (&["printf", "a\\033[31mb"][..], "control or invisible"),
        (&["printf", "a\\nb"], "more than one line"),
        (
            &["printf", r#"{"access_token":"a\\u0007"}"#],
            "control or invisible",
        ),
        (&["printf", "{}"], "without a token"),
        (&["true"], "is empty"),
        (
            &["sh", "-c", "echo 'locked \u{1b}[2J' >&2; exit 3"],
            "failed (exit status: 3): locked \\e[2J",
        ),
        // What it printed may be a token all the same.
        (
            &[
                "sh",
                "-c",
                "echo opaque-t0ken; echo 'not stored: opaque-t0ken' >&2; exit 3",
            ],
            "failed (exit status: 3): not stored: ***",
        ),
        (&["head", "-c", "2000000", "/dev/zero"], "more than 64 KiB"),
        (&["/nowhere/vault"], "cannot be started"),
    ] {
        let fault = command(argv).expect_err("a fault");
        assert!(fault.contains(words), "'{words}' is not in: {fault}");
    }
}

fn mint(key: PathBuf, algorithm: Algorithm) -> Source {
    let claims: Map<String, Value> = [("sub".to_owned(), json!("alice"))].into_iter().collect();
    Source::Mint(Box::new(Mint {
        key,
        algorithm,
        claims,
        ttl: Duration::from_secs(60),
        kid: Some("dev".into()),
    }))
}

#[test]
fn a_key_of_this_machine_signs_tokens() {
    let home = TempDir::new().expect("a directory");
    let path = home.path().join("key");
    let check = |algorithm, key: &DecodingKey| {
        let got = fetch(mint(path.clone(), algorithm)).expect("a token");
        let token = got.secret.expose();
        let claims = decode::<Value>(token, key, &Validation::new(algorithm)).expect("it is good");
        assert_eq!(claims.claims["sub"], "alice");
        assert_eq!(
            claims.claims["exp"].as_i64().expect("exp")
                - claims.claims["iat"].as_i64().expect("iat"),
            60
        );
        assert_eq!(
            decode_header(token).expect("a header").kid.as_deref(),
            Some("dev")
        );
    };
    fs::write(&path, "a secret\n").expect("written");
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        check(algorithm, &DecodingKey::from_secret(b"a secret"));
    }
    for (algorithm, kind) in [
        (Algorithm::ES256, &PKCS_ECDSA_P256_SHA256),
        (Algorithm::ES384, &PKCS_ECDSA_P384_SHA384),
        (Algorithm::EdDSA, &PKCS_ED25519),
    ] {
        let pair = KeyPair::generate_for(kind).expect("a key");
        fs::write(&path, pair.serialize_pem()).expect("written");
        let public = pair.public_key_pem();
        let key = if algorithm == Algorithm::EdDSA {
            DecodingKey::from_ed_pem(public.as_bytes())
        } else {
            DecodingKey::from_ec_pem(public.as_bytes())
        };
        check(algorithm, &key.expect("its public half"));
        let fault = fetch(mint(path.clone(), Algorithm::RS256)).expect_err("a fault");
        assert!(fault.contains("cannot sign with RS256"), "{fault}");
    }
    fs::write(&path, include_str!("rsa.pem")).expect("written");
    let key = DecodingKey::from_rsa_pem(include_bytes!("rsa-public.pem")).expect("a key");
    for algorithm in [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512] {
        check(algorithm, &key);
    }
}

fn ticket(server: &TokenServer, from: Source) -> Source {
    Source::Ticket(Box::new(Ticket {
        url: server.url("/ticket").parse().expect("an address"),
        post: true,
        pointer: "/data/ticket".into(),
        from,
    }))
}

#[test]
fn a_ticket_is_got_with_another_token_each_time() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let server = TokenServer::start(move |asked| {
        if asked.headers["authorization"] != "Bearer abc" {
            return answer(401, "text/plain", "no");
        }
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        json(200, &json!({ "data": { "ticket": format!("t{number}") } }))
    });
    let from = |token: &str| {
        Source::Command(Box::new(Helper {
            argv: vec!["printf".into(), token.into()],
            ttl: None,
        }))
    };
    for number in 0..2 {
        let got = fetch(ticket(&server, from("abc"))).expect("a ticket");
        assert_eq!(got.secret.expose(), format!("t{number}"));
        assert!(got.once);
    }
    let fault = fetch(ticket(&server, from("wrong"))).expect_err("a fault");
    assert!(
        fault.contains("refuses the token of command printf"),
        "{fault}"
    );
}

#[test]
fn a_client_is_known_by_its_secret_and_its_token_is_not_stored() {
    let server = TokenServer::start(|_| {
        json(
            200,
            &json!({ "access_token": "a1", "token_type": "bearer", "expires_in": 3600 }),
        )
    });
    let place = Place::with(&server, |oauth| {
        oauth.grant = Grant::Client;
        oauth.client_secret = Some(SecretRef::Stored);
        oauth.audience = Some("orders".into());
    });
    let fetched = place.fetch(&[]);
    assert!(
        fetched.fault().contains("--client-secret-stdin"),
        "{fetched:?}"
    );
    let stored = place
        .vault()
        .store_client_secret("q", &super::secret("s:1"));
    stored.expect("stored");
    assert_eq!(place.fetch(&[]).got.as_deref(), Ok("a1"));
    assert_eq!(place.fetch(&[]).got.as_deref(), Ok("a1"));
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    // RFC 6749 section 2.3.1: both are form-encoded first.
    assert_eq!(asked[0].headers["authorization"], "Basic Y2xpZW50OnMlM0Ex");
    assert_eq!(asked[0].form["audience"], "orders");
    assert_eq!(place.kept(), None);
}

#[test]
fn tokens_and_tickets_are_got_through_the_proxy_of_the_profile() {
    let server = TokenServer::start(|_| {
        json(
            200,
            &json!({ "access_token": "a1", "token_type": "bearer", "data": { "ticket": "t1" } }),
        )
    });
    let proxy = Recorder::http(server.address);
    // Only the proxy finds it.
    let mut place = Place::with(&server, |oauth| {
        let token = "http://127.0.0.9:1/token".parse().expect("an address");
        oauth.server = Server::Endpoints(Box::new(Endpoints {
            token,
            authorization: None,
            device: None,
            revocation: None,
        }));
        oauth.grant = Grant::Client;
        oauth.client_secret = Some(SecretRef::Stored);
    });
    let secret = super::secret("s:1");
    let stored = place.vault().store_client_secret("q", &secret);
    stored.expect("stored");
    place.profile.proxy = Proxy::read(&format!("http://alice@{}", proxy.address)).expect("a proxy");
    let oauth = place.profile.source.clone();
    place.profile.source = ticket(&server, oauth);
    assert_eq!(place.fetch(&[]).got.as_deref(), Ok("t1"));
    let [token, ticket] = &proxy.seen()[..] else {
        panic!("{:?}", proxy.seen());
    };
    assert!(
        token.starts_with("CONNECT 127.0.0.9:1 HTTP/1.1\r\n"),
        "{token}"
    );
    let wanted = format!("CONNECT {} HTTP/1.1\r\n", server.address);
    assert!(ticket.starts_with(&wanted), "{ticket}");
    for asked in server.asked() {
        let names: Vec<_> = asked.headers.keys().collect();
        assert!(
            names.iter().all(|name| !name.contains("proxy")),
            "{names:?}"
        );
    }
}

/// A keyring that is not there is told; nothing takes its place.
#[cfg(feature = "keyring")]
#[test]
fn a_keyring_that_is_not_there_is_told() {
    let home = TempDir::new().expect("a directory");
    let config = "[profiles.q]\nurl = \"wss://localhost/\"\ntoken = \"keyring\"\n";
    crate::support::tail::write_private(&home, "config.toml", config);
    crate::support::tail::write_private(&home, "token", "abc");
    let program = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_sockeye"))
            .args(arguments)
            .arg("--config")
            .arg(home.path())
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
            .stdin(fs::File::open(home.path().join("token")).expect("a file"))
            .output()
            .expect("it runs");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for arguments in [
        &["tail", "q", "--no-reconnect"][..],
        &["login", "q", "--token-stdin"],
        &["logout", "q"],
    ] {
        let said = program(arguments);
        assert!(
            said.contains("the system's keyring: "),
            "{arguments:?}: {said}"
        );
    }
    assert!(!home.path().join("credentials.toml").exists());
}
