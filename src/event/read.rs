//! Reads a line of NDJSON as [`Encoder`](super::Encoder) writes it, and says what is wrong with one that it does not.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Record, Recorded};
use crate::{
    message::{Class, Direction, Kind},
    time::Wall,
};

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The column in bytes, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// The members that a line is read for; a turn in a stream's life has others beside them.
#[derive(Deserialize)]
struct Members<'a> {
    n: u64,
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    stream: Option<Cow<'a, str>>,
    #[serde(borrow)]
    dir: Option<Cow<'a, str>>,
    #[serde(borrow)]
    class: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    payload: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow)]
    base64: Option<Cow<'a, str>>,
    #[serde(borrow)]
    event: Option<Cow<'a, str>>,
    #[serde(borrow)]
    message: Option<Cow<'a, str>>,
}

/// A payload of `null` is one.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(value).map(Some)
}

/// Reads a line, with or without its line feed.
///
/// # Errors
/// When it is not UTF-8, not JSON, or not a line of a record.
pub fn read_line(line: &[u8]) -> Result<Record<'_>, BadLine> {
    let text = std::str::from_utf8(line).map_err(|error| BadLine {
        column: error.valid_up_to() + 1,
        message: "this is not UTF-8".into(),
    })?;
    let text = text.trim_end_matches(['\r', '\n']);
    if !text.trim_start().starts_with('{') {
        // The library would take a list of the members in their order.
        return Err(BadLine {
            column: 1,
            message: "this is no JSON object".into(),
        });
    }
    let members: Members<'_> = serde_json::from_str(text).map_err(|error| BadLine {
        column: error.column().max(1),
        message: without_place(&error.to_string()),
    })?;
    let time = members.time.parse::<jiff::Timestamp>().map_err(|_| {
        wrong(
            text,
            "time",
            "the time is none, as in 2026-11-24T12:03:44.120Z",
        )
    })?;
    let body = match members.dir.as_deref() {
        Some(direction) => message(text, direction, &members)?,
        None => turn(text, &members)?,
    };
    Ok(Record {
        n: members.n,
        time: Wall(time.as_microsecond()),
        stream: members.stream.unwrap_or_default(),
        body,
    })
}

fn message<'a>(
    line: &'a str,
    direction: &str,
    members: &Members<'a>,
) -> Result<Recorded<'a>, BadLine> {
    let direction = match direction {
        "in" => Direction::In,
        "out" => Direction::Out,
        _ => return Err(wrong(line, "dir", "a message goes 'in' or 'out'")),
    };
    let class = match members.class.as_deref() {
        None => Class::Event,
        Some(word) => [
            Class::Heartbeat,
            Class::Control,
            Class::Duplicate,
            Class::Event,
        ]
        .into_iter()
        .find(|class| class.word() == word)
        .ok_or_else(|| {
            wrong(
                line,
                "class",
                "a class is heartbeat, control, duplicate or event",
            )
        })?,
    };
    let (kind, data) = match (members.payload, &members.text, &members.base64) {
        (Some(payload), None, None) => (Kind::Text, Cow::Borrowed(whole(line, payload.get()))),
        (None, Some(text), None) => (Kind::Text, bytes(text.clone())),
        (None, None, Some(text)) => match BASE64_STANDARD.decode(text.as_bytes()) {
            Ok(data) => (Kind::Binary, data.into()),
            Err(_) => return Err(wrong(line, "base64", "this is not base64")),
        },
        _ => {
            let what = "a message has one of 'payload', 'text' and 'base64'";
            return Err(wrong(line, "dir", what));
        }
    };
    Ok(Recorded::Message {
        direction,
        class,
        kind,
        data,
    })
}

fn turn<'a>(line: &str, members: &Members<'a>) -> Result<Recorded<'a>, BadLine> {
    let (Some(event), Some(message)) = (&members.event, &members.message) else {
        let what = "this is no event: a message has 'dir', a turn 'event' and 'message'";
        return Err(wrong(line, "n", what));
    };
    Ok(Recorded::Turn {
        event: event.clone(),
        message: message.clone(),
    })
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The payload with the spaces around it, which the JSON library leaves out: they were part of the message.
fn whole<'a>(line: &'a str, payload: &str) -> &'a [u8] {
    let start = payload.as_ptr().addr() - line.as_ptr().addr();
    let end = start + payload.len();
    let before = line[..start].trim_end_matches(' ').len();
    let after = line.len() - line[end..].trim_start_matches(' ').len();
    &line.as_bytes()[before..after]
}

/// A fault at a member; at the start of the line where it stands under an escaped name.
fn wrong(line: &str, member: &str, message: &str) -> BadLine {
    let at = line.find(&format!("\"{member}\""));
    BadLine {
        column: at.unwrap_or(0) + 1,
        message: message.into(),
    }
}

/// The JSON library's words without its own place, which knows only one line.
fn without_place(text: &str) -> String {
    text.rsplit_once(" at line ")
        .map_or(text, |(text, _)| text)
        .to_owned()
}
