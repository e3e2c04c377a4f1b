//! The events at hand: append-only segments with a compact index, bounded by a number of bytes.
//!
//! A payload is copied once, when it arrives, and parsed only when it is looked at. When the budget is used up the
//! oldest segment is let go as a whole, and what was in it is counted.

mod listing;
mod query;
mod segment;
mod types;

use std::collections::VecDeque;

use crate::{
    event::{Event, EventKind, Lifecycle, StreamId},
    message::{Direction, Kind},
    time::Now,
};

pub use listing::{Listing, Selection};
pub use query::Query;
use segment::{Content, Entry, SEGMENT, Segment};
use types::Types;

/// The arrival number of an event across all streams, from 0, without holes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seq(pub u64);

/// A bounded log of events.
pub struct Store {
    segments: VecDeque<Segment>,
    spare: Option<Segment>,
    types: Types,
    budget: usize,
    bytes: usize,
    end: u64,
}

/// An event as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its arrival number.
    pub seq: Seq,
    /// Its number within its stream.
    pub n: u64,
    /// When it was known.
    pub at: Now,
    /// Whose it is.
    pub stream: StreamId,
    /// What it is.
    pub body: Body<'a>,
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// A message.
    Message {
        /// Which way it went.
        direction: Direction,
        /// Text or binary.
        kind: Kind,
        /// What the message calls itself, escapes not undone.
        type_name: Option<&'a str>,
        /// The payload.
        data: &'a [u8],
    },
    /// A turn in the stream's life.
    Lifecycle(&'a Lifecycle),
}

impl Store {
    /// A store that keeps about this many bytes of payload and index, and at least the newest segment.
    pub fn new(budget: usize) -> Self {
        Self {
            segments: VecDeque::new(),
            spare: None,
            types: Types::default(),
            budget,
            bytes: 0,
            end: 0,
        }
    }

    /// Keeps an event and gives its arrival number.
    pub fn push(&mut self, event: &Event) -> Seq {
        let seq = Seq(self.end);
        let size = match &event.kind {
            EventKind::Message(_, message) => message.data.len(),
            EventKind::Lifecycle(_) => 0,
        };
        let type_id = match &event.kind {
            EventKind::Message(_, message) => self.types.find(message),
            EventKind::Lifecycle(_) => None,
        };
        let segment = self.room_for(size);
        let before = segment.bytes();
        segment.push(event, type_id);
        let after = segment.bytes();
        self.bytes += after - before;
        self.end += 1;
        self.evict();
        seq
    }

    fn room_for(&mut self, size: usize) -> &mut Segment {
        let full = self
            .segments
            .back()
            .is_none_or(|segment| !segment.has_room_for(size));
        if full {
            let mut segment = self
                .spare
                .take()
                .unwrap_or_else(|| Segment::new(size.max(SEGMENT)));
            segment.begin(self.end);
            self.segments.push_back(segment);
        }
        let last = self.segments.len() - 1;
        &mut self.segments[last]
    }

    fn evict(&mut self) {
        while self.bytes > self.budget && self.segments.len() > 1 {
            if let Some(segment) = self.segments.pop_front() {
                self.bytes -= segment.bytes();
                self.spare = segment.is_standard().then_some(segment);
            }
        }
    }

    /// The oldest event that is kept.
    pub fn first(&self) -> Seq {
        Seq(self
            .segments
            .front()
            .map_or(self.end, |segment| segment.first))
    }

    /// One past the newest event.
    pub const fn end(&self) -> Seq {
        Seq(self.end)
    }

    /// How many events were let go.
    pub fn evicted(&self) -> u64 {
        self.first().0
    }

    /// Bytes of payload and index that are kept.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The event with this number, while it is kept.
    pub fn row(&self, seq: Seq) -> Option<Row<'_>> {
        let after = self
            .segments
            .partition_point(|segment| segment.first <= seq.0);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        let entry = segment
            .entries
            .get(usize::try_from(seq.0 - segment.first).ok()?)?;
        Some(self.show(seq, segment, entry))
    }

    fn show<'a>(&'a self, seq: Seq, segment: &'a Segment, entry: &Entry) -> Row<'a> {
        let body = match entry.content {
            Content::Message {
                direction,
                kind,
                type_id,
                ..
            } => {
                let type_name = type_id.and_then(|id| self.types.name(id));
                Body::Message {
                    direction,
                    kind,
                    type_name,
                    data: segment.payload(entry),
                }
            }
            Content::Lifecycle(index) => Body::Lifecycle(&segment.lifecycles[index as usize]),
        };
        Row {
            seq,
            n: entry.n,
            at: entry.at,
            stream: entry.stream,
            body,
        }
    }

    /// The message types seen so far with how often, in the order of their first appearance.
    pub fn types(&self) -> impl Iterator<Item = (&str, u64)> {
        self.types.iter()
    }
}
