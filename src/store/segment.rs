//! A segment: payloads end to end, and an entry for each event.

use crate::{
    event::{Event, EventKind, Lifecycle, StreamId},
    message::{Direction, Kind},
    time::Now,
};

/// The size of a segment's payload; one that is larger gets a segment of its own.
pub(super) const SEGMENT: usize = 1 << 20;

/// Some events in a row.
pub(super) struct Segment {
    /// The arrival number of its first event.
    pub(super) first: u64,
    data: Vec<u8>,
    pub(super) entries: Vec<Entry>,
    #[expect(clippy::vec_box, reason = "events bring them boxed, and they are rare")]
    pub(super) lifecycles: Vec<Box<Lifecycle>>,
}

/// What is known of an event without its payload.
pub(super) struct Entry {
    pub(super) n: u64,
    pub(super) at: Now,
    start: u32,
    pub(super) stream: StreamId,
    pub(super) content: Content,
}

/// What an entry stands for.
#[derive(Clone, Copy)]
pub(super) enum Content {
    Message {
        direction: Direction,
        kind: Kind,
        type_id: Option<u16>,
        length: u32,
    },
    Lifecycle(u32),
}

impl Segment {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            first: 0,
            data: Vec::with_capacity(capacity),
            entries: Vec::new(),
            lifecycles: Vec::new(),
        }
    }

    /// Empties it for events from this arrival number on.
    pub(super) fn begin(&mut self, first: u64) {
        self.first = first;
        self.data.clear();
        self.entries.clear();
        self.lifecycles.clear();
    }

    /// Whether it can be used again for other events.
    pub(super) const fn is_standard(&self) -> bool {
        self.data.capacity() == SEGMENT
    }

    pub(super) fn has_room_for(&self, size: usize) -> bool {
        self.data.capacity() - self.data.len() >= size && self.entries.len() < SEGMENT
    }

    /// Payload and index in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.data.len()
            + self.entries.len() * size_of::<Entry>()
            + self.lifecycles.len() * size_of::<Lifecycle>()
    }

    pub(super) fn push(&mut self, event: &Event, type_id: Option<u16>) {
        let start = self.data.len() as u32;
        let content = match &event.kind {
            EventKind::Message(direction, message) => {
                self.data.extend_from_slice(&message.data);
                let length = message.data.len() as u32;
                Content::Message {
                    direction: *direction,
                    kind: message.kind,
                    type_id,
                    length,
                }
            }
            EventKind::Lifecycle(lifecycle) => {
                self.lifecycles.push(lifecycle.clone());
                Content::Lifecycle(self.lifecycles.len() as u32 - 1)
            }
        };
        self.entries.push(Entry {
            n: event.n,
            at: event.at,
            start,
            stream: event.stream,
            content,
        });
    }

    pub(super) fn payload(&self, entry: &Entry) -> &[u8] {
        match entry.content {
            Content::Message { length, .. } => {
                &self.data[entry.start as usize..][..length as usize]
            }
            Content::Lifecycle(_) => &[],
        }
    }
}
