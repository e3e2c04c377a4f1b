//! A secret: a value that can be used but not printed. Its memory is cleared when it is dropped.

use std::fmt;

use secrecy::{
    ExposeSecret, SecretString,
    zeroize::{Zeroize, Zeroizing},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A token or another credential. `Debug` shows nothing of it and there is no `Display`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text over. Its memory is cleared: kept as it is, it might be moved to fit and leave a copy behind.
    pub fn new(text: String) -> Self {
        Self::copy(&Zeroizing::new(text))
    }

    /// Takes bytes over, which are cleared; `None`: they are no UTF-8.
    pub fn from_utf8(bytes: Vec<u8>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes);
        std::str::from_utf8(&bytes).ok().map(Self::copy)
    }

    fn copy(text: &str) -> Self {
        Self(SecretString::from(text))
    }

    /// The text itself. Call it last, where the bytes go to the server the secret belongs to.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What may be shown in its place.
    pub fn fingerprint(&self) -> Fingerprint {
        let digest = Sha256::digest(self.expose().as_bytes());
        Fingerprint([
            digest[0], digest[1], digest[2], digest[3], digest[4], digest[5],
        ])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

/// JSON that holds secrets. Its texts are cleared when it is dropped.
pub struct SecretJson(pub Value);

impl Drop for SecretJson {
    fn drop(&mut self) {
        clear(&mut self.0);
    }
}

fn clear(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(clear),
        Value::Object(members) => members.values_mut().for_each(clear),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The first 48 bits of a secret's SHA-256: enough to tell two tokens apart, useless for anything else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 6]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_printed_holds_the_secret() {
        let secret = Secret::new("hunter2".into());
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        // sha256("hunter2") = f52fbd32b2b3…
        assert_eq!(secret.fingerprint().to_string(), "f52fbd32b2b3");
    }

    #[test]
    fn texts_in_json_are_cleared_at_any_depth() {
        let mut value = serde_json::json!({ "a": ["x", { "b": "y" }], "n": 1 });
        clear(&mut value);
        assert_eq!(value, serde_json::json!({ "a": ["", { "b": "" }], "n": 1 }));
    }
}
