//! What is different from the message before that is of the same kind.

use unicode_width::UnicodeWidthStr;

use super::{
    super::{App, PageLine, Role, words, wrap},
    Document, rows,
};
use crate::{
    payload::{
        diff::{self, Piece},
        escape::escape,
        hex,
    },
    store::{Earlier, Seq},
};

/// Columns for paths; a longer one has its values below it.
const PATHS: usize = 24;

/// A difference ready to be shown.
#[derive(Debug)]
pub(super) struct Compared {
    /// Since when, or why there is nothing to compare with.
    head: String,
    changes: Vec<Change>,
    /// What is not told.
    rest: String,
}

/// A line: what became of a place.
#[derive(Debug)]
struct Change {
    sign: Sign,
    /// The path, or nothing for a line of text.
    place: String,
    old: Option<Shown>,
    new: Option<Shown>,
}

/// A value, cut where nobody would read on, and then how long it is.
type Shown = (String, String);

#[derive(Clone, Copy, Debug)]
enum Sign {
    Added,
    Removed,
    Changed,
}

/// Between what was and what is.
const ARROW: &str = " → ";
/// Columns of a value that are shown.
const VALUE: usize = 160;

impl Compared {
    /// A message compared with the one before it.
    pub(super) fn new(app: &App, seq: Seq, document: &Document) -> Self {
        let nothing = |head: &str| Self {
            head: head.into(),
            changes: Vec::new(),
            rest: String::new(),
        };
        let (earlier, channel) = match app.store.earlier(seq) {
            Earlier::Found { seq, channel } => (seq, channel),
            Earlier::Nothing => return nothing("no earlier message of the same type is kept"),
            Earlier::NotNear => return nothing("no message of the same type shortly before"),
        };
        let (Some(row), Some(before)) = (
            app.store.row(earlier),
            Document::plain(app, earlier, document.is_revealed()),
        ) else {
            return nothing("the earlier message is not kept any more");
        };
        let kind = if channel {
            "same type and channel"
        } else {
            "same type"
        };
        let time = words::time_of_day(row.at.wall, &app.setup.zone);
        let number = words::event_number(earlier);
        Self {
            head: format!("since event {number}, {time}: {kind}"),
            ..Self::of(&before, document)
        }
    }

    fn of(before: &Document, document: &Document) -> Self {
        let found = match (before.json(), document.json()) {
            (Some((form, old)), Some((same, new))) if form == same => values(old, new),
            _ => pieces(&before.shown, &document.shown),
        };
        found.unwrap_or_else(|| Self {
            head: String::new(),
            changes: Vec::new(),
            rest: "too large to compare".into(),
        })
    }

    /// The lines.
    pub(super) fn lines(&self, width: usize, limit: usize) -> Vec<PageLine> {
        let mut lines = wrap::fold(PageLine::new(Role::Dim, self.head.as_str()), width, 0);
        lines.push(PageLine::default());
        let places = self.changes.iter().map(|change| change.place.width());
        let column = places.filter(|wide| *wide <= PATHS).max().unwrap_or(0);
        for change in &self.changes {
            if lines.len() > limit {
                break;
            }
            lines.extend(change.lines(column, width));
        }
        if !self.rest.is_empty() {
            if !self.changes.is_empty() {
                lines.push(PageLine::default());
            }
            lines.extend(wrap::fold(
                PageLine::new(Role::Dim, self.rest.as_str()),
                width,
                0,
            ));
        }
        lines
    }
}

impl Change {
    fn lines(&self, column: usize, width: usize) -> Vec<PageLine> {
        let (sign, role) = match self.sign {
            Sign::Added => ("+", Role::Good),
            Sign::Removed => ("-", Role::Bad),
            Sign::Changed => ("~", Role::Warn),
        };
        let head = PageLine::new(role, format!("{sign} "));
        let values = self.values(role);
        if self.place.is_empty() {
            let mut line = head;
            line.parts.extend(values);
            return wrap::fold(line, width, 2);
        }
        let place = escape(&self.place);
        let wide = place.width();
        let head = head.and(Role::Key, place);
        if wide > column || column + 20 > width {
            let mut lines = wrap::fold(head, width, 4);
            let mut below = PageLine::new(Role::Text, "    ");
            below.parts.extend(values);
            lines.extend(wrap::fold(below, width, 4));
            return lines;
        }
        let mut line = head.and(Role::Text, " ".repeat(column - wide + 2));
        let indent = column + 4;
        let fits = |parts: &[(Role, String)]| {
            let wide: usize = parts.iter().map(|(_, text)| text.width()).sum();
            indent + wide <= width
        };
        let arrow = values.iter().position(|(_, text)| text == ARROW);
        let Some(arrow) = arrow.filter(|_| !fits(&values)) else {
            line.parts.extend(values);
            return wrap::fold(line, width, indent);
        };
        // What was and what is stand below each other.
        line.parts.extend(values[..arrow].iter().cloned());
        let mut below = PageLine::new(Role::Text, " ".repeat(indent));
        below.parts.extend(values[arrow..].iter().cloned());
        let mut lines = wrap::fold(line, width, indent);
        lines.extend(wrap::fold(below, width, indent));
        lines
    }

