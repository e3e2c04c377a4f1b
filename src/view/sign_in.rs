//! The sign-in dialog over the panes: why, a masked line, and what the token says of itself. The token is never drawn.

use ratatui::layout::Rect;

use super::{canvas::Canvas, popup};
use crate::{
    app::{App, PageLine, Panes, Role, SignIn, StreamState, Subject, inspect_lines, wrap_words},
    event::Status,
    keymap::{Action, Mode},
    payload::escape::escape,
    scenario::Sample,
    time::Now,
};

/// Columns of the dialog.
const WIDTH: u16 = 70;
/// Columns of the names.
const NAME: usize = 12;
/// Lines for why it is needed.
const WHY: usize = 2;

/// Draws the dialog.
pub(super) fn draw(app: &App, dialog: &SignIn, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    let Some(stream) = app.stream(dialog.stream) else {
        return;
    };
    let width = WIDTH.min(area.width.saturating_sub(4));
    let mut lines = why(stream, usize::from(width));
    lines.push(PageLine::default());
    lines.push(masked(dialog, canvas, usize::from(width)));
    lines.push(PageLine::default());
    let token = token(app, dialog, stream, width.into(), now);
    if !token.is_empty() {
        lines.extend(token);
        lines.push(PageLine::default());
    }
    lines.extend(
        wrap_words(&outcome(app, stream), width.into())
            .into_iter()
            .map(|line| PageLine::new(Role::Dim, line)),
    );
    let title = format!("sign in {} {}", canvas.glyphs.dot, stream.setup.name);
    let (frame, body) = Panes::popup(area, (WIDTH, lines.len() as u16));
    popup(canvas, frame, &title);
    canvas.lines(body, &lines);
}

fn why(stream: &StreamState, width: usize) -> Vec<PageLine> {
    let (role, text) = match &stream.status {
        Status::SignInNeeded { why } | Status::Forbidden { why } | Status::Stopped { why } => {
            (Role::Bad, why.as_str())
        }
        status if status.is_live() => (
            Role::Dim,
            "The stream is live; it goes on until the new token is accepted.",
        ),
        _ => (Role::Dim, "The stream is not live."),
    };
    let words = wrap_words(&escape(text), width);
    words
        .into_iter()
        .take(WHY)
        .map(|line| PageLine::new(role, line))
        .collect()
}

/// Dots in place of the characters, as many as fit, and their number.
fn masked(dialog: &SignIn, canvas: &Canvas<'_>, width: usize) -> PageLine {
    let count = dialog.count();
    let line = PageLine::new(Role::Key, "token       ");
    if count == 0 {
        return line
            .and(Role::Focus, " ")
            .and(Role::Dim, " paste it here, or type it; it is not shown");
    }
    let dots = canvas
        .glyphs
        .hidden
        .repeat(count.min(width.saturating_sub(32)));
    line.and(Role::Text, dots).and(Role::Focus, " ").and(
        Role::Dim,
        format!(" {} characters", crate::app::grouped(count as u64)),
    )
}

fn token(
    app: &App,
    dialog: &SignIn,
    stream: &StreamState,
    width: usize,
    now: Now,
) -> Vec<PageLine> {
    let Some(fingerprint) = dialog.fingerprint() else {
        return samples(app);
    };
    if let Some(fault) = dialog.fault() {
        return vec![PageLine::new(Role::Bad, "! ").and(Role::Bad, fault)];
    }
    let subject = Subject {
        claims: dialog.claims(),
        count: dialog.count(),
        refused: stream.has_refused(fingerprint),
        verification: dialog.verification(),
        width,
        now: stream.server_time(now.wall),
    };
    let mut lines = inspect_lines(subject, &app.setup.zone);
    if let Some(sample) = sample(app, dialog) {
        let head = PageLine::new(Role::Dim, "demo token  ").and(Role::Accent, &*sample.title);
        lines.insert(0, head);
        let words = wrap_words(&sample.explain, width.saturating_sub(NAME));
        let words = words.into_iter().enumerate().map(|(at, line)| {
            let name = if at == 0 { "to expect" } else { "" };
            PageLine::new(Role::Dim, format!("{name:<NAME$}")).and(Role::Text, line)
        });
        lines.splice(1..1, words);
    }
    lines
}

fn sample<'a>(app: &'a App, dialog: &SignIn) -> Option<&'a Sample> {
    app.setup.demo.as_ref()?.samples.get(dialog.sample?)
}

fn samples(app: &App) -> Vec<PageLine> {
    let samples = app.setup.demo.iter().flat_map(|menu| &menu.samples);
    let mut lines: Vec<_> = samples
        .map(|sample| PageLine::new(Role::Dim, "            ").and(Role::Text, &*sample.title))
        .collect();
    if let Some(first) = lines.first_mut() {
        first.parts[0].1 = "to try      ".into();
    }
    lines
}

/// What signing in will do to the stream, and the other way to a token.
fn outcome(app: &App, stream: &StreamState) -> String {
    let how = if stream.setup.in_place && stream.status.is_live() {
        "The token is offered on the live connection."
    } else {
        "The stream connects again with this token."
    };
    let key = app.setup.keymap.key(Mode::SignIn, Action::Fetch);
    match key.zip(stream.setup.source.as_ref()) {
        Some((key, source)) => format!("{how} Or {key}: fetch it from {source}."),
        None => how.into(),
    }
}
