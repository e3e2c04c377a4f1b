//! The list of columns: which are shown, in which order.

use ratatui::layout::Rect;

use super::{canvas::Canvas, more, palette::choose, popup, text};
use crate::{
    app::{App, PageLine, Panes, Role, first_in_view},
    profile::Column,
};

/// Columns of the dialog.
const WIDTH: u16 = 46;

/// Draws the dialog.
pub(super) fn draw(app: &App, at: usize, canvas: &mut Canvas<'_>, area: Rect) {
    let all = app.list.columns.all();
    let (frame, body) = Panes::popup(area, (WIDTH, all.len() as u16));
    popup(canvas, frame, "columns");
    let height = usize::from(body.height);
    let start = first_in_view(at, height);
    for (row, (index, placed)) in all.iter().enumerate().skip(start).take(height).enumerate() {
        let (sign, role) = if placed.on {
            (canvas.glyphs.full, Role::Text)
        } else {
            (canvas.glyphs.empty, Role::Dim)
        };
        let name = text::tame(&placed.column.name()).into_owned();
        let line = PageLine::new(Role::Accent, format!("  {sign} ")).and(role, name);
        let used = canvas.line(body, row, &line);
        let said = PageLine::new(Role::Dim, format!("  {} ", meaning(&placed.column)));
        if used + said.width() <= usize::from(body.width) {
            canvas.right(body, row, &said);
        }
        if index == at {
            choose(canvas, body, row);
        }
    }
    more(canvas, frame, all.len().saturating_sub(start + height));
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
        Column::Id => "by the dialect",
        Column::Channel => "by the dialect",
        Column::Path(_) => "value of the payload",
    }
}
