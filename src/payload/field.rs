//! A value of JSON payloads by its path, as a column or a pin shows it: found in the bytes as they came, nothing is parsed
//! but a text that holds JSON and lies on the way.

use std::{borrow::Cow, ops::Range};

use super::{
    json::{Shape, inner, shape},
    mask::masked_value,
    path::{Hop, Path},
    place::{Found, Step, find},
    tree::unquoted,
};

/// In longer payloads nobody looks.
const LONGEST: usize = 1 << 18;
/// So much of a value is shown at most, in bytes.
const SHOWN: usize = 1 << 14;

/// A path, ready to be looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    path: Path,
    /// The steps up to a text that is JSON, and on from there.
    parts: Vec<Vec<Step>>,
    masks_texts: bool,
}

/// What a payload has at the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held<'a> {
    /// A value, as it was written.
    Value(Cow<'a, [u8]>),
    /// Nothing.
    Missing,
    /// It is no JSON, or too long to look at.
    Unread,
}

impl Field {
    /// The field at a path.
    pub fn new(path: Path) -> Self {
        let mut parts = vec![Vec::new()];
        for hop in &path.0 {
            match (hop, parts.last_mut()) {
                (Hop::Step(step), Some(last)) => last.push(step.clone()),
                _ => parts.push(Vec::new()),
            }
        }
        let masked = masked_value(path.name().unwrap_or_default(), b"\"0\"");
        Self {
            masks_texts: matches!(masked, Cow::Owned(_)),
            path,
            parts,
        }
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path without its first dot, as a title.
    pub fn title(&self) -> String {
        let path = self.path.to_string();
        match path.strip_prefix('.') {
            Some(rest) if !rest.is_empty() => rest.to_owned(),
            _ => path,
        }
    }

    /// Whether texts are masked there whatever they are, because of the name of the member.
    pub const fn masks_texts(&self) -> bool {
        self.masks_texts
    }

    /// Looks into a payload.
    pub fn of<'a>(&self, data: &'a [u8]) -> Held<'a> {
        if data.len() > LONGEST || shape(data) == Shape::Other {
            return Held::Unread;
        }
        let mut text = Cow::Borrowed(data);
        for (at, steps) in self.parts.iter().enumerate() {
            let within = if at > 0 { inner(&text) } else { None };
            match within {
                Some(within) => text = Cow::Owned(within),
                None if at > 0 => return Held::Missing,
                None => {}
            }
            let Found::Value(range) = find(&text, steps) else {
                return Held::Missing;
            };
            text = part(text, range);
        }
        Held::Value(text)
    }

    /// Where the value stands in a payload that is known to be JSON; `None`: it does not stand there as it is.
    pub fn place(&self, data: &[u8]) -> Option<Range<usize>> {
        let [steps] = &self.parts[..] else {
            return None;
        };
        match find(data, steps) {
            Found::Value(range) => Some(range),
            Found::Nothing | Found::Wrong | Found::Unclear => None,
        }
    }

    /// A value as a text in one line: a string without its quotes. What looks like a secret is masked unless it was
    /// asked for. Not yet safe to show.
    pub fn text(&self, value: &[u8], revealed: bool) -> String {
        let value = &value[..value.len().min(SHOWN)];
        let shown = if revealed {
            Cow::Borrowed(value)
        } else {
            masked_value(self.path.name().unwrap_or_default(), value)
        };
        match shown.first() {
            Some(b'"') => unquoted(&shown),
            _ => String::from_utf8_lossy(&shown).into_owned(),
        }
    }
}

fn part(text: Cow<'_, [u8]>, range: Range<usize>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(range).unwrap_or_default()),
        Cow::Owned(text) => Cow::Owned(text.get(range).unwrap_or_default().to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(path: &str, data: &str) -> String {
        let field = Field::new(path.parse().unwrap());
        match field.of(data.as_bytes()) {
            Held::Value(value) => field.text(&value, false),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn values_are_short_texts() {
        let data = r#"{"a":{"b":[1,2.50]},"t":"x\ty","j":"{\"n\":[7]}","null":null}"#;
        for (path, wanted) in [
            (".a.b[1]", "2.50"),
            (".t", "x\ty"),
            (".a", r#"{"b":[1,2.50]}"#),
            (".j | fromjson | .n[0]", "7"),
            (".j | fromjson | .m", "Missing"),
            (".t | fromjson | .m", "Missing"),
            (".null", "null"),
            (".null.x", "Missing"),
            (".a.b.c", "Missing"),
        ] {
            assert_eq!(seen(path, data), wanted, "{path}");
        }
        for other in ["plain", "{\"a\":1", "{price: 1}", ""] {
            assert_eq!(seen(".a", other), "Unread", "{other}");
        }
    }

    #[test]
    fn secrets_stay_masked() {
        let data = r#"{"password":"hunter2","body":"{\"secret\":\"hunter2\"}","auth":{"secret":"hunter2"}}"#;
        for path in [
            ".password",
            ".body",
            ".body | fromjson | .secret",
            ".auth",
            ".auth.secret",
            ".",
        ] {
            let shown = seen(path, data);
            assert!(
                shown.contains("***") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
    }
}
