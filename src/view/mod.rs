//! Draws the screen from the state of [`App`]: same state, same cells. Drawing changes nothing and costs what is in
//! view, not what is kept.

mod canvas;
mod countdown;
mod demo;
mod detail;
mod events;
mod footer;
mod header;
mod help;
mod lifecycle;
mod palette;
mod preview;
mod sign_in;
mod streams;
mod text;
mod theme;

use ratatui::{Frame, layout::Rect};

use self::canvas::Canvas;
pub use self::theme::Theme;
use crate::{
    app::{App, Overlay, PageLine, Panes, Role, banner},
    time::Now,
};

/// Draws everything.
pub fn draw(app: &App, frame: &mut Frame, now: Now) {
    let area = frame.area();
    let panes = app.panes_for(area.width, area.height);
    let mut canvas = Canvas {
        cells: frame.buffer_mut(),
        theme: Theme::named(app.setup.look.theme),
        glyphs: app.glyphs(),
    };
    header::draw(app, &mut canvas, &panes, now);
    streams::draw(app, &mut canvas, &panes, now);
    canvas.lines(panes.banner, &banner(app, now, area.width));
    events::draw(app, &mut canvas, &panes);
    detail::draw(app, &mut canvas, &panes);
    lifecycle::draw(app, &mut canvas, &panes);
    footer::draw(app, &mut canvas, panes.footer);
    overlay(app, &mut canvas, area, now);
}

fn overlay(app: &App, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    match &app.overlay {
        Overlay::None | Overlay::Search => {}
        Overlay::SignIn(dialog) => sign_in::draw(app, dialog, canvas, area, now),
        Overlay::Palette(palette) => palette::draw(app, palette, canvas, area),
        Overlay::Demo(at) => demo::draw(app, *at, canvas, area),
        Overlay::Help(scroll) => help::draw(app, *scroll, canvas, area),
        Overlay::Confirm(stream) => {
            let name = app.stream_name(*stream);
            let text = format!("Stop {name} for good? It will not be connected again.");
            let body = popup(canvas, area, "stop", (text.len() as u16, 1));
            canvas.line(body, 0, &PageLine::new(Role::Text, text));
        }
    }
}

/// Clears and frames a box in the middle for a body of this size; returns where the body goes.
fn popup(canvas: &mut Canvas<'_>, area: Rect, title: &str, size: (u16, u16)) -> Rect {
    let (frame, body) = Panes::popup(area, size);
    canvas.clear(frame);
    canvas.boxed(frame, &PageLine::new(Role::Accent, title), true);
    body
}
