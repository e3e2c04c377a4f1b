//! A piece of memory that holds events: their texts from the front, their index entries from the back.
//!
//! One allocation holds both, so no room is lost between them whatever the size of the events, and it is used again
//! when its events are let go.

use std::ops::Range;

use crate::{
    event::{Event, StreamId},
    message::{Class, Direction, Kind},
    time::{Mono, Now, Wall},
};

/// The bytes of an index entry.
pub(super) const ENTRY_BYTES: usize = 32;

/// Consecutive events.
#[derive(Debug)]
pub(super) struct Segment {
    /// The arrival number of its first event.
    pub(super) first: u64,
    memory: Box<[u8]>,
    texts: usize,
    entries: usize,
}

/// What is known of an event beside its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) n: u64,
    pub(super) at: Now,
    pub(super) stream: StreamId,
    pub(super) tag: Tag,
    /// Where its text ends; it starts where the one before ends.
    text_end: u32,
}

/// What kind of event it is, in 16 bits: direction, kind, class and the id of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag(u16);

impl Tag {
    /// Not a message.
    pub(super) const LIFECYCLE: Self = Self(u16::MAX);
    /// The largest id of a type.
    pub(super) const MAX_TYPE: u16 = (1 << Self::CLASS) - 2;
    const BINARY: u16 = 1 << 15;
    const OUT: u16 = 1 << 14;
    /// Where the two bits of the class begin.
    const CLASS: u16 = 12;

    pub(super) fn new(direction: Direction, kind: Kind, class: Class, type_id: u16) -> Self {
        let out = if direction == Direction::Out {
            Self::OUT
        } else {
            0
        };
        let binary = if kind == Kind::Binary {
            Self::BINARY
        } else {
            0
        };
        let class = match class {
            Class::Event => 0,
            Class::Heartbeat => 1,
            Class::Control => 2,
            Class::Duplicate => 3,
        };
        Self(type_id.min(Self::MAX_TYPE) | class << Self::CLASS | out | binary)
    }

    /// What a message is to its service; `None`: it is no message.
    pub(super) fn class(self) -> Option<Class> {
        let class = match self.0 >> Self::CLASS & 3 {
            0 => Class::Event,
            1 => Class::Heartbeat,
            2 => Class::Control,
            _ => Class::Duplicate,
        };
        (self != Self::LIFECYCLE).then_some(class)
    }

    pub(super) fn message(self) -> Option<(Direction, Kind)> {
        let direction = if self.0 & Self::OUT == 0 {
            Direction::In
        } else {
            Direction::Out
        };
        let kind = if self.0 & Self::BINARY == 0 {
            Kind::Text
        } else {
            Kind::Binary
        };
        (self != Self::LIFECYCLE).then_some((direction, kind))
    }

    pub(super) const fn type_id(self) -> u16 {
        self.0 & ((1 << Self::CLASS) - 1)
    }
}

impl Segment {
    /// An empty one of `size` bytes whose first event will be `first`.
    pub(super) fn new(first: u64, size: usize) -> Self {
        Self {
            first,
            memory: vec![0; size].into_boxed_slice(),
            texts: 0,
            entries: 0,
        }
    }

    /// The same memory without its events.
    pub(super) fn restart(self, first: u64) -> Self {
        Self {
            first,
            texts: 0,
            entries: 0,
            ..self
        }
    }

    /// The bytes it takes, used or not.
    pub(super) fn size(&self) -> usize {
        self.memory.len()
    }

    /// The bytes that hold something.
    pub(super) const fn used(&self) -> usize {
        self.texts + self.entries * ENTRY_BYTES
    }

    /// One past the arrival number of its last event.
    pub(super) const fn end(&self) -> u64 {
        self.first + self.entries as u64
    }

    /// Whether `wanted` more bytes of text and entry find room.
    pub(super) fn fits(&self, wanted: usize) -> bool {
        self.memory.len() - self.used() >= wanted
    }

    /// Adds an event; only after [`Segment::fits`] said yes.
    pub(super) fn push(&mut self, event: &Event, tag: Tag, text: &[u8]) {
        let text_end = self.texts + text.len();
        self.memory[self.texts..text_end].copy_from_slice(text);
        self.texts = text_end;
        self.entries += 1;
        let entry = Entry {
            n: event.n,
            at: event.at,
            stream: event.stream,
            tag,
            text_end: text_end as u32,
        };
        let start = self.memory.len() - self.entries * ENTRY_BYTES;
        self.memory[start..start + ENTRY_BYTES].copy_from_slice(&entry.bytes());
    }

    /// The event at `index` and its text.
    pub(super) fn get(&self, index: usize) -> Option<(Entry, &[u8])> {
        let entry = Entry::read(self.entry(index)?);
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => text_end(self.entry(before)?),
        };
        Some((entry, self.memory.get(start..entry.text_end as usize)?))
    }

    /// The events of a range and their texts.
    pub(super) fn texts(
        &self,
        range: Range<u64>,
    ) -> impl DoubleEndedIterator<Item = (u64, Entry, &[u8])> {
        let numbers = range.start.max(self.first)..range.end.min(self.end());
        numbers.filter_map(|seq| {
            let (entry, text) = self.get((seq - self.first) as usize)?;
            Some((seq, entry, text))
        })
    }

    fn entry(&self, index: usize) -> Option<&[u8; ENTRY_BYTES]> {
        if index >= self.entries {
            return None;
        }
        let end = self.memory.len() - index * ENTRY_BYTES;
        self.memory.get(..end)?.last_chunk()
    }
}

impl Entry {
    fn bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[0..8].copy_from_slice(&self.n.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.at.mono.0.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.at.wall.0.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.text_end.to_le_bytes());
        bytes[28..30].copy_from_slice(&self.stream.0.to_le_bytes());
        bytes[30..32].copy_from_slice(&self.tag.0.to_le_bytes());
        bytes
    }

    fn read(bytes: &[u8; ENTRY_BYTES]) -> Self {
        Self {
            n: u64::from_le_bytes(part(bytes, 0)),
            at: Now {
                mono: Mono(u64::from_le_bytes(part(bytes, 8))),
                wall: Wall(i64::from_le_bytes(part(bytes, 16))),
            },
            text_end: u32::from_le_bytes(part(bytes, 24)),
            stream: StreamId(u16::from_le_bytes(part(bytes, 28))),
            tag: Tag(u16::from_le_bytes(part(bytes, 30))),
        }
    }
}

fn text_end(bytes: &[u8; ENTRY_BYTES]) -> usize {
    u32::from_le_bytes(part(bytes, 24)) as usize
}

/// `N` bytes of an entry from `start`.
fn part<const N: usize>(bytes: &[u8; ENTRY_BYTES], start: usize) -> [u8; N] {
    std::array::from_fn(|index| bytes[start + index])
}
