//! Which events a list shows, found in slices, so that no list ever holds the screen up.

use std::{collections::VecDeque, ops::Range};

use super::{Query, Seq, Store, segment::Entry};
use crate::{event::StreamId, message::Class};

/// Which events a list shows: those of one stream or of all, and of these the ones with a text in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The stream; `None`: all.
    pub stream: Option<StreamId>,
    /// The text, searched in payloads and in the wording of lifecycle events.
    pub query: Option<Query>,
    /// Whether heartbeats are left out.
    pub folded: bool,
}

/// The events a selection holds. The newest are looked at first, so a place in it is good until the next
/// [`Listing::advance`]; remember a [`Seq`] to find an event again. A selection of everything costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    selection: Selection,
    /// What the store held when it was last looked at.
    held: Span,
    /// What was looked at; grows in both directions. `None` before the first look.
    seen: Option<Span>,
    /// The low half of each arrival number found, rising. The store never holds so many that it is ambiguous.
    found: VecDeque<u32>,
}

/// From a number to before another.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    start: u64,
    end: u64,
}

impl Listing {
    /// A list of what the selection holds, empty until it is advanced.
    pub fn new(selection: Selection) -> Self {
        Self {
            selection,
            ..Self::default()
        }
    }

    /// Looks at `limit` events at most, new ones and those not yet looked at, and forgets those let go. Returns whether
    /// there is more to look at.
    pub fn advance(&mut self, store: &Store, limit: usize) -> bool {
        self.held = Span {
            start: store.first().0,
            end: store.end().0,
        };
        if self.is_whole() {
            return false;
        }
        let mut seen = self.seen.unwrap_or(Span {
            start: self.held.end,
            end: self.held.end,
        });
        self.forget(&mut seen);
        let limit = limit as u64;
        let older = seen.start - self.held.start;
        let newer = (self.held.end - seen.end).min(limit - older.min(limit / 2));
        let older = older.min(limit - newer);
        self.look_forward(store, seen.end..seen.end + newer);
        self.look_back(store, seen.start - older..seen.start);
        seen.end += newer;
        seen.start -= older;
        self.seen = Some(seen);
        seen.start > self.held.start || seen.end < self.held.end
    }

    /// How many events are listed.
    pub fn len(&self) -> usize {
        if self.is_whole() {
            (self.held.end - self.held.start) as usize
        } else {
            self.found.len()
        }
    }

    /// Whether none is listed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The event at a place, the oldest at 0.
    pub fn seq(&self, index: usize) -> Option<Seq> {
        if self.is_whole() {
            (index < self.len()).then(|| Seq(self.held.start + index as u64))
        } else {
            self.found.get(index).map(|low| self.whole(*low))
        }
    }

    /// The place of an event, when it is listed.
    pub fn index_of(&self, seq: Seq) -> Option<usize> {
        let index = self.nearest(seq);
        (self.seq(index) == Some(seq)).then_some(index)
    }

    /// The place of the first listed event that is not before `seq`; the last place when all are before, 0 when empty.
    pub fn nearest(&self, seq: Seq) -> usize {
        let index = if self.is_whole() {
            seq.0.saturating_sub(self.held.start) as usize
        } else {
            self.found.partition_point(|low| self.whole(*low) < seq)
        };
        index.min(self.len().saturating_sub(1))
    }

    const fn is_whole(&self) -> bool {
        self.selection.stream.is_none() && self.selection.query.is_none() && !self.selection.folded
    }

    fn forget(&mut self, seen: &mut Span) {
        let start = self.held.start;
        seen.start = seen.start.max(start);
        seen.end = seen.end.max(start);
        let gone = self
            .found
            .partition_point(|low| self.whole(*low) < Seq(start));
        self.found.drain(..gone);
    }

    fn look_forward(&mut self, store: &Store, range: Range<u64>) {
        for (seq, entry, text) in store.texts(range) {
            if self.selection.holds(entry, text) {
                self.found.push_back(seq as u32);
            }
        }
    }

    fn look_back(&mut self, store: &Store, range: Range<u64>) {
        for (seq, entry, text) in store.texts(range).rev() {
            if self.selection.holds(entry, text) {
                self.found.push_front(seq as u32);
            }
        }
    }

    /// The arrival number whose low half this is: the one nearest before the end of the store.
    fn whole(&self, low: u32) -> Seq {
        let back = (self.held.end as u32).wrapping_sub(low);
        Seq(self.held.end.saturating_sub(u64::from(back)))
    }
}

impl Selection {
    fn holds(&self, entry: Entry, text: &[u8]) -> bool {
        let hidden = self.folded && entry.tag.class() == Some(Class::Heartbeat);
        !hidden
            && self.stream.is_none_or(|wanted| wanted == entry.stream)
            && self.query.as_ref().is_none_or(|query| query.matches(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::{Event, EventKind},
        message::{Class, Direction, Message},
        time::Now,
    };

    fn filled(start: u64, count: u64) -> Store {
        let mut store = Store::new(1 << 20);
        store.end = start;
        for n in 0..count {
            let message = Message::text(if n % 2 == 0 { "even" } else { "odd" });
            store.push(&Event {
                n,
                at: Now::default(),
                stream: StreamId(0),
                kind: EventKind::Message(Direction::In, Class::Event, message),
            });
        }
        store
    }

    fn even() -> Listing {
        let query = Query::new("EVEN");
        Listing::new(Selection {
            query,
            ..Selection::default()
        })
    }

    #[test]
    fn the_newest_are_found_first() {
        let store = filled(0, 100);
        let mut listing = even();
        assert!(listing.advance(&store, 10));
        let found: Vec<_> = (0..listing.len())
            .filter_map(|at| listing.seq(at))
            .collect();
        assert_eq!(found, [90, 92, 94, 96, 98].map(Seq));
        while listing.advance(&store, 10) {}
        assert_eq!((listing.len(), listing.index_of(Seq(98))), (50, Some(49)));
        assert_eq!((listing.nearest(Seq(7)), listing.nearest(Seq(99))), (4, 49));
    }

    #[test]
    fn new_and_old_events_share_a_slice() {
        let mut store = filled(0, 100);
        let mut listing = even();
        listing.advance(&store, 10);
        store.push(&Event {
            n: 100,
            at: Now::default(),
            stream: StreamId(0),
            kind: EventKind::Message(Direction::In, Class::Event, Message::text("even")),
        });
        listing.advance(&store, 10);
        assert_eq!((listing.seq(0), listing.len()), (Some(Seq(82)), 10));
    }

    #[test]
    fn half_numbers_are_told_apart() {
        let start = (1 << 32) - 4;
        let store = filled(start, 8);
        let mut listing = even();
        while listing.advance(&store, 3) {}
        let found: Vec<_> = (0..listing.len())
            .filter_map(|at| listing.seq(at))
            .collect();
        assert_eq!(found, [0, 2, 4, 6].map(|n| Seq(start + n)));
    }
}
