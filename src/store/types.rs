//! The types that messages state: each name kept once, and for each stream what came of it.
//!
//! Names come from outside, so they are bounded in number and length; what finds no place is counted together. A message
//! costs a look at its name and one tally.

use std::collections::HashMap;

use super::{Rate, segment::Tag};
use crate::{
    event::StreamId,
    time::{Mono, Now},
};

/// Names, and what came of them.
#[derive(Debug, Default)]
pub(super) struct Types {
    ids: HashMap<Box<str>, u16>,
    names: Vec<Box<str>>,
    /// For each stream by slot: a stream states few of the names.
    tallies: Vec<Vec<Option<Box<Tally>>>>,
}

/// A type as the store knows it; it stays the same as long as the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeId(usize);

/// What a message says of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stated<'a> {
    /// This name; untrusted.
    Name(&'a str),
    /// A name past the bound on types.
    Other,
    /// Nothing.
    Nothing,
}

/// What came of a type, in one stream or in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeCount<'a> {
    /// Which type it is.
    pub id: TypeId,
    /// What its messages say.
    pub stated: Stated<'a>,
    /// Messages since the start, in both directions.
    pub events: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// When the last one came.
    pub last: Now,
    /// Messages in the last [`RECENT`] whole seconds.
    pub recent: u64,
}

/// The whole seconds over which it is told how often a type comes: one second alone would jump.
pub const RECENT: u64 = 5;

/// What came of a type in one stream.
#[derive(Debug, Default)]
struct Tally {
    events: u64,
    bytes: u64,
    last: Now,
    rate: Rate,
}

/// More distinct types than these, or longer names, are not types but data.
const MAX_KNOWN: usize = 1024;
const MAX_NAME_BYTES: usize = 128;

/// So many types are looked through one by one.
const FEW: usize = 8;

/// What the rest is counted under.
pub(super) const OTHERS: &str = "(other types)";

impl Types {
    /// The id for no type.
    pub(super) const NONE: u16 = Tag::MAX_TYPE;
    /// The id for a type that found no place.
    pub(super) const OTHER: u16 = Tag::MAX_TYPE - 1;

    /// The id of a type, which is known from now on where there is a place for it.
    pub(super) fn admit(&mut self, name: &str) -> u16 {
        if let Some(id) = self.id(name) {
            return id;
        }
        if self.names.len() >= MAX_KNOWN || name.len() > MAX_NAME_BYTES {
            return Self::OTHER;
        }
        let id = self.names.len() as u16;
        self.names.push(name.into());
        self.ids.insert(name.into(), id);
        id
    }

    /// Counts a message of a type.
    pub(super) fn count(&mut self, stream: StreamId, id: u16, (at, bytes): (Now, usize)) {
        let (stream, slot) = (usize::from(stream.0), slot(id));
        if self.tallies.len() <= stream {
            self.tallies.resize_with(stream + 1, Vec::new);
        }
        let tallies = &mut self.tallies[stream];
        if tallies.len() <= slot {
            tallies.resize_with(slot + 1, || None);
        }
        let tally = tallies[slot].get_or_insert_default();
        tally.events += 1;
        tally.bytes += bytes as u64;
        tally.last = at;
        tally.rate.add(at.mono);
    }

    /// The name of a type, unless it found no place.
    pub(super) fn name(&self, id: u16) -> Option<&str> {
        self.names.get(usize::from(id)).map(|name| &**name)
    }

