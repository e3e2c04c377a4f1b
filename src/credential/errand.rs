//! What a source is told besides the profile.

use std::collections::BTreeSet;

use tokio::sync::mpsc::UnboundedSender;

use crate::{clock::Clock, secret::Fingerprint};

/// What a source is told besides the profile.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The clocks.
    pub clock: Clock,
    /// Tokens that are not wanted: refused by the server, or in use and to be replaced.
    pub unwanted: BTreeSet<Fingerprint>,
    /// Where words for the user go meanwhile.
    pub notes: Option<UnboundedSender<String>>,
}

impl Errand {
    /// An errand on which nothing is unwanted and nobody listens.
    pub const fn new(clock: Clock) -> Self {
        Self {
            clock,
            unwanted: BTreeSet::new(),
            notes: None,
        }
    }

    /// Tells the user something.
    pub(super) fn say(&self, text: impl Into<String>) {
        if let Some(notes) = &self.notes {
            // Whoever does not listen any more needs no words.
            let _ = notes.send(text.into());
        }
    }
}
