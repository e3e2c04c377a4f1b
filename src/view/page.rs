//! A page to read over the panes.

use ratatui::layout::Rect;

use super::{canvas::Canvas, more, popup};
use crate::app::{App, Page, Panes};

/// Draws the page.
pub(super) fn draw(app: &App, (page, scroll): (Page, usize), canvas: &mut Canvas<'_>, area: Rect) {
    let lines = page.lines(app, Panes::help_width(area));
    let (frame, body) = Panes::help(area, lines.len());
    popup(canvas, frame, page.title());
    canvas.lines(body, lines.iter().skip(scroll));
    let below = lines
        .len()
        .saturating_sub(scroll + usize::from(body.height));
    more(canvas, frame, below);
}
