//! Packets that a client sends, made from their description as JSON:
//!
//! - `{"packet":"CONNECT","client":"…","username":"…","password":"…","clean":true,"keepalive":30,"version":5,"properties":{}}`
//! - `{"packet":"SUBSCRIBE","id":1,"topics":["a/#"],"qos":0}`, `{"packet":"UNSUBSCRIBE","id":1,"topics":["a/#"]}`
//! - `{"packet":"PUBLISH","topic":"a","payload":"…","qos":0,"id":1,"retain":false}`
//! - `{"packet":"PUBACK","id":1}`, also PUBREC, PUBREL, PUBCOMP
//! - `{"packet":"PINGREQ"}`, `{"packet":"DISCONNECT","reason":0}`, `{"packet":"AUTH","reason":25,"properties":{}}`
//!
//! `version` is 5, or 4 for MQTT 3.1.1; it makes a difference for CONNECT, SUBSCRIBE, UNSUBSCRIBE and PUBLISH, and 5 is
//! meant where it is left out. A member that is null is left out.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::{
    super::{json, value},
    LARGEST, NAMES, property,
};

/// The packet that a text describes, or a sentence that says what is wrong.
pub(in super::super) fn packet(text: &str) -> Result<Vec<u8>, String> {
    let described = json::parse(text.as_bytes());
    let members = described.as_ref().and_then(Value::as_object);
    let members = members.ok_or("a packet is described by a JSON object")?;
    let name = members
        .get("packet")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let fields = Fields { name, members };
    let (flags, body) = match name {
        "CONNECT" => (0, connect(&fields)?),
        "PUBLISH" => publish(&fields)?,
        "SUBSCRIBE" | "UNSUBSCRIBE" => (0b10, topics(&fields)?),
        "PUBREL" => (0b10, acknowledgement(&fields)?),
        "PUBACK" | "PUBREC" | "PUBCOMP" => (0, acknowledgement(&fields)?),
        "PINGREQ" => (0, Vec::new()),
        "DISCONNECT" => (0, reason(&fields, 0)?),
        "AUTH" => (0, reason(&fields, 0x18)?),
        "" => return Err("'packet' is missing".to_owned()),
        _ => return Err(format!("a client sends no packet '{name}'")),
    };
    framed(name, flags, &body)
}

fn framed(name: &str, flags: u8, body: &[u8]) -> Result<Vec<u8>, String> {
    if body.len() > LARGEST {
        return Err(format!("{name} is too large"));
    }
    let kind = NAMES
        .iter()
        .position(|known| *known == name)
        .unwrap_or_default();
    let mut packet = vec![(kind as u8) << 4 | flags];
    push_varint(body.len(), &mut packet);
    packet.extend_from_slice(body);
    Ok(packet)
}

/// MQTT 5 section 3.1.
fn connect(fields: &Fields<'_>) -> Result<Vec<u8>, String> {
    let version = fields.version()?;
    let clean = fields.flag("clean", true)?;
    let username = fields.bytes("username")?;
    let password = fields.bytes("password")?;
    if version == 4 && username.is_none() && password.is_some() {
        return Err("MQTT 3.1.1 has no password without a username".to_owned());
    }
    let flags = u8::from(username.is_some()) << 7
        | u8::from(password.is_some()) << 6
        | u8::from(clean) << 1;
    let keepalive = fields.number("keepalive", 0..=65535, Some(30))?;
    let mut body = b"\0\x04MQTT".to_vec();
    body.extend([version, flags]);
    body.extend((keepalive as u16).to_be_bytes());
    body.extend(fields.properties(version)?);
    body.extend(fields.text("client")?.unwrap_or_else(|| vec![0, 0]));
    body.extend(username.unwrap_or_default());
    body.extend(password.unwrap_or_default());
    Ok(body)
}

/// MQTT 5 section 3.3.
fn publish(fields: &Fields<'_>) -> Result<(u8, Vec<u8>), String> {
    let qos = fields.number("qos", 0..=2, Some(0))? as u8;
    let retain = fields.flag("retain", false)?;
    let mut body = fields
        .text("topic")?
        .ok_or_else(|| fields.missing("topic"))?;
    if qos > 0 {
        body.extend(fields.id()?);
    }
    body.extend(fields.properties(fields.version()?)?);
    if let Some(payload) = fields.member("payload") {
        body.extend(value::bytes(payload).ok_or_else(|| fields.wrong("payload", "a text"))?);
    }
    Ok((qos << 1 | u8::from(retain), body))
}

/// SUBSCRIBE and UNSUBSCRIBE (MQTT 5 sections 3.8 and 3.10).
fn topics(fields: &Fields<'_>) -> Result<Vec<u8>, String> {
    let qos = fields.number("qos", 0..=2, Some(0))? as u8;
    let wrong = || fields.wrong("topics", "a list of texts, with one at least");
    let topics = fields.member("topics").and_then(Value::as_array);
    let topics = topics
        .filter(|topics| !topics.is_empty())
        .ok_or_else(wrong)?;
    let mut body = fields.id()?.to_vec();
    body.extend(fields.properties(fields.version()?)?);
    for topic in topics {
        body.extend(topic.as_str().and_then(string).ok_or_else(wrong)?);
        body.extend((fields.name == "SUBSCRIBE").then_some(qos));
    }
    Ok(body)
}

