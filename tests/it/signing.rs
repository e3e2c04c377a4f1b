//! Signatures of dialects, held against published examples and what other programs made of the same input.

use serde_json::{Value, json};
use sockeye::{
    diagnostic::report,
    dialect::{self, Bound, Vars},
    secret::Secret,
    time::Wall,
};

/// 2026-11-24T12:00:00Z.
const NOON: Wall = Wall(1_795_521_600_000_000);

/// What the derived values of a dialect come to, the last of them.
fn made(derive: &str, given: &[(&str, &str)]) -> Result<Value, String> {
    let text = format!("title = \"t\"\n[variables]\n{}\n{derive}", known(given));
    let dialect = dialect::read("own.toml", &text);
    let dialect = dialect.unwrap_or_else(|faults| panic!("{}", report(&faults)));
    let mut vars = Vars::default();
    for (name, value) in given {
        vars.set(name, Bound::Secret(Secret::new((*value).to_owned())));
    }
    let mut last = Value::Null;
    for derived in &dialect.derive {
        if let Some(bound) = derived.make(&vars, NOON)? {
            last = bound.value();
            vars.set(&derived.name, bound);
        }
    }
    Ok(last)
}

fn known(given: &[(&str, &str)]) -> String {
    let names = given.iter().map(|(name, _)| *name);
    let session = (!given.iter().any(|(name, _)| *name == "session")).then_some("session");
    let lines = names
        .chain(session)
        .map(|name| format!("{name} = {{ about = \"a\" }}\n"));
    lines.collect()
}

/// The example of the Kraken REST authentication page.
#[test]
fn kraken_requests_are_signed_as_its_documentation_says() {
    let derive = r#"
[[derive]]
name = "path"
text = "/0/private/AddOrder"
as = "hex"
[[derive]]
name = "digest"
hash = "sha256"
text = "{nonce}nonce={nonce}&ordertype=limit&pair=XBTUSD&price=37500&type=buy&volume=1.25"
[[derive]]
name = "signature"
hmac = "sha512"
key = "{secret}"
key-is = "base64"
text = "{path}{digest}"
text-is = "hex"
as = "base64"
"#;
    let secret =
        "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==";
    let given = |secret| [("secret", secret), ("nonce", "1616492376594")];
    assert_eq!(
        made(derive, &given(secret)),
        Ok(json!(
            "4/dpxb3iT4tp/ZCVEwSnEsLxx0bqyhLpdfOpc6fn7OR8+UClSV5n9E6aSS8MPtnRfp32bAb0nmbRn6H8ndwLUQ=="
        ))
    );
    assert_eq!(
        made(derive, &given("not base64")),
        Err("'signature' cannot be made: the key is no base64".into())
    );
}

const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n";

/// The signature is that of the `cryptography` package of Python.
#[test]
fn ed25519_signs_with_pem_however_its_lines_are_broken() {
    let derive = r#"
[[derive]]
name = "signature"
sign = "EdDSA"
key = "{key}"
text = "apiKey=key-1&timestamp=1795521600000"
"#;
    let signature =
        "COIk9Q2qo5KNr0TV8G3bjn1de+WcW1/h9XX84PKfxE4gZrjubYUYs8rmY08R0sy05EVjywj9X96eq1m8RmvKDA==";
    for key in [PEM, &PEM.replace('\n', "\\n"), &PEM.replace('\n', "\r\n")] {
        assert_eq!(made(derive, &[("key", key)]), Ok(json!(signature)));
    }
    let fault = made(derive, &[("key", "hunter2")]).expect_err("no key");
    assert!(
        fault.starts_with("'signature' cannot be made: the key is no private key for EdDSA")
            && !fault.contains("hunter2"),
        "{fault}"
    );
}

