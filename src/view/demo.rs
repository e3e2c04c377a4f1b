//! The menu of demo scenarios over the panes.

use ratatui::layout::Rect;

use super::{canvas::Canvas, more, palette::choose, popup, text};
use crate::app::{App, PageLine, Panes, Role, first_in_view, wrap_words};

/// Draws the menu.
pub(super) fn draw(app: &App, at: usize, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(menu) = &app.setup.demo else {
        return;
    };
    let (frame, list, below) = Panes::menu(area, menu.scenarios.len());
    popup(canvas, frame, "demo scenarios");
    let height = usize::from(list.height);
    let start = first_in_view(at, height);
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
    more(
        canvas,
        frame,
        menu.scenarios.len().saturating_sub(start + height),
    );
    if let Some(scenario) = menu.scenarios.get(at) {
        let words = wrap_words(&scenario.explain, below.width.into());
        let lines: Vec<_> = words
            .into_iter()
            .map(|line| PageLine::new(Role::Dim, line))
            .collect();
        canvas.lines(below, &lines);
    }
}