/// PUBACK, PUBREC, PUBREL, PUBCOMP; without a reason they are the same in both versions.
fn acknowledgement(fields: &Fields<'_>) -> Result<Vec<u8>, String> {
    let mut body = fields.id()?.to_vec();
    body.extend(reason(fields, 0)?);
    Ok(body)
}

/// A reason and properties (MQTT 5 section 2.4); nothing says success.
fn reason(fields: &Fields<'_>, usual: u64) -> Result<Vec<u8>, String> {
    let reason = fields.number("reason", 0..=255, Some(usual))? as u8;
    let properties = fields.properties(5)?;
    if reason == 0 && properties == [0] {
        return Ok(Vec::new());
    }
    Ok([&[reason], &properties[..]].concat())
}

/// What a packet's description says.
struct Fields<'d> {
    name: &'d str,
    members: &'d Map<String, Value>,
}

impl<'d> Fields<'d> {
    fn member(&self, name: &str) -> Option<&'d Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn number(
        &self,
        name: &str,
        range: RangeInclusive<u64>,
        usual: Option<u64>,
    ) -> Result<u64, String> {
        let Some(value) = self.member(name) else {
            return usual.ok_or_else(|| self.missing(name));
        };
        let number = value.as_u64().filter(|number| range.contains(number));
        let what = || format!("a whole number from {} to {}", range.start(), range.end());
        number.ok_or_else(|| self.wrong(name, &what()))
    }

    fn flag(&self, name: &str, usual: bool) -> Result<bool, String> {
        let flag = self.member(name).map_or(Some(usual), Value::as_bool);
        flag.ok_or_else(|| self.wrong(name, "true or false"))
    }

    /// A text with its length before it.
    fn text(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let text = self
            .member(name)
            .map(|value| value.as_str().and_then(string));
        text.map(|text| {
            text.ok_or_else(|| self.wrong(name, "a text of at most 65535 bytes, without NUL"))
        })
        .transpose()
    }

    /// A text or `{"base64":"…"}` with its length before it.
    fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let bytes = self
            .member(name)
            .map(|value| counted(&value::bytes(value)?));
        bytes
            .map(|bytes| bytes.ok_or_else(|| self.wrong(name, "a text of at most 65535 bytes")))
            .transpose()
    }

    /// 4 is MQTT 3.1.1 (there section 3.1.2.2), 5 is 5.
    fn version(&self) -> Result<u8, String> {
        Ok(self.number("version", 4..=5, Some(5))? as u8)
    }

    fn id(&self) -> Result<[u8; 2], String> {
        let id = self.number("id", 1..=65535, None)?;
        Ok((id as u16).to_be_bytes())
    }

    /// The properties as they stand in packets of this version: not at all in 3.1.1.
    fn properties(&self, version: u8) -> Result<Vec<u8>, String> {
        let properties = match self.member("properties") {
            None => None,
            Some(Value::Object(properties)) => Some(properties),
            Some(_) => return Err(self.wrong("properties", "an object")),
        };
        match version {
            4 if properties.is_some() => Err("MQTT 3.1.1 has no properties".to_owned()),
            4 => Ok(Vec::new()),
            _ => property::make(properties),
        }
    }

    fn missing(&self, name: &str) -> String {
        format!("{} needs '{name}'", self.name)
    }

    fn wrong(&self, name: &str, what: &str) -> String {
        format!("'{name}' of {} must be {what}", self.name)
    }
}

/// A UTF-8 string (MQTT 5 section 1.5.4), which must not hold NUL.
pub(super) fn string(text: &str) -> Option<Vec<u8>> {
    counted(text.as_bytes()).filter(|_| !text.contains('\0'))
}

/// The bytes with their length in two bytes before them, if there are not too many.
pub(super) fn counted(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok()?;
    Some([&length.to_be_bytes(), bytes].concat())
}

