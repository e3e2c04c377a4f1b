//! Derived values: times, digests, signatures, tokens and composed texts, made anew before each message of a login and
//! each subscription.

mod coding;
mod hash;
mod sign;
mod sigv4;

use std::time::Duration;

use jsonwebtoken::{Algorithm, Header};
use secrecy::zeroize::Zeroizing;
use serde_json::Value;

use super::{
    only::Only,
    template::Template,
    vars::{Bound, Vars},
};
use crate::{secret::Secret, time::Wall};

pub use coding::Coding;
pub(super) use coding::hex;
pub use hash::Hash;
pub use sign::KeyForm;
pub use sigv4::{Part, SigV4};

/// A variable and how it is made. Where several bear one name, the first that can be made counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Derived {
    /// The variable.
    pub name: String,
    /// How it is made.
    pub how: How,
    /// On which condition.
    pub only: Only,
}

/// How a value is made.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// The server's time, and so much later.
    Now(Clock, Duration),
    /// A whole number, and so much more.
    Sum(Template, u64),
    /// A digest (FIPS 180-4).
    Hash {
        /// The hash.
        hash: Hash,
        /// What it is of.
        text: Template,
        /// What the digest is written in.
        into: Coding,
    },
    /// A signature with a shared secret (RFC 2104).
    Hmac {
        /// The hash.
        hash: Hash,
        /// The key.
        key: Template,
        /// What the key is written in.
        key_is: Coding,
        /// What is signed.
        text: Template,
        /// What that is written in.
        text_is: Coding,
        /// What the signature is written in.
        into: Coding,
    },
    /// A signature with a private key.
    Sign {
        /// The algorithm (RFC 7518 section 3.1), none with a shared secret.
        algorithm: Algorithm,
        /// The key.
        key: Template,
        /// The form of the key.
        key_is: KeyForm,
        /// What is signed.
        text: Template,
        /// What that is written in.
        text_is: Coding,
        /// What the signature is written in.
        into: Coding,
    },
    /// The public key of an `NKey` seed.
    Nkey(Template),
    /// A text made of variables.
    Text {
        /// The text.
        text: Template,
        /// Only what stands behind this …
        after: Option<String>,
        /// … and before this.
        before: Option<String>,
        /// What it is written in.
        into: Coding,
    },
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
    /// A request signed for AWS.
    SigV4(Box<SigV4>),
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

impl Derived {
    /// Makes the value, by the server's clock; `None` while a variable that it wants is not set.
    ///
    /// # Errors
    /// Why it cannot be made, without the secret.
    pub fn make(&self, vars: &Vars, now: Wall) -> Result<Option<Bound>, String> {
        let wanted = self.how.wants();
        if !self.only.holds(vars) || !wanted.iter().all(|wanted| wanted.is_ready(vars)) {
            return Ok(None);
        }
        let made = self.how.make(vars, now);
        made.map(Some)
            .map_err(|why| format!("'{}' cannot be made: {why}", self.name))
    }

    /// The names of the variables it uses.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.how.templates().into_iter().flat_map(Template::names)
    }
}

impl How {
    /// What must be set before it can be made.
    fn wants(&self) -> Vec<&Template> {
        match self {
            Self::Now(..) => Vec::new(),
            Self::Sum(text, _)
            | Self::Hash { text, .. }
            | Self::Text { text, .. }
            | Self::Nkey(text) => vec![text],
            Self::Hmac { key, text, .. } | Self::Sign { key, text, .. } => vec![key, text],
            Self::Jwt {
                key,
                kid,
                nonce,
                claims,
                ..
            } => [Some(key), kid.as_ref(), nonce.as_ref(), Some(claims)]
                .into_iter()
                .flatten()
                .collect(),
            Self::SigV4(request) => request.wants(),
        }
    }

    /// All that is filled in.
    fn templates(&self) -> Vec<&Template> {
        let mut all = self.wants();
        if let Self::SigV4(request) = self {
            all.extend(&request.session);
        }
        all
    }

