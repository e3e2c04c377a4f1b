//! Events in the formats of other programs: NDJSON as `tail` writes it, CSV for tables, HAR for browsers.
//!
//! It makes bytes of events and touches no file. HAR wants the messages of a stream together, so an export has a lane for
//! each stream there, whose contents are put behind each other at the end; the others have one lane.

mod csv;
mod har;
mod timings;

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    event::{Encoder, Event, EventKind, OpenFacts, Record, Recorded, StreamId, safe_json},
    message::Message,
    payload::{hidden::hidden_in, mask::masked, protobuf::Schema},
    time::{Now, Wall},
};

use har::Har;

/// A format to export to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, as `tail` writes them.
    #[default]
    Ndjson,
    /// A table (RFC 4180).
    Csv,
    /// HTTP Archive 1.2 with the browsers' `_webSocketMessages`.
    Har,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Ndjson, Self::Csv, Self::Har];

    /// The word for it, which is also how names of its files end.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Har => "har",
        }
    }
}

/// Where events come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The stream's name.
    pub name: String,
    /// Its address without the values of the query; `None`: not known, as a recording does not hold it.
    pub address: Option<String>,
    /// Its links, as far as they are known, each with when it was open, rising.
    pub links: Vec<(Wall, OpenFacts)>,
    /// The type of its binary messages, where they are known to be protobuf.
    pub schema: Option<Schema>,
}

impl Origin {
    /// A stream of which no more than its name is known.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: None,
            links: Vec::new(),
            schema: None,
        }
    }
}

/// Streams of a recording at most: each may take a file while it is exported, and a recording may say what it likes.
pub const MOST_STREAMS: usize = 256;

/// Makes a format of events, one after the other.
pub struct Exporter {
    format: Format,
    masks: bool,
    origins: Vec<Origin>,
    encoder: Encoder,
    har: Vec<Har>,
}

impl Exporter {
    /// For these streams, in the order of their ids. With `masks`, what looks like a secret is masked.
    pub fn new(format: Format, origins: Vec<Origin>, masks: bool) -> Self {
        let encoder = Encoder::new(origins.iter().map(|origin| origin.name.as_str()));
        let har = match format {
            Format::Har => origins.iter().map(Har::new).collect(),
            Format::Ndjson | Format::Csv => Vec::new(),
        };
        Self {
            format,
            masks,
            origins,
            encoder,
            har,
        }
    }

    /// How many lanes it fills.
    pub fn lanes(&self) -> usize {
        match self.format {
            Format::Har => self.origins.len(),
            Format::Ndjson | Format::Csv => 1,
        }
    }

    /// What stands before the lanes.
    pub fn head(&self) -> Vec<u8> {
        match self.format {
            Format::Ndjson => Vec::new(),
            Format::Csv => csv::head(),
            Format::Har => har::HEAD.into(),
        }
    }

