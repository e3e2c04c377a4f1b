//! A server that repeats all it was sent: whatever its answer, nothing of it is told or left in a file.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sockeye::{
    credential::{Errand, Vault},
    profile::{Grant, OAuth, SecretRef, Server},
};

use super::{Place, errand, granted, secret, wait};
use crate::support::{
    browser::Browser,
    command::Running,
    tail::write_private,
    token_server::{Asked, TokenServer, answer, json},
};

const CLIENT: &str = "client+s3cret/of \"ours\"";
const REFRESH: &str = "refresh/7f3a9+c2e81b";
const ACCESS: &str = "access/51d0b+aa907e";
const DEVICE: &str = "device/90c41+7712fd";
const CODE: &str = "code/4ac03+19be55";

/// The forms in which a secret could come out.
fn forms(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let quoted = Value::from(secret).to_string();
    vec![
        secret.to_owned(),
        encoded.replace('+', "%20"),
        encoded,
        quoted[1..quoted.len() - 1].to_owned(),
        BASE64_STANDARD
            .encode(secret)
            .trim_end_matches('=')
            .to_owned(),
        BASE64_URL_SAFE_NO_PAD.encode(secret),
    ]
}

/// All that a request holds, each secret in every form.
fn echo(asked: &Asked) -> String {
    let mut words = vec!["you sent".to_owned()];
    for (name, value) in &asked.form {
        words.push(format!("{name}={}", forms(value).join(" ")));
    }
    if let Some(basic) = asked.headers.get("authorization") {
        let pair = basic.trim_start_matches("Basic ");
        let pair = BASE64_STANDARD.decode(pair).expect("base64");
        let pair = String::from_utf8(pair).expect("a text");
        let parsed: Vec<_> = url::form_urlencoded::parse(pair.as_bytes()).collect();
        let (_, plain) = parsed[0].0.split_once(':').expect("a password");
        words.push(format!("{basic} {pair} {}", forms(plain).join(" ")));
    }
    words.join("; ")
}

/// As JSON may be written, too: every character by its number.
fn numbered(text: &str) -> String {
    let units: Vec<_> = text
        .encode_utf16()
        .map(|unit| format!("{unit:04x}"))
        .collect();
    format!("\\u{}", units.join("\\u"))
}

/// How many answers there are.
const KINDS: usize = 9;

/// An answer of a kind.
fn echoed(kind: usize, asked: &Asked) -> Vec<u8> {
    let words = echo(asked);
    let refused = |body: &str| answer(400, "application/json", body);
    match kind {
        0 => json(
            400,
            &json!({ "error": "invalid_grant", "error_description": words }),
        ),
        1 => json(401, &json!({ "error": words })),
        2 => refused(&format!(
            r#"{{"error":"invalid_request","error_description":"{}"}}"#,
            numbered(&words)
        )),
        3 => answer(500, "text/html", &format!("<html>{words}</html>")),
        4 => answer(400, "text/plain", &words),
        5 => json(
            400,
            &json!({ "error": [words], "error_description": { words: 1 } }),
        ),
        6 => json(
            200,
            &json!({ "access_token": "a", "token_type": "b", "expires_in": words }),
        ),
        7 => json(
            200,
            &json!({ "access_token": words, "token_type": words, "scope": [words] }),
        ),
        _ => format!(
            "HTTP/1.1 302 {0}\r\nLocation: /?{0}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            words.replace(['\r', '\n'], " ")
        )
        .into_bytes(),
    }
}

/// Answers `/device` as it should and everything else as an echo of the next kind.
fn server() -> TokenServer {
    let count = AtomicUsize::new(0);
    TokenServer::start(move |asked| {
        if asked.path == "/device" {
            return json(
                200,
                &json!({ "device_code": DEVICE, "user_code": "ABCD", "verification_uri": "https://id.example/",
                         "expires_in": 60, "interval": 0 }),
            );
        }
        echoed(count.fetch_add(1, Ordering::SeqCst) % KINDS, asked)
    })
}

