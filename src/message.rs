//! One WebSocket message, as it was on the wire.

use bytes::Bytes;

/// Text or binary (RFC 6455 section 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8, checked when it was received.
    Text,
    /// Any bytes.
    Binary,
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the server.
    In,
    /// To the server.
    Out,
}

/// What a message is to its service, as far as the dialect tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Class {
    /// What the user watches for.
    #[default]
    Event,
    /// It only shows that the link lives.
    Heartbeat,
    /// An answer or an order of the service's protocol.
    Control,
    /// An event that came before, by its id.
    Duplicate,
}

impl Class {
    /// The word for it in records and dialects.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Heartbeat => "heartbeat",
            Self::Control => "control",
            Self::Duplicate => "duplicate",
        }
    }
}

/// A whole message: its kind and its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Text or binary.
    pub kind: Kind,
    /// The payload. Received ones share the library's read buffer: copy what is kept.
    pub data: Bytes,
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            kind: Kind::Text,
            data: Bytes::from(text.into()),
        }
    }

    /// A binary message.
    pub fn binary(data: impl Into<Bytes>) -> Self {
        Self {
            kind: Kind::Binary,
            data: data.into(),
        }
    }
}
