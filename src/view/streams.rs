//! The streams: each with its state and what it waits for; as a pane, or as one line. And the message types.

use std::cmp::Reverse;

use ratatui::layout::Rect;

use super::{
    canvas::{Canvas, columns},
    text,
    types::name,
};
use crate::{
    app::{self, App, PageLine, Pane, Panes, Role, brief, grouped, inside_box, state_role},
    event::StreamId,
    store::Stated,
    time::Now,
};

/// Draws the streams and the message types.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, now: Now) {
    strip(app, canvas, panes.strip, now);
    if !panes.streams.is_empty() {
        let focused = app.focus == Pane::Streams;
        canvas.boxed(
            panes.streams,
            &PageLine::new(Role::Text, "streams"),
            focused,
        );
        pane(app, canvas, panes.inside(Pane::Streams), now);
    }
    if !panes.types.is_empty() {
        canvas.boxed(panes.types, &PageLine::new(Role::Text, "types"), false);
        types(app, canvas, inside_box(panes.types), now);
    }
}

fn strip(app: &App, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    if area.is_empty() {
        return;
    }
    let (streams, left_out) = app::strip(app, now, area.width.into());
    for (_, columns, line) in &streams {
        let mut column = columns.start;
        for (role, piece) in &line.parts {
            column += canvas.piece(area, (0, column), *role, piece);
        }
    }
    if left_out > 0 {
        canvas.right(area, 0, &PageLine::new(Role::Dim, format!(" +{left_out}")));
    }
}

fn pane(app: &App, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let streams = app
        .streams
        .iter()
        .enumerate()
        .skip(app.first_stream(height));
    for (row, (at, stream)) in streams.take(height).enumerate() {
        let chosen = app.shown() == Some(StreamId(at as u16));
        let lead = if chosen && app.streams.len() > 1 {
            canvas.glyphs.cursor
        } else {
            " "
        };
        let value = brief(stream, now);
        let room = width.saturating_sub(columns(&value) + 5);
        let name = text::left(&text::tame(&stream.setup.name), room, canvas.glyphs.cut);
        let line = PageLine::new(Role::Accent, lead)
            .and(
                state_role(&stream.status),
                canvas.glyphs.state(&stream.status),
            )
            .and(Role::Text, format!(" {name} "));
        canvas.line(area, row, &line);
        canvas.right(area, row, &value.and(Role::Text, " "));
    }
}

fn types(app: &App, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    let types = app.store.types(app.shown(), now.mono);
    let mut types: Vec<_> = types
        .filter(|count| count.stated != Stated::Nothing)
        .collect();
    types.sort_by_key(|count| Reverse(count.events));
    let width = usize::from(area.width);
    for (row, count) in types.into_iter().take(area.height.into()).enumerate() {
        let events = PageLine::new(Role::Dim, format!("{} ", grouped(count.events)));
        let room = width.saturating_sub(columns(&events) + 2);
        let name = text::left(&name(count.stated), room, canvas.glyphs.cut);
        canvas.piece(area, (row, 1), Role::Text, &name);
        canvas.right(area, row, &events);
    }
}
