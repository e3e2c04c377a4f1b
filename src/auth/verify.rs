//! Verifies a token's signature (RFC 7515) with keys that somebody trusts, and what it claims. The algorithm is chosen by
//! the key, never by the token alone (RFC 8725 section 3.1). Time is passed in.

use std::time::Duration;

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, JwkSet},
};
use serde_json::Value;

use super::Claims;
use crate::time::{Wall, show_span};

/// The keys a token may be signed with.
#[derive(Clone, Debug)]
pub enum Keys {
    /// A key set (RFC 7517 section 5).
    Set(JwkSet),
    /// One key.
    One(Box<DecodingKey>),
}

/// What a token must claim besides being in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// `iss`.
    pub issuer: Option<String>,
    /// One of `aud`.
    pub audience: Option<String>,
    /// By how much our clock may be wrong (RFC 7519 section 4.1.4).
    pub leeway: Duration,
}

/// Why a token is not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// The set has no key of this id: it may have been changed since it was fetched.
    UnknownKey(String),
    /// Everything that is wrong, a sentence each.
    Wrong(Vec<String>),
}

impl Keys {
    /// Reads a key set, or a single key as PEM, or the text of an HMAC secret.
    ///
    /// # Errors
    /// What it should be.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.trim_ascii_start().starts_with(b"{") {
            return Self::set(bytes);
        }
        if !bytes.starts_with(b"-----BEGIN") {
            return match bytes.trim_ascii() {
                [] => Err("it is empty".into()),
                secret => Ok(Self::One(Box::new(DecodingKey::from_secret(secret)))),
            };
        }
        let kinds = [
            DecodingKey::from_ec_pem,
            DecodingKey::from_ed_pem,
            DecodingKey::from_rsa_pem,
        ];
        let key = kinds.iter().find_map(|read| read(bytes).ok());
        key.map(|key| Self::One(Box::new(key))).ok_or_else(|| {
            "the PEM holds no public key of RSA, of P-256 or P-384, or of Ed25519".into()
        })
    }

    /// Reads a key set (RFC 7517 section 5), or one key of it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn set(bytes: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))?;
        let value = if value.get("keys").is_some() {
            value
        } else {
            serde_json::json!({ "keys": [value] })
        };
        let set: JwkSet =
            serde_json::from_value(value).map_err(|error| format!("it is no key set: {error}"))?;
        if set.keys.is_empty() {
            Err("it holds no keys".into())
        } else {
            Ok(Self::Set(set))
        }
    }
}

/// Verifies a token; by which key, in words: `key k-1, RS256`.
///
/// # Errors
/// Why it is not verified.
pub fn verify(
    token: &str,
    keys: &Keys,
    expected: &Expected,
    now: Wall,
) -> Result<String, Unverified> {
    let wrong = |text: String| Unverified::Wrong(vec![text]);
    let claims = Claims::read(token)
        .ok_or_else(|| wrong("it is no signed JWT, so there is nothing to verify".into()))?;
    let algorithm: Algorithm = claims.algorithm().parse().map_err(|_| {
        wrong(format!(
            "its algorithm {} is none that can be verified",
            claims.algorithm()
        ))
    })?;
    let name = claims.header.get("kid").and_then(Value::as_str);
    let signer = signed_by(token, algorithm, name, keys)?;
    let faults = claimed(&claims, expected, now);
    if faults.is_empty() {
        Ok(signer)
    } else {
        Err(Unverified::Wrong(faults))
    }
}

/// The key that signed it, in words.
fn signed_by(
    token: &str,
    algorithm: Algorithm,
    name: Option<&str>,
    keys: &Keys,
) -> Result<String, Unverified> {
    let wrong = |text: String| Unverified::Wrong(vec![text]);
    let set = match keys {
        Keys::One(key) if key.family() != algorithm.family() => {
            let text = format!("the token says {algorithm:?}, which the key is not for");
            return Err(wrong(text));
        }
        Keys::One(key) if is_signed(token, algorithm, key) => {
            return Ok(format!("the key given, {algorithm:?}"));
        }
        Keys::One(_) => return Err(wrong("the signature is not by this key".into())),
        Keys::Set(set) => set,
    };
    let fits = |key: &&Jwk| name.is_none() || key.common.key_id.as_deref() == name;
    let candidates: Vec<_> = set.keys.iter().filter(fits).collect();
    if let (true, Some(name)) = (candidates.is_empty(), name) {
        return Err(Unverified::UnknownKey(name.to_owned()));
    }
    let usable = candidates.into_iter().filter(|key| is_for(key, algorithm));
    let decoded = usable.filter_map(|key| Some((key, DecodingKey::from_jwk(key).ok()?)));
    let decoded: Vec<_> = decoded
        .filter(|(_, key)| key.family() == algorithm.family())
        .collect();
    if decoded.is_empty() {
        return Err(wrong(format!("no key of the set is for {algorithm:?}")));
    }
    let found = decoded
        .iter()
        .find(|(_, key)| is_signed(token, algorithm, key));
    let found = found.ok_or_else(|| wrong("the signature is not by a key of the set".into()))?;
    let id = found.0.common.key_id.as_deref().unwrap_or("without a name");
    Ok(format!("key {id}, {algorithm:?}"))
}

