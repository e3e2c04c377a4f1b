//! Reads WebSocket messages one after another and keeps what is incomplete: frames of STOMP and packets of NATS and MQTT
//! need not end where a WebSocket message ends.
//!
//! What is kept stays below the limit, and costs nothing to keep: bytes looked at once are not looked at again, but for
//! a head of bounded length. One WebSocket message makes a bounded number of values.

use std::mem;

use serde_json::Value;

use crate::message::{Kind, Message};

use super::{Codec, irc, json, list, mqtt, nats, socketio, stomp, value::text};

/// The most messages that are read from one WebSocket message: small ones would take much more memory than their bytes.
const MOST: usize = 1 << 16;

/// What stands at the beginning of some bytes.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// A message, and how many bytes it took, at least one.
    Value(Value, usize),
    /// The beginning of one, and how long it will be, if that is known by now.
    More(Option<usize>),
    /// Nothing of the form.
    Foreign,
}

/// Decodes what arrives over one link; a new link needs a new one.
#[derive(Debug)]
pub struct Decoder {
    codec: Codec,
    limit: usize,
    rest: Vec<u8>,
    /// With fewer bytes there is nothing to be read.
    need: usize,
    /// Bytes still to come of a message that is too large.
    skip: usize,
    /// Whether the server speaks MQTT 5.
    five: bool,
}

impl Decoder {
    /// A decoder that keeps fewer bytes than `limit` of messages that are incomplete.
    pub const fn new(codec: Codec, limit: usize) -> Self {
        Self {
            codec,
            limit,
            rest: Vec::new(),
            need: 0,
            skip: 0,
            five: false,
        }
    }

    /// The messages that are complete with this WebSocket message, in order, as `docs/dialects.md` shows them. What is
    /// not of the codec's form is a string of it; what is too large to be kept is a string that says so.
    pub fn decode(&mut self, message: &Message) -> Vec<Value> {
        let data = &message.data[..];
        match self.codec {
            Codec::Json => vec![json::value(data)],
            Codec::Array => json::array(data),
            Codec::Lines => list::lines(data),
            Codec::Delimited => list::delimited(data),
            Codec::Socketio => vec![socketio::value(message)],
            Codec::Irc => irc::lines(data),
            // MQTT 5 section 6 [MQTT-6.0.0-1]: packets are in binary messages.
            Codec::Mqtt if message.kind == Kind::Text => vec![text(data)],
            Codec::Stomp | Codec::Nats | Codec::Mqtt => self.frames(data),
        }
    }

    fn frames(&mut self, data: &[u8]) -> Vec<Value> {
        let data = self.behind_skipped(data);
        let mut values = Vec::new();
        if self.rest.is_empty() {
            let used = self.walk(data, 0, &mut values);
            self.rest = data.get(used..).unwrap_or_default().to_vec();
            return values;
        }
        let mut all = mem::take(&mut self.rest);
        let seen = all.len();
        all.extend_from_slice(data);
        if all.len() >= self.need {
            let used = self.walk(&all, seen, &mut values);
            all.drain(..used.min(all.len()));
        }
        if !all.is_empty() {
            self.rest = all;
        }
        values
    }

    fn behind_skipped<'d>(&mut self, data: &'d [u8]) -> &'d [u8] {
        let (skipped, behind) = data.split_at(self.skip.min(data.len()));
        self.skip -= skipped.len();
        behind
    }

    /// Reads what is complete; tells how many bytes are done with. The first `seen` bytes were looked at before.
    fn walk(&mut self, bytes: &[u8], mut seen: usize, values: &mut Vec<Value>) -> usize {
        let mut used = 0;
        while let Some(left @ [_, ..]) = bytes.get(used..) {
            if values.len() == MOST {
                values.push(too_many());
                return bytes.len();
            }
            match self.step(left, mem::take(&mut seen)) {
                Step::Value(value, length) => {
                    values.push(value);
                    used += length;
                }
                Step::More(whole) if self.keeps(left.len(), whole) => return used,
                Step::More(whole) => {
                    self.skip = whole.map_or(0, |whole| whole.saturating_sub(left.len()));
                    values.push(too_large(self.limit));
                    return bytes.len();
                }
                Step::Foreign => {
                    values.push(text(left));
                    return bytes.len();
                }
            }
        }
        used
    }

    fn step(&mut self, bytes: &[u8], seen: usize) -> Step {
        match self.codec {
            Codec::Stomp => stomp::step(bytes, seen),
            Codec::Nats => nats::step(bytes),
            Codec::Mqtt => mqtt::step(bytes, &mut self.five),
            _ => Step::Foreign,
        }
    }

    /// Whether an incomplete message may be kept.
    const fn keeps(&mut self, here: usize, whole: Option<usize>) -> bool {
        let (need, least) = match whole {
            Some(whole) => (whole, whole),
            None => (0, here.saturating_add(1)),
        };
        self.need = need;
        least <= self.limit
    }
}