/// The seed's Ed25519 key is the one above; text and signature were made with the `cryptography` package of Python.
#[test]
fn nkeys_sign_a_nonce_and_tell_their_public_key() {
    let seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
    let sign = r#"
[[derive]]
name = "sig"
sign = "EdDSA"
key = "{seed}"
key-is = "nkey"
text = "PXoWU7zWAMt75FY"
as = "base64url"
"#;
    assert_eq!(
        made(sign, &[("seed", seed)]),
        Ok(json!(
            "bnxg5G8aOV2LQdSE_lcM9clxm_fbTTZxsqQ1EpTNgJXmH6z5ezesd49kXfuNhoAqw_DmEtsGcNsJdug9wMuRDQ"
        ))
    );
    let public = "[[derive]]\nname = \"nkey\"\nnkey = \"{seed}\"\n";
    assert_eq!(
        made(public, &[("seed", seed)]),
        Ok(json!(
            "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK"
        ))
    );
    // One letter is another: the check sum does not fit.
    let wrong = seed.replacen("SUAAAAIC", "SUAAAAID", 1);
    let fault = made(sign, &[("seed", &wrong)]).expect_err("a wrong seed");
    assert!(
        fault.starts_with("'sig' cannot be made: the key is no NKey seed")
            && !fault.contains("SUA"),
        "{fault}"
    );
}

#[test]
fn a_text_is_cut_out_of_another() {
    let derive = r#"
[[derive]]
name = "seed"
text = "{creds}"
after = "-----BEGIN USER NKEY SEED-----"
before = "------END"
"#;
    let creds = "-----BEGIN USER NKEY SEED-----\nSUAM\n------END USER NKEY SEED------\n";
    assert_eq!(made(derive, &[("creds", creds)]), Ok(json!("SUAM")));
    assert_eq!(
        made(derive, &[("creds", "SUAM")]),
        Err("'seed' cannot be made: there is no '-----BEGIN USER NKEY SEED-----' in it".into())
    );
}

#[test]
fn the_first_way_that_can_be_made_counts() {
    let derive = r#"
[[derive]]
name = "login"
text = "a {a}"
when = "b"
[[derive]]
name = "login"
text = "a {a}"
unless = "b"
"#;
    assert_eq!(made(derive, &[("a", "1")]), Ok(json!("a 1")));
    assert_eq!(made(derive, &[("a", "1"), ("b", "2")]), Ok(json!("a 1")));
}

const AWS: [(&str, &str); 3] = [
    ("id", "AKIDEXAMPLE"),
    ("secret", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    ("url", "wss://abc.execute-api.eu-west-1.amazonaws.com/prod"),
];
const ADDRESS: &str = r#"
[[derive]]
name = "signed"
sigv4 = "url"
service = "execute-api"
region = "eu-west-1"
key-id = "{id}"
secret = "{secret}"
session = "{session}"
url = "{url}"
"#;

/// The addresses are those of botocore's `SigV4QueryAuth`, with `wss:` in place of `https:`.
#[cfg(feature = "sigv4")]
#[test]
fn addresses_are_signed_as_botocore_signs_them() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261124%2Feu-west-1%2Fexecute-api%2Faws4_request&X-Amz-Date=20261124T120000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host";
    let own = "wss://abc.execute-api.eu-west-1.amazonaws.com/prod?room=a%20b";
    let given = |url, session: Option<_>| {
        let own = [AWS[0], AWS[1], ("url", url)].into_iter();
        own.chain(session).collect::<Vec<_>>()
    };
    let signed = made(ADDRESS, &given(AWS[2].1, None));
    assert_eq!(
        sorted(&signed.expect("signed")),
        sorted(&json!(format!(
            "{}?{query}&X-Amz-Signature=bbefabeef0bdd67d328f7021a301b004023e5d450a50d81e44a512b8c778397d",
            AWS[2].1
        )))
    );
    let signed = made(ADDRESS, &given(own, None));
    assert_eq!(
        sorted(&signed.expect("signed")),
        sorted(&json!(format!(
            "{own}&{query}&X-Amz-Signature=ecd2a24887b262f85c29080fc92fa601a84e55ec52444fc0197c82905e0c8156"
        )))
    );
    let signed = made(ADDRESS, &given(AWS[2].1, Some(("session", "tok/en+1=="))));
    assert_eq!(
        sorted(&signed.expect("signed")),
        sorted(&json!(format!(
            "{}?{query}&X-Amz-Security-Token=tok%2Fen%2B1%3D%3D&X-Amz-Signature=bfec44871364494c41fd2b10ae2baed342fb6500da9647736677ca99b750be75",
            AWS[2].1
        )))
    );
}

