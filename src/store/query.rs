//! A text that is looked for: a substring, whatever the case of its letters.

use super::{Body, Row};
use crate::event::Lifecycle;

/// A case-insensitive substring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    lower: String,
}

impl Query {
    /// Looks for this text; `None` when it is empty.
    pub fn new(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self {
            lower: text.to_lowercase(),
        })
    }

    /// Whether the payload, the type or the wording of an event contains the text.
    pub fn matches(&self, row: &Row<'_>) -> bool {
        match row.body {
            Body::Message {
                type_name, data, ..
            } => self.is_in(data) || type_name.is_some_and(|name| self.is_in(name.as_bytes())),
            Body::Lifecycle(lifecycle) => self.is_in_lifecycle(lifecycle),
        }
    }

    fn is_in_lifecycle(&self, lifecycle: &Lifecycle) -> bool {
        self.is_in(lifecycle.to_string().as_bytes())
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        if self.lower.is_ascii() {
            self.is_in_ascii(bytes)
        } else {
            self.is_in_unicode(bytes)
        }
    }

    /// Jumps from one possible first letter to the next.
    fn is_in_ascii(&self, bytes: &[u8]) -> bool {
        let needle = self.lower.as_bytes();
        let (first, upper) = (needle[0], needle[0].to_ascii_uppercase());
        let starts = memchr::memchr2_iter(first, upper, bytes);
        starts.into_iter().any(|at| {
            bytes
                .get(at..at + needle.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(needle))
        })
    }

    fn is_in_unicode(&self, bytes: &[u8]) -> bool {
        String::from_utf8_lossy(bytes)
            .to_lowercase()
            .contains(&self.lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter() {
        let is_in = |text: &str, bytes: &str| {
            Query::new(text).is_some_and(|query| query.is_in(bytes.as_bytes()))
        };
        assert!(is_in("ORDER", "xx orDer.created") && is_in("größe", "die GRÖSSE, die GRÖßE"));
        assert!(!is_in("orders", "order") && !is_in("", "order") && !is_in("z", ""));
    }
}
