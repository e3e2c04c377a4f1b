//! Digests, and signatures with a shared secret.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A hash (FIPS 180-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// Their words in dialect files.
    pub const WORDS: [(&str, Self); 3] = [
        ("sha256", Self::Sha256),
        ("sha384", Self::Sha384),
        ("sha512", Self::Sha512),
    ];

    /// The digest of a text.
    pub fn digest(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha384 => Sha384::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }

    /// The HMAC of a text (RFC 2104).
    pub fn sign(self, key: &[u8], text: &[u8]) -> Vec<u8> {
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
