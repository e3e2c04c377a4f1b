//! Packets that a server sends, as JSON. Nothing but what the standards allow is read, so that a text tells of the rest.

use serde_json::{Map, Value};

use super::{
    super::value::{object, payload},
    NAMES, property, varint,
};

/// What is left of a packet; everything is taken from its beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'p>(pub(super) &'p [u8]);

impl<'p> Bytes<'p> {
    pub(super) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'p [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// Two bytes, the high one first.
    pub(super) fn two(&mut self) -> Option<u16> {
        let (two, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*two))
    }

    /// Four bytes, the highest first.
    pub(super) fn four(&mut self) -> Option<u32> {
        let (four, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*four))
    }

    pub(super) fn varint(&mut self) -> Option<usize> {
        let (value, rest) = varint(self.0)?;
        self.0 = rest;
        Some(value)
    }

    /// Bytes with their length in two bytes before them.
    pub(super) fn counted(&mut self) -> Option<&'p [u8]> {
        let count = self.two()?;
        self.take(count.into())
    }

    pub(super) fn string(&mut self) -> Option<&'p str> {
        str::from_utf8(self.counted()?).ok()
    }
}

/// A packet by its first byte and what follows its length; learns from a CONNACK which version it is.
pub(super) fn packet(first: u8, body: &[u8], five: &mut bool) -> Option<Value> {
    let name = NAMES.get(usize::from(first >> 4))?;
    let mut bytes = Bytes(body);
    match first >> 4 {
        2 => {
            // 3.1.1 section 3.2: always two bytes; 5 section 3.2: at least three.
            *five = body.len() != 2;
            connack(&mut bytes, *five)
        }
        3 => publish(first, &mut bytes, *five),
        4..=7 => acknowledgement(name, &mut bytes),
        9 | 11 => granted(name, &mut bytes, *five),
        14 | 15 => ending(name, &mut bytes),
        _ => Some(object([("packet", (*name).into())])),
    }
    .filter(|_| bytes.is_empty())
}

fn connack(bytes: &mut Bytes<'_>, five: bool) -> Option<Value> {
    let flags = bytes.byte().filter(|flags| *flags < 2)?;
    Some(object([
        ("packet", "CONNACK".into()),
        ("version", if five { 5 } else { 4 }.into()),
        ("session", (flags == 1).into()),
        ("reason", bytes.byte()?.into()),
        ("properties", properties(bytes, five)?.into()),
    ]))
}

fn publish(first: u8, bytes: &mut Bytes<'_>, five: bool) -> Option<Value> {
    let topic = bytes.string()?;
    let qos = first >> 1 & 3;
    let id = if qos > 0 { Some(bytes.two()?) } else { None };
    let properties = properties(bytes, five)?;
    Some(object([
        ("packet", "PUBLISH".into()),
        ("topic", topic.into()),
        ("qos", qos.into()),
        ("id", id.into()),
        ("retain", (first & 1 == 1).into()),
        ("duplicate", (first & 8 == 8).into()),
        ("properties", properties.into()),
        ("payload", payload(bytes.take(bytes.0.len())?)),
    ]))
}

/// PUBACK, PUBREC, PUBREL, PUBCOMP: a reason that is left out is success (MQTT 5 section 3.4.2).
fn acknowledgement(name: &str, bytes: &mut Bytes<'_>) -> Option<Value> {
    let id = bytes.two()?;
    let (reason, properties) = reason(bytes)?;
    Some(object([
        ("packet", name.into()),
        ("id", id.into()),
        ("reason", reason),
        ("properties", properties),
    ]))
}

/// SUBACK and UNSUBACK: a reason for each topic.
fn granted(name: &str, bytes: &mut Bytes<'_>, five: bool) -> Option<Value> {
    let id = bytes.two()?;
    let properties = properties(bytes, five)?;
    let reasons = bytes.take(bytes.0.len())?;
    Some(object([
        ("packet", name.into()),
        ("id", id.into()),
        ("reasons", reasons.into()),
        ("properties", properties.into()),
    ]))
}

/// DISCONNECT and AUTH.
fn ending(name: &str, bytes: &mut Bytes<'_>) -> Option<Value> {
    let (reason, properties) = reason(bytes)?;
    Some(object([
        ("packet", name.into()),
        ("reason", reason),
        ("properties", properties),
    ]))
}

fn reason(bytes: &mut Bytes<'_>) -> Option<(Value, Value)> {
    let reason = if bytes.is_empty() { 0 } else { bytes.byte()? };
    let properties = properties(bytes, !bytes.is_empty())?;
    Some((reason.into(), properties.into()))
}

