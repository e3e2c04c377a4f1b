//! Events the user marked, to come back to and to measure from.

use std::collections::BTreeSet;

use crate::store::Seq;

/// The marks, by event; there are never more than events.
#[derive(Clone, Debug, Default)]
pub struct Marks(BTreeSet<Seq>);

impl Marks {
    /// Marks an event, or no longer. Returns whether it is marked now.
    pub fn toggle(&mut self, seq: Seq) -> bool {
        !self.0.remove(&seq) && self.0.insert(seq)
    }

    /// Whether an event is marked.
    pub fn has(&self, seq: Seq) -> bool {
        self.0.contains(&seq)
    }

    /// The last mark up to an event, the event included: what times are measured from.
    pub fn up_to(&self, seq: Seq) -> Option<Seq> {
        self.0.range(..=seq).next_back().copied()
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every marked event, the oldest first.
    pub(in crate::app) fn iter(&self) -> impl ExactSizeIterator<Item = Seq> {
        self.0.iter().copied()
    }

    /// Marks after an event, or before it, the nearest first. From no event, all are before.
    pub(super) fn beside(&self, from: Option<Seq>, forward: bool) -> impl Iterator<Item = Seq> {
        let from = from.unwrap_or(Seq(u64::MAX));
        let after = self.0.iter().filter(move |seq| forward && **seq > from);
        let before = self.0.iter().rev();
        let before = before.filter(move |seq| !forward && **seq < from);
        after.chain(before).copied()
    }

    /// Forgets the marks before an event.
    pub(super) fn forget(&mut self, first: Seq) {
        if self.0.first().is_some_and(|seq| *seq < first) {
            self.0 = self.0.split_off(&first);
        }
    }
}
