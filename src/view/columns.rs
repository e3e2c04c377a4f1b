//! The list of columns: which are shown, in which order; below them what is pinned.

use ratatui::layout::Rect;

use super::{canvas::Canvas, more, palette::choose, pins, popup, text};
use crate::{
    app::{App, PageLine, Panes, Role, first_in_view},
    profile::Column,
};

/// Columns of the dialog.
const WIDTH: u16 = 46;

/// An entry: its sign, its name with its role, what it is.
type Entry = (&'static str, Role, String, String);

/// Draws the dialog.
pub(super) fn draw(app: &App, at: usize, canvas: &mut Canvas<'_>, area: Rect) {
    let entries = entries(app, canvas);
    let (frame, body) = Panes::popup(area, (WIDTH, entries.len() as u16));
    let title = if app.pins.is_empty() {
        "columns"
    } else {
        "columns and pins"
    };
    popup(canvas, frame, title);
    let height = usize::from(body.height);
    let start = first_in_view(at, height);
    let in_view = entries.iter().enumerate().skip(start).take(height);
    for (row, (index, (sign, role, name, said))) in in_view.enumerate() {
        let said = PageLine::new(Role::Dim, format!("  {} ", text::tame(said)));
        let room = usize::from(body.width).saturating_sub(5 + said.width());
        let name = text::end(&text::tame(name), room.max(TITLE), canvas.glyphs.cut);
        let line = PageLine::new(Role::Accent, format!("  {sign} ")).and(*role, name);
        let used = canvas.line(body, row, &line);
        if used + said.width() <= usize::from(body.width) {
            canvas.right(body, row, &said);
        }
        if index == at {
            choose(canvas, body, row);
        }
    }
    more(canvas, frame, entries.len().saturating_sub(start + height));
}

/// So much of a name is shown, if need be without what it is.
const TITLE: usize = 12;

fn entries(app: &App, canvas: &Canvas<'_>) -> Vec<Entry> {
    let glyphs = canvas.glyphs;
    let columns = app.list.columns.all().iter().map(|placed| {
        let (sign, role) = if placed.on {
            (glyphs.full, Role::Text)
        } else {
            (glyphs.empty, Role::Dim)
        };
        let said = meaning(&placed.column).to_owned();
        (sign, role, placed.column.name(), said)
    });
    let pins = app.pins.iter().map(|pin| {
        let said = format!("pinned, {}", pins::origin(app, pin));
        (glyphs.mark, Role::Text, pin.title(), said)
    });
    columns.chain(pins).collect()
}

/// What stands in a column.
const fn meaning(column: &Column) -> &'static str {
    match column {
        Column::Time => "when it happened",
        Column::Distance => "since the message before",
        Column::Stream => "where there are several",
        Column::Direction => "received or sent",
        Column::Type => "the type it states",
        Column::Size => "length of the payload",
        Column::Id | Column::Channel => "where the dialect knows it",
        Column::Path(_) => "value of the payload",
    }
}
