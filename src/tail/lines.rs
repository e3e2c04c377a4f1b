//! How `tail` writes a message: as an event, or its payload alone.

use std::io::IsTerminal;

use crate::{
    cli::TailFormat,
    event::{Encoder, Event},
    message::Message,
    payload::escape::escape,
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
        encoder: &mut Encoder,
        event: &Event,
        message: &Message,
        out: &mut Vec<u8>,
    ) {
        match self {
            Self::Events => return encoder.encode(event, out),
            Self::Payloads => out.extend_from_slice(&message.data),
            Self::Shown => {
                let text = String::from_utf8_lossy(&message.data);
                out.extend_from_slice(escape(&text).as_bytes());
            }
        }
        out.push(b'\n');
    }
}