/// Whether a key may be used for an algorithm, as far as it says (RFC 7517 sections 4.2 and 4.4).
fn is_for(key: &Jwk, algorithm: Algorithm) -> bool {
    let stated = key.common.key_algorithm.map(|stated| stated.to_string());
    let encrypts = matches!(
        key.common.public_key_use,
        Some(jsonwebtoken::jwk::PublicKeyUse::Encryption)
    );
    !encrypts && stated.is_none_or(|stated| stated == format!("{algorithm:?}"))
}

fn is_signed(token: &str, algorithm: Algorithm, key: &DecodingKey) -> bool {
    let mut rules = Validation::new(algorithm);
    rules.required_spec_claims.clear();
    (rules.validate_exp, rules.validate_nbf, rules.validate_aud) = (false, false, false);
    jsonwebtoken::decode::<Value>(token, key, &rules).is_ok()
}

/// What is wrong with the claims.
fn claimed(claims: &Claims, expected: &Expected, now: Wall) -> Vec<String> {
    let span = |micros: i64| show_span(Duration::from_micros(micros.unsigned_abs()));
    let leeway = i64::try_from(expected.leeway.as_micros()).unwrap_or(i64::MAX);
    let expired = claims
        .date("exp")
        .map(|at| now.micros_since(at))
        .filter(|since| *since >= leeway);
    let early = claims
        .date("nbf")
        .map(|at| at.micros_since(now))
        .filter(|ahead| *ahead > leeway);
    let issuer = expected
        .issuer
        .as_deref()
        .filter(|wanted| claims.text("iss") != Some(wanted));
    let audience = expected
        .audience
        .as_deref()
        .filter(|wanted| !claims.audience().contains(wanted));
    let all = [
        expired.map(|since| format!("it expired {} ago", span(since))),
        early.map(|ahead| format!("it is not valid for another {}", span(ahead))),
        issuer.map(|wanted| {
            format!(
                "its issuer is {}, not {wanted}",
                claims.text("iss").unwrap_or("not stated")
            )
        }),
        audience.map(|wanted| {
            format!(
                "its audience is {}, not {wanted}",
                stated(&claims.audience())
            )
        }),
    ];
    all.into_iter().flatten().collect()
}

