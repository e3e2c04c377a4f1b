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
    /// When the access token expires by our clock: what the server said, else what the token says itself, which is by the
    /// issuer's clock.
    fn expires(&self) -> Option<Wall> {
        let stated = || Claims::read(self.access.expose())?.date("exp");
        self.until.or_else(stated)
    }

    /// Whether the access token is good at this time.
    pub fn is_good(&self, now: Wall) -> bool {
        self.expires().is_none_or(|expires| expires > now)
    }
}