/// Behind the signature the session token does not change it: botocore's signature without one.
#[cfg(feature = "sigv4")]
#[test]
fn a_session_token_may_stand_behind_the_signature() {
    let derive = ADDRESS.replace("execute-api", "iotdevicegateway").replace(
        "url = \"{url}\"",
        "url = \"{url}\"\nsession-unsigned = true",
    );
    let given = [
        AWS[0],
        AWS[1],
        ("url", "wss://x-ats.iot.eu-west-1.amazonaws.com/mqtt"),
        ("session", "tok/en+1=="),
    ];
    let pairs = sorted(&made(&derive, &given).expect("signed"));
    let has = |name: &str, value: &str| pairs.contains(&(name.into(), value.into()));
    assert!(
        has(
            "X-Amz-Signature",
            "7fbaf2d38ce0e5941f5cd886e17f333eaa56de84677ae45a598e5a7fb58da4e3"
        ) && has("X-Amz-Security-Token", "tok/en+1=="),
        "{pairs:?}"
    );
}

/// Headers and signature are those of botocore's `SigV4Auth`.
#[cfg(feature = "sigv4")]
#[test]
fn headers_are_signed_as_botocore_signs_them() {
    let derive = r#"
[[derive]]
name = "headers"
sigv4 = "headers"
service = "appsync"
region = "eu-west-1"
key-id = "{id}"
secret = "{secret}"
session = "{session}"
url = "https://x.appsync-api.eu-west-1.amazonaws.com/graphql/connect"
headers = { accept = "application/json, text/javascript", content-encoding = "amz-1.0", content-type = "application/json; charset=UTF-8" }
body = "{}"
"#;
    let signed = |given: &[(&str, &str)]| {
        let text = made(derive, given).expect("signed");
        serde_json::from_str::<Value>(text.as_str().expect("a text")).expect("JSON")
    };
    assert_eq!(
        signed(&[AWS[0], AWS[1], ("session", "tok/en+1==")]),
        json!({
            "accept": "application/json, text/javascript",
            "content-encoding": "amz-1.0",
            "content-type": "application/json; charset=UTF-8",
            "host": "x.appsync-api.eu-west-1.amazonaws.com",
            "x-amz-date": "20261124T120000Z",
            "x-amz-security-token": "tok/en+1==",
            "authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/eu-west-1/appsync/aws4_request, SignedHeaders=accept;content-encoding;content-type;host;x-amz-date;x-amz-security-token, Signature=ff5c86af2d598daee7397152c8e29e63492c4a63e1d2aadf62a89f28bea3a7eb",
        })
    );
    let plain = signed(&[AWS[0], AWS[1]]);
    let authorization = plain["authorization"].as_str().expect("a text");
    assert!(
        authorization.ends_with("d506796731e4fecb2fcc796a116eaa404a4ad0677d380ddcd164db9ebe32a7eb"),
        "{authorization}"
    );
}

/// The query parameters of an address, decoded, in the order of their names; before them the rest.
#[cfg(feature = "sigv4")]
fn sorted(address: &Value) -> Vec<(String, String)> {
    let url = url::Url::parse(address.as_str().expect("a text")).expect("an address");
    let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
    pairs.sort();
    pairs.insert(
        0,
        (
            url.path().to_owned(),
            url.host_str().unwrap_or("").to_owned(),
        ),
    );
    pairs
}

#[cfg(not(feature = "sigv4"))]
#[test]
fn without_the_feature_it_is_told_how_to_get_it() {
    let given = [AWS[0], AWS[1], AWS[2], ("session", "s")];
    assert_eq!(
        made(ADDRESS, &given),
        Err("'signed' cannot be made: this program is built without signatures for AWS; build it with: cargo install sockeye --features sigv4".into())
    );
}

