//! From part to part of a text that is known to be JSON. The caller says where a part ended, so that a part is looked
//! into only when it is wanted.

use std::ops::Range;

use super::super::scan::Scan;

/// A member of an object, or an item of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name with its quotes, as it was written; `None`: an item.
    pub key: Option<Range<usize>>,
    /// Where the value begins.
    pub value: usize,
}

/// Walks over a text.
pub struct Walk<'a> {
    scan: Scan<'a>,
}

impl<'a> Walk<'a> {
    /// Over this text.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            scan: Scan::new(bytes),
        }
    }

    /// Where the value begins that is the text.
    pub fn start(&mut self) -> usize {
        self.scan.blank(0)
    }

    /// The first part of the object or array that begins here; `None`: it is empty.
    pub fn first(&mut self, open: usize) -> Option<Part> {
        let at = self.scan.blank(open + 1);
        let object = *self.scan.bytes.get(open)? == b'{';
        match self.scan.bytes.get(at)? {
            b'}' | b']' => None,
            _ => self.part(at, object),
        }
    }

    /// The part behind the one that ends here; `None`: that was the last.
    pub fn next(&mut self, end: usize, object: bool) -> Option<Part> {
        let at = self.scan.blank(end);
        if *self.scan.bytes.get(at)? != b',' {
            return None;
        }
        let at = self.scan.blank(at + 1);
        self.part(at, object)
    }

    fn part(&mut self, at: usize, object: bool) -> Option<Part> {
        if !object {
            return Some(Part {
                key: None,
                value: at,
            });
        }
        let end = self.scan.string(at + 1)?;
        let colon = self.scan.blank(end);
        Some(Part {
            key: Some(at..end),
            value: self.scan.blank(colon + 1),
        })
    }

    /// Behind the bracket that closes what has its last part end here.
    pub fn close(&mut self, end: usize) -> usize {
        self.scan.blank(end) + 1
    }

    /// Behind the value that begins here.
    pub fn skip(&mut self, at: usize) -> Option<usize> {
        self.scan.skip(at)
    }

    /// How many parts the object or array has that begins here, `limit` at most, and where it ends if it was looked at
    /// to the end.
    pub fn measure(&mut self, open: usize, limit: usize) -> (usize, Option<usize>) {
        let object = self.scan.bytes.get(open) == Some(&b'{');
        let mut count = 0;
        let mut end = open + 1;
        let mut part = self.first(open);
        while let Some(found) = part {
            if count == limit {
                return (count, None);
            }
            count += 1;
            match self.skip(found.value) {
                Some(behind) => end = behind,
                None => return (count, None),
            }
            part = self.next(end, object);
        }
        let close = self.scan.blank(end);
        let closed = matches!(self.scan.bytes.get(close), Some(b'}' | b']'));
        (count, closed.then_some(close + 1))
    }

    /// The parts of the object or array that begins here, with their values.
    pub fn parts(
        &mut self,
        open: usize,
        limit: usize,
    ) -> Vec<(Option<Range<usize>>, Range<usize>)> {
        let object = self.scan.bytes.get(open) == Some(&b'{');
        let mut parts = Vec::new();
        let mut part = self.first(open);
        while let Some(found) = part.filter(|_| parts.len() < limit) {
            let Some(end) = self.skip(found.value) else {
                break;
            };
            parts.push((found.key, found.value..end));
            part = self.next(end, object);
        }
        parts
    }
}

/// The text of a name or a string that stands between these quotes, escapes undone.
pub fn unquoted(quoted: &[u8]) -> String {
    serde_json::from_slice(quoted).unwrap_or_else(|_| {
        let inside = quoted.get(1..quoted.len().saturating_sub(1));
        String::from_utf8_lossy(inside.unwrap_or_default()).into_owned()
    })
}
