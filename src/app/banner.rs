//! The lines between the status bar and the panes: what the demo plays, and which stream needs attention.

use std::time::Duration;

use super::{App, PageLine, Play, Role, play, wrap};
use crate::{
    event::{Status, StreamId, Wait},
    keymap::{Action, Mode},
    payload::escape::escape,
    time::{Now, show_clock, show_span},
};

/// Lines that a scenario's explanation may take.
const EXPLAIN: usize = 3;

/// The lines of the banner.
pub fn banner(app: &App, now: Now, width: u16) -> Vec<PageLine> {
    let mut lines: Vec<_> = attention(app, now).into_iter().collect();
    match &app.play {
        Some(play) => lines.extend(scenario(app, play, now, usize::from(width))),
        None if app.is_new_to_demo => lines.push(invitation(app)),
        None => {}
    }
    lines
}

/// What to press first in the demo.
fn invitation(app: &App) -> PageLine {
    let line = PageLine::new(Role::Accent, " demo  ");
    let line = hint(app, line, Action::Tour, "take the tour");
    hint(app, line, Action::Demo, "choose a scenario")
}

fn scenario(app: &App, play: &Play, now: Now, width: usize) -> Vec<PageLine> {
    let Some(menu) = &app.setup.demo else {
        return Vec::new();
    };
    let Some(scenario) = menu.scenarios.get(play.scenario) else {
        return Vec::new();
    };
    let place = match play.step {
        Some(step) => format!(
            " tour {:>2} of {:<2}  ",
            step + 1,
            play::steps(menu).count()
        ),
        None => " playing  ".into(),
    };
    let left = match play.left(now.mono) {
        _ if play.is_held() => "  held    ".into(),
        Some(left) => format!("  {}   ", show_clock(left)),
        None => "  getting ready   ".into(),
    };
    let mut head = PageLine::new(Role::Accent, place)
        .and(Role::Text, escape(&scenario.title))
        .and(Role::Dim, left);
    if play.step.is_some() {
        let word = if play.is_held() { "go on" } else { "hold" };
        head = hint(app, head, Action::Tour, word);
        head = hint(app, head, Action::TourNext, "next");
        head = hint(app, head, Action::TourLeave, "leave");
    }
    let explain = wrap::words(&escape(&scenario.explain), width.saturating_sub(2));
    let explain = explain
        .into_iter()
        .take(EXPLAIN)
        .map(|line| PageLine::new(Role::Dim, format!(" {line}")));
    std::iter::once(head).chain(explain).collect()
}

/// The stream that most needs attention, among those shown.
fn attention(app: &App, now: Now) -> Option<PageLine> {
    let shown = app
        .streams
        .iter()
        .zip(0..)
        .filter(|(_, at)| app.shown().is_none_or(|stream| stream.0 == *at));
    let waiting: Vec<_> = shown
        .filter(|(stream, _)| rank(&stream.status) > 0)
        .map(|(stream, at)| (stream, StreamId(at)))
        .collect();
    let (stream, _) = waiting
        .iter()
        .rev()
        .max_by_key(|(stream, _)| rank(&stream.status))?;
    let status = &stream.status;
    let sign = app.glyphs().state(status);
    let mut line = PageLine::new(role(status), format!(" {sign} "))
        .and(Role::Text, escape(&stream.setup.name))
        .and(role(status), format!(" {}  ", short(status, now)));
    if waiting.len() > 1 {
        line = line.and(Role::Dim, format!("and {} more  ", waiting.len() - 1));
    }
    for (action, word) in ways_out(status) {
        line = hint(app, line, *action, word);
    }
    Some(line.and(Role::Text, escape(why(status))))
}

const fn rank(status: &Status) -> u8 {
    match status {
        Status::SignInNeeded { .. } => 4,
        Status::Forbidden { .. } => 3,
        Status::Stopped { .. } => 2,
        Status::Waiting(_) => 1,
        _ => 0,
    }
}

const fn role(status: &Status) -> Role {
    match status {
        Status::Waiting(_) => Role::Warn,
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

/// The range a delay was drawn from: `(up to 8.0 s)`, `(5.0 s to 30 s)`.
fn span((least, most): (Duration, Duration)) -> String {
    if least.is_zero() {
        format!("(up to {})", show_span(most))
    } else {
        format!("({} to {})", show_span(least), show_span(most))
    }
}

/// What the user can do about a state.
const fn ways_out(status: &Status) -> &'static [(Action, &'static str)] {
    match status {
        Status::Waiting(_) => &[(Action::Reconnect, "now"), (Action::Hold, "hold")],
        Status::SignInNeeded { .. } => &[(Action::SignIn, "sign in")],
        Status::Forbidden { .. } => &[(Action::Help, "why"), (Action::SignIn, "another token")],
        Status::Stopped { .. } => &[(Action::Reconnect, "reconnect")],
        _ => &[],
    }
}

fn why(status: &Status) -> &str {
    match status {
        Status::Waiting(Wait { why, .. })
        | Status::SignInNeeded { why }
        | Status::Forbidden { why }
        | Status::Stopped { why } => why,
        _ => "",
    }
}

/// Seconds left, rounded up, so that it never says 0 while there is time.
fn whole_seconds(left: Duration) -> u64 {
    left.as_millis().div_ceil(1000) as u64
}

fn hint(app: &App, line: PageLine, action: Action, word: &str) -> PageLine {
    match app.setup.keymap.key(Mode::Watch, action) {
        Some(key) => line
            .and(Role::Key, key.to_string())
            .and(Role::Dim, format!(" {word}  ")),
        None => line,
    }
}
