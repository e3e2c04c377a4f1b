//! What tokens say and what becomes of their bearers, in the server's own terms. Signing is done in `keys`.

use std::time::Duration;

use crate::{
    scenario::{Algorithm, Feed, Refusal, Role, Sample},
    secret::Secret,
    time::Wall,
};

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

impl Sample {
    /// What its token says, where it is one.
    pub(super) fn grant(&self, life: Duration) -> Grant {
        Grant {
            subject: self.subject.clone(),
            role: self.role,
            life: self.life.unwrap_or(life),
            age: self.age,
            algorithm: self.algorithm,
        }
    }
}

/// A pair of tokens.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The JWT to connect with.
    pub access: Secret,
    /// Good for one exchange at `POST /refresh`.
    pub refresh: Secret,
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
