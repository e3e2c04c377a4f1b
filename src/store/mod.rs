//! The bounded log of events: what was received is copied once, kept in order, and the oldest is let go first.
//!
//! It parses nothing but the type of a message, and never hands out a copy. What a list shows of it is a [`Listing`].

mod alike;
mod listing;
mod rate;
mod segment;
mod types;

use std::{borrow::Cow, collections::VecDeque, ops::Range};

use bytes::Bytes;

use crate::{
    dialect::EventMap,
    event::{Event, EventKind, Lifecycle, StreamId},
    filter::{Subject, TypeName},
    message::{Class, Direction, Kind, Message},
    payload::json,
    places::{Part, Places},
    time::{Mono, Now},
};

pub use alike::Earlier;
pub use listing::{Listing, Selection};
pub use rate::Rate;
use segment::{ENTRY_BYTES, Entry, Segment, Tag};
use types::{OTHERS, Types};
pub use types::{RECENT, Stated, TypeCount, TypeId};

/// The arrival number of an event across all streams, from 0, without holes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

/// An event as the store holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Its arrival number.
    pub seq: Seq,
    /// Its number within the stream.
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
        /// What it is to its service.
        class: Class,
        /// The type its payload states, as written there; untrusted.
        type_name: Option<&'a str>,
        /// The payload; untrusted.
        data: &'a [u8],
    },
    /// A turn in the stream's life.
    Lifecycle(&'a Lifecycle),
}

impl Row<'_> {
    /// The event, with this payload in the place of its own where it is a message.
    pub fn event(&self, payload: Bytes) -> Event {
        let kind = match self.body {
            Body::Message {
                direction,
                kind,
                class,
                ..
            } => EventKind::Message(
                direction,
                class,
                Message {
                    kind,
                    data: payload,
                },
            ),
            Body::Lifecycle(lifecycle) => EventKind::Lifecycle(Box::new(lifecycle.clone())),
        };
        let Self { n, at, stream, .. } = *self;
        Event {
            n,
            at,
            stream,
            kind,
        }
    }
}

/// The newest events, within a budget of bytes and a number of events.
#[derive(Debug)]
pub struct Store {
    segments: VecDeque<Segment>,
    /// Lifecycle events whole, beside their text in the segments.
    lifecycle: VecDeque<(Seq, Lifecycle)>,
    types: Types,
    /// For each stream where its messages hold what.
    places: Vec<Places>,
    end: u64,
    /// What stands beside the segments.
    lifecycle_bytes: usize,
    /// All segments, full or not.
    segment_bytes: usize,
    budget: usize,
    /// So many events are held at most.
    most: u64,
    /// The size of the next segment, at least.
    segment_size: usize,
}

/// The segment size; a small budget has smaller ones, so that letting one go takes a sixteenth at most.
const SEGMENT_BYTES: usize = 1 << 20;
const LEAST_SEGMENT_BYTES: usize = 1 << 12;

impl Store {
    /// An empty store that keeps at most `budget` bytes of payload and index (64 KiB at least). The newest event is
    /// always kept, even when it alone is larger.
    pub fn new(budget: usize) -> Self {
        Self {
            segments: VecDeque::new(),
            lifecycle: VecDeque::new(),
            types: Types::default(),
            places: Vec::new(),
            end: 0,
            lifecycle_bytes: 0,
            segment_bytes: 0,
            budget: budget.max(16 * LEAST_SEGMENT_BYTES),
            most: u64::MAX,
            segment_size: (budget / 16).clamp(LEAST_SEGMENT_BYTES, SEGMENT_BYTES),
        }
    }

    /// The same that keeps at most so many events, 1 at least. Their memory is used again a segment at a time.
    #[must_use]
    pub fn at_most(self, events: u64) -> Self {
        Self {
            most: events.max(1),
            ..self
        }
    }

    /// Looks for the types and other parts of a stream's messages where its dialect says.
    pub fn map(&mut self, stream: StreamId, map: &EventMap) {
        let index = usize::from(stream.0);
        if self.places.len() <= index {
            self.places.resize_with(index + 1, Places::default);
        }
        self.places[index] = Places::new(map);
    }

