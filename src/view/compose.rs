//! The dialog over the panes in which a message is written: the text, what it is, and what the service expects. Its
//! size stays while the text grows.

use ratatui::layout::Rect;

use super::{canvas::Canvas, popup};
use crate::{
    app::{App, Compose, PageLine, Panes, Role, StreamState, first_in_view},
    codec::{Codec, Draft},
    keymap::{Action, Mode},
    message::Kind,
};

/// Columns of the dialog.
const WIDTH: u16 = 72;
/// Lines below the text, without that of the profile's messages.
const BELOW: u16 = 5;

/// Draws the dialog.
pub(super) fn draw(app: &App, dialog: &Compose, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(stream) = app.stream(dialog.stream) else {
        return;
    };
    let room = (area.height / 6).clamp(1, 10);
    let below = BELOW + u16::from(!stream.setup.messages.is_empty());
    let title = format!("send {} {}", canvas.glyphs.dot, stream.setup.name);
    let (frame, body) = Panes::popup(area, (WIDTH, room + below));
    popup(canvas, frame, &title);
    let (text, foot) = Panes::compose(body, below);
    let (rows, at) = dialog.rows(text.width.into());
    let start = first_in_view(at, text.height.into());
    canvas.lines(text, rows.iter().skip(start));
    if dialog.text().is_empty() {
        let hint = PageLine::new(Role::Focus, " ").and(Role::Dim, " type or paste a message");
        canvas.line(text, 0, &hint);
    }
    let lines = [
        PageLine::default(),
        verdict(app, dialog, canvas.glyphs.dot),
        secret(dialog),
        PageLine::default(),
        expected(stream),
        messages(app, dialog, stream),
    ];
    canvas.lines(foot, &lines);
}

/// What the text is, and its size.
fn verdict(app: &App, dialog: &Compose, dot: &str) -> PageLine {
    let text = dialog.text();
    if text.is_empty() {
        return PageLine::default();
    }
    let codec = codec(app.stream(dialog.stream));
    let bytes = text.len();
    let word = if bytes == 1 { "byte" } else { "bytes" };
    match app.judge(dialog.stream, text) {
        Draft::Fits => PageLine::new(Role::Good, codec.expects())
            .and(Role::Dim, format!(" {dot} {bytes} {word}")),
        Draft::NotJson(why) => PageLine::new(Role::Warn, format!("not JSON: {why}"))
            .and(Role::Dim, format!(" {dot} {bytes} {word}")),
        Draft::Wrong(why) => PageLine::new(Role::Bad, why),
    }
}

fn codec(stream: Option<&StreamState>) -> Codec {
    stream.map_or_else(Codec::default, |stream| stream.setup.event.codec)
}

fn secret(dialog: &Compose) -> PageLine {
    if dialog.holds_secret() {
        let told = "what looks like a secret is masked, and this is not kept once it is sent";
        PageLine::new(Role::Warn, told)
    } else {
        PageLine::default()
    }
}

/// What the service expects; or that there is nobody to take it.
fn expected(stream: &StreamState) -> PageLine {
    if !stream.status.is_live() {
        let word = stream.status.word();
        return PageLine::new(Role::Warn, format!("not live ({word})"))
            .and(Role::Dim, ": nothing can be sent just now");
    }
    let codec = stream.setup.event.codec;
    let kind = match codec.sends() {
        Kind::Text => "text",
        Kind::Binary => "binary",
    };
    let told = format!("{} is expected, and goes as {kind}", codec.expects());
    PageLine::new(Role::Dim, told)
}

/// The messages of the profile, the one in the line marked.
fn messages(app: &App, dialog: &Compose, stream: &StreamState) -> PageLine {
    let key = app.setup.keymap.key(Mode::Compose, Action::Message);
    let (Some(key), false) = (key, stream.setup.messages.is_empty()) else {
        return PageLine::default();
    };
    let mut line = PageLine::new(Role::Key, format!("{key} "));
    for (at, (name, _)) in stream.setup.messages.iter().enumerate() {
        let (role, mark) = if dialog.ready() == Some(at) {
            (Role::Accent, app.glyphs().cursor)
        } else {
            (Role::Dim, " ")
        };
        line = line.and(role, format!(" {mark}{name}"));
    }
    line
}
