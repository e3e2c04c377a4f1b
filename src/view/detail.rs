//! The detail pane: the chosen event, or the facts of the connection.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::app::{App, PageLine, Pane, Panes, Role, detail_lines, grouped};

/// Draws the pane.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, panes: &Panes) {
    if panes.detail.is_empty() {
        return;
    }
    let focused = app.focus == Pane::Detail;
    if panes.wide {
        canvas.boxed(panes.detail, &title(app, canvas), focused);
    } else {
        canvas.rule(panes.detail, &title(app, canvas), focused);
    }
    let area = panes.inside(Pane::Detail);
    let body = Rect {
        x: area.x + area.width.min(1),
        width: area.width.saturating_sub(2),
        ..area
    };
    let limit = app.detail.scroll + usize::from(body.height);
    // One line more than there is room for tells that there is more.
    let lines = detail_lines(app, body.width.into(), limit + 1);
    canvas.lines(body, lines.iter().skip(app.detail.scroll));
    if lines.len() > limit && !body.is_empty() {
        let edge = edge(panes);
        canvas.right(edge, 0, &PageLine::new(Role::Dim, " more below "));
    }
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
    match app.list.cursor() {
        Some(seq) if !app.detail.connection => {
            let text = format!(
                "event {} {} {}",
                grouped(seq.0 + 1),
                canvas.glyphs.dot,
                app.detail.form.word()
            );
            PageLine::new(Role::Text, text)
        }
        _ => PageLine::new(
            Role::Text,
            format!(
                "connection {} {}",
                canvas.glyphs.dot,
                app.stream_name(app.target())
            ),
        ),
    }
}
