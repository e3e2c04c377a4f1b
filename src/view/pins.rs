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
    let numbers = app.pins.iter().any(|pin| !pin.recent().is_empty());
    for (row, pin) in app.pins.iter().take(area.height.into()).enumerate() {
        let mut line = value_line(canvas, pin, (path, value));
        let room = usize::from(area.width).saturating_sub(columns(&line));
        line.parts.extend(told(app, canvas, pin, (numbers, room)));
        canvas.line(area, row, &line);
    }
}

/// The path and the last value.
fn value_line(canvas: &Canvas<'_>, pin: &Pin, (path, value): (usize, usize)) -> PageLine {
    let cut = canvas.glyphs.cut;
    let name = text::end(&text::tame(&pin.title()), path, cut);
    let last = pin.last().unwrap_or(canvas.glyphs.dot);
    PageLine::new(Role::Key, format!(" {}", text::left(&name, path, cut)))
        .and(Role::Value, format!(" {}", text::left(last, value, cut)))
}

/// The way of the numbers, how many values there were, of what, and between which bounds: what has room. `numbers`:
/// whether any of the pinned values is one.
fn told(
    app: &App,
    canvas: &Canvas<'_>,
    pin: &Pin,
    (numbers, room): (bool, usize),
) -> Vec<(Role, String)> {
    let count = format!("n={}", grouped(pin.count()));
    let spark = room.saturating_sub(count.len() + 2 * GAP).min(SPARK);
    let way = match spark {
        LEAST.. if numbers => format!("{:<spark$}", way(canvas, pin, spark)),
        _ => String::new(),
    };
    let range = pin.range();
    let range = range.map(|(least, most)| format!("min {least} max {most}"));
    let pieces = [
        (Role::Accent, way),
        (Role::Dim, count),
        (Role::Dim, origin(app, pin)),
        (Role::Dim, range.unwrap_or_default()),
    ];
    let mut left = room;
    let mut parts = Vec::new();
    for (role, piece) in pieces {
        let wide = text::width(&text::tame(&piece)) + GAP;
        if wide > GAP && wide <= left {
            left -= wide;
            parts.push((role, format!("{:GAP$}{piece}", "")));
        }
    }
    parts
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
