//! The secrets that a session has used: they are taken out of whatever the server repeats, long after they were replaced.

use super::machine::Session;
use crate::{
    auth::Credential,
    event::EventKind,
    event::OpenFacts,
    message::{Class, Direction, Message},
    redact::Redactor,
    secret::Secret,
    time::Now,
};
use std::borrow::Cow;

/// Tokens that were replaced are forgotten when there are more than these.
const MOST: usize = 8;

/// Knows the secrets of a session.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// What the profile gives to the dialect.
    given: Vec<Secret>,
    /// The tokens, the newest last.
    tokens: Vec<Secret>,
    pub(super) redactor: Redactor,
}

impl Guard {
    /// Knows the secrets that the profile gives.
    pub(super) fn new(given: impl Iterator<Item = Secret>) -> Self {
        let given: Vec<_> = given.collect();
        Self {
            redactor: Redactor::new(&given),
            given,
            tokens: Vec::new(),
        }
    }

    /// Knows a token, before it is used.
    pub(super) fn know(&mut self, credential: &Credential) {
        let secret = &credential.secret;
        if self.tokens.contains(secret) {
            return;
        }
        if self.tokens.len() == MOST {
            self.tokens.remove(0);
        }
        self.tokens.push(secret.clone());
        self.redactor = Redactor::new(self.given.iter().chain(&self.tokens));
    }

    /// The message without what is secret.
    #[inline]
    pub(super) fn message(&self, message: Message) -> Message {
        match self.redactor.bytes(&message.data) {
            Cow::Borrowed(_) => message,
            Cow::Owned(data) => Message {
                data: data.into(),
                ..message
            },
        }
    }

    /// What the server said when the link was opened, without what is secret.
    pub(super) fn facts(&self, facts: OpenFacts) -> OpenFacts {
        let clean = |text: String| self.redactor.text(text);
        OpenFacts {
            subprotocol: facts.subprotocol.map(clean),
            warnings: facts.warnings.into_iter().map(clean).collect(),
            ..facts
        }
    }
}

impl Session {
    /// Shows a message without what is secret.
    #[inline]
    pub(super) fn show(&mut self, direction: Direction, class: Class, message: Message, now: Now) {
        let message = self.guard.message(message);
        self.event(EventKind::Message(direction, class, message), now);
    }
}