/// The first message in the bytes of a WebSocket message, read without those that came before: for MQTT as version 5 wherever
/// that is possible.
pub fn first(codec: Codec, data: &[u8]) -> Option<Value> {
    let mut decoder = Decoder::new(codec, 0);
    let value = |step| match step {
        // A text is what is not of the form.
        Step::Value(value, _) => Some(value).filter(|value| !value.is_string()),
        Step::More(_) | Step::Foreign => None,
    };
    match codec {
        Codec::Json => json::parse(data),
        Codec::Array => json::array(data).into_iter().next(),
        Codec::Lines => list::lines(data).into_iter().next(),
        Codec::Delimited => list::delimited(data).into_iter().next(),
        Codec::Socketio => socketio::packet(data),
        Codec::Irc => irc::lines(data).into_iter().next(),
        Codec::Stomp | Codec::Nats => value(decoder.step(data, 0)),
        Codec::Mqtt => [true, false].into_iter().find_map(|five| {
            decoder.five = five;
            value(decoder.step(data, 0))
        }),
    }
}

/// As many values as one WebSocket message may make, and a text where there were more.
pub(super) fn at_most(mut values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut read: Vec<_> = values.by_ref().take(MOST).collect();
    read.extend(values.next().map(|_| too_many()));
    read
}

fn too_many() -> Value {
    format!("more than {MOST} messages in one WebSocket message: the others are left out").into()
}