/// The properties, where there are any to be.
fn properties(bytes: &mut Bytes<'_>, are_there: bool) -> Option<Map<String, Value>> {
    if !are_there {
        return Some(Map::new());
    }
    let length = bytes.varint()?;
    property::read(Bytes(bytes.take(length)?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(first: u8, body: &[u8], mut five: bool) -> Option<Value> {
        packet(first, body, &mut five)
    }

    #[test]
    fn a_connack_tells_the_version() {
        let mut five = true;
        let old = packet(0x20, &[1, 0], &mut five);
        assert_eq!(
            old,
            Some(
                json!({"packet": "CONNACK", "version": 4, "session": true, "reason": 0, "properties": {}})
            )
        );
        assert!(!five);
        let body =
            b"\x00\x87\x16\x13\x00\x1e\x1f\x00\x06denied\x21\x00\x0a\x24\x01\x29\x00\x1c\0\0";
        let new = packet(0x20, body, &mut five);
        let properties = json!({
            "serverKeepAlive": 30, "reasonString": "denied", "receiveMaximum": 10, "maximumQoS": 1,
            "subscriptionIdentifiersAvailable": 0, "serverReference": "",
        });
        assert_eq!(
            new,
            Some(
                json!({"packet": "CONNACK", "version": 5, "session": false, "reason": 135, "properties": properties})
            )
        );
        assert!(five);
    }

    #[test]
    fn a_publish_is_read() {
        let old = read(0x3b, b"\0\x03a/b\0\x0a{\"x\":1}", false);
        let expected = json!({
            "packet": "PUBLISH", "topic": "a/b", "qos": 1, "id": 10, "retain": true, "duplicate": true, "properties": {},
            "payload": "{\"x\":1}",
        });
        assert_eq!(old, Some(expected));
        let new = read(
            0x30,
            b"\0\x01a\x12\x03\0\x01j\x26\0\x01k\0\x01v\x26\0\x01k\0\x01w\xff",
            true,
        )
        .unwrap();
        assert_eq!(
            new["properties"],
            json!({"contentType": "j", "userProperties": {"k": ["v", "w"]}})
        );
        assert_eq!(
            (&new["id"], &new["payload"]),
            (&json!(null), &json!({"base64": "/w=="}))
        );
    }

    #[test]
    fn acknowledgements_are_read() {
        let packets = [
            (
                0x40,
                &b"\0\x07"[..],
                true,
                json!({"packet": "PUBACK", "id": 7, "reason": 0, "properties": {}}),
            ),
            (
                0x50,
                b"\0\x07\x10",
                true,
                json!({"packet": "PUBREC", "id": 7, "reason": 16, "properties": {}}),
            ),
            (
                0x62,
                b"\0\x07\x92\0",
                true,
                json!({"packet": "PUBREL", "id": 7, "reason": 146, "properties": {}}),
            ),
            (
                0x90,
                b"\0\x01\x02\x80",
                false,
                json!({"packet": "SUBACK", "id": 1, "reasons": [2, 128], "properties": {}}),
            ),
            (
                0x90,
                b"\0\x01\0\x87",
                true,
                json!({"packet": "SUBACK", "id": 1, "reasons": [135], "properties": {}}),
            ),
            (
                0xb0,
                b"\0\x01",
                false,
                json!({"packet": "UNSUBACK", "id": 1, "reasons": [], "properties": {}}),
            ),
        ];
        for (first, body, five, value) in packets {
            assert_eq!(read(first, body, five), Some(value));
        }
    }

    #[test]
    fn signs_of_life_and_endings_are_read() {
        let packets = [
            (0xd0, &b""[..], false, json!({"packet": "PINGRESP"})),
            (
                0xe0,
                b"",
                true,
                json!({"packet": "DISCONNECT", "reason": 0, "properties": {}}),
            ),
            (
                0xe0,
                b"\x8e",
                true,
                json!({"packet": "DISCONNECT", "reason": 142, "properties": {}}),
            ),
            (
                0xf0,
                b"\x18\x0a\x15\0\x01m\x16\0\x03\xff\0\xff",
                true,
                json!({
                    "packet": "AUTH", "reason": 24,
                    "properties": {"authenticationMethod": "m", "authenticationData": {"base64": "/wD/"}},
                }),
            ),
        ];
        for (first, body, five, value) in packets {
            assert_eq!(read(first, body, five), Some(value));
        }
    }

    #[test]
    fn what_the_standards_do_not_allow_is_not_read() {
        let others: [(u8, &[u8]); 12] = [
            (0x20, &[]),
            (0x20, &[2, 0]),
            (0x20, &[0, 0, 1]),
            (0x20, &[0, 0, 0, 0]),
            (0x20, &[0, 0, 0xff, 0xff, 0xff, 0xff, 0x7f]),
            (0x30, &[0xff, 0xff, b'a']),
            (0x30, &[0, 1, 0xff, 0]),
            (0x32, &[0, 1, b'a', 0]),
            (0x40, &[0]),
            (0x40, &[0, 1, 0, 0, 0]),
            (0xd0, &[0]),
            (0xe0, &[0, 2, 0x1f, 0]),
        ];
        for (first, body) in others {
            assert_eq!(read(first, body, true), None, "{first:#x} {body:x?}");
        }
    }
}
