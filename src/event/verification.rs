//! Whether a token is what it says: told by its issuer's keys, or by its issuer.

use std::fmt;

/// What became of verifying a token. Texts may come from outside: show them escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It is what it says; by whom, in words: `id.example.com (key k-1, RS256)`.
    Verified(String),
    /// It is not, and why.
    Failed(String),
    /// Nobody could tell, and why.
    Open(String),
}

impl Verification {
    /// One word for it, where there is room for one alone.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Verified(_) => "verified",
            Self::Failed(_) | Self::Open(_) => "unverified",
        }
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified(by) => write!(f, "verified by {by}"),
            Self::Failed(why) | Self::Open(why) => write!(f, "unverified: {why}"),
        }
    }
}
