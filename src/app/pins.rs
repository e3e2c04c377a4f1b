//! Pinned values: of each event of a type, what stands at a path. Told is the last one, and how it went.
//!
//! An event of another stream or type costs a comparison; one of the type mostly has the value where an earlier one had it
//! ([`Moulds`]), and only else is it looked for.

use std::{borrow::Cow, collections::VecDeque, ops::Range};

use unicode_width::UnicodeWidthStr;

use super::{App, Overlay, Pane, text};
use crate::{
    event::StreamId,
    message::Direction,
    payload::{
        field::{Field, Held},
        json::{Shape, shape, unquoted},
        mould::Moulds,
        path::Path,
    },
    store::{Body, Row, Seq},
};

/// So many values can be pinned.
const MOST: usize = 4;
/// Numbers of which the way is shown.
const RECENT: usize = 30;
/// Columns of a value at most.
const WIDEST: usize = 24;
/// So much of a value is kept, in bytes.
const LONGEST: usize = 1 << 14;
/// Events that a new pin looks back at.
const BACK: u64 = 10_000;

/// A pinned value.
#[derive(Debug)]
pub struct Pin {
    stream: StreamId,
    direction: Direction,
    type_name: Option<String>,
    field: Field,
    /// Where the value stood in earlier payloads.
    moulds: Moulds<Range<usize>>,
    /// The last value as it was written; it becomes a text once for each picture.
    last: Vec<u8>,
    is_new: bool,
    shown: Option<String>,
    /// Columns that its values took at most.
    width: usize,
    count: u64,
    recent: VecDeque<f64>,
    range: Option<(f64, f64)>,
}

impl Pin {
    /// The value at a path in all messages like this one; `None`: this is no message.
    fn new(row: &Row<'_>, path: Path) -> Option<Self> {
        let Body::Message {
            direction,
            type_name,
            ..
        } = row.body
        else {
            return None;
        };
        Some(Self {
            stream: row.stream,
            direction,
            type_name: type_name.map(str::to_owned),
            field: Field::new(path),
            moulds: Moulds::default(),
            last: Vec::new(),
            is_new: false,
            shown: None,
            width: 0,
            count: 0,
            recent: VecDeque::new(),
            range: None,
        })
    }

    /// Whether both pin the same.
    fn is(&self, other: &Self) -> bool {
        let what = |pin: &Self| (pin.stream, pin.direction);
        what(self) == what(other) && self.type_name == other.type_name && self.field == other.field
    }

    /// Takes in an event.
    fn note(&mut self, row: &Row<'_>) {
        let Body::Message {
            direction,
            type_name,
            data,
            ..
        } = row.body
        else {
            return;
        };
        let is_like = row.stream == self.stream && direction == self.direction;
        if !is_like || type_name != self.type_name.as_deref() {
            return;
        }
        if let Some(value) = self.value(data) {
            self.take(&value);
        }
    }

    fn value<'d>(&mut self, data: &'d [u8]) -> Option<Cow<'d, [u8]>> {
        if let Some(place) = self.moulds.find(data) {
            return data.get(place.clone()).map(Cow::Borrowed);
        }
        let Held::Value(value) = self.field.of(data) else {
            return None;
        };
        if self.moulds.learns(data)
            && shape(data) == Shape::Plain
            && let Some(place) = self.field.place(data)
        {
            self.moulds.learn(data, place);
        }
        Some(value)
    }

    fn take(&mut self, value: &[u8]) {
        self.count += 1;
        self.last.clear();
        self.last
            .extend_from_slice(&value[..value.len().min(LONGEST)]);
        self.is_new = true;
        if let Some(number) = number(value, self.field.masks_texts()) {
            self.recent.push_back(number);
            if self.recent.len() > RECENT {
                self.recent.pop_front();
            }
            let (least, most) = self.range.unwrap_or((number, number));
            self.range = Some((least.min(number), most.max(number)));
        }
    }

    /// Makes a text of the last value.
    fn settle(&mut self, cut: &str) {
        if !std::mem::take(&mut self.is_new) {
            return;
        }
        let told = self.field.text(&self.last, false);
        let shown = text::fit(&text::tame(&told), WIDEST, cut).into_owned();
        self.width = self.width.max(shown.width());
        self.shown = Some(shown);
    }

    /// The type of the messages, where they state one.
    pub fn type_name(&self) -> Option<&str> {
        self.type_name.as_deref()
    }

    /// Whose the messages are.
    pub const fn stream(&self) -> StreamId {
        self.stream
    }

    /// The path of the value, as a title.
    pub fn title(&self) -> String {
        self.field.title()
    }

    /// The last value, safe to show.
    pub fn last(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// Columns that its values took at most, so that what stands behind does not move.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// How many messages had a value.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The last numbers, the newest last: 30 at most.
    pub const fn recent(&self) -> &VecDeque<f64> {
        &self.recent
    }

    /// The least and the greatest number so far.
    pub const fn range(&self) -> Option<(f64, f64)> {
        self.range
    }
}

