//! STOMP 1.2 frames (stomp/stomp-spec, stomp-specification-1.2.md), those of 1.1 and 1.0 as far as they are alike.
//!
//! Bodies are payloads, whatever their content type. An escape that the specification does not know stands as it came,
//! although it would have us close: this is a reader.

use memchr::{memchr, memchr_iter};
use serde_json::{Map, Value};

use super::{
    decoder::Step,
    value::{object, payload},
};

const COMMANDS: [&str; 15] = [
    "CONNECTED",
    "MESSAGE",
    "RECEIPT",
    "ERROR",
    "CONNECT",
    "STOMP",
    "SEND",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "ACK",
    "NACK",
    "BEGIN",
    "COMMIT",
    "ABORT",
    "DISCONNECT",
];

/// A command and its headers take less than this.
const HEAD: usize = 1 << 18;

/// The frame, or the line feeds, at the beginning; its body has no end within the first `seen` bytes.
pub(super) fn step(bytes: &[u8], seen: usize) -> Step {
    match line_ends(bytes) {
        0 if bytes == b"\r" => Step::More(None),
        0 => frame(bytes, seen),
        beats => Step::Value(object([("command", "".into())]), beats),
    }
}

/// The frame with its NUL; line feeds are sent as they are, being a heartbeat.
pub(super) fn ended(text: &str) -> String {
    let mut frame = text.to_owned();
    let content = text.trim_end_matches(['\r', '\n']);
    if !content.is_empty() && !content.ends_with('\0') {
        frame.push('\0');
    }
    frame
}

fn frame(bytes: &[u8], seen: usize) -> Step {
    let Some((head, start)) = head(bytes) else {
        let possible = bytes.len() < HEAD && memchr(0, bytes).is_none() && begins_command(bytes);
        return if possible {
            Step::More(None)
        } else {
            Step::Foreign
        };
    };
    let Some((command, headers)) = read_head(head) else {
        return Step::Foreign;
    };
    let end = match headers.get("content-length") {
        Some(length) => match counted(length, start) {
            None => return Step::Foreign,
            Some(end) if end >= bytes.len() => return Step::More(Some(end.saturating_add(1))),
            Some(end) => end,
        },
        None => match end(bytes, start.max(seen)) {
            None => return Step::More(None),
            Some(end) => end,
        },
    };
    let (body, behind) = (bytes.get(start..end), bytes.get(end..));
    let (Some(body), Some([0, behind @ ..])) = (body, behind) else {
        return Step::Foreign;
    };
    let value = object([
        ("command", command.into()),
        ("headers", headers.into()),
        ("body", payload(body)),
    ]);
    Step::Value(value, end + 1 + line_ends(behind))
}

/// Where a body ends that begins before `from` and has no stated length.
fn end(bytes: &[u8], from: usize) -> Option<usize> {
    Some(from + memchr(0, bytes.get(from..)?)?)
}

/// Where the body of a stated length ends.
fn counted(length: &Value, start: usize) -> Option<usize> {
    let length: usize = length.as_str()?.trim().parse().ok()?;
    start.checked_add(length)
}

/// How many bytes of line ends are at the beginning.
fn line_ends(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let [b'\n', behind @ ..] | [b'\r', b'\n', behind @ ..] = rest {
        rest = behind;
    }
    bytes.len() - rest.len()
}

/// The head, and where the body begins.
fn head(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let within = bytes.get(..HEAD).unwrap_or(bytes);
    let mut start = 0;
    for end in memchr_iter(b'\n', within) {
        if matches!(bytes.get(start..end), Some(b"" | b"\r")) {
            return Some((bytes.get(..start)?, end + 1));
        }
        start = end + 1;
    }
    None
}

fn begins_command(bytes: &[u8]) -> bool {
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let ended = line.len() < bytes.len();
    let word = line.strip_suffix(b"\r").unwrap_or(line);
    let mut commands = COMMANDS.iter().map(|command| command.as_bytes());
    commands.any(|command| command == word || !ended && command.starts_with(word))
}