    fn make(&self, vars: &Vars, now: Wall) -> Result<Bound, String> {
        Ok(match self {
            Self::Now(clock, plus) => {
                let plus = i64::try_from(plus.as_micros()).unwrap_or(i64::MAX);
                clock.read(now.shifted(plus)).into()
            }
            Self::Sum(text, plus) => Bound::Plain(sum(text, *plus, vars)?.into()),
            Self::Hash { hash, text, into } => {
                let filled = text.fill(vars);
                let digest = hash.digest(filled.expose().expose().as_bytes());
                bound(into.encode(&digest), filled.is_secret())
            }
            Self::Hmac {
                hash,
                key,
                key_is,
                text,
                text_is,
                into,
            } => {
                let key = bytes(key, *key_is, "the key", vars)?;
                let text = bytes(text, *text_is, "the text", vars)?;
                // A signature is as good as a password for as long as it holds.
                bound(into.encode(&hash.sign(&key, &text)), true)
            }
            Self::Sign {
                algorithm,
                key,
                key_is,
                text,
                text_is,
                into,
            } => {
                let text = bytes(text, *text_is, "the text", vars)?;
                let key = key.fill(vars).expose();
                let signature = key_is.sign(*algorithm, key.expose(), &text)?;
                bound(into.encode(&signature), true)
            }
            Self::Nkey(seed) => bound(sign::nkey(seed.fill(vars).expose().expose())?, false),
            Self::Text {
                text,
                after,
                before,
                into,
            } => {
                let filled = text.fill(vars);
                let whole = filled.expose();
                let text = cut(whole.expose(), after.as_deref(), before.as_deref())?;
                bound(into.encode(text.as_bytes()), filled.is_secret())
            }
            Self::Jwt {
                algorithm,
                key,
                kid,
                nonce,
                claims,
            } => {
                let header = header(*algorithm, kid.as_ref(), nonce.as_ref(), vars);
                bound(jwt(&header, key, claims, vars)?, true)
            }
            Self::SigV4(request) => bound(request.sign(vars, now)?, true),
        })
    }
}

/// The number that a text is, and so much more.
fn sum(text: &Template, plus: u64, vars: &Vars) -> Result<u64, String> {
    let number = text.fill(vars).expose();
    let number: Option<u64> = number.expose().trim().parse().ok();
    let sum = number.and_then(|number| number.checked_add(plus));
    sum.ok_or_else(|| "this is no whole number to which something can be added".to_owned())
}

fn bound(text: String, secret: bool) -> Bound {
    if secret {
        Bound::Secret(Secret::new(text))
    } else {
        Bound::Plain(text.into())
    }
}

/// A filled template as the bytes that it means.
fn bytes(
    template: &Template,
    is: Coding,
    what: &str,
    vars: &Vars,
) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = template.fill(vars).expose();
    let bytes = is.decode(text.expose());
    bytes
        .map(Zeroizing::new)
        .ok_or_else(|| format!("{what} is no {}", is.word()))
}

/// What stands between two marks.
fn cut<'t>(text: &'t str, after: Option<&str>, before: Option<&str>) -> Result<&'t str, String> {
    let missing = |mark: &str| format!("there is no '{mark}' in it");
    let text = match after {
        None => text,
        Some(mark) => text.split_once(mark).ok_or_else(|| missing(mark))?.1,
    };
    match before {
        None => Ok(text),
        Some(mark) => Ok(text.split_once(mark).ok_or_else(|| missing(mark))?.0),
    }
}

fn header(
    algorithm: Algorithm,
    kid: Option<&Template>,
    nonce: Option<&Template>,
    vars: &Vars,
) -> Header {
    Header {
        kid: kid.map(|kid| kid.fill(vars).shown()),
        nonce: nonce.map(|nonce| nonce.fill(vars).shown()),
        ..Header::new(algorithm)
    }
}

fn jwt(header: &Header, key: &Template, claims: &Template, vars: &Vars) -> Result<String, String> {
    let key = sign::encoding_key(header.alg, key.fill(vars).expose().expose())?;
    let claims = claims.fill(vars).expose();
    let claims: Value = serde_json::from_str(claims.expose())
        .map_err(|error| format!("the claims are no JSON: {error}"))?;
    jsonwebtoken::encode(header, &claims, &key).map_err(|error| error.to_string())
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made_by(how: How) -> Derived {
        Derived {
            name: "v".into(),
            how,
            only: Only::default(),
        }
    }

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
            text_is: Coding::Text,
            into,
        };
        let derived = made_by(how);
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
            made_by(How::Now(clock, plus))
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
        let derived = made_by(how);
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
        let fault = made_by(how)
            .make(&vars, Wall::default())
            .expect_err("no PEM");
        assert!(
            fault.starts_with("'v' cannot be made: the key is no private key for ES256")
                && !fault.contains("hush"),
            "{fault}"
        );
    }
}
