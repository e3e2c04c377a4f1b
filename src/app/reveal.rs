//! What looks like a secret is masked where payloads are shown, but for the one event that the user wants to see.

use std::borrow::Cow;

use super::App;
use crate::{
    payload::mask::masked,
    store::{Body, Seq},
};

impl App {
    /// The payload of an event as it is shown.
    pub fn shown_of<'d>(&self, seq: Seq, data: &'d [u8]) -> Cow<'d, [u8]> {
        if self.reveals(seq) {
            Cow::Borrowed(data)
        } else {
            masked(data)
        }
    }

    /// Whether nothing is masked in an event.
    pub(super) fn reveals(&self, seq: Seq) -> bool {
        self.revealed == Some(seq)
    }

    /// Shows the chosen event as it is, or masked again.
    pub(super) fn toggle_reveal(&mut self) {
        let Some(chosen) = self.list.cursor() else {
            return self
                .tell("choose an event first: what looks like a secret in it is shown then");
        };
        if !self.hides_something(chosen) {
            return self.tell("nothing in this event looks like a secret");
        }
        self.revealed = Some(chosen).filter(|_| self.revealed != Some(chosen));
    }

    /// Whether something in an event looks like a secret.
    pub(super) fn hides_something(&self, seq: Seq) -> bool {
        if let Some(secret) = self.detail.has_secret(seq) {
            return secret;
        }
        let body = self.store.row(seq).map(|row| row.body);
        matches!(body, Some(Body::Message { data, .. }) if matches!(masked(data), Cow::Owned(_)))
    }

    /// Another event is chosen: the one before is masked again.
    pub(super) fn settle_reveal(&mut self) {
        self.revealed = self.revealed.filter(|seq| self.list.cursor() == Some(*seq));
    }
}
