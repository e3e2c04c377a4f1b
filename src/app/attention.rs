//! The stream that most needs attention: its state, its reason, the ways out, and the explanation that help opens with.

use std::time::Duration;

use super::{App, PageLine, Role, StreamState, banner::hint, explain, wrap};
use crate::{
    event::{Status, StreamId, Wait},
    keymap::Action,
    payload::escape::escape,
    time::{Now, show_span},
};

/// Lines that a reason may take.
const WHY: usize = 2;
/// Before a reason in a line of its own.
const INDENT: &str = "   ";

/// It in one line, or in more where the reason has no room beside the rest and there may be more.
pub(super) fn lines(app: &App, now: Now, width: usize, one_line: bool) -> Vec<PageLine> {
    let Some((stream, others)) = pressing(app) else {
        return Vec::new();
    };
    let status = &stream.status;
    let head = head(app, stream, others, now);
    let why = escape(why(status)).into_owned();
    let whole = head.clone().and(Role::Text, &*why);
    if one_line || whole.width() <= width {
        return vec![whole];
    }
    let why = wrap::words(&why, width.saturating_sub(INDENT.len()));
    let why = wrap::at_most(why, WHY, app.glyphs().cut);
    let why = why
        .into_iter()
        .map(|line| PageLine::new(Role::Text, format!("{INDENT}{line}")));
    std::iter::once(head).chain(why).collect()
}

fn head(app: &App, stream: &StreamState, others: usize, now: Now) -> PageLine {
    let status = &stream.status;
    let sign = app.glyphs().state(status);
    let mut line = PageLine::new(role(status), format!(" {sign} "))
        .and(Role::Text, escape(&stream.setup.name))
        .and(role(status), format!(" {}  ", short(status, now)));
    if others > 0 {
        line = line.and(Role::Dim, format!("and {others} more  "));
    }
    for (action, word) in ways_out(status) {
        line = hint(app, line, *action, word);
    }
    line
}

/// The stream that most needs attention among those shown, and how many more need it.
fn pressing(app: &App) -> Option<(&StreamState, usize)> {
    let shown = |at: &u16| app.shown().is_none_or(|stream| stream == StreamId(*at));
    let needy: Vec<_> = (0..)
        .zip(&app.streams)
        .filter(|(at, stream)| shown(at) && rank(&stream.status) > 0)
        .map(|(_, stream)| stream)
        .collect();
    let most = needy
        .iter()
        .rev()
        .max_by_key(|stream| rank(&stream.status))?;
    Some((most, needy.len() - 1))
}

/// Whether there is something to explain when nothing is chosen.
pub(super) fn explains(app: &App) -> bool {
    pressing(app).is_some()
}

/// What ails the stream that most needs attention, for a page of this width; nothing when none does.
pub(super) fn explain(app: &App, width: usize) -> Vec<PageLine> {
    let Some((stream, _)) = pressing(app) else {
        return Vec::new();
    };
    let status = &stream.status;
    let title = format!("{} {}", stream.setup.name, status.word());
    let because = stream
        .ended
        .as_ref()
        .filter(|ended| why(status).contains(&ended.words));
    let text = if because.is_some() { "" } else { why(status) };
    let mut lines = wrap::words(&escape(&title), width)
        .into_iter()
        .map(|line| PageLine::new(role(status), line))
        .collect::<Vec<_>>();
    if !text.is_empty() {
        lines.extend(wrap::row("because", Role::Text, &escape(text), width));
    }
    if let Some(ended) = because {
        lines.extend(explain::ended(ended, width));
    }
    lines
}

const fn rank(status: &Status) -> u8 {
    match status {
        Status::SignInNeeded { .. } => 5,
        Status::Forbidden { .. } => 4,
        Status::Stopped { .. } => 3,
        Status::Waiting(_) => 2,
        Status::Silent => 1,
        _ => 0,
    }
}

const fn role(status: &Status) -> Role {
    match status {
        Status::Waiting(_) | Status::Silent => Role::Warn,
        _ => Role::Bad,
    }
}

/// The state in a few words, as wide in each second.
fn short(status: &Status, now: Now) -> String {
    match status {
        Status::Waiting(Wait {
            attempt,
            until: Some(until),
            range,
            ..
        }) => {
            let left = whole_seconds(until.since(now.mono));
            format!("attempt {attempt} in {left:>2} s {}", span(*range))
        }
        Status::Waiting(wait) => format!("attempt {} held", wait.attempt),
        other => other.word().into(),
    }
}

/// The range a delay was drawn from: `(delay up to 8.0 s)`, `(delay 5.0 s to 30 s)`.
fn span((least, most): (Duration, Duration)) -> String {
    if least.is_zero() {
        format!("(delay up to {})", show_span(most))
    } else {
        format!("(delay {} to {})", show_span(least), show_span(most))
    }
}

/// What the user can do about a state.
const fn ways_out(status: &Status) -> &'static [(Action, &'static str)] {
    match status {
        Status::Waiting(_) => &[(Action::Reconnect, "now"), (Action::Hold, "hold")],
        Status::Silent => &[(Action::Reconnect, "now")],
        Status::SignInNeeded { .. } => &[(Action::SignIn, "sign in"), (Action::Help, "why")],
        Status::Forbidden { .. } => &[(Action::SignIn, "another token"), (Action::Help, "why")],
        Status::Stopped { .. } => &[(Action::Reconnect, "reconnect"), (Action::Help, "why")],
        _ => &[],
    }
}

fn why(status: &Status) -> &str {
    match status {
        Status::Waiting(Wait { why, .. })
        | Status::SignInNeeded { why }
        | Status::Forbidden { why }
        | Status::Stopped { why } => why,
        Status::Silent => "a ping is unanswered; the link is given up if nothing comes",
        _ => "",
    }
}

/// Seconds left, rounded up, so that it never says 0 while there is time.
fn whole_seconds(left: Duration) -> u64 {
    left.as_millis().div_ceil(1000) as u64
}
