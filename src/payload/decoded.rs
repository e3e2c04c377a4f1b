//! What a binary payload says, written as JSON: one tree, one mask and one difference serve every format.
//!
//! What JSON cannot say is noted beside a value: `bytes`, `tag 32`, the name of an enumeration. Nothing is set aside
//! by a length that is only claimed, depth is bounded, and a larger payload is not decoded.

use std::{borrow::Cow, ops::Range};

use super::{hex, mask};

/// A larger payload is not decoded.
pub const MOST_BYTES: usize = 4 << 20;
/// Values nested deeper than this are not decoded.
pub const DEPTH: usize = 100;
/// More notes than these are not kept: no pane has so many rows.
const MOST_NOTES: usize = 20_000;

/// A decoded payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The JSON.
    pub text: Vec<u8>,
    /// Notes by the places in the text where their values begin, rising.
    pub notes: Vec<(usize, String)>,
    /// Where the payload holds what looks like a secret by the name of its member.
    pub secrets: Vec<Range<usize>>,
}

impl Decoded {
    /// What is noted of the value that begins here.
    pub fn note(&self, at: usize) -> Option<&str> {
        let found = self.notes.binary_search_by_key(&at, |(place, _)| *place);
        found.ok().map(|found| self.notes[found].1.as_str())
    }

    /// Whether it is an object or an array, as messages are.
    pub fn is_container(&self) -> bool {
        matches!(self.text.first(), Some(b'{' | b'['))
    }

    /// The payload with stars in place of what looks like a secret by the name of its member.
    pub fn hide(&self, payload: &mut [u8]) {
        for secret in &self.secrets {
            if let Some(bytes) = payload.get_mut(secret.clone()) {
                bytes.fill(b'*');
            }
        }
    }
}

/// Writes a decoded payload.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) decoded: Decoded,
    /// Whether the value that is written belongs to a member with the name of a secret.
    secret: bool,
}

impl Writer {
    /// Where the next value begins.
    pub(super) const fn at(&self) -> usize {
        self.decoded.text.len()
    }

    /// JSON as it is: a number, a word, a bracket.
    pub(super) fn raw(&mut self, text: &str) {
        self.decoded.text.extend_from_slice(text.as_bytes());
    }

    /// A note on the value that is written next.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        let at = self.at();
        let notes = &mut self.decoded.notes;
        let room = notes.len() < MOST_NOTES;
        match notes.last_mut() {
            Some((place, known)) if *place == at => {
                known.push_str(", ");
                known.push_str(&note.into());
            }
            _ if room => notes.push((at, note.into())),
            _ => {}
        }
    }

    /// A number with a fraction; what JSON has no number for becomes a text.
    pub(super) fn float(&mut self, value: f64) {
        if let Some(number) = serde_json::Number::from_f64(value) {
            self.raw(&number.to_string());
        } else {
            self.note("number");
            self.quoted(&value.to_string());
        }
    }

    /// A text that stands in this part of the payload; what is no UTF-8 is noted.
    pub(super) fn text(&mut self, bytes: &[u8], place: Range<usize>) {
        self.hide(place);
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, Cow::Owned(_)) {
            self.note("not UTF-8");
        }
        self.quoted(&text);
    }

    /// Bytes that stand in this part of the payload, in hexadecimal.
    pub(super) fn bytes(&mut self, bytes: &[u8], place: Range<usize>) {
        self.hide(place);
        self.note("bytes");
        self.raw("\"");
        self.raw(&hex::digits(bytes));
        self.raw("\"");
    }

    fn hide(&mut self, place: Range<usize>) {
        if self.secret && self.decoded.secrets.len() < MOST_NOTES {
            self.decoded.secrets.push(place);
        }
    }

    /// A text with quotes.
    pub(super) fn quoted(&mut self, text: &str) {
        let quoted = serde_json::Value::from(text).to_string();
        self.raw(&quoted);
    }

    /// What was written since `start` becomes the name of a member.
    pub(super) fn end_name(&mut self, start: usize) {
        let notes = &mut self.decoded.notes;
        notes.truncate(notes.partition_point(|(place, _)| *place < start));
        if self.decoded.text.get(start) != Some(&b'"') {
            let name = self.decoded.text.split_off(start);
            self.quoted(&String::from_utf8_lossy(&name));
        }
        let name = &self.decoded.text[start + 1..self.at() - 1];
        self.secret = mask::is_secret_name(name);
        self.raw(":");
    }

    /// A value of a member is written.
    pub(super) const fn end_value(&mut self) {
        self.secret = false;
    }

    /// Where it stands, to go back to.
    pub(super) const fn mark(&self) -> (usize, usize, usize) {
        let decoded = &self.decoded;
        (
            decoded.text.len(),
            decoded.notes.len(),
            decoded.secrets.len(),
        )
    }

    /// Takes back what was written since.
    pub(super) fn back_to(&mut self, (text, notes, secrets): (usize, usize, usize)) {
        self.decoded.text.truncate(text);
        self.decoded.notes.truncate(notes);
        self.decoded.secrets.truncate(secrets);
    }

    /// A comma before every part but the first.
    pub(super) fn comma(&mut self, number: usize) {
        if number > 0 {
            self.raw(",");
        }
    }
}