    /// What stands between two lanes that are not empty.
    pub const fn between(&self) -> &'static [u8] {
        match self.format {
            Format::Har => b",",
            Format::Ndjson | Format::Csv => b"",
        }
    }

    /// What stands behind the lanes.
    pub const fn foot(&self) -> &'static [u8] {
        match self.format {
            Format::Har => har::FOOT,
            Format::Ndjson | Format::Csv => b"",
        }
    }

    /// Appends an event; it belongs into the lane that [`Exporter::lane`] names.
    pub fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.format == Format::Ndjson {
            return self.line(event, out);
        }
        let index = usize::from(event.stream.0);
        let name = self.origins.get(index).map_or("", |origin| &origin.name);
        let record = mask(Record::of(event, name), self.masks);
        match self.har.get_mut(index) {
            Some(har) => har.put(&record, out),
            None => csv::row(&record, out),
        }
    }

    /// Appends an event that was read from this line of a recording.
    pub fn recorded(
        &mut self,
        (stream, record): (StreamId, Record<'_>),
        line: &[u8],
        out: &mut Vec<u8>,
    ) {
        if self.format == Format::Ndjson {
            return match message(stream, &record) {
                Some(event) => self.line(&event, out),
                None => self.turn(line, out),
            };
        }
        let record = mask(record, self.masks);
        match self.har.get_mut(usize::from(stream.0)) {
            Some(har) => har.put(&record, out),
            None => csv::row(&record, out),
        }
    }

    /// The payload of a message as it is written.
    pub fn payload<'m>(&self, stream: StreamId, message: &'m Message) -> Cow<'m, [u8]> {
        if !self.masks {
            return Cow::Borrowed(&message.data);
        }
        let origin = self.origins.get(usize::from(stream.0));
        let schema = origin.and_then(|origin| origin.schema.as_ref());
        hidden_in(&message.data, message.kind, schema)
    }

    /// A text as it is written.
    pub fn text(&self, text: String) -> String {
        match masked(text.as_bytes()) {
            Cow::Owned(bytes) if self.masks => String::from_utf8_lossy(&bytes).into_owned(),
            _ => text,
        }
    }

    /// The lane of a stream.
    pub fn lane(&self, stream: StreamId) -> usize {
        match self.format {
            Format::Har => stream.0.into(),
            Format::Ndjson | Format::Csv => 0,
        }
    }

    /// Appends what is still open in a lane.
    pub fn finish(&mut self, at: usize, out: &mut Vec<u8>) {
        if let Some(har) = self.har.get_mut(at) {
            har.close(None, out);
        }
    }

    /// The id of a stream, known at the start or not; `None`: it would be one more than [`MOST_STREAMS`].
    pub fn origin(&mut self, name: &str) -> Option<StreamId> {
        let known = self.origins.iter().position(|origin| origin.name == name);
        let index = known.unwrap_or(self.origins.len());
        if index >= MOST_STREAMS {
            return None;
        }
        if known.is_none() {
            let origin = Origin::named(name);
            if self.format == Format::Har {
                self.har.push(Har::new(&origin));
            }
            self.origins.push(origin);
            self.encoder = Encoder::new(self.origins.iter().map(|origin| origin.name.as_str()));
        }
        Some(StreamId(index as u16))
    }

    fn line(&mut self, event: &Event, out: &mut Vec<u8>) {
        match &event.kind {
            EventKind::Message(direction, class, message) if self.masks => {
                let Cow::Owned(data) = self.payload(event.stream, message) else {
                    return self.encoder.encode(event, out);
                };
                let data = data.into();
                let message = Message { data, ..*message };
                let kind = EventKind::Message(*direction, *class, message);
                self.encoder.encode(&Event { kind, ..*event }, out);
            }
            EventKind::Message(..) => self.encoder.encode(event, out),
            EventKind::Lifecycle(_) => {
                let mut line = Vec::new();
                self.encoder.encode(event, &mut line);
                self.turn(&line, out);
            }
        }
    }

    /// A turn has members that only its line holds.
    fn turn(&self, line: &[u8], out: &mut Vec<u8>) {
        let line = line.trim_ascii_end();
        match masked_line(line).filter(|_| self.masks) {
            Some(masked) => out.extend_from_slice(masked.as_bytes()),
            None => out.extend_from_slice(line),
        }
        out.push(b'\n');
    }
}

/// A turn's line with its texts masked, each as it reads without the escapes of JSON; `None`: nothing in it is masked.
fn masked_line(line: &[u8]) -> Option<String> {
    let mut turn = serde_json::from_slice(&masked(line)).ok()?;
    let inside = mask_texts(&mut turn);
    let whole = matches!(masked(line), Cow::Owned(_));
    (inside || whole).then(|| safe_json(&turn))
}

/// Whether a text was masked. The library has read it, so it is not nested deep.
fn mask_texts(value: &mut Value) -> bool {
    match value {
        Value::String(text) => match masked(text.as_bytes()) {
            Cow::Borrowed(_) => false,
            Cow::Owned(bytes) => {
                *text = String::from_utf8_lossy(&bytes).into_owned();
                true
            }
        },
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |any, item| mask_texts(item) | any),
        Value::Object(members) => members
            .values_mut()
            .fold(false, |any, item| mask_texts(item) | any),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The event that a recorded message was; `None` for a turn, of which a record does not hold all.
fn message(stream: StreamId, record: &Record<'_>) -> Option<Event> {
    let Recorded::Message {
        direction,
        class,
        kind,
        data,
    } = &record.body
    else {
        return None;
    };
    let message = Message {
        kind: *kind,
        data: data.to_vec().into(),
    };
    Some(Event {
        n: record.n,
        at: Now {
            wall: record.time,
            ..Now::default()
        },
        stream,
        kind: EventKind::Message(*direction, *class, message),
    })
}

fn mask(record: Record<'_>, masks: bool) -> Record<'_> {
    if !masks {
        return record;
    }
    let body = match record.body {
        Recorded::Message {
            direction,
            class,
            kind,
            data,
        } => Recorded::Message {
            direction,
            class,
            kind,
            data: match hidden_in(&data, kind, None) {
                Cow::Owned(masked) => masked.into(),
                Cow::Borrowed(_) => data,
            },
        },
        Recorded::Turn { event, message } => Recorded::Turn {
            event,
            message: match masked(message.as_bytes()) {
                Cow::Owned(masked) => String::from_utf8_lossy(&masked).into_owned().into(),
                Cow::Borrowed(_) => message,
            },
        },
    };
    Record { body, ..record }
}