    fn values(&self, role: Role) -> Vec<(Role, String)> {
        let value = |text: &Option<Shown>, role: Role| {
            let (text, told) = text.clone().unwrap_or_default();
            [(role, text), (Role::Dim, told)]
        };
        match self.sign {
            Sign::Changed => [
                &value(&self.old, Role::Dim)[..],
                &[(Role::Dim, ARROW.to_owned())],
                &value(&self.new, Role::Value)[..],
            ]
            .concat(),
            Sign::Added if self.place.is_empty() => value(&self.new, role).to_vec(),
            Sign::Removed if self.place.is_empty() => value(&self.old, role).to_vec(),
            Sign::Added => value(&self.new, Role::Value).to_vec(),
            Sign::Removed => value(&self.old, Role::Dim).to_vec(),
        }
    }
}

/// By the paths of JSON.
fn values(old: &[u8], new: &[u8]) -> Option<Compared> {
    let found = diff::values(old, new)?;
    let text = |raw: Option<&[u8]>| raw.map(|raw| rows::cut(raw, VALUE));
    let changes = found.changes.iter().map(|value| Change {
        sign: match (value.old, value.new) {
            (None, _) => Sign::Added,
            (_, None) => Sign::Removed,
            _ => Sign::Changed,
        },
        place: value.path.to_string(),
        old: text(value.old),
        new: text(value.new),
    });
    Some(compared(changes.collect(), found.same, found.cut, "value"))
}

/// By lines of text, or by rows of bytes.
fn pieces(old: &[u8], new: &[u8]) -> Option<Compared> {
    const ROW: usize = 8;
    if old.len().max(new.len()) > diff::MOST_BYTES {
        return None;
    }
    if let (Ok(old), Ok(new)) = (std::str::from_utf8(old), std::str::from_utf8(new)) {
        let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
        let found = diff::pieces(&old, &new)?;
        let changes = found
            .changes
            .iter()
            .map(|piece| change(piece, |line| rows::cut(line.as_bytes(), VALUE)));
        return Some(compared(changes.collect(), found.same, found.cut, "line"));
    }
    let (old, new): (Vec<_>, Vec<_>) = (old.chunks(ROW).collect(), new.chunks(ROW).collect());
    let found = diff::pieces(&old, &new)?;
    let row = |bytes: &[u8]| {
        let row: String = hex::rows(bytes, ROW).collect();
        (row[8..].to_owned(), String::new())
    };
    let changes = found.changes.iter().map(|piece| change(piece, row));
    Some(compared(changes.collect(), found.same, found.cut, "row"))
}

fn change<T: Copy>(piece: &Piece<T>, text: impl Fn(T) -> Shown) -> Change {
    let (sign, old, new) = match piece {
        Piece::Removed(old) => (Sign::Removed, Some(text(*old)), None),
        Piece::Added(new) => (Sign::Added, None, Some(text(*new))),
    };
    Change {
        sign,
        place: String::new(),
        old,
        new,
    }
}

fn compared(changes: Vec<Change>, same: usize, cut: bool, what: &str) -> Compared {
    let others = if changes.is_empty() { "" } else { "other " };
    let rest = match same {
        _ if cut => "there is more that differs".into(),
        _ if changes.is_empty() => "nothing differs".into(),
        0 => String::new(),
        1 => format!("1 {others}{what} is the same"),
        _ => format!(
            "{} {others}{what}s are the same",
            words::grouped(same as u64)
        ),
    };
    Compared {
        head: String::new(),
        changes,
        rest,
    }
}
