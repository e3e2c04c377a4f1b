//! What a NATS server sends (nats-io/nats.docs, "NATS Protocol"): INFO, MSG, HMSG, PING, PONG, +OK and -ERR.
//!
//! Headers are read as the reference clients do: a status line becomes `Status` and `Description`, a repeated name an
//! array. Payloads are payloads, whatever they hold.

use memchr::memchr;
use serde_json::{Map, Value};

use super::{
    decoder::Step,
    json,
    value::{add, object, payload, text},
};

const OPERATIONS: [&str; 7] = ["INFO", "MSG", "HMSG", "PING", "PONG", "+OK", "-ERR"];

/// A line takes less than this.
const LINE: usize = 1 << 18;

/// The operation at the beginning, with its payload.
pub(super) fn step(bytes: &[u8]) -> Step {
    let Some(end) = memchr(b'\n', bytes.get(..LINE).unwrap_or(bytes)) else {
        let possible = bytes.len() < LINE && begins_operation(bytes);
        return if possible {
            Step::More(None)
        } else {
            Step::Foreign
        };
    };
    let line = bytes
        .get(..end)
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let line = line
        .and_then(|line| str::from_utf8(line).ok())
        .unwrap_or_default();
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let Some(op) = operation(word) else {
        return Step::Foreign;
    };
    let read = match op {
        "MSG" | "HMSG" => return message(op, rest, bytes, end + 1).unwrap_or(Step::Foreign),
        "INFO" => object([
            ("op", op.into()),
            ("info", json::value(rest.trim().as_bytes())),
        ]),
        "-ERR" => object([
            ("op", op.into()),
            ("text", rest.trim().trim_matches('\'').into()),
        ]),
        _ => object([("op", op.into())]),
    };
    Step::Value(read, end + 1)
}

/// The text with CRLF at its end.
pub(super) fn ended(text: &str) -> Vec<u8> {
    let text = match text.strip_suffix("\r\n") {
        Some(line) => line,
        None => text.strip_suffix('\n').unwrap_or(text),
    };
    [text.as_bytes(), b"\r\n"].concat()
}

/// Operations are known whatever their case.
fn operation(word: &str) -> Option<&'static str> {
    let mut operations = OPERATIONS.into_iter();
    operations.find(|op| op.eq_ignore_ascii_case(word))
}

fn begins_operation(bytes: &[u8]) -> bool {
    OPERATIONS.iter().any(|op| {
        let common = op.len().min(bytes.len());
        let both = bytes.get(..common).zip(op.as_bytes().get(..common));
        both.is_some_and(|(here, op)| here.eq_ignore_ascii_case(op))
    })
}

/// `MSG subject sid [reply] bytes`, `HMSG subject sid [reply] header-bytes all-bytes`, and behind the line the bytes.
fn message(op: &str, arguments: &str, bytes: &[u8], start: usize) -> Option<Step> {
    let mut words: Vec<_> = arguments.split_ascii_whitespace().take(6).collect();
    let all: usize = words.pop()?.parse().ok()?;
    let head: usize = match op {
        "HMSG" => words.pop()?.parse().ok()?,
        _ => 0,
    };
    let (subject, sid, reply) = match words[..] {
        [subject, sid] => (subject, sid, None),
        [subject, sid, reply] => (subject, sid, Some(reply)),
        _ => return None,
    };
    let end = start.checked_add(all)?;
    let whole = end.checked_add(2)?;
    let Some(behind) = bytes.get(end..whole) else {
        return Some(Step::More(Some(whole)));
    };
    let (head, body) = bytes.get(start..end)?.split_at_checked(head)?;
    let headers = match op {
        "HMSG" => headers(head)?,
        _ => Value::Null,
    };
    let value = object([
        ("op", op.into()),
        ("subject", subject.into()),
        ("sid", sid.into()),
        ("reply", reply.into()),
        ("headers", headers),
        ("payload", payload(body)),
    ]);
    (behind == b"\r\n").then_some(Step::Value(value, whole))
}

