//! The help page over the panes.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::app::{App, PageLine, Panes, Role, help_lines};

/// Draws the page.
pub(super) fn draw(app: &App, scroll: usize, canvas: &mut Canvas<'_>, area: Rect) {
    let lines = help_lines(app, Panes::help_width(area));
    let (frame, body) = Panes::help(area, lines.len());
    canvas.clear(frame);
    canvas.boxed(frame, &PageLine::new(Role::Accent, "help"), true);
    canvas.lines(body, lines.iter().skip(scroll));
    let below = lines
        .len()
        .saturating_sub(scroll + usize::from(body.height));
    if below > 0 {
        let foot = Rect {
            y: frame.y + frame.height.saturating_sub(1),
            width: frame.width.saturating_sub(2),
            height: frame.height.min(1),
            ..frame
        };
        canvas.right(
            foot,
            0,
            &PageLine::new(Role::Dim, format!(" {below} more ")),
        );
    }
}
