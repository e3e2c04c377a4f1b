//! Tokens: the keys made at each start, what a token says, and who is let in.
//!
//! The algorithm is fixed by the server's own key, never by the token: a token names its key by `kid`, and each key
//! verifies one algorithm (RFC 8725 section 3.1). Keys that a token carries or points to are refused.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, crypto};
use p256::{
    SecretKey,
    elliptic_curve::sec1::ToEncodedPoint,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};
use serde::{Deserialize, Serialize};

use super::Feed;
use crate::{secret::Secret, time::Wall};

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 8 << 10;
const ISSUER: &str = "sockeye-demo";
const AUDIENCE: &str = "sockeye";

/// How a token is signed (RFC 7518 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    #[default]
    #[serde(rename = "HS256")]
    Hs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

/// What its bearer may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    #[default]
    Operator,
    /// Orders and prices.
    Viewer,
    /// Nothing.
    Guest,
}

impl Role {
    const fn sees(self, feed: Feed) -> bool {
        match self {
            Self::Operator => true,
            Self::Viewer => matches!(feed, Feed::Orders | Feed::Prices),
            Self::Guest => false,
        }
    }
}

/// What a token is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The user.
    pub subject: String,
    /// What the user may see.
    pub role: Role,
    /// From issue to expiry; whole seconds count.
    pub life: Duration,
    /// How long ago it was issued; whole seconds count. Older than its life: an expired token.
    pub age: Duration,
    /// How it is signed.
    pub algorithm: Algorithm,
}

/// A pair of tokens.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The JWT to connect with.
    pub access: Secret,
    /// Good for one exchange at `POST /refresh`.
    pub refresh: Secret,
}

/// Why a token does not let its bearer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Refusal {
    Missing,
    Invalid,
    Expired,
    Revoked,
    Forbidden,
}

impl Refusal {
    /// The close code and reason: 1008, 4001 and 4003 as the guide for WebSocket authentication assigns them.
    pub(super) const fn close(self) -> (u16, &'static str) {
        match self {
            Self::Missing => (1008, "Missing token"),
            Self::Invalid => (1008, "Invalid token"),
            Self::Revoked => (1008, "Token revoked"),
            Self::Expired => (4001, "Token expired"),
            Self::Forbidden => (4003, "Role not allowed"),
        }
    }
}

/// What is known of a bearer who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bearer {
    pub(super) subject: String,
    pub(super) role: Role,
    pub(super) expires: Wall,
    /// The token's `jti`: unique.
    pub(super) token: String,
}

impl Bearer {
    pub(super) const fn may_see(&self, feed: Feed) -> bool {
        self.role.sees(feed)
    }
}

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
            id: "demo-es256",
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
            issued: AtomicU64::new(0),
        })
    }

    /// The public half of the ES256 key, for clients that verify.
    pub(super) fn public_pem(&self) -> &str {
        &self.public_pem
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

    const NOW: Wall = Wall::from_seconds(1_800_000_000);

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
        signed(keys, &claims.to_string())
    }

    fn signed(keys: &Keys, claims: &str) -> String {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
        let header = B64.encode(r#"{"alg":"HS256","kid":"demo-hs256"}"#);
        let message = format!("{header}.{}", B64.encode(claims));
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
            keys.verify(&signed(&keys, &twice), NOW),
            Err(Refusal::Invalid)
        );
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
