//! The streams: each with its state and what it waits for; as a pane, or as one line. And the message types.

use ratatui::layout::Rect;

use super::{
    canvas::{Canvas, columns},
    countdown, text,
};
use crate::{
    app::{App, Life, PageLine, Pane, Panes, Role, StreamState, grouped, inside_box},
    event::{Status, StreamId},
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
        types(app, canvas, inside_box(panes.types));
    }
}

fn strip(app: &App, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    let mut column = 1;
    for (at, stream) in app.streams.iter().enumerate() {
        let chosen = app.list.stream() == Some(StreamId(at as u16));
        let role = if chosen { Role::Focus } else { Role::Text };
        let line = PageLine::new(Role::Key, format!("{} ", at + 1))
            .and(
                state_role(&stream.status),
                canvas.glyphs.state(&stream.status),
            )
            .and(Role::Text, " ")
            .and(role, &*stream.setup.name)
            .and(Role::Text, " ");
        let mut line = line;
        line.parts.extend(short(stream, now).parts);
        for (role, piece) in &line.parts {
            column += canvas.piece(area, (0, column), *role, piece);
        }
        column += 3;
    }
}

fn pane(app: &App, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    let width = usize::from(area.width);
    for (at, stream) in app.streams.iter().enumerate().take(area.height.into()) {
        let chosen = app.shown() == Some(StreamId(at as u16));
        let lead = if chosen && app.streams.len() > 1 {
            canvas.glyphs.cursor
        } else {
            " "
        };
        let value = short(stream, now);
        let room = width.saturating_sub(columns(&value) + 5);
        let name = text::left(&text::tame(&stream.setup.name), room, canvas.glyphs.cut);
        let line = PageLine::new(Role::Accent, lead)
            .and(
                state_role(&stream.status),
                canvas.glyphs.state(&stream.status),
            )
            .and(Role::Text, format!(" {name} "));
        canvas.line(area, at, &line);
        canvas.right(area, at, &value.and(Role::Text, " "));
    }
}

/// What a stream waits for, in a few columns.
fn short(stream: &StreamState, now: Now) -> PageLine {
    match &stream.status {
        Status::Waiting(wait) => {
            let left = match wait.until {
                Some(until) => format!("{:>2} s", until.since(now.mono).as_millis().div_ceil(1000)),
                None => "held".into(),
            };
            PageLine::new(Role::Warn, format!("retry {} {left}", wait.attempt))
        }
        Status::SignInNeeded { .. } => PageLine::new(Role::Bad, "sign in"),
        status if status.is_live() => match stream.life(now.wall) {
            Life::Absent | Life::Unstated => PageLine::new(Role::Dim, status.word()),
            life => countdown::clock(life),
        },
        status => PageLine::new(state_role(status), status.word()),
    }
}

fn types(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let mut types: Vec<_> = app.store.types().collect();
    types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let width = usize::from(area.width);
    for (row, (name, count)) in types.into_iter().take(area.height.into()).enumerate() {
        let count = PageLine::new(Role::Dim, format!("{} ", grouped(count)));
        let room = width.saturating_sub(columns(&count) + 2);
        let name = text::left(&text::tame(name), room, canvas.glyphs.cut);
        canvas.piece(area, (row, 1), Role::Text, &name);
        canvas.right(area, row, &count);
    }
}

/// What a state's colour says; its word and sign say the same.
pub(super) const fn state_role(status: &Status) -> Role {
    match status {
        Status::Idle => Role::Dim,
        Status::Live => Role::Good,
        Status::Fetching { .. }
        | Status::Connecting { .. }
        | Status::Authenticating
        | Status::Renewing => Role::Accent,
        Status::Expiring | Status::Silent | Status::Waiting(_) => Role::Warn,
        Status::SignInNeeded { .. } | Status::Forbidden { .. } | Status::Stopped { .. } => {
            Role::Bad
        }
    }
}
