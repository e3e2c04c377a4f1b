//! Which events are in view. Rows differ in height when lines are wrapped; only those in view are measured.

use ratatui::layout::Rect;

use super::{Columns, Rows, row};
use crate::app::{App, Pane, Panes, below};

/// From this height on, the list has a line for titles.
const TITLED: u16 = 4;

/// The events in view, by their rows in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InView {
    /// The first.
    pub start: usize,
    /// Lines of the first that are out of view.
    pub skip: usize,
    /// One past the last, of which lines may be out of view.
    pub end: usize,
}

/// The list's area and the columns in it.
struct Frame<'a> {
    app: &'a App,
    rows: Rows<'a>,
    columns: Columns,
    height: usize,
}

impl Frame<'_> {
    fn lines(&self, index: usize) -> usize {
        row::height(self.app, self.rows.seq(index), &self.columns)
    }

    /// The first row from which on `last` is wholly in view, and the lines that are left over.
    fn first_with(&self, last: usize) -> (usize, usize) {
        let (mut first, mut left) = (last, self.height);
        left = left.saturating_sub(self.lines(last));
        while first > 0 {
            let lines = self.lines(first - 1);
            if lines > left {
                break;
            }
            left -= lines;
            first -= 1;
        }
        (first, left)
    }

    fn from(&self, start: usize, skip: usize) -> InView {
        let count = self.rows.count;
        let (mut end, mut used) = (start, 0);
        while end < count && used < self.height + skip {
            used += self.lines(end);
            end += 1;
        }
        InView { start, skip, end }
    }

    fn newest(&self) -> InView {
        let Some(last) = self.rows.count.checked_sub(1) else {
            return InView::default();
        };
        match self.first_with(last) {
            (0, _) => self.from(0, 0),
            (first, 0) => self.from(first, 0),
            (first, left) => self.from(first - 1, self.lines(first - 1) - left),
        }
    }
}

impl App {
    fn frame(&self, area: Rect) -> Frame<'_> {
        self.frame_of(self.list.rows(), area)
    }

    fn frame_of<'a>(&'a self, rows: Rows<'a>, area: Rect) -> Frame<'a> {
        Frame {
            app: self,
            rows,
            columns: Columns::new(self, area.width.into()),
            height: usize::from(area.height).max(1),
        }
    }

    /// Where pinned values stand: at the top of the list's pane, in a quarter of it at most.
    pub fn pins_area(&self, panes: &Panes) -> Rect {
        let area = panes.inside(Pane::Events);
        let lines = u16::try_from(self.pins.len()).unwrap_or(u16::MAX);
        Rect {
            height: lines.min(area.height / 4),
            ..area
        }
    }

    /// Where the titles of the columns stand, where those are needed: below the pinned values.
    pub fn titles_area(&self, panes: &Panes) -> Rect {
        self.titles_in(below(
            panes.inside(Pane::Events),
            self.pins_area(panes).height,
        ))
    }

    /// The same in an area without pinned values.
    pub fn titles_in(&self, area: Rect) -> Rect {
        let titled = self.list.columns.titled() && area.height >= TITLED;
        Rect {
            height: u16::from(titled),
            ..area
        }
    }

    /// Where the rows of the list stand: in the rest of its pane.
    pub fn rows_area(&self, panes: &Panes) -> Rect {
        let above = self.pins_area(panes).height + self.titles_area(panes).height;
        below(panes.inside(Pane::Events), above)
    }

    /// The events in view in an area.
    pub fn in_view(&self, area: Rect) -> InView {
        let frame = self.frame(area);
        match self.list.cursor() {
            Some(_) => frame.from(self.list.top_index().min(self.list.count()), 0),
            None => frame.newest(),
        }
    }

    /// The newest of some rows, as many as an area has room for.
    pub fn newest_in_view(&self, rows: Rows<'_>, area: Rect) -> InView {
        self.frame_of(rows, area).newest()
    }

    /// The row of the list that is drawn in a line of an area.
    pub(in crate::app) fn event_at(&self, area: Rect, line: usize) -> Option<usize> {
        let frame = self.frame(area);
        let view = self.in_view(area);
        let mut left = line + view.skip;
        (view.start..view.end).find(|index| {
            let lines = frame.lines(*index);
            let here = left < lines;
            left = left.saturating_sub(lines);
            here
        })
    }

    /// Moves what is in view by rows; past the newest event the list follows again.
    pub(in crate::app) fn scroll_events(&mut self, rows: isize) {
        let area = self.rows_area(&self.panes());
        let frame = self.frame(area);
        let last = self.list.count().saturating_sub(1);
        let most = frame.first_with(last).0;
        let view = self.in_view(area);
        let start = view.start.saturating_add_signed(rows).min(most);
        let end = frame.from(start, 0).end;
        if rows > 0 && view.start >= most {
            self.list.follow();
        } else if start != view.start {
            self.list.scroll_to(start, end.saturating_sub(1));
        }
    }

    /// Brings the choice into view and forgets what is gone.
    pub(in crate::app) fn settle_list(&mut self, area: Rect) {
        let Some(at) = self.list.forget(self.store.first()) else {
            return;
        };
        let frame = self.frame(area);
        let most = frame.first_with(self.list.count().saturating_sub(1)).0;
        let least = frame.first_with(at).0;
        let top = self.list.top_index().max(least).min(at).min(most);
        let end = frame.from(top, 0).end;
        self.list.stand(top, end.saturating_sub(1));
    }
}
