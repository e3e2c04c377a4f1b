//! IRC lines (RFC 2812 section 2.3.1) with `IRCv3` message tags (ircv3.net/specs/extensions/message-tags).
//!
//! A line never goes on in the next WebSocket message, and the last one may lack its end (ircv3.net, "WebSocket").
//! Commands, colours and CTCP are not interpreted. Text that is not UTF-8 is replaced, as IRC knows no encoding.

use serde_json::{Map, Value};

use super::{decoder::at_most, value::object};

/// RFC 2812: the fifteenth parameter takes all that is left, even without a colon.
const MOST_PARAMS: usize = 15;

/// Each line; empty ones are none.
pub(super) fn lines(bytes: &[u8]) -> Vec<Value> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    at_most(lines.filter(|line| !line.is_empty()).map(value))
}

/// The lines with the ends that RFC 2812 demands.
pub(super) fn ended(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\r\n"]).collect()
}

fn value(line: &[u8]) -> Value {
    let line = String::from_utf8_lossy(line);
    read(&line).unwrap_or_else(|| line.as_ref().into())
}

fn read(line: &str) -> Option<Value> {
    let (tags, rest) = part(line, '@')?;
    let (prefix, rest) = part(rest, ':')?;
    let (command, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let known = is_command(command) && !line.contains('\0');
    known.then(|| {
        object([
            ("tags", tags.map(read_tags).unwrap_or_default().into()),
            ("prefix", prefix.into()),
            ("command", command.into()),
            ("params", params(rest).into()),
        ])
    })
}

/// The part that begins with a sign and ends with a space, if there is one, and what follows.
fn part(text: &str, sign: char) -> Option<(Option<&str>, &str)> {
    match text.strip_prefix(sign) {
        None => Some((None, text)),
        Some(text) => {
            let (part, rest) = text.split_once(' ')?;
            Some((Some(part), rest.trim_start_matches(' ')))
        }
    }
}

fn is_command(word: &str) -> bool {
    let is_name = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_name || (word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

fn params(text: &str) -> Vec<Value> {
    let mut params = Vec::new();
    let mut rest = text.trim_start_matches(' ');
    while !rest.is_empty() {
        if let Some(last) = rest.strip_prefix(':') {
            params.push(last.into());
            break;
        }
        if params.len() + 1 == MOST_PARAMS {
            params.push(rest.into());
            break;
        }
        let (param, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        params.push(param.into());
        rest = behind.trim_start_matches(' ');
    }
    params
}

/// A tag without a value is the same as one with an empty value; of repeated ones the last counts.
fn read_tags(tags: &str) -> Map<String, Value> {
    let tags = tags.split(';').filter(|tag| !tag.is_empty());
    tags.map(|tag| {
        let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
        (name.to_owned(), unescaped(value).into())
    })
    .collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        // A backslash before anything else, or at the end, is dropped.
        plain.extend(chars.next().map(|escaped| match escaped {
            ':' => ';',
            's' => ' ',
            'r' => '\r',
            'n' => '\n',
            other => other,
        }));
    }
    plain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_read() {
        let wire = b"@badge-info=;id=b34;display-name=A\\sB\\:\\\\;x :ronni!ronni@ronni.tmi.twitch.tv PRIVMSG #ronni :Kappa :) \r\n\
            PING :tmi.twitch.tv\r\n:tmi.twitch.tv 001 nick :Welcome, GLHF!\r\n\r\nRECONNECT";
        let expected = [
            json!({
                "tags": {"badge-info": "", "id": "b34", "display-name": "A B;\\", "x": ""},
                "prefix": "ronni!ronni@ronni.tmi.twitch.tv",
                "command": "PRIVMSG",
                "params": ["#ronni", "Kappa :) "],
            }),
            json!({"tags": {}, "prefix": null, "command": "PING", "params": ["tmi.twitch.tv"]}),
            json!({"tags": {}, "prefix": "tmi.twitch.tv", "command": "001", "params": ["nick", "Welcome, GLHF!"]}),
            json!({"tags": {}, "prefix": null, "command": "RECONNECT", "params": []}),
        ];
        assert_eq!(lines(wire), expected);
    }

    #[test]
    fn odd_lines_are_read() {
        let notice = &lines(b":tmi.twitch.tv  NOTICE   *  :Login authentication failed")[0];
        assert_eq!(
            notice["params"],
            json!(["*", "Login authentication failed"])
        );
        assert_eq!(lines(b"A :")[0]["params"], json!([""]));
        assert_eq!(lines(b"A b ")[0]["params"], json!(["b"]));
        assert_eq!(
            lines(b"@a=1;a=2\\;b=\\b A")[0]["tags"],
            json!({"a": "2", "b": "b"})
        );
        assert_eq!(lines(b"A \xff")[0]["params"], json!(["\u{fffd}"]));
        let many = &lines("A 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17".as_bytes())[0]["params"];
        assert_eq!(many[14], "15 16 :17");
    }

    #[test]
    fn what_is_no_line_is_text() {
        for other in [
            "@a=1",
            ":prefix",
            ":prefix ",
            "{\"a\":1}",
            "01 x",
            "A\0",
            "A \0",
            " A",
            "@",
            ":",
        ] {
            assert_eq!(lines(other.as_bytes()), [json!(other)]);
        }
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn a_line_cut_anywhere_is_read() {
        let wire = "@a=\\s :p PRIVMSG #c :é".as_bytes();
        for at in 1..wire.len() {
            assert_eq!(lines(&wire[..at]).len(), 1);
        }
    }

    #[test]
    fn what_is_sent_has_its_ends() {
        let sent = [
            ("PONG :a", "PONG :a\r\n"),
            ("PONG :a\r\n", "PONG :a\r\n"),
            ("\nPASS oauth:x\nNICK y\n", "PASS oauth:x\r\nNICK y\r\n"),
        ];
        for (text, wire) in sent {
            assert_eq!(ended(text), wire);
        }
        assert_eq!(
            lines(ended("JOIN #a").as_bytes())[0]["params"],
            json!(["#a"])
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[@:]?[a-z;=\\\\ :]{0,40}") {
            prop_assert!(lines(&bytes).len() <= bytes.len());
            prop_assert!(lines(text.as_bytes()).len() <= 1);
        }
    }
}
