//! The palette over the panes: a line to type in, and what fits it.

use ratatui::layout::Rect;

use super::{
    canvas::{Canvas, columns},
    footer::split,
    more, popup, text,
};
use crate::app::{App, PageLine, Palette, Panes, Role, first_in_view};

/// Draws the palette.
pub(super) fn draw(app: &App, palette: &Palette, canvas: &mut Canvas<'_>, area: Rect) {
    let (frame, body, list) = Panes::palette(area);
    popup(canvas, frame, "palette");
    let (before, after) = split(palette.line.value(), palette.line.cursor());
    let (at, rest) = split(after, 1);
    let typed = PageLine::new(Role::Key, ": ")
        .and(Role::Text, before)
        .and(Role::Focus, if at.is_empty() { " " } else { at })
        .and(Role::Text, rest);
    canvas.line(body, 0, &typed);
    let entries = palette.entries(app);
    if entries.is_empty() {
        canvas.line(list, 0, &PageLine::new(Role::Dim, "nothing fits"));
    }
    let height = usize::from(list.height);
    let start = first_in_view(palette.at, height);
    for (row, (at, entry)) in entries
        .iter()
        .enumerate()
        .skip(start)
        .take(height)
        .enumerate()
    {
        let keys = PageLine::new(Role::Key, format!("{} ", entry.keys));
        let room = usize::from(list.width).saturating_sub(columns(&keys) + 3);
        let label = text::fit(&text::tame(&entry.label), room, canvas.glyphs.cut).into_owned();
        canvas.line(list, row, &PageLine::new(Role::Text, format!("  {label}")));
        canvas.right(list, row, &keys);
        if at == palette.at {
            choose(canvas, list, row);
        }
    }
    more(canvas, frame, entries.len().saturating_sub(start + height));
}

/// Marks the chosen row of a list.
pub(super) fn choose(canvas: &mut Canvas<'_>, list: Rect, row: usize) {
    canvas.choose(list, row);
    canvas.piece(list, (row, 0), Role::Accent, canvas.glyphs.cursor);
}
