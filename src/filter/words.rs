//! How single words of a filter are written: texts, names and the words for classes.

use std::borrow::Cow;

use crate::message::Class;

use super::lex;

/// Every class by its word; the last stands for what is no message.
pub(super) const CLASSES: [(&str, Option<Class>); 5] = [
    ("event", Some(Class::Event)),
    ("heartbeat", Some(Class::Heartbeat)),
    ("control", Some(Class::Control)),
    ("duplicate", Some(Class::Duplicate)),
    ("lifecycle", None),
];

/// The word for a class.
pub(super) fn class(class: Option<Class>) -> &'static str {
    let known = CLASSES.iter().find(|(_, known)| *known == class);
    known.map_or("", |(word, _)| word)
}

/// A text that is looked for: as it is where it would be read so, else in quotes.
pub(super) fn written(text: &str) -> Cow<'_, str> {
    if lex::is_bare(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(quoted(text))
    }
}

/// A name that is asked for: as it is, or in quotes.
pub(super) fn value(text: &str) -> Cow<'_, str> {
    let plain = |c: char| !c.is_whitespace() && !"()\",\\".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(quoted(text))
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Whether a name is the wanted one. In the wanted name `*` stands for anything and `?` for any character; the case of
/// ASCII letters does not matter.
pub(super) fn fits(wanted: &str, name: &str) -> bool {
    let (wanted, name) = (wanted.as_bytes(), name.as_bytes());
    let (mut at, mut place) = (0, 0);
    // Where the last star stood, and where in the name it ends for now.
    let mut star = None;
    while place < name.len() {
        match wanted.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(b'?') => (at, place) = (at + 1, next_char(name, place)),
            Some(byte) if byte.eq_ignore_ascii_case(&name[place]) => {
                (at, place) = (at + 1, place + 1);
            }
            _ => {
                let Some((star_at, end)) = star else {
                    return false;
                };
                star = Some((star_at, end + 1));
                (at, place) = (star_at + 1, end + 1);
            }
        }
    }
    wanted[at..].iter().all(|byte| *byte == b'*')
}

fn next_char(name: &[u8], at: usize) -> usize {
    let more = name[at + 1..]
        .iter()
        .take_while(|byte| **byte & 0xc0 == 0x80);
    at + 1 + more.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_others() {
        for (wanted, name) in [
            ("order.*", "order.created"),
            ("*created", "order.created"),
            ("*r*e*d", "order.created"),
            ("ORDER.?aid", "order.paid"),
            ("?", "é"),
            ("*", ""),
            ("a*b*", "aXbb"),
        ] {
            assert!(fits(wanted, name), "{wanted} {name}");
        }
        for (wanted, name) in [
            ("order", "orders"),
            ("order.*", "order"),
            ("a*b", "abc"),
            ("?", ""),
        ] {
            assert!(!fits(wanted, name), "{wanted} {name}");
        }
    }
}
