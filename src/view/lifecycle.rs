//! The lifecycle pane: what happened to the streams, the newest at the bottom.

use super::{canvas::Canvas, header, streams::state_role, text};
use crate::{
    app::{App, PageLine, Pane, Panes, Role, Turn, time_of_day},
    event::Lifecycle,
};

/// Draws the pane.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, panes: &Panes) {
    if panes.lifecycle.is_empty() {
        return;
    }
    let focused = app.focus == Pane::Lifecycle;
    let title = PageLine::new(Role::Text, "lifecycle");
    if panes.wide {
        canvas.boxed(panes.lifecycle, &title, focused);
    } else if panes.lifecycle.height > 1 {
        canvas.rule(panes.lifecycle, &title, focused);
    }
    let area = panes.inside(Pane::Lifecycle);
    let turns = in_view(app, area.height.into());
    for (row, turn) in turns.iter().enumerate() {
        canvas.line(area, row, &line(app, canvas, turn));
        if focused && app.log.cursor == Some(turn.id) {
            canvas.choose(area, row);
            canvas.piece(area, (row, 0), Role::Accent, canvas.glyphs.cursor);
        }
    }
}

/// The turns in view, oldest first: the newest ones, or those around the chosen one.
fn in_view(app: &App, height: usize) -> Vec<&Turn> {
    let newest = app.log.newest(app.list.stream());
    let mut turns: Vec<&Turn> = match app.log.cursor.filter(|_| app.focus == Pane::Lifecycle) {
        None => newest.take(height).collect(),
        Some(cursor) => {
            let all: Vec<_> = newest.collect();
            let at = all.iter().position(|turn| turn.id <= cursor).unwrap_or(0);
            let start = (at + 1).saturating_sub(height);
            all.into_iter().skip(start).take(height).collect()
        }
    };
    turns.reverse();
    turns
}

fn line(app: &App, canvas: &Canvas<'_>, turn: &Turn) -> PageLine {
    let time = time_of_day(turn.at.wall, &app.setup.zone);
    let mut line = PageLine::new(
        Role::Dim,
        format!(" {} ", time.get(..10).unwrap_or_default()),
    );
    if let Some(name) = header::which(app, turn.stream) {
        line = line.and(
            Role::Text,
            text::left(&text::tame(name), app.name_width(), canvas.glyphs.cut) + " ",
        );
    }
    line.and(role(&turn.lifecycle), &*turn.text)
}

const fn role(lifecycle: &Lifecycle) -> Role {
    match lifecycle {
        Lifecycle::Status(status) => state_role(status),
        Lifecycle::Ended(_) => Role::Bad,
        Lifecycle::Gap(_) | Lifecycle::Dropped(_) => Role::Warn,
        Lifecycle::Renewed => Role::Good,
        Lifecycle::Credential(_)
        | Lifecycle::Opened(_)
        | Lifecycle::Authenticated(_)
        | Lifecycle::Pong(_)
        | Lifecycle::Note(_) => Role::Text,
    }
}