fn read_head(head: &[u8]) -> Option<(&str, Map<String, Value>)> {
    let head = str::from_utf8(head)
        .ok()
        .filter(|head| !head.contains('\0'))?;
    let mut lines = head.lines();
    let command = lines.next().filter(|line| COMMANDS.contains(line))?;
    // "CONNECT and CONNECTED frames do not escape", for the sake of 1.0.
    let escapes = !matches!(command, "CONNECT" | "CONNECTED");
    let mut headers = Map::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let read = |text: &str| {
            if escapes {
                unescaped(text)
            } else {
                text.to_owned()
            }
        };
        // Of repeated headers the first counts.
        headers
            .entry(read(name))
            .or_insert_with(|| read(value).into());
    }
    Some((command, headers))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut chars = behind.chars();
        match chars.next() {
            Some('r') => plain.push('\r'),
            Some('n') => plain.push('\n'),
            Some('c') => plain.push(':'),
            Some('\\') => plain.push('\\'),
            other => {
                plain.push('\\');
                plain.extend(other);
            }
        }
        rest = chars.as_str();
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(wire: &[u8]) -> Value {
        match step(wire, 0) {
            Step::Value(value, length) if length == wire.len() => value,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn frames_are_read() {
        let connected = b"CONNECTED\r\nversion:1.2\r\nheart-beat:0,0\r\nserver:a\\cb\r\n\r\n\0\n";
        let headers = json!({"version": "1.2", "heart-beat": "0,0", "server": "a\\cb"});
        assert_eq!(
            read(connected),
            json!({"command": "CONNECTED", "headers": headers, "body": ""})
        );
        let message = b"MESSAGE\nsubscription:0\ndestination:/queue/a\nfoo: a\\cb\\\\\\n\\x\nfoo:2\n\n{\"a\":1}\0";
        let headers = json!({"subscription": "0", "destination": "/queue/a", "foo": " a:b\\\n\\x"});
        assert_eq!(
            read(message),
            json!({"command": "MESSAGE", "headers": headers, "body": "{\"a\":1}"})
        );
    }

    #[test]
    fn a_counted_body_may_hold_anything() {
        assert_eq!(read(b"MESSAGE\ncontent-length:3\n\na\0b\0")["body"], "a\0b");
        assert_eq!(
            read(b"MESSAGE\ncontent-length:2\n\n\xff\0\0")["body"],
            json!({"base64": "/wA="})
        );
        assert_eq!(
            read(b"MESSAGE\n\n\xff\0")["body"],
            json!({"base64": "/w=="})
        );
    }

    #[test]
    fn line_feeds_are_a_heartbeat() {
        assert_eq!(read(b"\n"), json!({"command": ""}));
        assert_eq!(read(b"\r\n\n"), json!({"command": ""}));
        assert_eq!(step(b"\r", 0), Step::More(None));
    }

    #[test]
    fn a_frame_cut_anywhere_waits() {
        let frame = b"MESSAGE\r\ncontent-length:3\r\n\r\nabc\0";
        for at in 1..frame.len() {
            assert!(matches!(step(&frame[..at], 0), Step::More(_)), "{at}");
        }
        assert_eq!(
            step(b"MESSAGE\ncontent-length:9\n\nab", 0),
            Step::More(Some(36))
        );
    }

    #[test]
    fn what_is_no_frame_is_foreign() {
        let others = [
            &b"hello"[..],
            b"{\"a\":1}",
            b"MESSAGES\n\n\0",
            b"message\n\n\0",
            b"\0",
            b"MESSAGE\0",
            b"MESSAGE\nno colon\n\n\0",
            b"MESSAGE\na:\xff\n\n\0",
            b"MESSAGE\na:\0\n\n\0",
            b"ERROR\ncontent-length:x\n\n\0",
            b"ERROR\ncontent-length:-1\n\n\0",
            b"ERROR\ncontent-length:99999999999999999999\n\n\0",
            b"ERROR\ncontent-length:1\n\nabc\0",
            b"\rMESSAGE\n\n\0",
        ];
        for other in others {
            assert_eq!(step(other, 0), Step::Foreign, "{}", other.escape_ascii());
        }
        let long = [&b"MESSAGE\n"[..], &b"a:b\n".repeat(HEAD)].concat();
        assert_eq!(step(&long, 0), Step::Foreign);
        let huge = format!("ERROR\ncontent-length:{}\n\n", usize::MAX - 100);
        assert!(matches!(step(huge.as_bytes(), 0), Step::More(Some(_))));
    }

    #[test]
    fn what_is_sent_ends_with_nul() {
        let sent = [
            ("CONNECT\nhost:/\n\n", "CONNECT\nhost:/\n\n\0"),
            ("SEND\n\nhi\0", "SEND\n\nhi\0"),
            ("SEND\n\nhi\0\n", "SEND\n\nhi\0\n"),
            ("\n", "\n"),
        ];
        for (text, wire) in sent {
            assert_eq!(ended(text), wire);
        }
        let frame = ended("SUBSCRIBE\nid:0\ndestination:/queue/a\n\n");
        assert_eq!(
            read(frame.as_bytes())["headers"],
            json!({"id": "0", "destination": "/queue/a"})
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 1..100), seen in 0_usize..200) {
            for bytes in [bytes.clone(), [b"MESSAGE\n", &bytes[..]].concat(), [b"ERROR\n\n", &bytes[..]].concat()] {
                if let Step::Value(_, length) = step(&bytes, seen) {
                    prop_assert!(length > 0 && length <= bytes.len());
                }
            }
        }
    }
}
