//! Which events a list shows, found in slices, so that no list ever holds the screen up.

use std::{collections::VecDeque, ops::Range, rc::Rc};

use super::{Seq, Store, segment::Entry};
use crate::{event::StreamId, filter::Filter, message::Class};

/// Which events a list shows: those of one stream or of all, and of these the ones that every filter asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// The stream; `None`: all.
    pub stream: Option<StreamId>,
    /// The filters.
    pub filters: Vec<Rc<Filter>>,
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
    /// Of what was looked at what has to be looked at again, rising: what a wider selection found there.
    again: VecDeque<u32>,
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

    /// A list of what this selection holds, when all of it is surely in another list: only what that found is looked at
    /// again.
    pub fn within(selection: Selection, wider: &Self) -> Self {
        if wider.is_whole() {
            return Self::new(selection);
        }
        let again = wider.again.iter().chain(&wider.found).copied();
        Self {
            selection,
            held: wider.held,
            seen: wider.seen,
            again: again.collect(),
            found: VecDeque::new(),
        }
    }

    /// What is listed.
    pub const fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Looks at events until it has cost about `limit`, new ones and those not yet looked at, and forgets those let go;
    /// a plain look costs one. Returns whether there is more to look at.
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
        let behind = !self.again.is_empty() || seen.start > self.held.start;
        let for_new = if behind { limit - limit / 2 } else { limit };
        let (end, cost) = self.look_forward(store, seen.end..self.held.end, for_new);
        seen.end = end;
        let left = limit.saturating_sub(cost);
        let left = left.saturating_sub(self.look_again(store, left));
        if self.again.is_empty() {
            seen.start = self.look_back(store, self.held.start..seen.start, left);
        }
        self.seen = Some(seen);
        self.left() > 0
    }

    /// How many events were not looked at yet.
    pub fn left(&self) -> u64 {
        if self.is_whole() {
            return 0;
        }
        let seen = self.seen.unwrap_or_default();
        let outside = (self.held.end - self.held.start) - (seen.end - seen.start);
        outside + self.again.len() as u64
    }

    /// How many events there are to look at.
    pub const fn total(&self) -> u64 {
        self.held.end - self.held.start
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
        self.selection.stream.is_none()
            && self.selection.filters.is_empty()
            && !self.selection.folded
    }

    fn forget(&mut self, seen: &mut Span) {
        let start = self.held.start;
        seen.start = seen.start.max(start);
        seen.end = seen.end.max(start);
        for kept in [&mut self.found, &mut self.again] {
            let end = self.held.end;
            let gone = kept.partition_point(|low| whole(end, *low) < Seq(start));
            kept.drain(..gone);
        }
    }

    /// Returns where it ended and what it cost.
    fn look_forward(&mut self, store: &Store, range: Range<u64>, limit: u64) -> (u64, u64) {
        let (mut end, mut cost) = (range.start, 0);
        for (seq, entry, text) in store.texts(range) {
            if cost >= limit {
                break;
            }
            if self.selection.holds(store, entry, text, &mut cost) {
                self.found.push_back(seq as u32);
            }
            end = seq + 1;
        }
        (end, cost)
    }

    /// Returns what it cost.
    fn look_again(&mut self, store: &Store, limit: u64) -> u64 {
        let mut cost = 0;
        while cost < limit
            && let Some(low) = self.again.pop_back()
        {
            // Found by its number, which takes longer than to pass to the next.
            cost += 1;
            let text = store.text(self.whole(low));
            if text.is_some_and(|(entry, text)| self.selection.holds(store, entry, text, &mut cost))
            {
                self.found.push_front(low);
            }
        }
        cost
    }

    /// Returns where it ended.
    fn look_back(&mut self, store: &Store, range: Range<u64>, limit: u64) -> u64 {
        let (mut start, mut cost) = (range.end, 0);
        for (seq, entry, text) in store.texts(range).rev() {
            if cost >= limit {
                break;
            }
            if self.selection.holds(store, entry, text, &mut cost) {
                self.found.push_front(seq as u32);
            }
            start = seq;
        }
        start
    }

    fn whole(&self, low: u32) -> Seq {
        whole(self.held.end, low)
    }
}

