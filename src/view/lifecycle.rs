//! The lifecycle pane: what happened to the streams, the newest at the bottom.

use super::{
    canvas::{Canvas, columns},
    header, text, turn,
};
use crate::{
    app::{App, PageLine, Pane, Panes, Role, Turn, state_role, time_of_day, verified_role},
    event::{Answer, Lifecycle},
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
    let height = area.height.into();
    let turns = app.log.in_view(app.list.stream(), height, focused);
    for (row, turn) in turns.into_iter().enumerate() {
        let line = line(app, canvas, turn, area.width.into());
        canvas.line(area, row, &line);
        if focused && app.log.cursor == Some(turn.id) {
            canvas.choose(area, row);
            canvas.piece(area, (row, 0), Role::Accent, canvas.glyphs.cursor);
        }
    }
}

fn line(app: &App, canvas: &Canvas<'_>, turn: &Turn, width: usize) -> PageLine {
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
    let room = width.saturating_sub(columns(&line));
    let text = turn::fit(&turn.lifecycle, &turn.text, room, canvas.glyphs.cut);
    line.and(role(&turn.lifecycle), text)
}

fn role(lifecycle: &Lifecycle) -> Role {
    match lifecycle {
        Lifecycle::Status(status) => state_role(status),
        Lifecycle::Ended(_) => Role::Bad,
        Lifecycle::Gap(_)
        | Lifecycle::Dropped(_)
        | Lifecycle::Unrenewed { .. }
        | Lifecycle::Answer(Answer::Unsent(_) | Answer::Refused(_)) => Role::Warn,
        Lifecycle::Renewed | Lifecycle::Recognised(_) => Role::Good,
        Lifecycle::Verified(facts) => facts
            .verification
            .as_ref()
            .map_or(Role::Text, verified_role),
        Lifecycle::Credential(_)
        | Lifecycle::Opened(_)
        | Lifecycle::Authenticated(_)
        | Lifecycle::Pong(_)
        | Lifecycle::Answer(Answer::Sent(_) | Answer::Told(_))
        | Lifecycle::Note(_) => Role::Text,
    }
}