/// ADR-4 of nats-io/nats-architecture-and-design.
fn headers(head: &[u8]) -> Option<Value> {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let status = lines.next()?.strip_prefix(b"NATS/1.0")?.trim_ascii();
    let mut headers = Map::new();
    if !status.is_empty() {
        let (code, description) = status.split_at_checked(3)?;
        add(&mut headers, "Status", text(code));
        add(&mut headers, "Description", text(description.trim_ascii()));
    }
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_at_checked(memchr(b':', line)?)?;
        let value = value.strip_prefix(b":")?.trim_ascii();
        add(&mut headers, &String::from_utf8_lossy(name), text(value));
    }
    Some(headers.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(wire: &[u8]) -> Value {
        match step(wire) {
            Step::Value(value, length) if length == wire.len() => value,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn operations_are_read() {
        let operations = [
            (
                &b"INFO {\"auth_required\":true,\"max_payload\":1048576} \r\n"[..],
                json!({"op": "INFO", "info": {"auth_required": true, "max_payload": 1_048_576}}),
            ),
            (b"INFO oops\r\n", json!({"op": "INFO", "info": "oops"})),
            (b"PING\r\n", json!({"op": "PING"})),
            (b"pong\n", json!({"op": "PONG"})),
            (b"+OK\r\n", json!({"op": "+OK"})),
            (
                b"-ERR 'Authorization Violation'\r\n",
                json!({"op": "-ERR", "text": "Authorization Violation"}),
            ),
        ];
        for (wire, value) in operations {
            assert_eq!(read(wire), value);
        }
    }

    #[test]
    fn messages_are_read() {
        let plain = read(b"MSG FOO.BAR 9 11\r\nHello World\r\n");
        assert_eq!(
            plain,
            json!({"op": "MSG", "subject": "FOO.BAR", "sid": "9", "reply": null, "headers": null, "payload": "Hello World"})
        );
        assert_eq!(
            read(b"MSG\ta  1 INBOX.34 \t 0\r\n\r\n")["reply"],
            "INBOX.34"
        );
        assert_eq!(read(b"MSG a 1 2\r\n\r\n\r\n")["payload"], "\r\n");
        assert_eq!(
            read(b"MSG a 1 1\r\n\xff\r\n")["payload"],
            json!({"base64": "/w=="})
        );
        let headed = read(b"HMSG FOO.BAR 9 BAZ.69 34 45\r\nNATS/1.0\r\nFoodGroup: vegetable\r\n\r\nHello World\r\n");
        assert_eq!(headed["headers"], json!({"FoodGroup": "vegetable"}));
        assert_eq!(
            (&headed["reply"], &headed["payload"]),
            (&json!("BAZ.69"), &json!("Hello World"))
        );
        let status = read(
            b"HMSG a 1 41 44\r\nNATS/1.0 503 No Responders\r\na:1\r\na: 2\r\n\r\n\xff\r\n\r\n",
        );
        let headers = json!({"Status": "503", "Description": "No Responders", "a": ["1", "2"]});
        assert_eq!(status["headers"], headers);
        assert_eq!(status["payload"], json!({"base64": "/w0K"}));
    }

    #[test]
    fn a_message_cut_anywhere_waits() {
        let wire = b"HMSG a 1 18 20\r\nNATS/1.0\r\nA: b\r\n\r\nhi\r\n";
        for at in 1..wire.len() {
            assert!(matches!(step(&wire[..at]), Step::More(_)), "{at}");
        }
    }

    #[test]
    fn what_is_no_operation_is_foreign() {
        let others = [
            &b"hello"[..],
            b"\r\n",
            b"\0",
            b"PINGS\r\n",
            b"PUB a 1\r\n",
            b"MSG\r\n",
            b"MSG a 1\r\n",
            b"MSG a 1 x\r\n",
            b"MSG a 1 -1\r\n",
            b"MSG a b c d 1\r\n1\r\n",
            b"MSG a 1 99999999999999999999\r\n",
            b"MSG a 1 18446744073709551615\r\n",
            b"MSG a 1 1\r\nabc",
            b"MSG \xff 1 1\r\na\r\n",
            b"HMSG a 1 5 1\r\na\r\n",
            b"HMSG a 1 1 1\r\na\r\n",
            b"HMSG a 1 14 14\r\nNATS/1.0\r\nnone\r\n",
        ];
        for other in others {
            assert_eq!(step(other), Step::Foreign, "{}", other.escape_ascii());
        }
        let long = [&b"INFO "[..], &vec![b'x'; LINE]].concat();
        assert_eq!(step(&long), Step::Foreign);
    }

    #[test]
    fn what_is_sent_ends_with_crlf() {
        for text in ["PING", "PING\n", "PING\r\n"] {
            assert_eq!(ended(text), b"PING\r\n");
        }
        assert_eq!(read(&ended("PING")), json!({"op": "PING"}));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 1..100), text in "H?MSG [a-z] [0-9]{1,2} [0-9]{1,2}\r\n[ -z\r\n]{0,40}") {
            for bytes in [bytes, text.into_bytes()] {
                if let Step::Value(_, length) = step(&bytes) {
                    prop_assert!(length > 0 && length <= bytes.len());
                }
            }
        }
    }
}
