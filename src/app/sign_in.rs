//! The sign-in dialog: a masked line, and what the token in it says before it is submitted.

use super::{SecretLine, inspect};
use crate::{
    auth::{Claims, Credential},
    event::{StreamId, Verification},
    secret::{Fingerprint, Secret},
};

/// The dialog's state.
pub struct SignIn {
    /// The stream it is for.
    pub stream: StreamId,
    line: SecretLine,
    claims: Option<Claims>,
    fingerprint: Option<Fingerprint>,
    /// For which stream the token in the line is being verified, or was.
    asked: Option<StreamId>,
    verification: Option<Verification>,
    /// The demo token that was asked for, by its place in the menu.
    pub sample: Option<usize>,
}

impl SignIn {
    /// An empty dialog.
    pub fn new(stream: StreamId) -> Self {
        Self {
            stream,
            line: SecretLine::default(),
            claims: None,
            fingerprint: None,
            asked: None,
            verification: None,
            sample: None,
        }
    }

    /// Takes typed or pasted text in.
    pub fn push(&mut self, text: &str) {
        self.line.push(text);
        self.look();
    }

    /// Takes the last character back.
    pub fn erase(&mut self) {
        self.line.erase();
        self.look();
    }

    /// Empties the line.
    pub fn clear(&mut self) {
        self.line.clear();
        self.look();
    }

    fn look(&mut self) {
        let token = self.line.token();
        self.claims = Claims::read(token);
        self.fingerprint = (!token.is_empty()).then(|| Secret::new(token.to_owned()).fingerprint());
        (self.asked, self.verification) = (None, None);
    }

    /// The token that is to be verified now: a JWT that has not been for this stream. Others are only verified where they
    /// are used, as each would have to be sent away.
    pub(super) fn unasked(&mut self) -> Option<Credential> {
        self.claims.as_ref()?;
        if self.asked == Some(self.stream) {
            return None;
        }
        (self.asked, self.verification) = (Some(self.stream), None);
        self.credential()
    }

    /// It is known whether a token is what it says.
    pub(super) fn verified(&mut self, token: Fingerprint, verification: Verification) {
        if self.fingerprint == Some(token) {
            self.verification = Some(verification);
        }
    }

    /// Whether the token in the line is what it says; `None`: not known yet, or nobody is asked.
    pub fn verification(&self) -> Option<&Verification> {
        self.verification.as_ref()
    }

    /// What the token says of itself.
    pub fn claims(&self) -> Option<&Claims> {
        self.claims.as_ref()
    }

    /// To tell the token from others; `None` while the line is empty.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    /// Characters entered.
    pub fn count(&self) -> usize {
        self.line.count()
    }

    /// Why the line cannot be submitted, if it cannot.
    pub fn fault(&self) -> Option<&'static str> {
        inspect::fault(self.line.token())
    }

    /// The credential, when there is one that can be submitted.
    pub fn credential(&self) -> Option<Credential> {
        if self.count() == 0 || self.fault().is_some() {
            return None;
        }
        let mut credential = Credential::new(self.line.token(), "the sign-in dialog");
        credential.pasted = true;
        Some(credential)
    }
}
