//! Where the messages of a stream hold what, as its dialect says.
//!
//! In messages that are JSON a place is found in the bytes as they are, and nothing is copied unless it lies within a text
//! that holds JSON. Messages of other forms (`STOMP`, MQTT …) are read as their codec reads them.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    codec::{self, Codec},
    dialect::{EventMap, pointed, text_of},
    message::Kind,
    payload::json,
};

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

/// The places of a stream.
#[derive(Debug, Default)]
pub struct Places {
    codec: Codec,
    kind: Vec<Place>,
    parts: [Option<Place>; 4],
}

/// A JSON pointer (RFC 6901), and the names and indices that it is made of.
#[derive(Debug)]
struct Place {
    pointer: String,
    steps: Vec<String>,
}

impl Place {
    fn new(pointer: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            steps: json::steps(pointer),
        }
    }
}

impl Places {
    /// The places that a dialect names.
    pub fn new(map: &EventMap) -> Self {
        let place = |pointer: &Option<String>| pointer.as_deref().map(Place::new);
        Self {
            codec: map.codec,
            kind: map.kind.iter().map(|pointer| Place::new(pointer)).collect(),
            parts: [&map.id, &map.time, &map.channel, &map.payload].map(place),
        }
    }

    /// Whether a message of this kind may state a type: one of bytes only where such are messages of the service.
    pub const fn types(&self, kind: Kind) -> bool {
        match kind {
            Kind::Text => true,
            Kind::Binary => !self.codec.is_json() && !self.kind.is_empty(),
        }
    }

    /// The type a message states: at the first place that is there, or else in the usual members.
    pub fn type_name<'a>(&self, data: &'a [u8]) -> Option<Cow<'a, str>> {
        if self.kind.is_empty() {
            return json::type_name(data).map(Cow::Borrowed);
        }
        if self.codec.is_json() {
            let data = self.message(data);
            let mut places = self.kind.iter();
            return places.find_map(|place| json::type_at(data, &place.steps));
        }
        let message = codec::first(self.codec, data)?;
        let mut found = self
            .kind
            .iter()
            .filter_map(|place| pointed(&message, &place.pointer))
            .filter(|found| !found.is_null() && !found.is_object() && !found.is_array());
        Some(Cow::Owned(text_of(&*found.next()?)))
    }

    /// A part of a message as it was written; where the payload is a text that holds JSON, that JSON.
    pub fn part<'a>(&self, part: Part, data: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let place = self.parts[part as usize].as_ref()?;
        let found = if self.codec.is_json() {
            json::value_at(self.message(data), &place.steps)?
        } else {
            let message = codec::first(self.codec, data)?;
            Cow::Owned(written(&*pointed(&message, &place.pointer)?)?)
        };
        let inner = (part == Part::Payload).then(|| json::inner(&found));
        Some(inner.flatten().map_or(found, Cow::Owned))
    }

    /// The first message: behind the bracket where several may stand in an array.
    fn message<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        let array = self.codec == Codec::Array;
        let items = data.trim_ascii_start().strip_prefix(b"[");
        items.filter(|_| array).unwrap_or(data)
    }
}

fn written(value: &Value) -> Option<Vec<u8>> {
    serde_json::to_vec(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::shipped;

    fn of(dialect: &str) -> Places {
        Places::new(&shipped(dialect).unwrap().event)
    }

    fn part(places: &Places, part: Part, data: &[u8]) -> String {
        let found = places.part(part, data).unwrap_or_default();
        String::from_utf8(found.into_owned()).unwrap()
    }

    #[test]
    fn parts_are_found_whatever_the_form_of_the_messages() {
        let stomp =
            b"MESSAGE\ndestination:/topic/a\nmessage-id:m\\c1\nsubscription:2\n\n{\"n\":1}\0";
        let mqtt = b"\x30\x0b\x00\x01a\x00{\"n\":1}";
        let older = b"\x30\x0a\x00\x01a{\"n\":1}";
        let cases: [(&str, &[u8], [&str; 3]); 10] = [
            (
                "socketio",
                br#"42/admin,["news",{"n":1}]"#,
                ["news", "\"/admin\"", r#"["news",{"n":1}]"#],
            ),
            ("stomp", stomp, ["MESSAGE", "\"/topic/a\"", r#"{"n":1}"#]),
            (
                "nats",
                b"MSG a.b 1 7\r\n{\"n\":1}\r\n",
                ["MSG", "\"a.b\"", r#"{"n":1}"#],
            ),
            ("mqtt", mqtt, ["PUBLISH", "\"a\"", r#"{"n":1}"#]),
            ("mqtt", older, ["PUBLISH", "\"a\"", r#"{"n":1}"#]),
            (
                "twitch-irc",
                b"@id=x;tmi-sent-ts=5 :joe!j@t PRIVMSG #c :hi there\r\n",
                ["PRIVMSG", "\"#c\"", "\"hi there\""],
            ),
            (
                "alpaca",
                br#" [{"T":"t","S":"AAPL","p":1},{"T":"q"}]"#,
                ["t", "\"AAPL\"", ""],
            ),
            (
                "signalr",
                b"{\"type\":1,\"target\":\"news\",\"arguments\":[7]}\x1e{}\x1e",
                ["news", "", "[7]"],
            ),
            (
                "pusher",
                br#"{"event":"e","channel":"c","data":"{\"n\":1}"}"#,
                ["e", "\"c\"", r#"{"n":1}"#],
            ),
            (
                "actioncable",
                br#"{"identifier":"{\"channel\":\"Room\"}","message":{"type":"said"}}"#,
                ["said", "\"Room\"", r#"{"type":"said"}"#],
            ),
        ];
        for (dialect, data, wanted) in cases {
            let places = of(dialect);
            let found = [
                places.type_name(data).unwrap_or_default().into_owned(),
                part(&places, Part::Channel, data),
                part(&places, Part::Payload, data),
            ];
            assert_eq!(found, wanted, "{dialect}");
        }
        assert_eq!(part(&of("stomp"), Part::Id, stomp), "\"m:1\"");
    }

    #[test]
    fn what_is_not_of_the_form_has_no_places() {
        for dialect in ["socketio", "stomp", "nats", "mqtt", "twitch-irc", "alpaca"] {
            let places = of(dialect);
            for data in [&b""[..], b"\xff\x00", b"{\"a\":1}", b"[", b"42[", b"MSG a"] {
                assert_eq!(places.part(Part::Payload, data), None, "{dialect} {data:?}");
            }
        }
    }

    #[test]
    fn nothing_is_copied_where_nothing_lies_within_a_text() {
        let places = of("discord");
        let data = br#"{"t":"MESSAGE_CREATE","d":{"channel_id":"7","content":"{\"t\":1}"}}"#;
        for part in [Part::Channel, Part::Payload] {
            let found = places.part(part, data);
            assert!(matches!(found, Some(Cow::Borrowed(_))), "{found:?}");
        }
        assert!(matches!(places.type_name(data), Some(Cow::Borrowed(_))));
    }
}
