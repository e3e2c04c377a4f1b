//! Where panes draw: lines of pieces with roles, rules, boxes. Nothing is drawn outside the given area.

use std::borrow::Cow;

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{Theme, text};
use crate::app::{Glyphs, PageLine, Role};

/// The cells of a frame, with the look.
pub(super) struct Canvas<'a> {
    /// The cells.
    pub cells: &'a mut Buffer,
    /// How roles look.
    pub theme: &'static Theme,
    /// What signs are drawn.
    pub glyphs: &'static Glyphs,
}

impl Canvas<'_> {
    /// Draws a line in the row of an area, counted from its top. Returns the columns it took.
    pub(super) fn line(&mut self, area: Rect, row: usize, line: &PageLine) -> usize {
        let mut used = 0;
        for (role, piece) in &line.parts {
            used += self.piece(area, (row, used), *role, piece);
        }
        used
    }

    /// Draws lines from the top of an area.
    pub(super) fn lines<'l>(&mut self, area: Rect, lines: impl IntoIterator<Item = &'l PageLine>) {
        for (row, line) in lines.into_iter().take(area.height.into()).enumerate() {
            self.line(area, row, line);
        }
    }

    /// Draws a piece some columns into a row of an area; cut where the area ends. Returns the columns it took.
    pub(super) fn piece(
        &mut self,
        area: Rect,
        (row, column): (usize, usize),
        role: Role,
        piece: &str,
    ) -> usize {
        let area = area.intersection(self.cells.area);
        let room = usize::from(area.width).saturating_sub(column);
        if row >= area.height.into() || room == 0 {
            return 0;
        }
        let tamed = self.tame(piece);
        let shown = text::fit(&tamed, room, self.glyphs.cut);
        let (x, y) = (area.x + column as u16, area.y + row as u16);
        let style = self.theme.style(role);
        if shown.is_ascii() {
            return self.put_ascii((x, y), &shown, style);
        }
        let (end, _) = self.cells.set_stringn(x, y, &shown, room, style);
        usize::from(end - x)
    }

    /// Puts a text that fits into its cells, without a look for graphemes: most of what is drawn is such, and the look
    /// costs several times as much.
    fn put_ascii(&mut self, (x, y): (u16, u16), text: &str, style: Style) -> usize {
        let start = self.cells.index_of(x, y);
        let cells = &mut self.cells.content[start..start + text.len()];
        for (cell, byte) in cells.iter_mut().zip(text.bytes()) {
            cell.set_char(char::from(byte)).set_style(style);
        }
        text.len()
    }

    fn tame<'t>(&self, piece: &'t str) -> Cow<'t, str> {
        let tamed = text::tame(piece);
        if self.glyphs.is_ascii() && !tamed.is_ascii() {
            return text::plain(&tamed).into();
        }
        tamed
    }

    /// Draws a line that ends at the right edge of an area. Returns the column where it begins.
    pub(super) fn right(&mut self, area: Rect, row: usize, line: &PageLine) -> usize {
        let wide = columns(line);
        let column = usize::from(area.width).saturating_sub(wide);
        let area = Rect {
            x: area.x + column as u16,
            width: area.width - column as u16,
            ..area
        };
        self.line(area, row, line);
        column
    }

    /// Gives a row of an area the look of the chosen line.
    pub(super) fn choose(&mut self, area: Rect, row: usize) {
        let y = area.y.saturating_add(row as u16);
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        let line = line.intersection(self.cells.area).intersection(area);
        let style = Style::reset().patch(self.theme.style(Role::Focus));
        self.cells.set_style(line, style);
    }

    /// Fills an area with a sign of one column.
    fn fill(&mut self, area: Rect, role: Role, sign: &str) {
        let style = self.theme.style(role);
        for position in area.intersection(self.cells.area).positions() {
            self.cells[position].set_symbol(sign).set_style(style);
        }
    }

    /// Draws a rule with a title in it, in the first row of an area.
    pub(super) fn rule(&mut self, area: Rect, title: &PageLine, focused: bool) {
        let top = Rect {
            height: area.height.min(1),
            ..area
        };
        self.fill(top, frame_role(focused), self.glyphs.rule);
        let inner = Rect {
            x: area.x + area.width.min(2),
            width: area.width.saturating_sub(4),
            ..area
        };
        self.title(inner, title, focused);
    }

    /// Draws a box with a title in its upper edge.
    pub(super) fn boxed(&mut self, area: Rect, title: &PageLine, focused: bool) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let role = frame_role(focused);
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        let corners = [
            (area.x, area.y),
            (right, area.y),
            (area.x, bottom),
            (right, bottom),
        ];
        let across = |y| Rect::new(area.x, y, area.width, 1);
        let down = |x| Rect::new(x, area.y, 1, area.height);
        for edge in [across(area.y), across(bottom)] {
            self.fill(edge, role, self.glyphs.rule);
        }
        for edge in [down(area.x), down(right)] {
            self.fill(edge, role, self.glyphs.side);
        }
        for ((x, y), corner) in corners.into_iter().zip(self.glyphs.corners) {
            self.fill(Rect::new(x, y, 1, 1), role, corner);
        }
        let inner = Rect {
            x: area.x + area.width.min(2),
            width: area.width.saturating_sub(4),
            ..area
        };
        self.title(inner, title, focused);
    }

    /// A title stands between two spaces; the one of the focused pane has the mark of the chosen line too.
    fn title(&mut self, area: Rect, title: &PageLine, focused: bool) {
        let lead = if focused { self.glyphs.cursor } else { " " };
        let mut line = PageLine::new(if focused { Role::Accent } else { Role::Dim }, lead);
        line.parts.extend(title.parts.iter().cloned());
        self.line(area, 0, &line.and(Role::Dim, " "));
    }

    /// Empties an area for something that lies over the panes, and wide characters that reach into it.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.cells.area);
        if area.x > self.cells.area.x {
            for row in area.rows() {
                let beside = &mut self.cells[(area.x - 1, row.y)];
                if text::width(beside.symbol()) > 1 {
                    beside.set_symbol(" ");
                }
            }
        }
        for position in area.positions() {
            self.cells[position].reset();
        }
    }
}

const fn frame_role(focused: bool) -> Role {
    if focused { Role::Accent } else { Role::Dim }
}

/// Columns a line takes.
pub(super) fn columns(line: &PageLine) -> usize {
    line.parts
        .iter()
        .map(|(_, text)| text::width(&text::tame(text)))
        .sum()
}