fn with_secret(server: &TokenServer, in_form: bool, grant: Grant) -> Place {
    let revocation = server.url("/revoke").parse().expect("an address");
    let place = Place::with(server, |oauth: &mut OAuth| {
        oauth.grant = grant;
        oauth.client_secret = Some(SecretRef::Stored);
        oauth.secret_in_form = in_form;
        if let Server::Endpoints(endpoints) = &mut oauth.server {
            endpoints.revocation = Some(revocation);
        }
    });
    let stored = place.vault().store_client_secret("q", &secret(CLIENT));
    stored.expect("stored");
    place
}

/// Nothing told holds any secret, and what the server sent was told at all.
fn holds_none(told: &[String]) {
    let told = told.join("\n");
    for secret in [CLIENT, REFRESH, ACCESS, DEVICE, CODE] {
        for form in forms(secret) {
            assert!(!told.contains(&form), "{form} in {told}");
        }
    }
    assert!(told.contains("you sent") && told.contains("***"), "{told}");
}

#[test]
fn what_a_grant_sends_is_not_told() {
    for in_form in [false, true] {
        for grant in [Grant::Code, Grant::Client, Grant::Device] {
            let mut told = Vec::new();
            let server = server();
            for _ in 0..KINDS {
                // A process of its own, as a server without good answers is not asked for long.
                let place = with_secret(&server, in_form, grant);
                if grant == Grant::Code {
                    place.keep(ACCESS, REFRESH, 5);
                }
                let fetched = place.fetch(&[ACCESS]);
                told.extend(fetched.notes.iter().cloned());
                told.push(format!("{:?}", fetched.got.err()));
            }
            let asked = server.asked();
            let sent = |name: &str| asked.iter().any(|asked| asked.form.contains_key(name));
            assert!(match grant {
                Grant::Code => sent("refresh_token"),
                Grant::Client => true,
                Grant::Device => sent("device_code"),
            });
            assert_eq!(sent("client_secret"), in_form);
            holds_none(&told);
        }
    }
}

#[test]
fn what_signing_out_sends_is_not_told() {
    let mut told = Vec::new();
    let server = server();
    for _ in 0..KINDS {
        let place = with_secret(&server, false, Grant::Code);
        place.keep(ACCESS, REFRESH, 500);
        let (errand, _notes): (Errand, _) = errand(&[]);
        let farewell = wait(place.sources.sign_out(&place.profile, &errand));
        told.extend(farewell.done.into_iter().chain(farewell.failed));
    }
    holds_none(&told);
}

#[test]
fn what_signing_in_sends_is_not_told() {
    let server = server();
    let mut told = Vec::new();
    for _ in 0..KINDS {
        let home = tempfile::TempDir::new().expect("a directory");
        let file = write_private(&home, "client", CLIENT);
        let config = format!(
            "[profiles.q]\nurl = \"wss://localhost/\"\n[profiles.q.token.oauth]\nclient-id = \"c\"\n\
             client-secret = {{ file = \"{1}\" }}\n\
             token-endpoint = \"{0}/token\"\nauthorization-endpoint = \"{0}/authorize\"\n",
            server.url(""),
            file.display()
        );
        write_private(&home, "config.toml", &config);
        let mut login = Running::start(home.path(), &["login", "q"], "");
        let line = login.says("sign in: open ");
        let address: url::Url = line
            .trim_start_matches("sign in: open ")
            .parse()
            .expect("one");
        let find = |name: &str| address.query_pairs().find(|(other, _)| other == name);
        let (_, back) = find("redirect_uri").expect("a place");
        let (_, state) = find("state").expect("a state");
        let mut back: url::Url = back.parse().expect("an address");
        back.query_pairs_mut()
            .append_pair("code", CODE)
            .append_pair("state", &state);
        Browser::default().open(back, None);
        login.finish();
        told.extend(login.said.clone());
        told.extend(files_below(home.path(), &["client"]));
    }
    let asked = server.asked();
    assert!(asked.iter().all(|asked| asked.form["code"] == CODE));
    for asked in &asked {
        let verifier = &asked.form["code_verifier"];
        assert!(told.iter().all(|line| !line.contains(verifier)), "{told:?}");
    }
    holds_none(&told);
}

