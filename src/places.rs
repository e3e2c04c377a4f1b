//! Where the messages of a stream hold what, as its dialect says.

use crate::{dialect::EventMap, payload::json};

/// A part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What tells it from others.
    Id,
    /// When it happened, by the server.
    Time,
    /// The channel it belongs to.
    Channel,
    /// What it is about, without the envelope.
    Payload,
}

/// The places of a stream: the names and indices of JSON pointers (RFC 6901).
#[derive(Debug, Default)]
pub struct Places {
    kind: Vec<Vec<String>>,
    parts: [Option<Vec<String>>; 4],
}

impl Places {
    /// The places that a dialect names.
    pub fn new(map: &EventMap) -> Self {
        let path = |pointer: &Option<String>| pointer.as_deref().map(json::steps);
        Self {
            kind: map
                .kind
                .iter()
                .map(|pointer| json::steps(pointer))
                .collect(),
            parts: [&map.id, &map.time, &map.channel, &map.payload].map(path),
        }
    }

    /// The type a message states: at the first place that is there, or else in the usual members.
    pub fn type_name<'a>(&self, data: &'a [u8]) -> Option<&'a str> {
        if self.kind.is_empty() {
            return json::type_name(data);
        }
        self.kind.iter().find_map(|path| json::type_at(data, path))
    }

    /// A part of a message as it was written.
    pub fn part<'a>(&self, part: Part, data: &'a [u8]) -> Option<&'a [u8]> {
        json::value_at(data, self.parts[part as usize].as_ref()?)
    }
}
