//! Derived values: times, signatures, tokens and composed texts, made anew before each message of a login and each
//! subscription.

use std::time::Duration;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;
use sha2::{Sha256, Sha384, Sha512};

use super::{
    template::Template,
    vars::{Bound, Vars},
};
use crate::{secret::Secret, time::Wall};

/// A variable and how it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// The variable.
    pub name: String,
    /// How it is made.
    pub how: How,
}

/// How a value is made.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// The server's time, and so much later.
    Now(Clock, Duration),
    /// A signature (RFC 2104).
    Hmac {
        /// The hash.
        hash: Hash,
        /// The key.
        key: Template,
        /// What the key is written in.
        key_is: Coding,
        /// What is signed.
        text: Template,
        /// What the signature is written in.
        into: Coding,
    },
    /// A text made of variables, written in this.
    Text(Template, Coding),
    /// A signed JWT (RFC 7519).
    Jwt {
        /// The algorithm (RFC 7518 section 3.1).
        algorithm: Algorithm,
        /// The key: PEM (RFC 7468), or for HMAC the text itself.
        key: Template,
        /// Which key it is, for the header.
        kid: Option<Template>,
        /// Something new each time, for the header.
        nonce: Option<Template>,
        /// The claims, a JSON object.
        claims: Template,
    },
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Whole seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
    /// RFC 3339, UTC.
    Iso,
}

/// A hash for HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// As they are.
    Text,
    /// RFC 4648 section 4.
    Base64,
    /// RFC 4648 section 5, without padding.
    Base64Url,
    /// RFC 4648 section 8, small letters.
    Hex,
}

impl Derived {
    /// Makes the value, by the server's clock; `None` while a variable that it wants is not set.
    ///
    /// # Errors
    /// Why it cannot be made, without the secret.
    pub fn make(&self, vars: &Vars, now: Wall) -> Result<Option<Bound>, String> {
        if !self.how.templates().all(|template| template.is_ready(vars)) {
            return Ok(None);
        }
        let bound = match &self.how {
            How::Now(clock, plus) => {
                let plus = i64::try_from(plus.as_micros()).unwrap_or(i64::MAX);
                clock.read(now.shifted(plus)).into()
            }
            How::Hmac {
                hash,
                key,
                key_is,
                text,
                into,
            } => {
                let key = key_is.decode(key.fill(vars).expose().expose());
                let signature = hash.sign(&key, text.fill(vars).expose().expose().as_bytes());
                // A signature is as good as a password for as long as it holds.
                Bound::Secret(Secret::new(into.encode(&signature)))
            }
            How::Text(text, into) => {
                let filled = text.fill(vars);
                let text = into.encode(filled.expose().expose().as_bytes());
                if filled.is_secret() {
                    Bound::Secret(Secret::new(text))
                } else {
                    Bound::Plain(text.into())
                }
            }
            How::Jwt {
                algorithm,
                key,
                kid,
                nonce,
                claims,
            } => {
                let key = encoding_key(*algorithm, key.fill(vars).expose().expose())?;
                let header = Header {
                    kid: kid.as_ref().map(|kid| kid.fill(vars).shown()),
                    nonce: nonce.as_ref().map(|nonce| nonce.fill(vars).shown()),
                    ..Header::new(*algorithm)
                };
                let claims = claims.fill(vars).expose();
                let claims: Value = serde_json::from_str(claims.expose()).map_err(|error| {
                    format!("the claims of '{}' are no JSON: {error}", self.name)
                })?;
                let token = jsonwebtoken::encode(&header, &claims, &key);
                let token =
                    token.map_err(|error| format!("'{}' cannot be signed: {error}", self.name))?;
                Bound::Secret(Secret::new(token))
            }
        };
        Ok(Some(bound))
    }

    /// The names of the variables it wants.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.how.templates().flat_map(Template::names)
    }
}

impl How {
    fn templates(&self) -> impl Iterator<Item = &Template> {
        let all = match self {
            Self::Now(..) => [None, None, None, None],
            Self::Hmac { key, text, .. } => [Some(key), Some(text), None, None],
            Self::Text(text, _) => [Some(text), None, None, None],
            Self::Jwt {
                key,
                kid,
                nonce,
                claims,
                ..
            } => [Some(key), kid.as_ref(), nonce.as_ref(), Some(claims)],
        };
        all.into_iter().flatten()
    }
}

/// The key for an algorithm: PEM, or for HMAC the text itself.
fn encoding_key(algorithm: Algorithm, text: &str) -> Result<EncodingKey, String> {
    // What comes from an environment variable often has its line breaks escaped.
    let pem = text.replace("\\n", "\n");
    let key = match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
            return Ok(EncodingKey::from_secret(text.as_bytes()));
        }
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem.as_bytes()),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem.as_bytes()),
        _ => EncodingKey::from_rsa_pem(pem.as_bytes()),
    };
    key.map_err(|error| format!("the key is no private key for {algorithm:?}: {error}"))
}

impl Clock {
    /// A time in this form.
    pub fn read(self, at: Wall) -> Value {
        match self {
            Self::Seconds => at.seconds().into(),
            Self::Millis => at.0.div_euclid(1000).into(),
            Self::Iso => at.to_string().into(),
        }
    }
}

