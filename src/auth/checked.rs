//! What somebody who can tell said of a token: whoever has the issuer's keys, or the issuer (RFC 7662).

use crate::{event::Verification, redact::Redactor, time::Wall};

/// What was said of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether it is what it says.
    pub verification: Verification,
    /// When it expires, by the issuer's clock.
    pub expires: Option<Wall>,
    /// Who it is for.
    pub subject: Option<String>,
    /// What it allows.
    pub scopes: Option<String>,
}

impl Checked {
    /// The same without secrets that may be repeated in it.
    #[must_use]
    pub fn redacted(self, redactor: &Redactor) -> Self {
        let clean = |text: String| redactor.text(text);
        let verification = match self.verification {
            Verification::Verified(by) => Verification::Verified(clean(by)),
            Verification::Failed(why) => Verification::Failed(clean(why)),
            Verification::Open(why) => Verification::Open(clean(why)),
        };
        Self {
            verification,
            subject: self.subject.map(clean),
            scopes: self.scopes.map(clean),
            ..self
        }
    }
}

impl From<Verification> for Checked {
    /// Nothing else was said.
    fn from(verification: Verification) -> Self {
        Self {
            verification,
            expires: None,
            subject: None,
            scopes: None,
        }
    }
}
