//! `sockeye token`: what a token says, tokens that are made, and what verifies them. A token is never shown where it is
//! only looked at.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};

fn sockeye(home: &Path, arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sockeye"))
        .arg("--config")
        .arg(home)
        .arg("token")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sockeye runs");
    // One that is refused before it reads has closed its end.
    let _ = child
        .stdin
        .take()
        .expect("its input")
        .write_all(stdin.as_bytes());
    child.wait_with_output().expect("sockeye ends")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

fn file(home: &Path, name: &str, text: &str) -> String {
    let path = home.join(name);
    fs::write(&path, text).expect("written");
    path.display().to_string()
}

/// A token that is signed so.
fn minted(home: &Path, key: &str, alg: &str, more: &[&str]) -> String {
    let arguments = [&["mint", "--key", key, "--alg", alg][..], more].concat();
    let output = sockeye(home, &arguments, "");
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout)
        .expect("UTF-8")
        .trim()
        .to_owned()
}

#[test]
fn what_a_token_says_is_told_and_never_the_token() {
    let home = tempfile::tempdir().expect("a directory");
    let key = file(home.path(), "key", "hush-hush-hush");
    let claims = r#"{"sub":"alice\u001b[31m","scope":"read","nbf":4102444800}"#;
    let token = minted(
        home.path(),
        &key,
        "HS256",
        &["--claims", claims, "--ttl", "48h", "--kid", "k-1"],
    );
    let output = sockeye(home.path(), &["inspect"], &token);
    let text = said(&output);
    for wanted in [
        "kind       signed (JWT, RFC 7519); what it says is not verified",
        "alg        HS256",
        "kid        k-1",
        "sub        alice\\e[31m",
        "scope      read",
        "in 1 d 23 h",
        "life       2 d 0 h",
        "!!         it is not valid yet: 'nbf' is",
        "!          it lives 2 d 0 h; a token that is stolen cannot be taken back until then",
    ] {
        assert!(text.contains(wanted), "no '{wanted}' in\n{text}");
    }
    let signature = token.rsplit('.').next().expect("a part");
    assert!(
        !text.contains(signature) && !text.contains(&token),
        "{text}"
    );
    let output = sockeye(home.path(), &["inspect", "--json"], &token);
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&value["header"]["kid"], &value["claims"]["scope"]),
        (&json!("k-1"), &json!("read"))
    );
    assert!(
        value["expires_in"]
            .as_i64()
            .is_some_and(|left| left > 172_000)
    );
}

#[test]
fn other_kinds_of_tokens_are_recognised() {
    let home = tempfile::tempdir().expect("a directory");
    let opaque = said(&sockeye(home.path(), &["inspect"], "sk-live-12345\n"));
    assert!(
        opaque.contains("kind       opaque, 13 characters") && !opaque.contains("sk-live"),
        "{opaque}"
    );
    // {"alg":"RSA-OAEP","enc":"A256GCM"}
    let jwe = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d";
    let text = said(&sockeye(home.path(), &["inspect", "--token-stdin"], jwe));
    assert!(
        text.contains("encrypted (JWE") && text.contains("enc        A256GCM"),
        "{text}"
    );
}

#[test]
fn what_was_made_is_verified_by_its_key_alone() {
    let home = tempfile::tempdir().expect("a directory");
    let home = home.path();
    let secret = file(home, "secret", "hush-hush-hush");
    let ec = KeyPair::generate().expect("a key");
    let ed = KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
    let other = file(
        home,
        "other.pub",
        &KeyPair::generate().expect("a key").public_key_pem(),
    );
    let cases = [
        ("HS256", secret.clone(), secret),
        (
            "ES256",
            file(home, "ec", &ec.serialize_pem()),
            file(home, "ec.pub", &ec.public_key_pem()),
        ),
        (
            "EdDSA",
            file(home, "ed", &ed.serialize_pem()),
            file(home, "ed.pub", &ed.public_key_pem()),
        ),
    ];
    for (alg, private, public) in cases {
        let token = minted(
            home,
            &private,
            alg,
            &["--claims", r#"{"iss":"me","aud":"you"}"#],
        );
        let good = sockeye(
            home,
            &["verify", "--key", &public, "--iss", "me", "--aud", "you"],
            &token,
        );
        assert_eq!(said(&good), format!("verified by the key given, {alg}\n"));
        let wrong = sockeye(home, &["verify", "--key", &public, "--iss", "you"], &token);
        assert_eq!(wrong.status.code(), Some(4));
        assert!(
            said(&wrong).contains("not verified: its issuer is me, not you"),
            "{}",
            said(&wrong)
        );
        let wrong = sockeye(home, &["verify", "--key", &other], &token);
        assert_eq!(wrong.status.code(), Some(4), "{alg}");
        assert!(!said(&wrong).contains(&token));
    }
}

#[test]
fn a_key_set_is_asked_for_where_its_issuer_has_it() {
    let home = tempfile::tempdir().expect("a directory");
    let home = home.path();
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
    // The last 32 bytes of the key's info (RFC 8410 section 4) are the key.
    let info = key.subject_public_key_info();
    let x = base64::Engine::encode(
        &base64::prelude::BASE64_URL_SAFE_NO_PAD,
        &info[info.len() - 32..],
    );
    let set =
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k-7", "x": x }] }).to_string();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", set.len());
            let _ = stream.write_all((head + &set).as_bytes());
        }
    });
    let private = file(home, "ed", &key.serialize_pem());
    let jwks = format!("http://{address}/jwks");
    let token = minted(home, &private, "EdDSA", &["--kid", "k-7"]);
    let good = sockeye(home, &["verify", "--jwks", &jwks], &token);
    assert_eq!(said(&good), "verified by 127.0.0.1 (key k-7, EdDSA)\n");
    let token = minted(home, &private, "EdDSA", &["--kid", "k-8"]);
    let unknown = sockeye(home, &["verify", "--jwks", &jwks], &token);
    assert!(
        said(&unknown).contains("not verified: 127.0.0.1 has no key 'k-8'"),
        "{}",
        said(&unknown)
    );
    let far = sockeye(home, &["verify", "--jwks", "http://192.0.2.1/jwks"], &token);
    assert_eq!(far.status.code(), Some(6));
    assert!(
        said(&far).contains("only sent over https:"),
        "{}",
        said(&far)
    );
}

#[test]
fn a_token_as_an_argument_is_refused_and_not_repeated() {
    let home = tempfile::tempdir().expect("a directory");
    let key = file(home.path(), "key", "hush-hush-hush");
    let token = minted(home.path(), &key, "HS256", &[]);
    for arguments in [&["inspect", &token][..], &["verify", "--key", &key, &token]] {
        let output = sockeye(home.path(), arguments, "");
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(
            text.contains("--token-env VAR") && !text.contains(&token[..40]),
            "{text}"
        );
    }
    let wrong = sockeye(home.path(), &["mint", "--key", &key, "--alg", "ES256"], "");
    assert!(
        said(&wrong).contains("cannot sign with ES256") && !said(&wrong).contains("hush"),
        "{}",
        said(&wrong)
    );
}
