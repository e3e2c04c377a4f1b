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
use std::{borrow::Cow, sync::Arc};

/// Tokens and tickets that were replaced are forgotten when there are more of either than these.
const MOST: usize = 8;

/// Knows the secrets of a session.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// What the profile gives to the dialect.
    given: Vec<Secret>,
    /// The tokens, the newest last.
    tokens: Vec<Secret>,
    /// What the server gave as a secret, the newest last.
    taken: Vec<Secret>,
    pub(super) redactor: Arc<Redactor>,
}

impl Guard {
    /// Knows the secrets that the profile gives.
    pub(super) fn new(given: impl Iterator<Item = Secret>) -> Self {
        let given: Vec<_> = given.collect();
        Self {
            redactor: Redactor::new(&given).into(),
            given,
            tokens: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Knows a token, before it is used.
    pub(super) fn know(&mut self, credential: &Credential) {
        if remember(&mut self.tokens, &credential.secret) {
            self.renew();
        }
    }

    /// Knows a ticket or signature that an answer gave, before it is used.
    pub(super) fn know_secret(&mut self, secret: &Secret) {
        if remember(&mut self.taken, secret) {
            self.renew();
        }
    }

    fn renew(&mut self) {
        let all = self.given.iter().chain(&self.tokens).chain(&self.taken);
        self.redactor = Redactor::new(all).into();
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

/// Puts a secret behind the others, and forgets the oldest where there are too many; whether it is new.
fn remember(known: &mut Vec<Secret>, secret: &Secret) -> bool {
    if known.contains(secret) {
        return false;
    }
    if known.len() == MOST {
        known.remove(0);
    }
    known.push(secret.clone());
    true
}

impl Session {
    /// Takes the secrets that it uses, and has used of late, out of texts. It is another one when they are others.
    pub const fn secrets(&self) -> &Arc<Redactor> {
        &self.guard.redactor
    }

    /// Shows a message without what is secret.
    #[inline]
    pub(super) fn show(&mut self, direction: Direction, class: Class, message: Message, now: Now) {
        let message = self.guard.message(message);
        self.event(EventKind::Message(direction, class, message), now);
    }
}