/// The arrival number whose low half this is: the one nearest before the end of the store.
fn whole(end: u64, low: u32) -> Seq {
    let back = (end as u32).wrapping_sub(low);
    Seq(end.saturating_sub(u64::from(back)))
}

impl Selection {
    /// Its events in a range, the oldest first, until looking has cost about `limit`; and where that ended.
    pub fn part(&self, store: &Store, range: Range<Seq>, limit: usize) -> (Vec<Seq>, Seq) {
        let (mut found, mut cost, mut end) = (Vec::new(), 0, range.start);
        for (seq, entry, text) in store.texts(range.start.0..range.end.0) {
            if cost >= limit as u64 {
                return (found, end);
            }
            if self.holds(store, entry, text, &mut cost) {
                found.push(Seq(seq));
            }
            end = Seq(seq + 1);
        }
        (found, range.end)
    }

    fn holds(&self, store: &Store, entry: Entry, text: &[u8], cost: &mut u64) -> bool {
        *cost += 1;
        let hidden = self.folded && entry.tag.class() == Some(Class::Heartbeat);
        if hidden || self.stream.is_some_and(|wanted| wanted != entry.stream) {
            return false;
        }
        if self.filters.is_empty() {
            return true;
        }
        let subject = store.subject(entry, text);
        self.filters.iter().all(|filter| {
            let holds = filter.holds(&subject);
            *cost += filter.cost();
            holds
        })
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
        Listing::new(Selection {
            filters: vec![filter("EVEN")],
            ..Selection::default()
        })
    }

    fn filter(text: &str) -> Rc<Filter> {
        let context = crate::filter::Context {
            streams: vec!["s".into()],
            now: Now::default().wall,
            zone: jiff::tz::TimeZone::UTC,
        };
        Rc::new(Filter::new(text, &context).expect("a filter"))
    }

    #[test]
    fn the_newest_are_found_first() {
        let store = filled(0, 100);
        let mut listing = even();
        assert!(listing.advance(&store, 30));
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
        listing.advance(&store, 30);
        store.push(&Event {
            n: 100,
            at: Now::default(),
            stream: StreamId(0),
            kind: EventKind::Message(Direction::In, Class::Event, Message::text("even")),
        });
        listing.advance(&store, 30);
        assert_eq!((listing.seq(0), listing.len()), (Some(Seq(82)), 10));
        assert_eq!((listing.left(), listing.total()), (81, 101));
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

    #[test]
    fn what_is_narrowed_looks_only_at_what_was_found() {
        let mut store = filled(0, 1000);
        let mut wide = even();
        while wide.advance(&store, 300) {}
        let selection = |texts: &[&str]| Selection {
            filters: texts.iter().map(|text| filter(text)).collect(),
            ..Selection::default()
        };
        let mut narrow = Listing::within(selection(&["even", "size>3"]), &wide);
        assert_eq!((narrow.left(), narrow.len()), (500, 0));
        narrow.advance(&store, 40);
        assert_eq!(narrow.seq(narrow.len() - 1), Some(Seq(998)));
        store.push(&Event {
            n: 1000,
            at: Now::default(),
            stream: StreamId(0),
            kind: EventKind::Message(Direction::In, Class::Event, Message::text("even")),
        });
        // Narrowed again before it was done.
        let mut narrower = Listing::within(selection(&["even", "size>3", "v"]), &narrow);
        while narrower.advance(&store, 40) {}
        assert_eq!(
            (narrower.len(), narrower.seq(0), narrower.seq(500)),
            (501, Some(Seq(0)), Some(Seq(1000)))
        );
    }
}