/// A number, also one that is written as a text unless such are masked.
fn number(value: &[u8], masks_texts: bool) -> Option<f64> {
    let written = match value {
        [b'"', ..] if masks_texts => return None,
        value => unquoted(value),
    };
    let begins = matches!(written, [b'-' | b'0'..=b'9', ..]);
    let number: f64 = str::from_utf8(written)
        .ok()
        .filter(|_| begins)?
        .parse()
        .ok()?;
    number.is_finite().then_some(number)
}

impl App {
    /// An event came.
    pub(super) fn note_pins(&mut self, seq: Seq) {
        if self.pins.is_empty() {
            return;
        }
        if let Some(row) = self.store.row(seq) {
            for pin in &mut self.pins {
                pin.note(&row);
            }
        }
    }

    /// Makes texts of the pinned values that came since.
    pub(super) fn settle_pins(&mut self) {
        let cut = self.glyphs().cut;
        for pin in &mut self.pins {
            pin.settle(cut);
        }
    }

    /// The chosen value is pinned, or no longer; where no detail is looked at, the list of what is pinned is opened.
    pub(super) fn turn_pin(&mut self) {
        if self.focus == Pane::Detail {
            return self.turn_pin_of_chosen();
        }
        if self.pins.is_empty() {
            self.tell("nothing is pinned yet: open an event and choose a value");
        } else {
            self.overlay = Overlay::Columns(self.list.columns.all().len());
        }
    }

    fn turn_pin_of_chosen(&mut self) {
        let Some(mut pin) = self.chosen_pin() else {
            return self.tell("values of JSON can be pinned: choose one in a tree");
        };
        let title = pin.title();
        if let Some(at) = self.pins.iter().position(|known| known.is(&pin)) {
            self.pins.remove(at);
            return self.tell(format!("{title} is no longer pinned"));
        }
        if self.pins.len() == MOST {
            return self.tell(format!("{MOST} values are pinned already: unpin one first"));
        }
        let end = self.store.end().0;
        for seq in self.store.first().0.max(end.saturating_sub(BACK))..end {
            if let Some(row) = self.store.row(Seq(seq)) {
                pin.note(&row);
            }
        }
        self.pins.push(pin);
        self.tell(format!("{title} is pinned above the list"));
    }

    fn chosen_pin(&self) -> Option<Pin> {
        let row = self.store.row(self.list.cursor()?)?;
        Pin::new(&row, self.detail.path()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_texts() {
        for (text, wanted) in [
            ("12.90", Some(12.9)),
            ("\"12.90\"", Some(12.9)),
            ("-1e3", Some(-1000.0)),
            ("\"inf\"", None),
            ("1e999", None),
            ("null", None),
            ("\"12:30\"", None),
        ] {
            assert_eq!(number(text.as_bytes(), false), wanted, "{text}");
        }
        assert_eq!(number(b"\"1234\"", true), None);
        assert_eq!(number(b"1234", true), Some(1234.0));
    }
}
