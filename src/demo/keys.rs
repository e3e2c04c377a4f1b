//! The keys made at each start, and the tokens they sign and verify.
//!
//! The algorithm is fixed by the server's own key, never by the token: a token names its key by `kid`, and each key
//! verifies one algorithm (RFC 8725 section 3.1). Keys that a token carries or points to are refused.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, crypto};
use p256::{
    SecretKey,
    elliptic_curve::sec1::ToEncodedPoint,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::token::{Bearer, Grant};
use crate::{
    scenario::{Algorithm, Refusal, Role},
    secret::Secret,
    time::Wall,
};

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 8 << 10;
const ISSUER: &str = "sockeye-demo";
pub(super) const AUDIENCE: &str = "sockeye";
const ES256_NAME: &str = "demo-es256";

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    role: Role,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
}

/// One signing key, its name and the only algorithm it is good for.
struct Key {
    id: &'static str,
    algorithm: jsonwebtoken::Algorithm,
    sign: EncodingKey,
    verify: DecodingKey,
}

impl Key {
    fn hs256(secret: &[u8]) -> Self {
        Self {
            id: "demo-hs256",
            algorithm: jsonwebtoken::Algorithm::HS256,
            sign: EncodingKey::from_secret(secret),
            verify: DecodingKey::from_secret(secret),
        }
    }

    fn es256(secret: &SecretKey) -> io::Result<Self> {
        let der = secret.to_pkcs8_der().map_err(io::Error::other)?;
        let point = secret.public_key().to_encoded_point(false);
        Ok(Self {
            id: ES256_NAME,
            algorithm: jsonwebtoken::Algorithm::ES256,
            sign: EncodingKey::from_ec_der(der.as_bytes()),
            verify: DecodingKey::from_ec_der(point.as_bytes()),
        })
    }

    fn sign(&self, claims: &Claims) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.sign)
            .unwrap_or_else(|error| unreachable!("a key made at the start signs: {error}"))
    }

    fn verify(&self, token: &str) -> Option<Claims> {
        let mut rules = Validation::new(self.algorithm);
        rules.set_required_spec_claims(&["exp", "sub", "aud", "iss"]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[ISSUER]);
        // Times are judged by the server's own clock, without leeway.
        (rules.validate_exp, rules.validate_nbf) = (false, false);
        let read = jsonwebtoken::decode::<Claims>(token, &self.verify, &rules);
        read.ok().map(|read| read.claims)
    }
}

/// The keys of one run of the server.
pub(super) struct Keys {
    hs256: Key,
    es256: Key,
    /// Signs with a key of its own what is no JWT.
    opaque: EncodingKey,
    public_pem: String,
    public_set: String,
    issued: AtomicU64,
}

impl Keys {
    /// Makes keys from the system's random source.
    pub(super) fn random() -> io::Result<Self> {
        let secret = loop {
            // One number in 2^32 is no scalar of the curve.
            if let Ok(secret) = SecretKey::from_slice(&random()?) {
                break secret;
            }
        };
        let public_pem = secret.public_key().to_public_key_pem(LineEnding::LF);
        Ok(Self {
            hs256: Key::hs256(&random()?),
            es256: Key::es256(&secret)?,
            opaque: EncodingKey::from_secret(&random()?),
            public_pem: public_pem.map_err(io::Error::other)?,
            public_set: set(&secret),
            issued: AtomicU64::new(0),
        })
    }

    /// The public half of the ES256 key, for clients that verify.
    pub(super) fn public_pem(&self) -> &str {
        &self.public_pem
    }

    /// The same as a key set (RFC 7517).
    pub(super) fn public_set(&self) -> &str {
        &self.public_set
    }

    /// An access token.
    pub(super) fn access(&self, grant: &Grant, now: Wall) -> Secret {
        let iat = now.seconds() - seconds(grant.age);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: grant.subject.clone(),
            role: grant.role,
            iat,
            exp: iat.saturating_add(seconds(grant.life)),
            nbf: None,
            jti: format!("t{}", self.number()),
        };
        Secret::new(self.of(grant.algorithm).sign(&claims))
    }

    /// A token that says nothing and that nobody can guess.
    pub(super) fn opaque(&self) -> Secret {
        let name = format!("refresh {}", self.number());
        let text = crypto::sign(
            name.as_bytes(),
            &self.opaque,
            jsonwebtoken::Algorithm::HS256,
        );
        Secret::new(text.unwrap_or_else(|error| unreachable!("an HMAC key signs: {error}")))
    }

    /// Who bears this token, if it is one of ours and `now` is within its life (RFC 7519 section 4.1).
    pub(super) fn verify(&self, token: &str, now: Wall) -> Result<Bearer, Refusal> {
        if token.is_empty() {
            return Err(Refusal::Missing);
        }
        let claims = self.claims(token).ok_or(Refusal::Invalid)?;
        if claims.nbf.is_some_and(|nbf| now.seconds() < nbf) {
            return Err(Refusal::Invalid);
        }
        if now.seconds() >= claims.exp {
            return Err(Refusal::Expired);
        }
        Ok(Bearer {
            subject: claims.sub,
            role: claims.role,
            expires: Wall::from_seconds(claims.exp),
            token: claims.jti,
        })
    }

    fn claims(&self, token: &str) -> Option<Claims> {
        if token.len() > LONGEST {
            return None;
        }
        let header = jsonwebtoken::decode_header(token).ok()?;
        let carries_a_key = header.jwk.is_some()
            || header.jku.is_some()
            || header.x5u.is_some()
            || header.x5c.is_some();
        if carries_a_key || header.crit.is_some() {
            return None;
        }
        let id = header.kid?;
        let key = [&self.hs256, &self.es256]
            .into_iter()
            .find(|key| key.id == id)?;
        key.verify(token)
    }

    const fn of(&self, algorithm: Algorithm) -> &Key {
        match algorithm {
            Algorithm::Hs256 => &self.hs256,
            Algorithm::Es256 => &self.es256,
        }
    }

    fn number(&self) -> u64 {
        self.issued.fetch_add(1, Ordering::Relaxed)
    }
}