impl Hash {
    fn sign(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => sign::<Hmac<Sha256>>(key, text),
            Self::Sha384 => sign::<Hmac<Sha384>>(key, text),
            Self::Sha512 => sign::<Hmac<Sha512>>(key, text),
        }
    }
}

fn sign<M: Mac + hmac::digest::KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length (RFC 2104 section 2).
    let mac = <M as Mac>::new_from_slice(key).ok();
    mac.map_or_else(Vec::new, |mac| {
        mac.chain_update(text).finalize().into_bytes().to_vec()
    })
}

impl Coding {
    fn decode(self, text: &str) -> Vec<u8> {
        let decoded = match self {
            Self::Text => None,
            Self::Base64 => BASE64_STANDARD.decode(text).ok(),
            Self::Base64Url => BASE64_URL_SAFE_NO_PAD.decode(text).ok(),
            Self::Hex => unhex(text),
        };
        decoded.unwrap_or_else(|| text.as_bytes().to_vec())
    }

    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Text => String::from_utf8_lossy(bytes).into_owned(),
            Self::Base64 => BASE64_STANDARD.encode(bytes),
            Self::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(bytes),
            Self::Hex => hex(bytes),
        }
    }
}

/// Bytes in hexadecimal, small letters (RFC 4648 section 8).
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digit = |half: u8| DIGITS[usize::from(half & 0xf)];
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn signature(hash: Hash, into: Coding) -> Value {
        let template = |text| Template::parse(text).expect("a template");
        let mut vars = Vars::default();
        vars.set("secret", Bound::Secret(Secret::new("Jefe".into())));
        vars.set("what", json!("ya want"));
        let how = How::Hmac {
            hash,
            key: template("{secret}"),
            key_is: Coding::Text,
            text: template("what do {what} for nothing?"),
            into,
        };
        let derived = Derived {
            name: "s".into(),
            how,
        };
        let made = derived.make(&vars, Wall::default());
        made.expect("no fault").expect("all is set").value()
    }

    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature(Hash::Sha256, Coding::Hex), sha256);
        let sha512 = signature(Hash::Sha512, Coding::Hex);
        assert!(
            sha512
                .as_str()
                .is_some_and(|text| text.starts_with("164b7a7bfcf819e2e395fbe73b56e0a3"))
        );
        assert_eq!(
            signature(Hash::Sha256, Coding::Base64),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
        );
    }

    #[test]
    fn times_are_the_servers() {
        let now = Wall(1_795_521_824_120_000);
        let at = |clock, plus| {
            Derived {
                name: "t".into(),
                how: How::Now(clock, plus),
            }
            .make(&Vars::default(), now)
            .expect("no fault")
            .expect("all is set")
            .value()
        };
        assert_eq!(
            at(Clock::Millis, Duration::from_secs(10)),
            json!(1_795_521_834_120_i64)
        );
        assert_eq!(at(Clock::Seconds, Duration::ZERO), json!(1_795_521_824));
        assert_eq!(
            at(Clock::Iso, Duration::ZERO),
            json!("2026-11-24T12:03:44.120Z")
        );
    }

    #[test]
    fn tokens_are_signed_and_wait_for_what_they_want() {
        let template = |text| Template::parse(text).expect("a template");
        let how = How::Jwt {
            algorithm: Algorithm::HS256,
            key: template("{secret}"),
            kid: Some(template("{key}")),
            nonce: Some(template("{key|hex}")),
            claims: template(r#"{"sub":"{key}","exp":{exp}}"#),
        };
        let derived = Derived {
            name: "jwt".into(),
            how,
        };
        let mut vars = Vars::default();
        vars.set("secret", Bound::Secret(Secret::new("hush".into())));
        vars.set("key", json!("k-1"));
        assert_eq!(derived.make(&vars, Wall::default()), Ok(None));
        vars.set("exp", json!(4_102_444_800_i64));
        let made = derived
            .make(&vars, Wall::default())
            .expect("no fault")
            .expect("all is set");
        let token = made.value();
        let token = token.as_str().expect("a text");
        let key = jsonwebtoken::DecodingKey::from_secret(b"hush");
        let read = jsonwebtoken::decode::<Value>(
            token,
            &key,
            &jsonwebtoken::Validation::new(Algorithm::HS256),
        );
        let read = read.expect("a good signature");
        assert_eq!(
            (read.claims, read.header.kid, read.header.nonce),
            (
                json!({"sub": "k-1", "exp": 4_102_444_800_i64}),
                Some("k-1".into()),
                Some("6b2d31".into())
            )
        );
        let how = How::Jwt {
            algorithm: Algorithm::ES256,
            key: template("{secret}"),
            kid: None,
            nonce: None,
            claims: template("{}"),
        };
        let fault = Derived {
            name: "jwt".into(),
            how,
        }
        .make(&vars, Wall::default())
        .expect_err("no PEM");
        assert!(
            fault.starts_with("the key is no private key for ES256") && !fault.contains("hush"),
            "{fault}"
        );
    }
}
