//! A credential: the token, where it came from, and what is known of its life.

use crate::{
    auth::Claims,
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
    /// Whether it is good for one link alone.
    pub once: bool,
    /// What it says of itself when it is a JWT. Not verified.
    pub claims: Option<Claims>,
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
            once: false,
            claims: Claims::read(token),
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

    /// When it expires: by the issuer's clock if it says so itself, else by ours as its source said.
    pub fn expires(&self) -> Option<Wall> {
        let claims = self.claims.as_ref();
        claims.and_then(|claims| claims.date("exp")).or(self.until)
    }

    /// What may be shown.
    pub fn facts(&self, renews_itself: bool) -> CredentialFacts {
        let claims = self.claims.as_ref();
        CredentialFacts {
            source: self.source.clone(),
            fingerprint: self.fingerprint(),
            subject: claims
                .and_then(|claims| claims.text("sub"))
                .map(str::to_owned),
            issued: claims.and_then(|claims| claims.date("iat")),
            expires: self.expires(),
            renews_itself,
        }
    }
}
