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
        let (end, _) = self.cells.set_stringn(x, y, &shown, room, style);
        usize::from(end - x)
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

    /// Draws a rule with a title in it, in the first row of an area.
    pub(super) fn rule(&mut self, area: Rect, title: &PageLine, focused: bool) {
        let role = if focused { Role::Accent } else { Role::Dim };
        let line = self.glyphs.rule.repeat(area.width.into());
        self.piece(area, (0, 0), role, &line);
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
        let role = if focused { Role::Accent } else { Role::Dim };
        let [top_left, top_right, bottom_left, bottom_right] = self.glyphs.corners;
        let line = self.glyphs.rule.repeat(usize::from(area.width) - 2);
        self.piece(area, (0, 0), role, &format!("{top_left}{line}{top_right}"));
        let last = usize::from(area.height) - 1;
        self.piece(
            area,
            (last, 0),
            role,
            &format!("{bottom_left}{line}{bottom_right}"),
        );
        for row in 1..last {
            self.piece(area, (row, 0), role, self.glyphs.side);
            self.piece(
                area,
                (row, usize::from(area.width) - 1),
                role,
                self.glyphs.side,
            );
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

/// Columns a line takes.
pub(super) fn columns(line: &PageLine) -> usize {
    line.parts
        .iter()
        .map(|(_, text)| text::width(&text::tame(text)))
        .sum()
}