/// The key set of a key's public half (RFC 7518 section 6.2).
fn set(secret: &SecretKey) -> String {
    let point = secret.public_key().to_encoded_point(false);
    let part = |part: Option<&p256::FieldBytes>| part.map(|it| BASE64_URL_SAFE_NO_PAD.encode(it));
    let key = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": ES256_NAME,
        "x": part(point.x()), "y": part(point.y()),
    });
    json!({ "keys": [key] }).to_string()
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::scenario::Feed;

    const NOW: Wall = Wall::from_seconds(1_800_000_000);

    const HEADER: &str = r#"{"alg":"HS256","kid":"demo-hs256"}"#;

    fn grant(algorithm: Algorithm) -> Grant {
        Grant {
            subject: "alice".into(),
            role: Role::Viewer,
            life: Duration::from_secs(60),
            age: Duration::ZERO,
            algorithm,
        }
    }

    /// A token as the server signs it, but for one claim.
    fn with(keys: &Keys, name: &str, value: Value) -> String {
        let mut claims = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "role": "viewer",
            "iat": NOW.seconds(), "exp": NOW.seconds() + 60, "jti": "t"});
        match value {
            Value::Null => claims.as_object_mut().and_then(|map| map.remove(name)),
            value => Some(std::mem::replace(&mut claims[name], value)),
        };
        signed(keys, HEADER, &claims.to_string())
    }

    fn signed(keys: &Keys, header: &str, claims: &str) -> String {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
        let message = format!("{}.{}", B64.encode(header), B64.encode(claims));
        let key = &keys.hs256;
        let mac = crypto::sign(message.as_bytes(), &key.sign, key.algorithm).expect("signs");
        format!("{message}.{mac}")
    }

    #[test]
    fn both_algorithms_are_accepted_until_the_second_of_expiry() {
        let keys = Keys::random().expect("random numbers");
        for algorithm in [Algorithm::Hs256, Algorithm::Es256] {
            let token = keys.access(&grant(algorithm), NOW);
            let bearer = keys.verify(token.expose(), NOW).expect("valid");
            assert_eq!(
                (bearer.subject.as_str(), bearer.role),
                ("alice", Role::Viewer)
            );
            assert!(bearer.may_see(Feed::Orders) && !bearer.may_see(Feed::Audit));
            assert!(keys.verify(token.expose(), NOW.shifted(59_999_999)).is_ok());
            assert_eq!(
                keys.verify(token.expose(), NOW.shifted(60_000_000)),
                Err(Refusal::Expired)
            );
        }
    }

    #[test]
    fn well_signed_tokens_with_wrong_claims_are_refused() {
        let keys = Keys::random().expect("random numbers");
        assert!(
            keys.verify(&with(&keys, "sub", "bob".into()), NOW).is_ok(),
            "the test signs well"
        );
        let ahead = NOW.seconds() + 1;
        for (name, value) in [
            ("exp", Value::Null),
            ("exp", "soon".into()),
            ("sub", Value::Null),
            ("aud", Value::Null),
            ("aud", "other".into()),
            ("iss", Value::Null),
            ("iss", "other".into()),
            ("nbf", ahead.into()),
            ("nbf", "soon".into()),
            ("role", "root".into()),
        ] {
            let token = with(&keys, name, value.clone());
            assert_eq!(
                keys.verify(&token, NOW),
                Err(Refusal::Invalid),
                "{name} {value}"
            );
        }
        let twice = format!(
            r#"{{"iss":"{ISSUER}","aud":"{AUDIENCE}","sub":"a","sub":"b","role":"viewer","iat":0,"exp":{ahead},"jti":"t"}}"#
        );
        assert_eq!(
            keys.verify(&signed(&keys, HEADER, &twice), NOW),
            Err(Refusal::Invalid)
        );
    }

    #[test]
    fn a_header_that_carries_a_key_is_refused_however_well_it_is_signed() {
        let keys = Keys::random().expect("random numbers");
        let token = with(&keys, "sub", "bob".into());
        let claims = crate::auth::Claims::read(&token).expect("a JWT").claims;
        for (own, accepted) in [
            ("\"typ\":\"JWT\"", true),
            ("\"jku\":\"http://127.0.0.1:1/\"", false),
            ("\"jwk\":{\"kty\":\"oct\",\"k\":\"bWluZQ\"}", false),
            ("\"x5u\":\"http://127.0.0.1:1/\"", false),
            ("\"x5c\":[\"MA==\"]", false),
            ("\"crit\":[\"exp\"]", false),
        ] {
            let header = format!(r#"{{"alg":"HS256","kid":"demo-hs256",{own}}}"#);
            let token = signed(&keys, &header, &claims.to_string());
            assert_eq!(keys.verify(&token, NOW).is_ok(), accepted, "{own}");
        }
    }

    #[test]
    fn keys_differ_at_each_start_and_opaque_tokens_each_time() {
        let (one, other) = (
            Keys::random().expect("random numbers"),
            Keys::random().expect("random numbers"),
        );
        let token = one.access(&grant(Algorithm::Es256), NOW);
        assert_eq!(other.verify(token.expose(), NOW), Err(Refusal::Invalid));
        assert_ne!(one.opaque(), one.opaque());
    }
}
