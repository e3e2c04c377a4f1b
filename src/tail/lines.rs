//! How `tail` writes a message: as an event, or its payload alone.

use std::io::IsTerminal;

use crate::{
    cli::TailFormat, event::Event, export::Exporter, message::Message, payload::escape::escape,
};

/// Writes messages as lines.
pub(super) enum Lines {
    /// Events as NDJSON.
    Events,
    /// Payloads as they came, a line feed behind each.
    Payloads,
    /// Payloads with what a terminal would obey shown as escapes.
    Shown,
}

impl Lines {
    /// What was asked for, before a terminal or not.
    pub(super) fn new(format: TailFormat) -> Self {
        match format {
            TailFormat::Ndjson => Self::Events,
            TailFormat::Payload if std::io::stdout().is_terminal() => Self::Shown,
            TailFormat::Payload => Self::Payloads,
        }
    }

    /// Appends a message's line.
    pub(super) fn write(
        &self,
        exporter: &mut Exporter,
        event: &Event,
        message: &Message,
        out: &mut Vec<u8>,
    ) {
        match self {
            Self::Events => return exporter.event(event, out),
            Self::Payloads => out.extend_from_slice(&exporter.payload(event.stream, message)),
            Self::Shown => {
                let payload = exporter.payload(event.stream, message);
                let text = String::from_utf8_lossy(&payload);
                out.extend_from_slice(escape(&text).as_bytes());
            }
        }
        out.push(b'\n');
    }
}