fn stated(audience: &[&str]) -> String {
    if audience.is_empty() {
        "not stated".into()
    } else {
        audience.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header};
    use serde_json::json;

    use super::*;

    const NOW: Wall = Wall::from_seconds(1_795_521_600);
    /// RFC 8037 appendix A.
    const ED: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    const ED_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn signed(
        key: &EncodingKey,
        algorithm: Algorithm,
        kid: Option<&str>,
        claims: &Value,
    ) -> String {
        let mut header = Header::new(algorithm);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, claims, key).expect("a token")
    }

    fn ed(kid: Option<&str>, claims: &Value) -> String {
        let key = EncodingKey::from_ed_pem(ED.as_bytes()).expect("a key");
        signed(&key, Algorithm::EdDSA, kid, claims)
    }

    fn set(kids: &[&str]) -> Keys {
        let key = |kid: &&str| json!({"kty": "OKP", "crv": "Ed25519", "x": ED_X, "kid": kid});
        let keys: Vec<_> = kids.iter().map(key).collect();
        Keys::set(json!({ "keys": keys }).to_string().as_bytes()).expect("a set")
    }

    fn wrong(result: Result<String, Unverified>) -> String {
        match result {
            Err(Unverified::Wrong(texts)) => texts.join("; "),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_token_is_verified_by_the_key_it_names() {
        let claims = json!({"iss": "https://id", "aud": ["a", "b"], "exp": NOW.seconds() + 60});
        let expected = Expected {
            issuer: Some("https://id".into()),
            audience: Some("b".into()),
            ..Expected::default()
        };
        let token = ed(Some("k-2"), &claims);
        let verified = verify(&token, &set(&["k-1", "k-2"]), &expected, NOW);
        assert_eq!(verified.as_deref(), Ok("key k-2, EdDSA"));
        let unknown = verify(&token, &set(&["k-1"]), &expected, NOW);
        assert_eq!(unknown, Err(Unverified::UnknownKey("k-2".into())));
        let nameless = verify(&ed(None, &claims), &set(&["k-1"]), &expected, NOW);
        assert_eq!(nameless.as_deref(), Ok("key k-1, EdDSA"));
    }

    #[test]
    fn everything_that_is_wrong_with_the_claims_is_told() {
        let claims =
            json!({"iss": "https://other", "nbf": NOW.seconds() + 5, "exp": NOW.seconds() - 5});
        let expected = Expected {
            issuer: Some("https://id".into()),
            audience: Some("b".into()),
            ..Expected::default()
        };
        assert_eq!(
            wrong(verify(
                &ed(Some("k"), &claims),
                &set(&["k"]),
                &expected,
                NOW
            )),
            "it expired 5.0 s ago; it is not valid for another 5.0 s; its issuer is https://other, not https://id; its audience is not stated, not b"
        );
    }

    #[test]
    fn the_key_decides_the_algorithm() {
        let keys = set(&["k"]);
        let claims = json!({"exp": NOW.seconds() + 60});
        // A public key as an HMAC secret: the classical confusion.
        let secret = EncodingKey::from_secret(ED_X.as_bytes());
        let confused = signed(&secret, Algorithm::HS256, Some("k"), &claims);
        assert_eq!(
            wrong(verify(&confused, &keys, &Expected::default(), NOW)),
            "no key of the set is for HS256"
        );
        let one = Keys::read(b"hush\n").expect("a secret");
        let good = signed(
            &EncodingKey::from_secret(b"hush"),
            Algorithm::HS256,
            None,
            &claims,
        );
        assert_eq!(
            verify(&good, &one, &Expected::default(), NOW).as_deref(),
            Ok("the key given, HS256")
        );
        assert_eq!(
            wrong(verify(&confused, &one, &Expected::default(), NOW)),
            "the signature is not by this key"
        );
        assert_eq!(
            wrong(verify(&ed(None, &claims), &one, &Expected::default(), NOW)),
            "the token says EdDSA, which the key is not for"
        );
        let none = "eyJhbGciOiJub25lIn0.e30.";
        assert_eq!(
            wrong(verify(none, &keys, &Expected::default(), NOW)),
            "its algorithm none is none that can be verified"
        );
        assert_eq!(
            wrong(verify("opaque", &keys, &Expected::default(), NOW)),
            "it is no signed JWT, so there is nothing to verify"
        );
    }

    #[test]
    fn keys_of_unknown_kinds_do_no_harm() {
        let set = json!({ "keys": [
            { "kty": "OKP", "crv": "X25519", "x": "AA", "kid": "odd" },
            { "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" },
            { "kty": "OKP", "crv": "Ed25519", "x": ED_X, "kid": "k" },
        ] });
        let keys = Keys::set(set.to_string().as_bytes()).expect("a set");
        let token = ed(Some("k"), &json!({}));
        let verified = verify(&token, &keys, &Expected::default(), NOW);
        assert_eq!(verified.as_deref(), Ok("key k, EdDSA"));
    }

    #[test]
    fn a_changed_token_is_noticed() {
        let token = ed(Some("k"), &json!({"sub": "alice"}));
        let parts: Vec<_> = token.split('.').collect();
        let forged = format!("{}.{}.{}", parts[0], "eyJzdWIiOiJtYWxsb3J5In0", parts[2]);
        assert_eq!(
            wrong(verify(&forged, &set(&["k"]), &Expected::default(), NOW)),
            "the signature is not by a key of the set"
        );
    }

    #[test]
    fn wrong_keys_are_told() {
        for (text, why) in [
            ("", "it is empty"),
            ("{", "it is no JSON"),
            ("{\"keys\":[]}", "it holds no keys"),
            (
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
                "the PEM holds no public key",
            ),
        ] {
            let told = Keys::read(text.as_bytes()).expect_err("wrong");
            assert!(told.starts_with(why), "{text}: {told}");
        }
    }
}