fn too_large(limit: usize) -> Value {
    format!("an incomplete message that exceeds {limit} bytes: left out").into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const FRAMED: [Codec; 3] = [Codec::Stomp, Codec::Nats, Codec::Mqtt];

    /// A stream of each codec with what it holds.
    fn streams() -> [(Codec, Vec<u8>, usize); 3] {
        let stomp = b"CONNECTED\nversion:1.2\n\n\0MESSAGE\ncontent-length:3\nx:y\n\na\0b\0\nERROR\r\n\r\nno\0".to_vec();
        let nats =
            b"INFO {\"a\":1}\r\nPING\r\nMSG a.b 1 5\r\n\r\nPIN\r\n-ERR 'x'\r\n+OK\r\n".to_vec();
        let mqtt = b"\x20\x03\0\0\0\x30\x08\0\x03a/b\0hi\xd0\0\x40\x02\0\x07".to_vec();
        [
            (Codec::Stomp, stomp, 3),
            (Codec::Nats, nats, 5),
            (Codec::Mqtt, mqtt, 4),
        ]
    }

    fn decoded(decoder: &mut Decoder, pieces: &[&[u8]]) -> Vec<Value> {
        let message = |piece: &&[u8]| decoder.decode(&Message::binary(piece.to_vec()));
        pieces.iter().flat_map(message).collect()
    }

    #[test]
    fn where_a_message_is_split_does_not_matter() {
        for (codec, stream, count) in streams() {
            let whole = decoded(&mut Decoder::new(codec, 1000), &[&stream]);
            assert_eq!(whole.len(), count, "{whole:?}");
            assert!(whole.iter().all(Value::is_object), "{whole:?}");
            for at in 0..=stream.len() {
                let (head, tail) = stream.split_at(at);
                let mut decoder = Decoder::new(codec, 1000);
                let mut split = decoded(&mut decoder, &[head, tail]);
                // The line feed that may follow a frame of STOMP is a heartbeat where it comes by itself.
                split.retain(|value| *value != json!({"command": ""}));
                assert_eq!(split, whole, "{codec:?} at {at}");
                assert!(decoder.rest.is_empty());
            }
            let bytes: Vec<_> = stream.chunks(1).collect();
            let mut single = decoded(&mut Decoder::new(codec, 1000), &bytes);
            single.retain(|value| *value != json!({"command": ""}));
            assert_eq!(single, whole, "{codec:?}");
        }
    }

    #[test]
    fn a_message_that_is_too_large_is_told_once_and_passed_over() {
        let large = [
            (
                Codec::Stomp,
                &b"MESSAGE\ncontent-length:150\n\n"[..],
                &b"\0"[..],
                &b"RECEIPT\n\n\0"[..],
            ),
            (Codec::Nats, b"MSG a 1 150\r\n", b"\r\n", b"PING\r\n"),
            (Codec::Mqtt, b"\x30\x99\x01\0\x01a", b"", b"\xd0\0"),
        ];
        for (codec, head, end, next) in large {
            let body = [b'x'; 50];
            let mut decoder = Decoder::new(codec, 100);
            let values = decoded(&mut decoder, &[head, &body, &body, &body, end, next]);
            assert_eq!(values.len(), 2, "{values:?}");
            assert!(
                values[0]
                    .as_str()
                    .is_some_and(|text| text.contains("100 bytes"))
            );
            assert!(values[1].is_object(), "{values:?}");
        }
    }

    #[test]
    fn a_message_without_an_end_is_told_and_dropped() {
        let mut decoder = Decoder::new(Codec::Stomp, 100);
        let values = decoded(
            &mut decoder,
            &[b"MESSAGE\n\n", &[b'x'; 50], &[b'x'; 50], b"RECEIPT\n\n\0"],
        );
        assert_eq!(values.len(), 2, "{values:?}");
        assert_eq!(values[1]["command"], "RECEIPT");
    }

    #[test]
    fn a_whole_message_may_exceed_the_limit() {
        let stream = [&b"MSG a 1 200\r\n"[..], &[b'x'; 200], b"\r\n"].concat();
        let values = decoded(&mut Decoder::new(Codec::Nats, 100), &[&stream]);
        assert_eq!(values[0]["payload"], "x".repeat(200));
    }

    #[test]
    fn many_small_pieces_of_a_large_message_are_read_in_time() {
        let mut decoder = Decoder::new(Codec::Stomp, 1 << 22);
        assert!(decoded(&mut decoder, &[b"MESSAGE\n\n", &vec![b'x'; 1 << 21]]).is_empty());
        for _ in 0..100_000 {
            assert!(decoded(&mut decoder, &[b"x"]).is_empty());
        }
        assert_eq!(decoded(&mut decoder, &[b"\0"]).len(), 1);
    }

    #[test]
    fn a_flood_of_messages_is_cut_and_told() {
        let values = decoded(
            &mut Decoder::new(Codec::Nats, 100),
            &[&b"PING\r\n".repeat(100_000)],
        );
        assert_eq!(values.len(), MOST + 1);
        assert!(values[MOST].is_string());
    }

    #[test]
    fn what_is_foreign_is_one_text() {
        for codec in FRAMED {
            let values = decoded(&mut Decoder::new(codec, 100), &[b"hello\r\nPING\r\n"]);
            assert_eq!(values, [json!("hello\r\nPING\r\n")], "{codec:?}");
        }
        let values = Decoder::new(Codec::Mqtt, 100).decode(&Message::text("\u{20}\u{2}\0\0"));
        assert_eq!(values, [json!(" \u{2}\0\0")]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_and_what_is_kept_is_bounded(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20),
            known in any::<bool>(),
        ) {
            for (codec, stream, _) in streams() {
                let mut decoder = Decoder::new(codec, 50);
                for piece in &pieces {
                    if known {
                        let at = piece.len().min(stream.len());
                        decoded(&mut decoder, &[&stream[..at]]);
                    }
                    let values = decoded(&mut decoder, &[piece]);
                    prop_assert!(values.len() <= 50 + piece.len());
                    prop_assert!(decoder.rest.len() < 50);
                }
            }
        }
    }
}
