//! An event as a record holds it: what of it stands in a line of NDJSON, whether it was just told or read again.

use std::borrow::Cow;

use super::{Event, EventKind, ndjson};
use crate::{
    message::{Class, Direction, Kind},
    time::Wall,
};

/// An event of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its number within the stream.
    pub n: u64,
    /// When it was known; records hold whole milliseconds.
    pub time: Wall,
    /// The stream's name; untrusted where the record was read.
    pub stream: Cow<'a, str>,
    /// What it is.
    pub body: Recorded<'a>,
}

/// What an event of a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded<'a> {
    /// A message.
    Message {
        /// Which way it went.
        direction: Direction,
        /// What it is to its service.
        class: Class,
        /// Text or binary.
        kind: Kind,
        /// The payload; untrusted.
        data: Cow<'a, [u8]>,
    },
    /// A turn in the stream's life.
    Turn {
        /// Its kind: `ended`, `gap` …
        event: Cow<'a, str>,
        /// It in words; untrusted.
        message: Cow<'a, str>,
    },
}

impl<'a> Record<'a> {
    /// The record of an event of the stream of this name.
    pub fn of(event: &'a Event, stream: &'a str) -> Self {
        let body = match &event.kind {
            EventKind::Message(direction, class, message) => Recorded::Message {
                direction: *direction,
                class: *class,
                kind: message.kind,
                data: Cow::Borrowed(&message.data),
            },
            EventKind::Lifecycle(lifecycle) => Recorded::Turn {
                event: ndjson::name(lifecycle).into(),
                message: lifecycle.to_string().into(),
            },
        };
        Self {
            n: event.n,
            time: event.at.wall,
            stream: stream.into(),
            body,
        }
    }
}