#[test]
fn faults_in_signatures_are_told_with_their_remedy() {
    let text = r#"title = "t"
[variables]
k = { about = "a" }
[[derive]]
name = "a"
sign = "ES256"
key = "{k}"
key-is = "nkey"
text = "t"
[[derive]]
name = "b"
sigv4 = "adress"
service = "s"
expires = "8d"
[[derive]]
name = "c"
hash = "md5"
key = "{k}"
[[login]]
sign = { give = '{"nonce":"{nonce}"}' }
[[before]]
sign = { give = "{}", into = "x" }
post = "https://example.com/"
"#;
    let found = dialect::read("own.toml", text).expect_err("faults");
    let told: Vec<_> = found
        .iter()
        .map(sockeye::diagnostic::Diagnostic::brief)
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r##"
    own.toml:6:8: an NKey signs with EdDSA only; write sign = "EdDSA"
    own.toml:10:1: 'derive' has no 'region'; name it, as in "{region}"
    own.toml:10:1: 'derive' has no 'key-id'; say which access key, as in "{access_key_id}"
    own.toml:10:1: 'derive' has no 'secret'; say with what, as in "{secret_access_key}"
    own.toml:10:1: 'derive' has no 'url'; say what is asked for, as in "{own_url}"
    own.toml:12:9: 'sigv4' cannot be 'adress'; write one of: url, headers
    own.toml:14:11: 'expires' is too long; write a week at most
    own.toml:15:1: 'derive' has no 'text'; say what the digest is of
    own.toml:17:8: 'hash' cannot be 'md5'; write one of: sha256, sha384, sha512
    own.toml:18:1: unknown key 'key'; known here: name, when, unless, hash, text, as
    own.toml:20:8: 'sign' has no 'into'; name the variable that takes the answer
    own.toml:23:1: unknown key 'post'; known here: sign, when, unless
    "##);
}

#[test]
fn the_signer_of_a_profile_is_checked() {
    let faults = |text: &str| {
        let text = format!("[profiles.p]\nurl = \"wss://example.com\"\n{text}");
        let found = sockeye::profile::read("config.toml", &text).expect_err("faults");
        let found = found.iter().map(sockeye::diagnostic::Diagnostic::brief);
        found.collect::<Vec<_>>().join("\n")
    };
    let found = [
        faults("dialect = \"nostr\"\nsigner = { command = [] }"),
        faults("dialect = \"nostr\"\nsigner = { comand = [\"a\"] }"),
        faults("dialect = \"nostr\"\nsigner = { command = \"rm -rf\" }"),
        faults("dialect = \"nats\"\nsigner = { command = [\"a\"] }"),
        faults("signer = { command = [\"a\"] }"),
    ];
    insta::assert_snapshot!(found.join("\n"), @r##"
    config.toml:4:22: 'command' names no program; write { command = ["PROGRAM", "ARGUMENT"] }
    config.toml:4:10: 'signer' has no 'command'; write { command = ["PROGRAM", "ARGUMENT"] }
    config.toml:4:12: unknown key 'comand'; did you mean 'command'?
    config.toml:4:22: 'command' is a string; write a list of texts, as in ["a", "b"]
    config.toml:4:10: the dialect 'nats' asks no signer; leave 'signer' out
    config.toml:3:10: 'signer' goes with a dialect; write dialect = "NAME"
    "##);
    let text = "[profiles.p]\nurl = \"wss://example.com\"\ndialect = \"nostr\"\nsigner = { command = [\"nak\", \"-v\", \"-v\"] }\n";
    let config = sockeye::profile::read("config.toml", text).expect("no faults");
    assert_eq!(
        config.profiles[0].signer,
        Some(["nak", "-v", "-v"].map(str::to_owned).to_vec())
    );
}

/// No dialect can name a program: whatever key it tries is not known.
#[test]
fn a_dialect_runs_nothing() {
    for section in [
        "[[before]]",
        "[[login]]",
        "[[derive]]\nname = \"a\"",
        "[[on]]\nmatch = { \"/a\" = 1 }",
    ] {
        let text = format!(
            "title = \"t\"\n{section}\nsign = {{ give = '{{}}', into = \"x\", command = [\"sh\"] }}\ncommand = [\"sh\"]\n"
        );
        assert!(dialect::read("own.toml", &text).is_err(), "{section}");
    }
    let text = "title = \"t\"\nsigner = { command = [\"sh\"] }\n";
    assert!(dialect::read("own.toml", text).is_err());
}

#[test]
fn what_replaces_the_token_makes_one_needless() {
    let wants = |variables: &str| {
        let text =
            format!("[profiles.p]\nurl = \"wss://example.com\"\ndialect = \"kraken\"\n{variables}");
        let config = sockeye::profile::read("config.toml", &text).expect("no faults");
        config.profiles[0].wants_credential()
    };
    assert!(wants(""));
    assert!(!wants(
        "variables = { key = \"k\", secret = { env = \"KRAKEN_SECRET\" } }"
    ));
}
