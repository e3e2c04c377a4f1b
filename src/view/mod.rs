//! Draws the screen from the state of [`App`]: same state, same cells. Drawing changes nothing and costs what is in
//! view, not what is kept.

mod canvas;
mod close;
mod columns;
mod compose;
mod countdown;
mod demo;
mod detail;
mod events;
mod export;
mod filters;
mod footer;
mod header;
mod lifecycle;
mod page;
mod palette;
mod pins;
mod sign_in;
mod streams;
mod theme;
mod turn;
mod types;

use ratatui::{Frame, layout::Rect};
use unicode_width::UnicodeWidthStr;

use self::canvas::Canvas;
pub use self::theme::Theme;
use crate::{
    app::{App, Overlay, PageLine, Panes, Role, banner, text},
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
    canvas.lines(panes.banner, &banner(app, now, (area.width, area.height)));
    events::draw(app, &mut canvas, &panes, now);
    detail::draw(app, &mut canvas, &panes);
    lifecycle::draw(app, &mut canvas, &panes);
    footer::draw(app, &mut canvas, panes.footer);
    overlay(app, &mut canvas, area, now);
}

fn overlay(app: &App, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    match &app.overlay {
        Overlay::None | Overlay::Search => {}
        Overlay::Export(export) => export::draw(app, export, canvas, area),
        Overlay::SignIn(dialog) => sign_in::draw(app, dialog, canvas, area, now),
        Overlay::Compose(dialog) => compose::draw(app, dialog, canvas, area),
        Overlay::Close(dialog) => close::draw(app, dialog, canvas, area),
        Overlay::Palette(palette) => palette::draw(app, palette, canvas, area),
        Overlay::Demo(at) => demo::draw(app, *at, canvas, area),
        Overlay::Filters(at) | Overlay::Name(_, at) => filters::draw(app, *at, canvas, area),
        Overlay::Columns(at) => columns::draw(app, *at, canvas, area),
        Overlay::Types => types::draw(app, canvas, area, now),
        Overlay::Page(page, scroll) => page::draw(app, (*page, *scroll), canvas, area),
        Overlay::Confirm(stream) => {
            let name = app.stream_name(*stream);
            let text = format!("Stop {name}? It stays disconnected until you reconnect it.");
            let (frame, body) = Panes::popup(area, (text.width() as u16, 1));
            popup(canvas, frame, "stop");
            canvas.line(body, 0, &PageLine::new(Role::Text, text));
        }
    }
}

/// Clears and frames a box that lies over the panes.
fn popup(canvas: &mut Canvas<'_>, frame: Rect, title: &str) {
    canvas.clear(frame);
    canvas.boxed(frame, &PageLine::new(Role::Accent, title), true);
}

/// Tells in the lower edge of a box how many lines are below those in view.
fn more(canvas: &mut Canvas<'_>, frame: Rect, below: usize) {
    if below == 0 {
        return;
    }
    let foot = Rect {
        y: frame.y + frame.height.saturating_sub(1),
        width: frame.width.saturating_sub(2),
        height: frame.height.min(1),
        ..frame
    };
    let line = PageLine::new(Role::Dim, format!(" {below} more "));
    canvas.right(foot, 0, &line);
}
