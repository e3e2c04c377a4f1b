//! How messages stand in WebSocket messages: nine forms, each in a file of its own, all read as JSON values, so that one
//! language of patterns and pointers serves them all.
//!
//! Whatever arrives is read: what is not of a codec's form is a JSON string, never an error. Only what we send can be
//! wrong, and only where it has to be made into packets. Nothing here knows what a message means.

mod decoder;
mod draft;
mod irc;
mod json;
mod list;
mod mqtt;
mod nats;
mod socketio;
mod stomp;
mod value;

pub use decoder::{Decoder, first};
pub use draft::Draft;

use crate::message::{Kind, Message};

/// How the messages of a service stand in WebSocket messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// One JSON value (RFC 8259).
    #[default]
    Json,
    /// One JSON value, or an array of several messages.
    Array,
    /// JSON values, one a line, as Centrifugo sends them.
    Lines,
    /// JSON values, each ended by 0x1E: the records of `SignalR`'s JSON hub protocol.
    Delimited,
    /// A packet of Engine.IO 4, with one of Socket.IO 5 in it.
    Socketio,
    /// Frames of STOMP 1.2.
    Stomp,
    /// Lines of IRC (RFC 2812) with `IRCv3` tags.
    Irc,
    /// The NATS client protocol.
    Nats,
    /// Packets of MQTT 3.1.1 or 5.
    Mqtt,
}

impl Codec {
    /// Whether its messages are JSON as it stands, one or several in a WebSocket message.
    pub const fn is_json(self) -> bool {
        matches!(
            self,
            Self::Json | Self::Array | Self::Lines | Self::Delimited
        )
    }

    /// The codecs by their words in a dialect file.
    pub const WORDS: [(&str, Self); 9] = [
        ("json", Self::Json),
        ("array", Self::Array),
        ("lines", Self::Lines),
        ("delimited", Self::Delimited),
        ("socketio", Self::Socketio),
        ("stomp", Self::Stomp),
        ("irc", Self::Irc),
        ("nats", Self::Nats),
        ("mqtt", Self::Mqtt),
    ];

    /// The kind of the messages that are sent: NATS and MQTT (section 6 of MQTT 5) are binary.
    pub const fn sends(self) -> Kind {
        match self {
            Self::Nats | Self::Mqtt => Kind::Binary,
            _ => Kind::Text,
        }
    }

    /// The message to send for a filled template: the text with the end its form demands; for MQTT the packet that the
    /// text describes as JSON. Fails for MQTT only, with a sentence that says what is wrong.
    pub fn encode(self, text: &str) -> Result<Message, String> {
        Ok(match self {
            Self::Json | Self::Array | Self::Lines | Self::Socketio => Message::text(text),
            Self::Delimited => Message::text(list::ended(text)),
            Self::Stomp => Message::text(stomp::ended(text)),
            Self::Irc => Message::text(irc::ended(text)),
            Self::Nats => Message::binary(nats::ended(text)),
            Self::Mqtt => Message::binary(mqtt::packet(text)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_codec_has_a_word_and_sends_what_it_says() {
        for (word, codec) in Codec::WORDS {
            let sent = codec.encode(r#"{"packet":"PINGREQ"}"#).unwrap();
            assert_eq!(sent.kind, codec.sends(), "{word}");
        }
    }

    #[test]
    fn text_is_sent_as_it_is_with_the_end_its_form_demands() {
        let sent = [
            (Codec::Json, "{\"a\": 1}\n", "{\"a\": 1}\n"),
            (Codec::Array, "[1]", "[1]"),
            (Codec::Lines, "{}\n{}", "{}\n{}"),
            (Codec::Socketio, "40{\"token\":1}", "40{\"token\":1}"),
            (Codec::Delimited, "{}", "{}\u{1e}"),
            (Codec::Delimited, "{}\u{1e}", "{}\u{1e}"),
        ];
        for (codec, text, wire) in sent {
            assert_eq!(codec.encode(text), Ok(Message::text(wire)), "{codec:?}");
        }
    }
}
