//! Which events a list shows, kept up to date in slices, so that no search ever stops the screen.

use std::collections::VecDeque;

use super::{Query, Row, Seq, Store};
use crate::event::StreamId;

/// What a list shows: all of some streams, and of those only what contains a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// One stream; `None`: all.
    pub stream: Option<StreamId>,
    /// The text.
    pub query: Option<Query>,
}

impl Selection {
    fn is_everything(&self) -> bool {
        self.stream.is_none() && self.query.is_none()
    }

    fn holds(&self, row: &Row<'_>) -> bool {
        self.stream.is_none_or(|stream| stream == row.stream)
            && self.query.as_ref().is_none_or(|query| query.matches(row))
    }
}

/// The events that a selection holds, oldest first. Everything costs nothing; else each event is looked at once.
#[derive(Debug, Default)]
pub struct Listing {
    selection: Selection,
    hits: VecDeque<u64>,
    /// What is kept in the store, as of the last [`Listing::advance`].
    first: u64,
    /// The first event that was not looked at.
    next: u64,
}

impl Listing {
    /// A list that is still empty.
    pub fn new(selection: Selection) -> Self {
        Self {
            selection,
            ..Self::default()
        }
    }

    /// Looks at so many events at most and forgets those that are gone; returns whether there is more to look at.
    pub fn advance(&mut self, store: &Store, limit: usize) -> bool {
        self.first = store.first().0;
        let end = store.end().0;
        self.next = self.next.max(self.first);
        if self.selection.is_everything() {
            self.next = end;
            return false;
        }
        let gone = self.hits.partition_point(|hit| *hit < self.first);
        self.hits.drain(..gone);
        let stop = end.min(self.next.saturating_add(limit as u64));
        for seq in self.next..stop {
            if store
                .row(Seq(seq))
                .is_some_and(|row| self.selection.holds(&row))
            {
                self.hits.push_back(seq);
            }
        }
        self.next = stop;
        stop < end
    }

    /// How many events it holds so far.
    pub fn len(&self) -> usize {
        if self.selection.is_everything() {
            (self.next - self.first) as usize
        } else {
            self.hits.len()
        }
    }

    /// Whether it holds none so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The event at a place in the list.
    pub fn seq(&self, index: usize) -> Option<Seq> {
        if self.selection.is_everything() {
            return (index < self.len()).then_some(Seq(self.first + index as u64));
        }
        self.hits.get(index).map(|seq| Seq(*seq))
    }

    /// The place of an event.
    pub fn index_of(&self, seq: Seq) -> Option<usize> {
        let index = self.nearest(seq);
        (self.seq(index) == Some(seq)).then_some(index)
    }

    /// The place of the first event that is not before this one; the last place when all are before it.
    pub fn nearest(&self, seq: Seq) -> usize {
        let place = if self.selection.is_everything() {
            seq.0.saturating_sub(self.first) as usize
        } else {
            self.hits.partition_point(|hit| *hit < seq.0)
        };
        place.min(self.len().saturating_sub(1))
    }
}
