//! Tokens that we sign with a key of this machine, for development.

use std::path::Path;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::zeroize::Zeroizing;

use super::{Errand, blocking, token::LARGEST};
use crate::{config::file, profile::Mint, secret::Secret, time::Wall};

/// Signs a token that begins now.
pub(super) async fn mint(mint: &Mint, errand: &Errand) -> Result<Secret, String> {
    let (mint, now) = (mint.clone(), errand.clock.now().wall);
    blocking(move || sign(&mint, now)).await
}

fn sign(mint: &Mint, now: Wall) -> Result<Secret, String> {
    let bytes = file::read(&mint.key, LARGEST).map_err(|error| {
        let fault = error.fault();
        let shown = mint.key.display();
        format!("the key file {shown}: {}; {}", fault.message, fault.help)
    })?;
    let bytes = Zeroizing::new(bytes);
    let key = key(mint.algorithm, &bytes).map_err(|why| wrong(&mint.key, mint.algorithm, &why))?;
    let mut claims = mint.claims.clone();
    let begin = now.seconds();
    let life = i64::try_from(mint.ttl.as_secs()).unwrap_or(i64::MAX);
    claims.insert("iat".into(), begin.into());
    claims.insert("exp".into(), begin.saturating_add(life).into());
    let mut header = Header::new(mint.algorithm);
    header.kid.clone_from(&mint.kid);
    let signed = encode(&header, &claims, &key);
    signed
        .map(Secret::new)
        .map_err(|error| wrong(&mint.key, mint.algorithm, &error.to_string()))
}

fn key(algorithm: Algorithm, bytes: &[u8]) -> Result<EncodingKey, String> {
    let key = match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
            let secret = bytes.trim_ascii();
            if secret.is_empty() {
                return Err("the file is empty".into());
            }
            return Ok(EncodingKey::from_secret(secret));
        }
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(bytes),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(bytes),
        _ => EncodingKey::from_rsa_pem(bytes),
    };
    key.map_err(|error| error.to_string())
}

fn wrong(path: &Path, algorithm: Algorithm, why: &str) -> String {
    format!(
        "the key file {} cannot sign with {algorithm:?}: {why}; give a private key of the right kind as PEM (PKCS #8), \
         or for HS256 and its like the secret itself",
        path.display()
    )
}
