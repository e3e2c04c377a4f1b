//! Signatures with a private key.

use jsonwebtoken::{Algorithm, EncodingKey};
use nkeys::KeyPair;
use secrecy::zeroize::Zeroizing;

use super::Coding;

/// The form of a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// PEM (RFC 7468).
    Pem,
    /// The seed of a NATS key, Ed25519 only: `SU…`.
    Nkey,
}

impl KeyForm {
    /// Their words in dialect files.
    pub const WORDS: [(&str, Self); 2] = [("pem", Self::Pem), ("nkey", Self::Nkey)];

    /// The signature of a text; for ECDSA both numbers one after the other (RFC 7518 section 3.4).
    ///
    /// # Errors
    /// What is wrong with the key.
    pub fn sign(self, algorithm: Algorithm, key: &str, text: &[u8]) -> Result<Vec<u8>, String> {
        if self == Self::Nkey {
            let signed = seed(key)?.sign(text);
            return signed.map_err(|error| error.to_string());
        }
        let key = encoding_key(algorithm, key)?;
        let signed = jsonwebtoken::crypto::sign(text, &key, algorithm);
        let signed = signed.map_err(|error| error.to_string())?;
        Coding::Base64Url
            .decode(&signed)
            .ok_or_else(|| "the signature is no base64url".into())
    }
}

/// The public key of a seed: `U…` for a user.
pub(super) fn nkey(seed_text: &str) -> Result<String, String> {
    Ok(seed(seed_text)?.public_key())
}

fn seed(text: &str) -> Result<KeyPair, String> {
    KeyPair::from_seed(text.trim()).map_err(|error| format!("the key is no NKey seed: {error}"))
}

/// The key for an algorithm: PEM, or for HMAC the text itself.
pub(super) fn encoding_key(algorithm: Algorithm, text: &str) -> Result<EncodingKey, String> {
    let key = match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
            return Ok(EncodingKey::from_secret(text.as_bytes()));
        }
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(pem(text).as_bytes()),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(pem(text).as_bytes()),
        _ => EncodingKey::from_rsa_pem(pem(text).as_bytes()),
    };
    key.map_err(|error| format!("the key is no private key for {algorithm:?}: {error}"))
}

/// PEM with its line breaks: what comes from an environment variable often has them escaped, and templates drop them.
fn pem(text: &str) -> Zeroizing<String> {
    let text = Zeroizing::new(text.replace("\\n", ""));
    let parts: Vec<_> = text.split("-----").collect();
    match parts[..] {
        [_, begin, body, end, _] => {
            let mut whole = String::with_capacity(text.len() + 4);
            whole.extend(["-----", begin, "-----\n"]);
            whole.extend(body.split_whitespace());
            whole.extend(["\n-----", end, "-----\n"]);
            Zeroizing::new(whole)
        }
        _ => text,
    }
}
