//! Derived values: times and signatures, made anew before each login.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac};
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
    /// RFC 4648 section 8, small letters.
    Hex,
}

impl Derived {
    /// Makes the value, by the server's clock.
    pub fn make(&self, vars: &Vars, now: Wall) -> Bound {
        match &self.how {
            How::Now(clock, plus) => clock
                .read(now.shifted(i64::try_from(plus.as_micros()).unwrap_or(i64::MAX)))
                .into(),
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
        }
    }
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
            Self::Hex => unhex(text),
        };
        decoded.unwrap_or_else(|| text.as_bytes().to_vec())
    }

    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Text => String::from_utf8_lossy(bytes).into_owned(),
            Self::Base64 => BASE64_STANDARD.encode(bytes),
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
        Derived {
            name: "s".into(),
            how,
        }
        .make(&vars, Wall::default())
        .value()
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
}