/// Appends a variable byte integer (MQTT 5 section 1.5.5) of at most [`LARGEST`].
pub(super) fn push_varint(value: usize, bytes: &mut Vec<u8>) {
    let mut rest = value.min(LARGEST);
    while rest > 0x7f {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{read, varint},
        *,
    };

    fn made(text: &str) -> Vec<u8> {
        packet(text).unwrap()
    }

    #[test]
    fn a_connect_is_made() {
        let five = made(
            r#"{"packet":"CONNECT","client":"c","username":"u","password":"p","clean":true,"keepalive":30,"version":5}"#,
        );
        assert_eq!(
            five,
            b"\x10\x14\0\x04MQTT\x05\xc2\0\x1e\0\0\x01c\0\x01u\0\x01p"
        );
        let old =
            made(r#"{"packet":"CONNECT","username":null,"clean":false,"keepalive":0,"version":4}"#);
        assert_eq!(old, b"\x10\x0c\0\x04MQTT\x04\0\0\0\0\0");
        let kept =
            made(r#"{"packet":"CONNECT","clean":false,"properties":{"sessionExpiryInterval":10}}"#);
        assert_eq!(
            kept,
            b"\x10\x12\0\x04MQTT\x05\0\0\x1e\x05\x11\0\0\0\x0a\0\0"
        );
    }

    #[test]
    fn the_other_packets_are_made() {
        let packets: [(&str, &[u8]); 11] = [
            (
                r#"{"packet":"SUBSCRIBE","id":1,"topics":["a/#","b"],"qos":1}"#,
                b"\x82\x0d\0\x01\0\0\x03a/#\x01\0\x01b\x01",
            ),
            (
                r#"{"packet":"SUBSCRIBE","id":10,"topics":["a"],"version":4}"#,
                b"\x82\x06\0\x0a\0\x01a\0",
            ),
            (
                r#"{"packet":"UNSUBSCRIBE","id":1,"topics":["a"],"version":4}"#,
                b"\xa2\x05\0\x01\0\x01a",
            ),
            (r#"{"packet":"PUBACK","id":258}"#, b"\x40\x02\x01\x02"),
            (
                r#"{"packet":"PUBREL","id":1,"reason":146}"#,
                b"\x62\x04\0\x01\x92\0",
            ),
            (r#"{"packet":"PINGREQ"}"#, b"\xc0\0"),
            (r#"{"packet":"DISCONNECT"}"#, b"\xe0\0"),
            (r#"{"packet":"DISCONNECT","reason":4}"#, b"\xe0\x02\x04\0"),
            (
                r#"{"packet":"AUTH","reason":25,"properties":{"authenticationMethod":"m"}}"#,
                b"\xf0\x06\x19\x04\x15\0\x01m",
            ),
            (
                r#"{"packet":"PUBLISH","topic":"a","payload":"hi"}"#,
                b"\x30\x06\0\x01a\0hi",
            ),
            (
                r#"{"packet":"PUBLISH","topic":"a","payload":{"base64":"/w=="},"qos":1,"id":1,"retain":true,"version":4}"#,
                b"\x33\x06\0\x01a\0\x01\xff",
            ),
        ];
        for (text, wire) in packets {
            assert_eq!(made(text), wire, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = [
            ("PINGREQ", "a packet is described by a JSON object"),
            ("{}", "'packet' is missing"),
            (
                r#"{"packet":"CONNACK"}"#,
                "a client sends no packet 'CONNACK'",
            ),
            (r#"{"packet":"PUBACK"}"#, "PUBACK needs 'id'"),
            (
                r#"{"packet":"PUBACK","id":0}"#,
                "'id' of PUBACK must be a whole number from 1 to 65535",
            ),
            (
                r#"{"packet":"SUBSCRIBE","id":1}"#,
                "'topics' of SUBSCRIBE must be a list of texts, with one at least",
            ),
            (
                r#"{"packet":"SUBSCRIBE","id":1,"topics":["\u0000"]}"#,
                "'topics' of SUBSCRIBE must be a list of texts, with one at least",
            ),
            (
                r#"{"packet":"CONNECT","version":3}"#,
                "'version' of CONNECT must be a whole number from 4 to 5",
            ),
            (
                r#"{"packet":"CONNECT","clean":1}"#,
                "'clean' of CONNECT must be true or false",
            ),
            (
                r#"{"packet":"CONNECT","client":1}"#,
                "'client' of CONNECT must be a text of at most 65535 bytes, without NUL",
            ),
            (
                r#"{"packet":"CONNECT","version":4,"password":"x"}"#,
                "MQTT 3.1.1 has no password without a username",
            ),
            (
                r#"{"packet":"CONNECT","version":4,"properties":{}}"#,
                "MQTT 3.1.1 has no properties",
            ),
            (
                r#"{"packet":"AUTH","properties":1}"#,
                "'properties' of AUTH must be an object",
            ),
        ];
        for (text, sentence) in wrong {
            assert_eq!(packet(text), Err(sentence.to_owned()));
        }
        let long = format!(
            r#"{{"packet":"CONNECT","password":"{}"}}"#,
            "x".repeat(65536)
        );
        assert!(packet(&long).is_err());
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read_again(topic in "[a-z/é]{0,20}", payload in ".{0,200}", qos in 0..=2, five in any::<bool>()) {
            let version = if five { 5 } else { 4 };
            let text = serde_json::json!({
                "packet": "PUBLISH", "topic": topic, "payload": payload, "qos": qos, "id": 9, "version": version,
            });
            let wire = made(&text.to_string());
            let (length, body) = varint(&wire[1..]).unwrap();
            prop_assert_eq!(length, body.len());
            let value = read::packet(wire[0], body, &mut five.clone()).unwrap();
            for member in ["packet", "topic", "payload", "qos"] {
                prop_assert_eq!(&value[member], &text[member]);
            }
        }

        #[test]
        fn any_text_is_made_or_refused(text in ".{0,60}", name in "[A-Z]{4,9}", member in "(id|topics|qos|reason|version)", value in any::<i64>()) {
            let _ = packet(&text);
            let _ = packet(&format!(r#"{{"packet":"{name}","{member}":{value}}}"#));
        }
    }
}
