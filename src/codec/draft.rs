//! What a text that the user means to send is, judged before it is sent.

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Error};

use super::Codec;

/// A text before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    /// It is what the service expects, as far as that can be told.
    Fits,
    /// The service expects JSON and this is none: what is wrong, and where. It can be sent all the same.
    NotJson(String),
    /// No message can be made of it; why.
    Wrong(String),
}

impl Codec {
    /// Judges a text that is to be sent in this form.
    pub fn draft(self, text: &str) -> Draft {
        let json = match self {
            Self::Json | Self::Array | Self::Delimited => {
                serde_json::from_str::<IgnoredAny>(text).map(drop)
            }
            Self::Lines => Deserializer::from_str(text)
                .into_iter::<IgnoredAny>()
                .try_for_each(|value| value.map(drop)),
            Self::Socketio | Self::Stomp | Self::Irc | Self::Nats | Self::Mqtt => Ok(()),
        };
        match (json, self.encode(text)) {
            (Err(error), _) => Draft::NotJson(words(&error)),
            (Ok(()), Err(why)) => Draft::Wrong(why),
            (Ok(()), Ok(_)) => Draft::Fits,
        }
    }

    /// What the user writes to send a message in this form, in a few words.
    pub const fn expects(self) -> &'static str {
        match self {
            Self::Json | Self::Array | Self::Delimited => "JSON",
            Self::Lines => "JSON, one value a line",
            Self::Socketio => "Socket.IO packet",
            Self::Stomp => "STOMP frame",
            Self::Irc => "IRC line",
            Self::Nats => "NATS command",
            Self::Mqtt => "MQTT packet as JSON",
        }
    }
}

/// The library's words; in a text of one line with the column alone.
fn words(error: &Error) -> String {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let place = format!(" at line {line} column {column}");
    match text.strip_suffix(&place) {
        Some(what) if line == 1 => format!("{what} at column {column}"),
        Some(what) => format!("{what} in line {line} at column {column}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_asked_for_where_it_is_expected() {
        let not_json = |text: &str| Draft::NotJson(text.into());
        let cases = [
            (Codec::Json, r#"{"op":"ping"}"#, Draft::Fits),
            (
                Codec::Json,
                r#"{"op":"ping" 1}"#,
                not_json("expected `,` or `}` at column 14"),
            ),
            (
                Codec::Json,
                "{\n  1}",
                not_json("key must be a string in line 2 at column 3"),
            ),
            (
                Codec::Json,
                "{}{}",
                not_json("trailing characters at column 3"),
            ),
            (Codec::Lines, "{}\n{}", Draft::Fits),
            (Codec::Stomp, "SEND\n\nhello", Draft::Fits),
        ];
        for (codec, text, wanted) in cases {
            assert_eq!(codec.draft(text), wanted, "{codec:?} {text}");
        }
        assert!(matches!(Codec::Mqtt.draft("hello"), Draft::Wrong(_)));
    }
}
