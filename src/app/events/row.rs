//! How a row of the list is laid out: the columns before the payload, and the payload in one line or in several.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::{
    Placed,
    columns::WIDEST,
    time_form::{DISTANCE, SHORT_TIMES},
    values,
};
use crate::{
    app::{App, PageLine, Role, preview, text, wrap, wrap_words},
    event::Lifecycle,
    message::Kind,
    places::Part,
    profile::Column,
    store::{Body, Row, Seq},
};

/// Columns of the message type.
const TYPE: usize = 14;
/// So much of a payload may come into view, in bytes.
const LOOKED_AT: usize = 1 << 16;
/// Below this many columns a payload is not worth showing.
const PAYLOAD: usize = 24;
/// The same, beside columns that were asked for.
const BESIDE_OTHERS: usize = 8;
/// Columns of a value where there is little room.
const NARROWEST: usize = 5;
/// Columns of a size.
const SIZE: usize = 8;
/// Lines of a wrapped event at most; the detail pane shows the rest.
const LINES: usize = 12;
/// Where the lines after the first begin, when they would be short below the payload.
const INDENT: usize = 4;

/// The columns of a row that have room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// All of the row.
    pub width: usize,
    /// Those before the payload.
    pub cells: Vec<Cell>,
    /// What is left for the payload.
    pub payload: usize,
    /// Whether the channel stands right before it.
    joins_channel: bool,
    /// Whether there are columns that the usual list has not.
    pub titled: bool,
}

/// A column of a row; a space stands after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What stands in it.
    pub column: Column,
    /// How wide it is, without the space.
    pub width: usize,
}

impl Cell {
    /// Whether it is told of turns too.
    pub const fn leads(&self) -> bool {
        matches!(
            self.column,
            Column::Time | Column::Distance | Column::Stream
        )
    }
}

impl Columns {
    /// The columns for a list of this width. Beside other streams, where no event is shown in detail, times are short
    /// rather than that there is no room for the payload.
    pub fn new(app: &App, width: usize) -> Self {
        let columns = Self::with_times(app, width, width);
        if app.side().is_some() && !columns.holds_payload() {
            return Self::with_times(app, width, width.min(SHORT_TIMES));
        }
        columns
    }

    /// The same with times as in a list of another width.
    fn with_times(app: &App, width: usize, times: usize) -> Self {
        let mut cells = wanted_cells(app, width, times);
        let mut rest = width.saturating_sub(1);
        for cell in &mut cells {
            cell.width = cell.width.min(rest);
            rest = rest.saturating_sub(cell.width + 1);
        }
        cells.retain(|cell| cell.width > 0);
        Self {
            width,
            cells,
            payload: rest,
            joins_channel: app.list.columns.joins_channel(),
            titled: app.list.columns.titled(),
        }
    }

    /// The first columns, which are told of turns too.
    pub fn lead(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().take_while(|cell| cell.leads())
    }

    /// Where the sign of a turn stands: behind the first columns.
    pub fn sign(&self) -> usize {
        1 + self.lead().map(|cell| cell.width + 1).sum::<usize>()
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
        self.payload >= if self.titled { BESIDE_OTHERS } else { PAYLOAD }
    }
}

/// The columns as wide as they would be in a list of this width; the widest of those for values give way where there is
/// no room for all.
fn wanted_cells(app: &App, width: usize, times: usize) -> Vec<Cell> {
    let shown = app.list.columns.shown();
    let mut cells: Vec<_> = shown
        .map(|placed| Cell {
            column: placed.column.clone(),
            width: wanted(app, placed, times),
        })
        .filter(|cell| cell.width > 0)
        .collect();
    let narrowed = |cell: &Cell, most: usize| match cell.column {
        Column::Channel | Column::Id | Column::Path(_) => cell.width.min(most),
        _ => cell.width,
    };
    let fits = |most: &usize| {
        let all = cells.iter().map(|cell| narrowed(cell, *most) + 1);
        all.sum::<usize>() < width
    };
    let most = (NARROWEST..=WIDEST).rev().find(fits).unwrap_or(NARROWEST);
    for cell in &mut cells {
        cell.width = narrowed(cell, most);
    }
    cells
}

/// How wide a column would be in a list of this width; 0: it is not shown.
fn wanted(app: &App, placed: &Placed, width: usize) -> usize {
    let list = &app.list;
    match placed.column {
        Column::Time => list.time.width(width),
        Column::Distance if list.columns.has(&Column::Time) => list.time.distance_width(width),
        Column::Distance => DISTANCE,
        Column::Stream if app.shown().is_none() && width >= 64 => app.name_width(),
        Column::Stream => 0,
        Column::Direction => 1,
        Column::Type if list.columns.titled() => placed.width().min(TYPE),
        Column::Type => TYPE,
        Column::Size => SIZE,
        Column::Channel if list.columns.joins_channel() => 0,
        Column::Channel | Column::Id | Column::Path(_) => placed.width(),
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
    let joined = columns.joins_channel && app.list.shift == 0;
    let channel = joined.then(|| values::part(app, row, Part::Channel));
    if let Some(channel) = channel.flatten() {
        let channel = text::tame(&channel);
        let channel = text::fit(&channel, room / 3, app.glyphs().cut).into_owned() + " ";
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
