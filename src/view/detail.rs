//! The detail pane: the chosen event, or the facts of the connection.

use ratatui::layout::Rect;

use super::canvas::{Canvas, columns};
use crate::app::{App, PageLine, Pane, Panes, Role, event_number, picture};

/// Draws the pane.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, panes: &Panes) {
    if panes.detail.is_empty() {
        return;
    }
    let focused = app.focus == Pane::Detail;
    let title = title(app, canvas);
    if panes.wide {
        canvas.boxed(panes.detail, &title, focused);
    } else {
        canvas.rule(panes.detail, &title, focused);
    }
    let body = panes.detail_body();
    let picture = picture(app, body.width.into(), body.height.into());
    canvas.lines(body, &picture.lines);
    for row in picture.chosen {
        canvas.choose(body, row);
    }
    let edge = edge(panes);
    let more = " more below ";
    let more_width = if picture.more && !body.is_empty() {
        canvas.right(edge, 0, &PageLine::new(Role::Dim, more));
        more.len()
    } else {
        0
    };
    let before = if panes.wide { 2 } else { columns(&title) + 4 };
    draw_path(app, canvas, edge, (panes.wide, before, more_width));
}

/// Where the chosen row stands: in the lower border of a box, or behind the title of a rule.
fn draw_path(
    app: &App,
    canvas: &mut Canvas<'_>,
    edge: Rect,
    (boxed, before, more): (bool, usize, usize),
) {
    let Some(path) = app.detail.place() else {
        return;
    };
    let room = usize::from(edge.width).saturating_sub(before + more + 1);
    let text = if boxed {
        format!(" {path} ")
    } else {
        format!("{} {path} ", canvas.glyphs.dot)
    };
    let line = PageLine::new(Role::Dim, text);
    if room < 8 {
        return;
    }
    let place = Rect {
        x: edge.x + before as u16,
        width: room as u16,
        ..edge
    };
    canvas.line(place, 0, &line);
}

/// Where the pane tells that there is more: in its lower border, or in its rule.
const fn edge(panes: &Panes) -> Rect {
    let area = panes.detail;
    Rect {
        y: if panes.wide {
            area.bottom().saturating_sub(1)
        } else {
            area.y
        },
        width: area.width.saturating_sub(2),
        height: 1,
        ..area
    }
}

fn title(app: &App, canvas: &Canvas<'_>) -> PageLine {
    let dot = canvas.glyphs.dot;
    let text = match app.list.cursor() {
        Some(seq) if !app.detail.connection => {
            let number = event_number(seq);
            match app.detail.form() {
                Some(form) => format!("event {number} {dot} {}", form.word()),
                None => format!("event {number}"),
            }
        }
        _ => format!("connection {dot} {}", app.stream_name(app.target())),
    };
    PageLine::new(Role::Text, text)
}
