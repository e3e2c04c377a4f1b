//! A payload's visible part with the roles of JSON, and search hits marked. Only what is in view is looked at.

use std::borrow::Cow;

use super::{Role, text};
use crate::{message::Kind, payload::preview::preview};

/// The part of a payload that stands in `room` columns when its first `shift` are out of view.
pub fn parts(
    data: &[u8],
    (kind, type_name): (Kind, Option<&str>),
    (shift, room): (usize, usize),
    needles: &[String],
) -> Vec<(Role, String)> {
    let shown = preview(
        &without_type(data, type_name, shift + room),
        kind,
        shift + room,
    );
    let shown = text::tame(text::skip(&shown, shift)).into_owned();
    let parts = match kind {
        Kind::Text if shift == 0 && shown.starts_with(['{', '[']) => json(&shown),
        Kind::Text => vec![(Role::Text, shown)],
        Kind::Binary => vec![(Role::Dim, shown)],
    };
    mark(parts, needles)
}

/// The payload without its first member when that is the type, which stands in a column of its own.
fn without_type<'a>(data: &'a [u8], type_name: Option<&str>, columns: usize) -> Cow<'a, [u8]> {
    let rest = type_name.and_then(|name| after_type(data, name));
    rest.map_or(Cow::Borrowed(data), |rest| {
        let enough = rest.len().min(columns.saturating_mul(16) + 16);
        Cow::Owned([b"{", &rest[..enough]].concat())
    })
}

fn after_type<'a>(data: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let data = data
        .strip_prefix(b"{")?
        .trim_ascii_start()
        .strip_prefix(b"\"")?;
    let key = data.iter().take(32).position(|byte| *byte == b'"')?;
    let data = data[key + 1..].trim_ascii_start().strip_prefix(b":")?;
    let data = data.trim_ascii_start().strip_prefix(b"\"")?;
    let data = data.strip_prefix(name.as_bytes())?.strip_prefix(b"\"")?;
    Some(
        data.trim_ascii_start()
            .strip_prefix(b",")?
            .trim_ascii_start(),
    )
}

/// Cuts a line that begins as JSON into strings, names and the rest.
fn json(text: &str) -> Vec<(Role, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.find('"').unwrap_or(rest.len());
        if plain > 0 {
            parts.push((Role::Text, rest[..plain].to_owned()));
            rest = &rest[plain..];
            continue;
        }
        let end = string_end(rest);
        let named = rest[end..].trim_start().starts_with(':');
        let role = if named { Role::Key } else { Role::Value };
        parts.push((role, rest[..end].to_owned()));
        rest = &rest[end..];
    }
    parts
}

/// The end of the string that begins a text, or of the text.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// Gives what is searched for the role of a hit.
pub fn mark(parts: Vec<(Role, String)>, needles: &[String]) -> Vec<(Role, String)> {
    if needles.is_empty() {
        return parts;
    }
    let whole: String = parts.iter().map(|(_, text)| text.as_str()).collect();
    let hits = all_hits(&whole, needles);
    let mut marked = Vec::new();
    let mut begin = 0;
    for (role, text) in parts {
        let end = begin + text.len();
        let mut at = begin;
        for &(from, to) in hits.iter().filter(|(from, to)| *from < end && *to > begin) {
            let (from, to) = (from.max(begin), to.min(end));
            marked.push((role, whole[at..from].to_owned()));
            marked.push((Role::Mark, whole[from..to].to_owned()));
            at = to;
        }
        marked.push((role, whole[at..end].to_owned()));
        begin = end;
    }
    marked
}

/// Where any of the texts occurs: byte ranges that do not overlap, in order.
fn all_hits(text: &str, needles: &[String]) -> Vec<(usize, usize)> {
    let mut all: Vec<_> = needles
        .iter()
        .flat_map(|needle| hits(text, needle))
        .collect();
    all.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (from, to) in all {
        match merged.last_mut() {
            Some((_, end)) if from < *end => *end = (*end).max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Where a text occurs, whatever the case of its letters: byte ranges that do not overlap.
fn hits(text: &str, needle: &str) -> Vec<(usize, usize)> {
    let needle: Vec<char> = needle.chars().flat_map(char::to_lowercase).collect();
    let mut hits = Vec::new();
    let mut from = 0;
    for (at, _) in text.char_indices() {
        if at < from {
            continue;
        }
        if let Some(long) = begins(&text[at..], &needle) {
            hits.push((at, at + long));
            from = at + long;
        }
    }
    hits
}

/// Bytes of the text's beginning that are the needle, if it begins so.
fn begins(text: &str, needle: &[char]) -> Option<usize> {
    let mut left = needle.iter().peekable();
    for (at, c) in text.char_indices() {
        if left.peek().is_none() {
            return Some(at);
        }
        for lower in c.to_lowercase() {
            if left.next() != Some(&lower) {
                return None;
            }
        }
    }
    left.peek().is_none().then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hits_have_roles() {
        let shown = parts(
            br#"{"id":"Ab\"c","n":1}"#,
            (Kind::Text, None),
            (0, 40),
            &["AB".into(), "b".into()],
        );
        let shown: Vec<_> = shown
            .iter()
            .map(|(role, text)| (*role, text.as_str()))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        assert_eq!(
            shown,
            [
                (Role::Text, "{"),
                (Role::Key, "\"id\""),
                (Role::Text, ":"),
                (Role::Value, "\""),
                (Role::Mark, "Ab"),
                (Role::Value, "\\\"c\""),
                (Role::Text, ","),
                (Role::Key, "\"n\""),
                (Role::Text, ":1}")
            ]
        );
    }

    #[test]
    fn the_type_is_not_told_twice() {
        let line = |text: &str| {
            let parts = parts(text.as_bytes(), (Kind::Text, Some("tick")), (0, 40), &[]);
            parts.into_iter().map(|(_, text)| text).collect::<String>()
        };
        assert_eq!(line(r#"{ "event" : "tick" , "n":1}"#), r#"{"n":1}"#);
        for kept in [
            r#"{"n":1,"event":"tick"}"#,
            r#"{"event":"ticks","n":1}"#,
            r#"{"event":"tick"}"#,
        ] {
            assert_eq!(line(kept), kept);
        }
    }

    #[test]
    fn a_shift_moves_the_window() {
        let shown = parts(b"abcdefghij", (Kind::Text, None), (3, 4), &[]);
        assert_eq!(shown, [(Role::Text, "def\u{2026}".to_owned())]);
    }

    #[test]
    fn hits_are_found_in_any_case_and_never_inside_a_letter() {
        assert_eq!(hits("xAbaB", "ab"), [(1, 3), (3, 5)]);
        assert_eq!(hits("\u{130}x", "\u{e4}"), []);
        assert_eq!(hits("\u{c4}pfel", "\u{e4}p"), [(0, 3)]);
    }
}
