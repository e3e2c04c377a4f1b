//! What tokens say and what becomes of their bearers, in the server's own terms. Signing is done in `keys`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Feed;
use crate::{secret::Secret, time::Wall};

/// How a token is signed (RFC 7518 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    #[default]
    #[serde(rename = "HS256")]
    Hs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

/// What its bearer may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    #[default]
    Operator,
    /// Orders and prices.
    Viewer,
    /// Nothing.
    Guest,
}

impl Role {
    const fn sees(self, feed: Feed) -> bool {
        match self {
            Self::Operator => true,
            Self::Viewer => matches!(feed, Feed::Orders | Feed::Prices),
            Self::Guest => false,
        }
    }
}

/// What a token is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The user.
    pub subject: String,
    /// What the user may see.
    pub role: Role,
    /// From issue to expiry; whole seconds count.
    pub life: Duration,
    /// How long ago it was issued; whole seconds count. Older than its life: an expired token.
    pub age: Duration,
    /// How it is signed.
    pub algorithm: Algorithm,
}

/// A pair of tokens.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The JWT to connect with.
    pub access: Secret,
    /// Good for one exchange at `POST /refresh`.
    pub refresh: Secret,
}

/// Why a token does not let its bearer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Refusal {
    Missing,
    Invalid,
    Expired,
    Revoked,
    Forbidden,
}

impl Refusal {
    /// The close code and reason: 1008, 4001 and 4003 as the guide for WebSocket authentication assigns them.
    pub(super) const fn close(self) -> (u16, &'static str) {
        match self {
            Self::Missing => (1008, "Missing token"),
            Self::Invalid => (1008, "Invalid token"),
            Self::Revoked => (1008, "Token revoked"),
            Self::Expired => (4001, "Token expired"),
            Self::Forbidden => (4003, "Role not allowed"),
        }
    }
}

/// What is known of a bearer who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bearer {
    pub(super) subject: String,
    pub(super) role: Role,
    pub(super) expires: Wall,
    /// The token's `jti`: unique.
    pub(super) token: String,
}

impl Bearer {
    pub(super) const fn may_see(&self, feed: Feed) -> bool {
        self.role.sees(feed)
    }
}
