//! Pinned values: a line each, above the list.

use ratatui::layout::Rect;

use super::{
    canvas::{Canvas, columns},
    header, text,
};
use crate::app::{App, PageLine, Pin, Role, grouped};

/// Columns of a path at most.
const PATH: usize = 24;
/// Columns between two things.
const GAP: usize = 2;
/// Below so many columns the way of a number tells nothing.
const LEAST: usize = 5;
/// Columns of the way of a number.
const SPARK: usize = 30;

/// Draws as many as the area has lines.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let widest = |of: fn(&Pin) -> usize| app.pins.iter().map(of).max().unwrap_or(0);
    let path = widest(|pin| text::width(&text::tame(&pin.title()))).min(PATH);
    let value = widest(Pin::width);
    for (row, pin) in app.pins.iter().take(area.height.into()).enumerate() {
        let line = line(app, canvas, pin, (path, value, area.width.into()));
        canvas.line(area, row, &line);
    }
}

fn line(
    app: &App,
    canvas: &Canvas<'_>,
    pin: &Pin,
    (path, value, width): (usize, usize, usize),
) -> PageLine {
    let cut = canvas.glyphs.cut;
    let name = text::left(&text::end(&text::tame(&pin.title()), path, cut), path, cut);
    let last = pin.last().unwrap_or(canvas.glyphs.dot);
    let mut line = PageLine::new(Role::Key, format!(" {name}"))
        .and(Role::Value, format!(" {}", text::left(last, value, cut)));
    let count = format!("n={}", grouped(pin.count()));
    let room = width.saturating_sub(columns(&line) + count.len() + 2 * GAP);
    if room >= LEAST && !pin.recent().is_empty() {
        let room = room.min(SPARK);
        line = line.and(Role::Accent, format!("  {:<room$}", way(canvas, pin, room)));
    }
    let mut told = vec![PageLine::new(Role::Dim, format!("  {count}"))];
    told.push(PageLine::new(Role::Dim, format!("  {}", origin(app, pin))));
    if let Some((least, most)) = pin.range() {
        told.push(PageLine::new(
            Role::Dim,
            format!("  min {least} max {most}"),
        ));
    }
    for piece in told {
        if columns(&line) + columns(&piece) <= width {
            line.parts.extend(piece.parts);
        }
    }
    line
}

/// Of which messages the value is.
pub(super) fn origin(app: &App, pin: &Pin) -> String {
    let name = pin.type_name().unwrap_or("no type");
    match header::which(app, pin.stream()) {
        Some(stream) => format!("{name}, {stream}"),
        None => name.to_owned(),
    }
}

/// How a number went, from the least to the greatest of the last ones.
fn way(canvas: &Canvas<'_>, pin: &Pin, room: usize) -> String {
    let skip = pin.recent().len().saturating_sub(room);
    let numbers = || pin.recent().iter().copied().skip(skip);
    let least = numbers().fold(f64::INFINITY, f64::min);
    let most = numbers().fold(f64::NEG_INFINITY, f64::max);
    let signs = &canvas.glyphs.spark[1..];
    let sign = |number: f64| {
        // Halves, as the distance of the ends may be beyond what a number can be.
        let share = (number / 2.0 - least / 2.0) / (most / 2.0 - least / 2.0);
        let top = signs.len() - 1;
        let step = if share.is_finite() {
            share * top as f64
        } else {
            top as f64 / 2.0
        };
        signs[(step.round() as usize).min(top)]
    };
    numbers().map(sign).collect()
}
