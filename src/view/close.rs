//! The dialog over the panes in which the code and the reason of a close are typed: what they mean, and what follows.

use ratatui::layout::Rect;

use super::{canvas::Canvas, footer::split, popup, text};
use crate::{
    app::{App, Close, PageLine, Panes, Role, wrap_words},
    keymap::{Action, Mode},
};

/// Columns of the dialog.
const WIDTH: u16 = 72;

/// Draws the dialog.
pub(super) fn draw(app: &App, dialog: &Close, canvas: &mut Canvas<'_>, area: Rect) {
    let title = format!(
        "close {} {}",
        canvas.glyphs.dot,
        app.stream_name(dialog.stream)
    );
    let (before, after) = split(dialog.line.value(), dialog.line.cursor());
    let (at, rest) = split(after, 1);
    let width = usize::from(WIDTH.min(area.width.saturating_sub(4)));
    let before = text::tame(before);
    let shift = text::width(&before).saturating_sub(width.saturating_sub(20));
    let typed = PageLine::new(Role::Key, "code and reason  ")
        .and(Role::Text, text::skip(&before, shift))
        .and(Role::Focus, if at.is_empty() { " " } else { at })
        .and(Role::Text, text::tame(rest));
    let mut lines = vec![typed, meaning(dialog), PageLine::default()];
    let follows = follows(app, dialog);
    lines.extend(
        wrap_words(&follows, width)
            .into_iter()
            .map(|line| PageLine::new(Role::Dim, line)),
    );
    let (frame, body) = Panes::popup(area, (WIDTH, lines.len() as u16));
    popup(canvas, frame, &title);
    canvas.lines(body, &lines);
}

/// What the code is called and how long the reason is; or what is wrong.
fn meaning(dialog: &Close) -> PageLine {
    match dialog.read() {
        Ok((code, reason)) if reason.is_empty() => {
            PageLine::new(Role::Good, code.to_string()).and(Role::Dim, ", without a reason")
        }
        Ok((code, reason)) => PageLine::new(Role::Good, code.to_string()).and(
            Role::Dim,
            format!(", with a reason of {} bytes", reason.len()),
        ),
        Err(why) => PageLine::new(Role::Bad, why),
    }
}

/// What a close by hand does to the stream.
fn follows(app: &App, dialog: &Close) -> String {
    let live = app
        .stream(dialog.stream)
        .is_some_and(|stream| stream.status.is_live());
    if !live {
        return "There is no live connection to close just now.".into();
    }
    let key = app.setup.keymap.key(Mode::Watch, Action::Reconnect);
    let key = key.map_or_else(String::new, |key| format!(" ({key})"));
    format!(
        "The server is told, and the connection ends. Then the stream stands stopped until you reconnect{key} or sign in."
    )
}
