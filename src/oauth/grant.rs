//! What an authorisation server granted.

use crate::{auth::Claims, secret::Secret, time::Wall};

/// Tokens of a grant, as they are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Granted {
    /// What it was granted for: see [`crate::profile::OAuth::granted_for`].
    pub what: String,
    /// The access token.
    pub access: Secret,
    /// When the access token expires by our clock, if the server said so.
    pub until: Option<Wall>,
    /// The refresh token.
    pub refresh: Option<Secret>,
    /// How far the issuer's clock is ahead of ours, in microseconds, where the access token was issued just now and tells
    /// it: see [`super::skew`].
    pub skew: Option<i64>,
}

impl Granted {
    /// When the access token expires: what it says itself, else what the server said.
    pub fn expires(&self) -> Option<Wall> {
        let claims = Claims::read(self.access.expose());
        claims.and_then(|claims| claims.date("exp")).or(self.until)
    }

    /// Whether the access token is good at this time.
    pub fn is_good(&self, now: Wall) -> bool {
        self.expires().is_none_or(|expires| expires > now)
    }
}
