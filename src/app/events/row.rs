//! How a row of the list is laid out: the columns before the payload, and the payload in one line or in several.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::{
    app::{App, PageLine, Role, preview, text, wrap, wrap_words},
    event::Lifecycle,
    message::Kind,
    places::Part,
    store::{Body, Row, Seq},
};

/// Columns of the message type.
const TYPE: usize = 14;
/// So much of a payload may come into view, in bytes.
const LOOKED_AT: usize = 1 << 16;
/// Below this many columns a payload is not worth showing.
const PAYLOAD: usize = 24;
/// Lines of a wrapped event at most; the detail pane shows the rest.
const LINES: usize = 12;
/// Where the lines after the first begin, when they would be short below the payload.
const INDENT: usize = 4;

/// Columns of a row's parts, each with the space after it; 0: no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// All of them.
    pub width: usize,
    /// The time.
    pub time: usize,
    /// The stream's name.
    pub name: usize,
    /// The type, without the space.
    pub type_name: usize,
    /// What is left for the payload.
    pub payload: usize,
}

impl Columns {
    /// The columns for a list of this width.
    pub fn new(app: &App, width: usize) -> Self {
        let time = app.list.time.width(width);
        let named = app.shown().is_none() && width >= 64;
        let name = if named { app.name_width() + 1 } else { 0 };
        let rest = width.saturating_sub(1 + time + name + 2);
        let type_name = rest.min(TYPE);
        Self {
            width,
            time,
            name,
            type_name,
            payload: rest.saturating_sub(type_name + 1),
        }
    }

    /// Where the direction stands, or the sign of a turn.
    pub const fn sign(&self) -> usize {
        1 + self.time + self.name
    }

    /// Where the lines of a wrapped payload begin after the first: below it, unless it has less than half of the row.
    const fn indent(&self) -> usize {
        if self.payload * 2 < self.width {
            INDENT
        } else {
            self.width - self.payload
        }
    }

    /// Whether there is room for a payload.
    pub const fn holds_payload(&self) -> bool {
        self.payload >= PAYLOAD
    }
}

/// The row of a message: what stands before the payload, then the channel and the payload without its envelope, marked;
/// one line, or several when lines are wrapped.
pub fn message_lines(app: &App, row: &Row<'_>, columns: &Columns, head: PageLine) -> Vec<PageLine> {
    let Body::Message {
        kind,
        type_name,
        data,
        ..
    } = row.body
    else {
        return Vec::new();
    };
    let needles = app.list.needles();
    let mut line = head;
    let mut room = columns.payload;
    let channel = app.store.part(row, Part::Channel);
    if let Some(channel) = channel.filter(|_| app.list.shift == 0) {
        let channel = channel_name(app, &channel, room / 3) + " ";
        room = room.saturating_sub(channel.width());
        line.parts
            .extend(preview::mark(vec![(Role::Key, channel)], &needles));
    }
    if app.list.wraps() {
        room += (columns.width - columns.indent()) * (LINES - 1);
    }
    let payload = app.store.part(row, Part::Payload);
    // What a codec has taken out of a binary message is a text.
    let kind = match payload {
        Some(Cow::Owned(_)) => Kind::Text,
        _ => kind,
    };
    let payload = payload.unwrap_or(Cow::Borrowed(data));
    line.parts.extend(preview::parts(
        &app.shown_of(row.seq, &payload[..payload.len().min(LOOKED_AT)]),
        (kind, type_name),
        (app.list.shift, room),
        &needles,
    ));
    if !app.list.wraps() {
        return vec![line];
    }
    let mut lines = wrap::fold(line, columns.width, columns.indent());
    lines.truncate(LINES);
    lines
}

/// A channel as it was written, without its quotes.
fn channel_name(app: &App, channel: &[u8], room: usize) -> String {
    let name = String::from_utf8_lossy(&channel[..channel.len().min(256)]);
    text::fit(&text::tame(name.trim_matches('"')), room, app.glyphs().cut).into_owned()
}

/// The words of a turn in lines, with all details.
pub fn wrapped_turn(turn: &Lifecycle, columns: &Columns) -> Vec<String> {
    let room = match turn {
        Lifecycle::Gap(_) => columns.width.saturating_sub(6),
        _ => columns.width.saturating_sub(columns.sign() + 2),
    };
    let mut lines = wrap_words(&text::tame(&turn.to_string()), room);
    lines.truncate(LINES);
    lines
}

/// Lines that an event takes in the list; 1 unless lines are wrapped.
pub(super) fn height(app: &App, seq: Option<Seq>, columns: &Columns) -> usize {
    let row = seq.filter(|_| app.list.wraps());
    let lines = row
        .and_then(|seq| app.store.row(seq))
        .map(|row| match row.body {
            Body::Lifecycle(turn) => wrapped_turn(turn, columns).len(),
            Body::Message { .. } if columns.holds_payload() => {
                let before = " ".repeat(columns.width - columns.payload);
                message_lines(app, &row, columns, PageLine::new(Role::Text, before)).len()
            }
            Body::Message { .. } => 1,
        });
    lines.unwrap_or(1).max(1)
}