    /// What came of each type in a stream, or in all, in the order they first came; the rest and none at the end.
    pub(super) fn iter(
        &self,
        stream: Option<StreamId>,
        now: Mono,
    ) -> impl Iterator<Item = TypeCount<'_>> {
        (REST..REST + self.names.len())
            .chain(0..REST)
            .filter_map(move |slot| self.sum(TypeId(slot), stream, now))
    }

    /// How many messages of a type came in each of the last `seconds`, oldest first.
    pub(super) fn history(
        &self,
        id: TypeId,
        stream: Option<StreamId>,
        (now, seconds): (Mono, u64),
    ) -> Vec<u64> {
        let mut sums = vec![0; seconds as usize];
        for tally in self.of(id, stream) {
            for (sum, count) in sums.iter_mut().zip(tally.rate.history(now, seconds)) {
                *sum += u64::from(count);
            }
        }
        sums
    }

    fn sum(&self, id: TypeId, stream: Option<StreamId>, now: Mono) -> Option<TypeCount<'_>> {
        let mut sum = TypeCount {
            id,
            stated: self.stated(id),
            events: 0,
            bytes: 0,
            last: Now::default(),
            recent: 0,
        };
        for tally in self.of(id, stream) {
            sum.events += tally.events;
            sum.bytes += tally.bytes;
            sum.last = [sum.last, tally.last][usize::from(tally.last.mono >= sum.last.mono)];
            let recent = tally.rate.history(now, RECENT);
            sum.recent += recent.map(u64::from).sum::<u64>();
        }
        (sum.events > 0).then_some(sum)
    }

    fn stated(&self, TypeId(slot): TypeId) -> Stated<'_> {
        let name = slot.checked_sub(REST).and_then(|at| self.names.get(at));
        match (slot, name) {
            (_, Some(name)) => Stated::Name(name),
            (OTHER_SLOT, None) => Stated::Other,
            _ => Stated::Nothing,
        }
    }

    fn of(&self, TypeId(slot): TypeId, stream: Option<StreamId>) -> impl Iterator<Item = &Tally> {
        let wanted = move |at| stream.is_none_or(|stream| usize::from(stream.0) == at);
        let streams = self.tallies.iter().enumerate();
        streams
            .filter(move |(at, _)| wanted(*at))
            .filter_map(move |(_, tallies)| tallies.get(slot)?.as_deref())
    }

    /// Most streams have few types, and to compare is cheaper than to hash.
    fn id(&self, name: &str) -> Option<u16> {
        let mut first = self.names.iter().take(FEW);
        let found = first.position(|known| &**known == name);
        found.map(|id| id as u16).or_else(|| {
            let all_seen = self.names.len() <= FEW;
            if all_seen {
                None
            } else {
                self.ids.get(name).copied()
            }
        })
    }
}

/// The first slots are for what has no name, so that a stream without types needs no others.
const REST: usize = 2;
const OTHER_SLOT: usize = 1;

fn slot(id: u16) -> usize {
    match id {
        Types::NONE => 0,
        Types::OTHER => OTHER_SLOT,
        id => REST + usize::from(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(types: &mut Types, stream: u16, name: &str) -> u16 {
        let id = types.admit(name);
        types.count(StreamId(stream), id, (Now::default(), 10));
        id
    }

    fn all(types: &Types, stream: Option<u16>) -> Vec<(Stated<'_>, u64, u64)> {
        let counts = types.iter(stream.map(StreamId), Mono::default());
        counts
            .map(|count| (count.stated, count.events, count.bytes))
            .collect()
    }

    #[test]
    fn names_are_bounded_in_number_and_length() {
        let mut types = Types::default();
        let first = count(&mut types, 0, "order");
        assert_eq!(count(&mut types, 0, "order"), first);
        assert_eq!(types.name(first), Some("order"));
        assert_eq!(count(&mut types, 0, &"x".repeat(129)), Types::OTHER);
        for n in 0..2000 {
            count(&mut types, 0, &n.to_string());
        }
        let all = all(&types, None);
        assert_eq!((all.len(), all[0]), (1025, (Stated::Name("order"), 2, 20)));
        assert_eq!((all[1024].0, all[1024].1), (Stated::Other, 2000 - 1023 + 1));
    }

    #[test]
    fn streams_are_counted_apart_and_together() {
        let mut types = Types::default();
        count(&mut types, 0, "order");
        count(&mut types, 2, "order");
        types.count(StreamId(2), Types::NONE, (Now::default(), 5));
        let order = Stated::Name("order");
        assert_eq!(all(&types, None), [(order, 2, 20), (Stated::Nothing, 1, 5)]);
        assert_eq!(all(&types, Some(0)), [(order, 1, 10)]);
        assert_eq!(all(&types, Some(1)), []);
    }

    #[test]
    fn the_rate_is_that_of_the_last_whole_seconds() {
        let mut types = Types::default();
        let id = types.admit("order");
        for second in [1, 6, 6, 9, 10] {
            let now = Now {
                mono: Mono(second * 1_000_000),
                ..Now::default()
            };
            types.count(StreamId(0), id, (now, 1));
        }
        let now = Mono(11_500_000);
        let seen: Vec<_> = types.iter(None, now).collect();
        assert_eq!((seen[0].recent, seen[0].last.mono), (4, Mono(10_000_000)));
        assert_eq!(types.history(seen[0].id, None, (now, 3)), [0, 1, 1]);
    }
}
