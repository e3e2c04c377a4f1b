//! Engine.IO 4 packets with Socket.IO 5 packets in them (socketio/engine.io-protocol and socketio/socket.io-protocol).
//!
//! A binary message is an attachment of the event before it and is read by itself, as `{"base64":"…"}`: events keep their
//! placeholders. Base64 packets (`b…`) belong to HTTP polling and are a text here.

use serde_json::Value;

use crate::message::{Kind, Message};

use super::{
    json,
    value::{base64, object, text},
};

/// One packet or attachment.
pub(super) fn value(message: &Message) -> Value {
    match message.kind {
        Kind::Binary => base64(&message.data),
        Kind::Text => packet(&message.data).unwrap_or_else(|| text(&message.data)),
    }
}

/// A packet, if it is one.
pub(super) fn packet(bytes: &[u8]) -> Option<Value> {
    let packet = str::from_utf8(bytes).ok()?;
    let (engine, rest) = digit(packet)?;
    let data = match (engine, rest) {
        (4, rest) => return socket(rest),
        (1 | 2 | 3 | 5 | 6, "") => return Some(object([("engine", engine.into())])),
        (2 | 3, "probe") => rest.into(),
        (0, open) => json::parse(open.as_bytes()).filter(Value::is_object)?,
        _ => return None,
    };
    Some(object([("engine", engine.into()), ("data", data)]))
}

/// `<type>[<attachments>-][<namespace>,][<id>][<JSON>]`
fn socket(packet: &str) -> Option<Value> {
    let (socket, rest) = digit(packet)?;
    let rest = match socket {
        0..=4 => rest,
        5 | 6 => number(rest)?.1.strip_prefix('-')?,
        _ => return None,
    };
    let (namespace, rest) = if rest.starts_with('/') {
        rest.split_once(',').unwrap_or((rest, ""))
    } else {
        ("/", rest)
    };
    let (id, rest) = number(rest).map_or((Value::Null, rest), |(id, rest)| (id.into(), rest));
    let data = match rest {
        "" => Value::Null,
        data => json::parse(data.as_bytes())?,
    };
    let has_list = matches!(socket, 2 | 3 | 5 | 6);
    (data.is_array() || !has_list).then(|| {
        object([
            ("engine", 4.into()),
            ("socket", socket.into()),
            ("namespace", namespace.into()),
            ("id", id),
            ("data", data),
        ])
    })
}

fn digit(text: &str) -> Option<(u32, &str)> {
    let mut chars = text.chars();
    let digit = chars.next()?.to_digit(10)?;
    Some((digit, chars.as_str()))
}

fn number(text: &str) -> Option<(u64, &str)> {
    let behind = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.strip_suffix(behind)?;
    Some((digits.parse().ok()?, behind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        value(&Message::text(text))
    }

    #[test]
    fn engine_packets_are_read() {
        let open = r#"0{"sid":"lv_VI97","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
        assert_eq!(read(open)["data"]["pingInterval"], 25000);
        for engine in [1, 2, 3, 5, 6] {
            assert_eq!(read(&engine.to_string()), json!({"engine": engine}));
        }
        assert_eq!(read("2probe"), json!({"engine": 2, "data": "probe"}));
    }

    #[test]
    fn socket_packets_are_read() {
        let packets = [
            ("40", 0, "/", json!(null), json!(null)),
            (
                r#"40/admin,{"token":"123"}"#,
                0,
                "/admin",
                json!(null),
                json!({"token": "123"}),
            ),
            ("41/admin,", 1, "/admin", json!(null), json!(null)),
            ("41/admin", 1, "/admin", json!(null), json!(null)),
            (r#"42["foo"]"#, 2, "/", json!(null), json!(["foo"])),
            (
                r#"42/admin,12["bar",1]"#,
                2,
                "/admin",
                json!(12),
                json!(["bar", 1]),
            ),
            ("4313[]", 3, "/", json!(13), json!([])),
            (
                r#"44{"message":"Not authorized"}"#,
                4,
                "/",
                json!(null),
                json!({"message": "Not authorized"}),
            ),
            (
                r#"451-/admin,456["x",{"_placeholder":true,"num":0}]"#,
                5,
                "/admin",
                json!(456),
                json!(["x", {"_placeholder": true, "num": 0}]),
            ),
            (r"461-15[1]", 6, "/", json!(15), json!([1])),
        ];
        for (wire, socket, namespace, id, data) in packets {
            let expected = json!({"engine": 4, "socket": socket, "namespace": namespace, "id": id, "data": data});
            assert_eq!(read(wire), expected, "{wire}");
        }
    }

    #[test]
    fn an_attachment_is_base64() {
        assert_eq!(
            value(&Message::binary(&b"hi"[..])),
            json!({"base64": "aGk="})
        );
    }

    #[test]
    fn what_is_no_packet_is_text() {
        let others = [
            "",
            "4",
            "7",
            "47",
            "é",
            "2024-01-01",
            "0",
            "0[1]",
            "42",
            "42{}",
            "42[",
            "45[1]",
            "451[1]",
            "45-[1]",
            "4299999999999999999999[1]",
            "40{}{}",
            "bAQID",
            "{\"a\":1}",
        ];
        for other in others {
            assert_eq!(read(other), json!(other));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..100), text in "[0-6]{1,3}[-0-9/,a\\[\\]\"{}]{0,20}") {
            let message = Message { kind: Kind::Text, data: bytes.into() };
            prop_assert!(value(&message).to_string().len() <= 100 * 6 + 100);
            read(&text);
        }
    }
}
