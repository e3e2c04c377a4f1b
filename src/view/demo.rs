//! The menu of demo scenarios over the panes.

use ratatui::layout::Rect;

use super::{
    canvas::Canvas,
    palette::{below, choose},
    popup, text,
};
use crate::app::{App, PageLine, Panes, Role, wrap_words};

/// Lines for the explanation of the chosen scenario.
const EXPLAIN: u16 = 3;

/// Draws the menu.
pub(super) fn draw(app: &App, at: usize, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(menu) = &app.setup.demo else {
        return;
    };
    let count = menu.scenarios.len() as u16;
    let body = popup(canvas, area, "demo scenarios", Panes::menu(count));
    let explain = EXPLAIN.min(body.height / 3);
    let list = Rect {
        height: body.height - explain,
        ..body
    };
    let height = usize::from(list.height);
    let start = (at + 1).saturating_sub(height);
    for (row, (index, scenario)) in menu
        .scenarios
        .iter()
        .enumerate()
        .skip(start)
        .take(height)
        .enumerate()
    {
        let title = text::tame(&scenario.title);
        let line = PageLine::new(Role::Key, format!("  {} ", scenario.key)).and(Role::Text, title);
        canvas.line(list, row, &line);
        if index == at {
            choose(canvas, list, row);
        }
    }
    if let Some(scenario) = menu.scenarios.get(at) {
        let words = wrap_words(&scenario.explain, body.width.into());
        let lines: Vec<_> = words
            .into_iter()
            .map(|line| PageLine::new(Role::Dim, line))
            .collect();
        canvas.lines(below(body, list.height), &lines);
    }
}
