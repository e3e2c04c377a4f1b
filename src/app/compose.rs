//! The dialog in which a message is written, and the desk of each stream: the draft and what was sent from it. A desk
//! lives as long as the program, and nothing that looks like a secret is kept on it once it was sent.

use std::{borrow::Cow, collections::VecDeque};

use tui_input::Input;

use super::{PageLine, Role, text::tame, wrap};
use crate::{
    event::StreamId,
    payload::mask::{hides, masked},
};

/// The largest message that can be written, in bytes.
const LIMIT: usize = 64 << 10;
/// Messages that are kept for each stream.
const KEPT: usize = 100;

/// What was written to a stream.
#[derive(Default)]
pub(super) struct Desk {
    /// What is not yet sent.
    draft: Input,
    /// What was sent, the newest last.
    past: VecDeque<String>,
    /// What was sent last, until it is answered.
    unanswered: Option<String>,
}

impl Desk {
    /// A text goes out.
    pub(super) fn send(&mut self, text: &str) {
        self.draft = Input::default();
        self.unanswered = Some(text.to_owned());
        if hides(text) || self.past.back().is_some_and(|last| last == text) {
            return;
        }
        if self.past.len() == KEPT {
            self.past.pop_front();
        }
        self.past.push_back(text.to_owned());
    }

    /// What went out was answered; it becomes the draft again when it was not sent.
    pub(super) fn answered(&mut self, sent: bool) {
        let text = self.unanswered.take();
        if let Some(text) = text.filter(|_| !sent && self.draft.value().is_empty()) {
            self.draft = Input::new(text);
        }
    }
}

/// The dialog's state.
pub struct Compose {
    /// The stream it is for.
    pub stream: StreamId,
    line: Input,
    place: Place,
    /// What was typed, while another text is in its place.
    typed: Input,
    /// Whether it was told that this text is not what the service expects.
    pub(super) warned: bool,
}

/// Where the text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Typed,
    /// It was sent before.
    Past(usize),
    /// It is a message of the profile.
    Ready(usize),
}

impl Compose {
    /// The dialog with the draft of a stream.
    pub(super) fn new(stream: StreamId, desk: &mut Desk) -> Self {
        Self {
            stream,
            line: std::mem::take(&mut desk.draft),
            place: Place::Typed,
            typed: Input::default(),
            warned: false,
        }
    }

    /// Keeps what is written as the draft.
    pub(super) fn keep(self, desk: &mut Desk) {
        desk.draft = self.line;
    }

    /// What is written.
    pub fn text(&self) -> &str {
        self.line.value()
    }

    /// Which message of the profile it is.
    pub fn ready(&self) -> Option<usize> {
        match self.place {
            Place::Ready(at) => Some(at),
            Place::Typed | Place::Past(_) => None,
        }
    }

    /// Whether something in it looks like a secret; that is shown masked.
    pub fn holds_secret(&self) -> bool {
        hides(self.text())
    }

    /// Puts text in at the cursor, without control characters but for line feeds; whether there was room for it.
    pub(super) fn insert(&mut self, text: &str) -> bool {
        let room = LIMIT.saturating_sub(self.text().len());
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let kept: String = text
            .chars()
            .filter(|c| !c.is_control() || *c == '\n')
            .collect();
        let fits = &kept[..kept.floor_char_boundary(room)];
        let (before, after) = self.text().split_at(self.cursor());
        let whole = [before, fits, after].concat();
        let cursor = before.chars().count() + fits.chars().count();
        self.line = Input::new(whole).with_cursor(cursor);
        self.changed();
        fits.len() == kept.len()
    }

    /// Lets the line be edited.
    pub(super) fn edit(&mut self, act: impl FnOnce(&mut Input)) {
        act(&mut self.line);
        self.changed();
    }

    fn changed(&mut self) {
        (self.place, self.warned) = (Place::Typed, false);
    }

    /// Goes back or on in what was sent; behind the last is what was typed.
    pub(super) fn step(&mut self, by: isize, desk: &Desk) {
        let count = desk.past.len();
        let at = match self.place {
            Place::Past(at) => at,
            Place::Typed | Place::Ready(_) => count,
        };
        let to = at.saturating_add_signed(by);
        match desk.past.get(to) {
            Some(text) => self.show(Place::Past(to), text),
            None => self.show_typed(),
        }
    }

    /// Goes to the next of the profile's messages; behind the last is what was typed.
    pub(super) fn turn(&mut self, ready: &[(String, String)]) {
        let to = self.ready().map_or(0, |at| at + 1);
        match ready.get(to) {
            Some((_, text)) => self.show(Place::Ready(to), text),
            None => self.show_typed(),
        }
    }

    fn show(&mut self, place: Place, text: &str) {
        let before = std::mem::replace(&mut self.line, Input::new(text.to_owned()));
        if self.place == Place::Typed {
            self.typed = before;
        }
        (self.place, self.warned) = (place, false);
    }

    fn show_typed(&mut self) {
        if self.place != Place::Typed {
            self.line = std::mem::take(&mut self.typed);
            self.changed();
        }
    }

    /// The byte that the cursor is on.
    fn cursor(&self) -> usize {
        let mut places = self.text().char_indices();
        let at = places.nth(self.line.cursor());
        at.map_or_else(|| self.text().len(), |(byte, _)| byte)
    }

    /// It in rows of so many columns, secrets masked; and the row of the cursor.
    pub fn rows(&self, width: usize) -> (Vec<PageLine>, usize) {
        let lines = self.lines().into_iter();
        let rows: Vec<_> = lines.flat_map(|line| wrap::fold(line, width, 0)).collect();
        let at = rows.iter().position(has_cursor).unwrap_or(0);
        (rows, at)
    }

    fn lines(&self) -> Vec<PageLine> {
        let shown = shown(self.text());
        let split = shown.split_at_checked(self.cursor());
        let (before, after) = split.unwrap_or((&shown, ""));
        let (under, rest) = match after.chars().next() {
            None | Some('\n') => (" ", after),
            Some(c) => after.split_at(c.len_utf8()),
        };
        let mut lines = vec![PageLine::default()];
        add(&mut lines, Role::Text, before);
        add(&mut lines, Role::Focus, under);
        add(&mut lines, Role::Text, rest);
        lines
    }
}

/// Appends a text to the last line, and what follows its line feeds as lines of their own.
fn add(lines: &mut Vec<PageLine>, role: Role, text: &str) {
    for (number, part) in text.split('\n').enumerate() {
        if number > 0 {
            lines.push(PageLine::default());
        }
        if let Some(line) = lines.last_mut() {
            line.parts.push((role, tame(part).into_owned()));
        }
    }
}

fn has_cursor(row: &PageLine) -> bool {
    let mut parts = row.parts.iter();
    parts.any(|(role, text)| *role == Role::Focus && !text.is_empty())
}

/// The text with secrets masked; its length in bytes stays.
fn shown(text: &str) -> Cow<'_, str> {
    match masked(text.as_bytes()) {
        Cow::Borrowed(_) => text.into(),
        Cow::Owned(bytes) => String::from_utf8(bytes).map_or_else(|_| text.into(), Cow::Owned),
    }
}