/// What the files of a directory hold, but for those in which the user or the program keeps secrets.
fn files_below(directory: &Path, kept: &[&str]) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            texts.extend(files_below(&path, kept));
        } else if !kept.iter().any(|kept| name == *kept) {
            let bytes = fs::read(&path).expect("a file");
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    texts
}

#[test]
fn what_the_program_sends_to_sign_out_is_not_told() {
    let server = server();
    let mut told = Vec::new();
    for _ in 0..KINDS {
        let home = tempfile::TempDir::new().expect("a directory");
        let file = write_private(&home, "client", CLIENT);
        let config = format!(
            "[profiles.q]\nurl = \"wss://localhost/\"\n[profiles.q.token.oauth]\nclient-id = \"c\"\n\
             client-secret = {{ file = \"{1}\" }}\ntoken-endpoint = \"{0}/token\"\n\
             authorization-endpoint = \"{0}/authorize\"\nrevocation-endpoint = \"{0}/revoke\"\n",
            server.url(""),
            file.display()
        );
        write_private(&home, "config.toml", &config);
        let loaded = sockeye::config::load(Some(home.path())).expect("a configuration");
        let oauth = loaded.config.profiles[0].source.oauth().expect("OAuth");
        let vault = Vault::new(home.path().to_owned());
        let kept = vault.store_granted("q", &granted(oauth.granted_for(), ACCESS, REFRESH, 500));
        kept.expect("stored");
        let mut logout = Running::start(home.path(), &["logout", "q"], "");
        logout.finish();
        told.extend(logout.said.clone());
        told.extend(files_below(home.path(), &["client"]));
    }
    let asked = server.asked();
    assert!(asked.iter().any(|asked| asked.form["token"] == REFRESH));
    holds_none(&told);
}

#[test]
fn what_a_call_for_a_ticket_sends_is_not_told() {
    let count = AtomicUsize::new(0);
    let server = TokenServer::start(move |asked| {
        let sent = &asked.headers["authorization"];
        let token = sent.trim_start_matches("Bearer ");
        let words = format!("you sent {sent} {}", forms(token).join(" "));
        let statuses = [200, 201, 302, 400, 401, 403, 429, 500, 503];
        let status = statuses[count.fetch_add(1, Ordering::SeqCst) % KINDS];
        let body = json!({ "error": words, "error_description": numbered(&words) }).to_string();
        format!(
            "HTTP/1.1 {status} {words}\r\nX-Why: {words}\r\nWWW-Authenticate: Bearer error=\"{words}\"\r\n\
             Location: /?{words}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    });
    for _ in 0..KINDS {
        let home = tempfile::TempDir::new().expect("a directory");
        let file = write_private(&home, "token", ACCESS);
        let config = format!(
            "[profiles.q]\nurl = \"wss://localhost/\"\n[profiles.q.token.ticket]\nurl = \"{}\"\n\
             pointer = \"/ticket\"\nfrom = {{ file = \"{}\" }}\n",
            server.url("/ticket"),
            file.display()
        );
        write_private(&home, "config.toml", &config);
        let recording = home.path().join("recording.ndjson");
        let recording = recording.to_str().expect("a path");
        let how = ["tail", "q", "--no-reconnect", "--record", recording];
        let mut tail = Running::start(home.path(), &how, "");
        assert_ne!(tail.finish(), 0);
        let mut told = tail.said.clone();
        told.extend(files_below(home.path(), &["token"]));
        let told = told.join("\n");
        assert!(told.contains("ticket"), "{told}");
        for form in forms(ACCESS) {
            assert!(!told.contains(&form), "{form} in {told}");
        }
    }
    assert!(server.asked().len() >= KINDS);
}
