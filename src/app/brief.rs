//! What a stream is doing in a few columns, and the line of all streams where their pane has no room.

use std::ops::Range;

use super::{App, Level, Life, PageLine, Role, StreamState};
use crate::{
    event::{Status, StreamId, Verification},
    payload::escape::escape,
    time::{Now, show_clock},
};

/// Columns between two streams.
const GAP: usize = 3;
/// Columns for how many streams have no room: ` +12`.
const MORE: usize = 4;

/// What a stream waits for, or how long its token lasts.
pub fn brief(stream: &StreamState, now: Now) -> PageLine {
    match &stream.status {
        Status::Waiting(wait) => {
            let left = match wait.until {
                Some(until) => format!("{:>2} s", until.since(now.mono).as_millis().div_ceil(1000)),
                None => "held".into(),
            };
            PageLine::new(Role::Warn, format!("retry {} {left}", wait.attempt))
        }
        Status::SignInNeeded { .. } => PageLine::new(Role::Bad, "sign in"),
        status @ (Status::Live | Status::Expiring) => match stream.life(now.wall) {
            Life::Left { .. } | Life::Past(_) => clock(stream.life(now.wall)),
            _ => PageLine::new(Role::Dim, status.word()),
        },
        status => PageLine::new(state_role(status), status.word()),
    }
}

/// The time alone: `04:12`, `expired`, `-`.
pub fn clock(life: Life) -> PageLine {
    let text = match life {
        Life::Absent | Life::Unstated => "-".into(),
        Life::Refused => "refused".into(),
        Life::Past(_) => "expired".into(),
        Life::Left { left, .. } => show_clock(left),
    };
    PageLine::new(life_role(life), text)
}

/// What a life's colour says; its words and bar say the same.
pub const fn life_role(life: Life) -> Role {
    match life {
        Life::Absent | Life::Unstated => Role::Dim,
        Life::Refused | Life::Past(_) => Role::Bad,
        Life::Left { level, .. } => match level {
            Level::Calm => Role::Accent,
            Level::Warn => Role::Warn,
            Level::Alarm => Role::Bad,
        },
    }
}

/// What a state's colour says; its word and sign say the same.
pub const fn state_role(status: &Status) -> Role {
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

/// What the colour of a verification says; its words say the same.
pub const fn verified_role(verification: &Verification) -> Role {
    match verification {
        Verification::Verified(_) => Role::Good,
        Verification::Failed(_) => Role::Bad,
        Verification::Open(_) => Role::Warn,
    }
}

/// The streams that have room in a line of this width, each with its columns, and how many have none. The one that is
/// shown has room before all others.
pub fn strip(
    app: &App,
    now: Now,
    width: usize,
) -> (Vec<(StreamId, Range<usize>, PageLine)>, usize) {
    let entries: Vec<_> = (0..)
        .zip(&app.streams)
        .map(|(at, stream)| entry(app, StreamId(at), stream, now))
        .collect();
    let widths: Vec<_> = entries.iter().map(PageLine::width).collect();
    let shown = app.list.stream().map_or(0, |stream| usize::from(stream.0));
    let window = window(&widths, shown, width);
    let left_out = entries.len() - window.len();
    let mut column = 1;
    let placed = entries[window.clone()]
        .iter()
        .zip(window)
        .map(|(line, at)| {
            let columns = column..column + line.width();
            column = columns.end + GAP;
            (StreamId(at as u16), columns, line.clone())
        });
    (placed.collect(), left_out)
}

/// The entries that have room side by side, the chosen one among them.
fn window(widths: &[usize], chosen: usize, width: usize) -> Range<usize> {
    let count = widths.len();
    let needs =
        |range: Range<usize>| 1 + widths[range].iter().map(|wide| wide + GAP).sum::<usize>();
    if needs(0..count) <= width + GAP {
        return 0..count;
    }
    let room = width.saturating_sub(MORE);
    let first = (0..=chosen).find(|first| needs(*first..chosen + 1) <= room);
    let first = first.unwrap_or(chosen);
    let end = (chosen + 1..=count)
        .rev()
        .find(|end| needs(first..*end) <= room);
    first..end.unwrap_or(chosen + 1)
}

fn entry(app: &App, at: StreamId, stream: &StreamState, now: Now) -> PageLine {
    let role = if app.list.stream() == Some(at) {
        Role::Focus
    } else {
        Role::Text
    };
    let sign = app.glyphs().state(&stream.status);
    let mut line = PageLine::new(Role::Key, format!("{} ", at.0 + 1))
        .and(state_role(&stream.status), sign)
        .and(Role::Text, " ")
        .and(role, escape(&stream.setup.name))
        .and(Role::Text, " ");
    line.parts.extend(brief(stream, now).parts);
    line
}
