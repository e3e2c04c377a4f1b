//! What a JWT says of itself (RFC 7519), read without checking its signature: for display and for the countdown only.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::time::Wall;

/// The readable part of a JWT. Nothing in it is verified.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    /// The header (RFC 7515 section 4), always an object.
    pub header: Value,
    /// The claims set, always an object.
    pub claims: Value,
}

impl Claims {
    /// Reads a compact JWS. `None` for anything else: opaque tokens are normal.
    pub fn read(token: &str) -> Option<Self> {
        let mut parts = token.trim().split('.');
        let (header, claims) = (object(parts.next()?)?, object(parts.next()?)?);
        let _signature = parts.next()?;
        parts.next().is_none().then_some(Self { header, claims })
    }

    /// A string claim, such as `sub` or `iss`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A `NumericDate` claim, such as `exp`, `iat` or `nbf`; fractions of a second are dropped (RFC 7519 section 2).
    pub fn date(&self, name: &str) -> Option<Wall> {
        let value = self.claims.get(name)?;
        let seconds = value
            .as_i64()
            .or_else(|| value.as_f64().map(|seconds| seconds as i64))?;
        Some(Wall::from_seconds(seconds))
    }

    /// From when it was issued until it expires, where it states both.
    pub fn life(&self) -> Option<Duration> {
        let micros = self.date("exp")?.micros_since(self.date("iat")?);
        u64::try_from(micros).ok().map(Duration::from_micros)
    }

    /// The signature algorithm the header names, in whatever spelling.
    pub fn algorithm(&self) -> &str {
        self.header
            .get("alg")
            .and_then(Value::as_str)
            .unwrap_or("not stated")
    }

    /// The audience, one or several (RFC 7519 section 4.1.3).
    pub fn audience(&self) -> Vec<&str> {
        match self.claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// What the token allows: `scope` (RFC 8693 section 4.2), `scp`, `roles` or `role`, as one line.
    pub fn scopes(&self) -> Option<String> {
        let value = ["scope", "scp", "roles", "role"]
            .iter()
            .find_map(|name| self.claims.get(*name))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Array(items) => Some(
                items
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
            _ => None,
        }
    }
}

/// The header of an encrypted token (JWE, RFC 7516 section 3.1), of which nothing else can be read.
pub fn encrypted(token: &str) -> Option<Value> {
    let parts: Vec<_> = token.trim().split('.').collect();
    let header = object(parts.first()?)?;
    (parts.len() == 5 && header.get("enc").is_some()).then_some(header)
}

fn object(part: &str) -> Option<Value> {
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(part.trim_end_matches('='))
        .ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, claims: &str) -> String {
        format!(
            "{}.{}.c2ln",
            BASE64_URL_SAFE_NO_PAD.encode(header),
            BASE64_URL_SAFE_NO_PAD.encode(claims)
        )
    }

    #[test]
    fn claims_are_read_whatever_the_algorithm() {
        let token = token(
            r#"{"alg":"none"}"#,
            r#"{"sub":"alice","exp":1795521824.9,"aud":["a","b"],"scope":"read"}"#,
        );
        let claims = Claims::read(&format!(" {token}\n")).expect("a JWT");
        assert_eq!(
            (claims.text("sub"), claims.algorithm()),
            (Some("alice"), "none")
        );
        assert_eq!(claims.date("exp"), Some(Wall::from_seconds(1_795_521_824)));
        assert_eq!(
            (claims.audience(), claims.scopes()),
            (vec!["a", "b"], Some("read".into()))
        );
    }

    #[test]
    fn opaque_tokens_are_none() {
        for opaque in [
            "",
            "abc",
            "a.b.c",
            "a.b.c.d.e",
            "W10.W10.W10",
            "sk-live-123.456",
        ] {
            assert_eq!(Claims::read(opaque), None, "{opaque}");
        }
    }
}
