//! A credential: the token, where it came from, and what is known of its life.

use crate::{
    auth::{Checked, Claims},
    event::CredentialFacts,
    secret::{Fingerprint, Secret},
    time::Wall,
};

/// What a profile authenticates with.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    /// The token.
    pub secret: Secret,
    /// Where it came from, in words: `environment variable ORDERS_TOKEN`.
    pub source: String,
    /// Whether it was typed or pasted by the user, who may want it stored.
    pub pasted: bool,
    /// When it expires, if its source said so.
    pub until: Option<Wall>,
    /// How far its issuer's clock is ahead of ours, in microseconds, where it was issued just now and tells it.
    pub skew: Option<i64>,
    /// Whether it is good for one link alone.
    pub once: bool,
    /// What it says of itself when it is a JWT.
    pub claims: Option<Claims>,
    /// What whoever can tell said of it; `None`: not known yet, or nobody is asked.
    pub checked: Option<Box<Checked>>,
}

impl Credential {
    /// A token from a source. White space around it, as files and pastes have, is cut off.
    pub fn new(token: &str, source: impl Into<String>) -> Self {
        let token = token.trim();
        Self {
            secret: Secret::new(token.to_owned()),
            source: source.into(),
            pasted: false,
            until: None,
            skew: None,
            once: false,
            claims: Claims::read(token),
            checked: None,
        }
    }

    /// The same, with what its source says of its end.
    pub fn until(mut self, until: Option<Wall>) -> Self {
        self.until = until;
        self
    }

    /// The same, good for one link alone.
    pub fn for_one_link(mut self) -> Self {
        self.once = true;
        self
    }

    /// To tell it from others.
    pub fn fingerprint(&self) -> Fingerprint {
        self.secret.fingerprint()
    }

    /// When it expires: by the issuer's clock if it or the issuer says so, else by ours as its source said.
    pub fn expires(&self) -> Option<Wall> {
        let claims = self.claims.as_ref();
        let stated = claims.and_then(|claims| claims.date("exp"));
        let told = || self.checked.as_ref()?.expires;
        stated.or_else(told).or(self.until)
    }

    fn subject(&self) -> Option<String> {
        let stated = self.claims.as_ref().and_then(|claims| claims.text("sub"));
        let told = || self.checked.as_ref()?.subject.as_deref();
        stated.or_else(told).map(str::to_owned)
    }

    /// What may be shown.
    pub fn facts(&self, renews_itself: bool) -> CredentialFacts {
        let claims = self.claims.as_ref();
        CredentialFacts {
            source: self.source.clone(),
            fingerprint: self.fingerprint(),
            subject: self.subject(),
            scopes: self.checked.as_ref().and_then(|told| told.scopes.clone()),
            issued: claims.and_then(|claims| claims.date("iat")),
            expires: self.expires(),
            skew: self.skew,
            renews_itself,
            verification: self.checked.as_ref().map(|told| told.verification.clone()),
        }
    }
}