    /// A part of a message as it was written, where the dialect of its stream says that there is one.
    pub fn part<'a>(&self, row: &Row<'a>, part: Part) -> Option<Cow<'a, [u8]>> {
        match row.body {
            Body::Message { data, .. } => {
                self.places.get(usize::from(row.stream.0))?.part(part, data)
            }
            Body::Lifecycle(_) => None,
        }
    }

    /// Keeps an event: its payload is copied once, its type found once. Lets go of the oldest when the budget is full or
    /// as many events are held as may be.
    pub fn push(&mut self, event: &Event) -> Seq {
        let seq = Seq(self.end);
        match &event.kind {
            EventKind::Message(direction, class, message) => {
                let tag = self.message_tag(event, (*direction, *class), message);
                self.append(event, tag, &message.data);
            }
            EventKind::Lifecycle(lifecycle) => {
                let text = lifecycle.to_string();
                self.append(event, Tag::LIFECYCLE, text.as_bytes());
                self.lifecycle_bytes += lifecycle_bytes(&text);
                self.lifecycle.push_back((seq, Lifecycle::clone(lifecycle)));
            }
        }
        self.end += 1;
        seq
    }

    /// The oldest event held; [`Store::end`] when there is none.
    pub fn first(&self) -> Seq {
        let oldest = self.segments.front();
        let held = oldest.map_or(self.end, |segment| segment.first);
        Seq(held.max(self.end.saturating_sub(self.most)))
    }

    /// One past the newest event.
    pub const fn end(&self) -> Seq {
        Seq(self.end)
    }

    /// How many events were let go.
    pub fn evicted(&self) -> u64 {
        self.first().0
    }

    /// How many bytes of payload and index are held. Memory is taken in segments, so it may be a little more.
    pub fn bytes(&self) -> usize {
        self.segments.iter().map(Segment::used).sum::<usize>() + self.lifecycle_bytes
    }

    /// An event that is held; `None` when it was let go or has not come yet.
    pub fn row(&self, seq: Seq) -> Option<Row<'_>> {
        let (entry, data) = self.text(seq)?;
        let body = match entry.tag.message() {
            None => Body::Lifecycle(self.lifecycle(seq)?),
            Some((direction, kind)) => Body::Message {
                direction,
                kind,
                class: entry.tag.class().unwrap_or_default(),
                type_name: self.type_name(entry.stream, entry.tag, data),
                data,
            },
        };
        let Entry { n, at, stream, .. } = entry;
        Some(Row {
            seq,
            n,
            at,
            stream,
            body,
        })
    }

    /// The types that messages of a stream stated, or of all, in the order they first came, with what came of them since
    /// the start. Those past the bound on types are counted together, and so are messages that state none.
    pub fn types(
        &self,
        stream: Option<StreamId>,
        now: Mono,
    ) -> impl Iterator<Item = TypeCount<'_>> {
        self.types.iter(stream, now)
    }

    /// How many messages of a type came in each of the last `seconds` (64 at most), oldest first.
    pub fn type_history(
        &self,
        id: TypeId,
        stream: Option<StreamId>,
        (now, seconds): (Mono, u64),
    ) -> Vec<u64> {
        self.types.history(id, stream, (now, seconds))
    }

    /// Events and their texts: payloads, or the wording of a turn in the stream's life.
    fn texts(&self, range: Range<u64>) -> impl DoubleEndedIterator<Item = (u64, Entry, &[u8])> {
        let range = range.start.max(self.first().0)..range.end;
        let after = |seq: u64| self.segments.partition_point(|segment| segment.first < seq);
        let (first, last) = (after(range.start + 1).saturating_sub(1), after(range.end));
        let segments = self.segments.range(first..last.max(first));
        segments.flat_map(move |segment| segment.texts(range.clone()))
    }

    /// An event and its text.
    fn text(&self, seq: Seq) -> Option<(Entry, &[u8])> {
        let segment = self.segment(seq).filter(|_| seq >= self.first())?;
        segment.get((seq.0 - segment.first) as usize)
    }

    /// An event as filters see it.
    fn subject<'a>(&'a self, entry: Entry, data: &'a [u8]) -> Subject<'a> {
        let direction = entry.tag.message().map(|(direction, _)| direction);
        Subject {
            stream: entry.stream,
            at: entry.at.wall,
            message: direction.zip(entry.tag.class()),
            type_name: match entry.tag.type_id() {
                Types::OTHER => TypeName::Unknown,
                id => TypeName::Known(self.types.name(id)),
            },
            data,
            places: self.places.get(usize::from(entry.stream.0)),
        }
    }

    fn message_tag(
        &mut self,
        event: &Event,
        (direction, class): (Direction, Class),
        message: &Message,
    ) -> Tag {
        let stream = event.stream;
        let places = self.places.get(usize::from(stream.0));
        let states = places.map_or(message.kind == Kind::Text, |places| {
            places.types(message.kind)
        });
        let name = states.then(|| stated(&self.places, stream, &message.data));
        let name = name.flatten();
        let id = name.map_or(Types::NONE, |name| self.types.admit(&name));
        self.types.count(stream, id, (event.at, message.data.len()));
        Tag::new(direction, message.kind, class, id)
    }

    fn append(&mut self, event: &Event, tag: Tag, text: &[u8]) {
        let wanted = text.len() + ENTRY_BYTES;
        if !self.segments.back().is_some_and(|last| last.fits(wanted)) {
            self.open_segment(wanted);
        }
        if let Some(last) = self.segments.back_mut() {
            last.push(event, tag, text);
        }
    }

    /// Starts a segment with room for `wanted` bytes, from the memory of the oldest when there is no room for another.
    fn open_segment(&mut self, wanted: usize) {
        let size = wanted.next_multiple_of(self.segment_size);
        let mut spare = None;
        while self.is_full(size)
            && let Some(oldest) = self.segments.pop_front()
        {
            self.forget_lifecycle(oldest.end());
            self.segment_bytes -= oldest.size();
            spare = Some(oldest);
        }
        let segment = match spare.filter(|spare| spare.size() == size) {
            Some(spare) => spare.restart(self.end),
            None => Segment::new(self.end, size),
        };
        self.segment_bytes += size;
        self.segments.push_back(segment);
    }

    /// Whether the oldest segment has to go before there is one more of `size` bytes, or holds nothing that is kept.
    fn is_full(&self, size: usize) -> bool {
        let first = self.first().0;
        let idle = |oldest: &Segment| oldest.end() <= first;
        self.segment_bytes + self.lifecycle_bytes + size > self.budget
            || self.segments.front().is_some_and(idle)
    }

    fn forget_lifecycle(&mut self, before: u64) {
        let gone = self.lifecycle.partition_point(|(seq, _)| seq.0 < before);
        for (_, lifecycle) in self.lifecycle.drain(..gone) {
            self.lifecycle_bytes -= lifecycle_bytes(&lifecycle.to_string());
        }
    }

    fn segment(&self, seq: Seq) -> Option<&Segment> {
        let after = self
            .segments
            .partition_point(|segment| segment.first <= seq.0);
        self.segments.get(after.checked_sub(1)?)
    }

    fn lifecycle(&self, seq: Seq) -> Option<&Lifecycle> {
        let at = self
            .lifecycle
            .binary_search_by_key(&seq, |(seq, _)| *seq)
            .ok()?;
        self.lifecycle.get(at).map(|(_, lifecycle)| lifecycle)
    }

    fn type_name<'a>(&'a self, stream: StreamId, tag: Tag, data: &'a [u8]) -> Option<&'a str> {
        match tag.type_id() {
            Types::NONE => None,
            Types::OTHER => match stated(&self.places, stream, data)? {
                Cow::Borrowed(name) => Some(name),
                // It stands nowhere as it is.
                Cow::Owned(_) => Some(OTHERS),
            },
            id => self.types.name(id),
        }
    }
}

/// The type that a message states.
fn stated<'a>(places: &[Places], stream: StreamId, data: &'a [u8]) -> Option<Cow<'a, str>> {
    match places.get(usize::from(stream.0)) {
        None => json::type_name(data).map(Cow::Borrowed),
        Some(places) => places.type_name(data),
    }
}

/// What a lifecycle event takes beside its text in the segment: the value, with texts about as long again.
const fn lifecycle_bytes(text: &str) -> usize {
    size_of::<(Seq, Lifecycle)>() + text.len()
}
