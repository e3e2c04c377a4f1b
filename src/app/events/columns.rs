//! The columns that the list has, in their order. Columns of values are as wide as what was in view so far takes, so
//! that nothing jumps while events arrive.

use unicode_width::UnicodeWidthStr;

use crate::{payload::path::Path, profile::Column};

/// A column of values is never wider.
pub(super) const WIDEST: usize = 24;
/// So much of its title is shown at least.
const TITLE: usize = 12;

/// A column in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which one.
    pub column: Column,
    /// Whether it is shown.
    pub on: bool,
    /// What its values in view took at most so far.
    seen: usize,
}

/// All columns in their order, those that are not shown among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnList(Vec<Placed>);

impl Default for ColumnList {
    fn default() -> Self {
        let all = Column::BUILT_IN.into_iter();
        Self(all.map(|(_, column, on)| Placed::new(column, on)).collect())
    }
}

impl Placed {
    const fn new(column: Column, on: bool) -> Self {
        Self {
            column,
            on,
            seen: 0,
        }
    }

    /// Columns that its values want.
    pub(super) fn width(&self) -> usize {
        let title = self.column.name().width().min(TITLE);
        self.seen.max(title).min(WIDEST)
    }
}

impl ColumnList {
    /// Those that are asked for in their order, the other ones behind them and not shown; the usual ones when none is
    /// asked for.
    pub fn new<'c>(wanted: impl IntoIterator<Item = &'c Column>) -> Self {
        let mut placed: Vec<Placed> = Vec::new();
        for column in wanted {
            if !placed.iter().any(|known| known.column == *column) {
                placed.push(Placed::new(column.clone(), true));
            }
        }
        if placed.is_empty() {
            return Self::default();
        }
        for (_, column, _) in Column::BUILT_IN {
            if !placed.iter().any(|known| known.column == column) {
                placed.push(Placed::new(column, false));
            }
        }
        Self(placed)
    }

    /// All of them.
    pub fn all(&self) -> &[Placed] {
        &self.0
    }

    /// Those that are shown.
    pub fn shown(&self) -> impl Iterator<Item = &Placed> {
        self.0.iter().filter(|placed| placed.on)
    }

    /// Whether a column is shown.
    pub fn has(&self, column: &Column) -> bool {
        self.shown().any(|placed| placed.column == *column)
    }

    /// Whether the channel stands right before the payload and takes what it needs there.
    pub fn joins_channel(&self) -> bool {
        let last = self.shown().last();
        last.is_some_and(|last| last.column == Column::Channel)
    }

    /// Whether there are columns that the usual list has not: then titles are needed to tell what is what.
    pub fn titled(&self) -> bool {
        let joined = self.joins_channel();
        self.shown().any(|placed| match placed.column {
            Column::Size | Column::Id | Column::Path(_) => true,
            Column::Channel => !joined,
            _ => false,
        })
    }

    /// The columns that are as wide as what stands in them, with their places; in the usual list none is.
    pub(super) fn fitted(&self) -> impl Iterator<Item = (usize, &Column)> {
        let (titled, joined) = (self.titled(), self.joins_channel());
        let all = self.0.iter().enumerate();
        let shown = all.filter(move |(_, placed)| placed.on && titled);
        shown
            .map(|(at, placed)| (at, &placed.column))
            .filter(move |(_, column)| match column {
                Column::Type | Column::Id | Column::Path(_) => true,
                Column::Channel => !joined,
                _ => false,
            })
    }

    /// A value in view takes so many columns.
    pub(super) fn widen(&mut self, at: usize, width: usize) {
        if let Some(placed) = self.0.get_mut(at) {
            placed.seen = placed.seen.max(width);
        }
    }

    /// Shows a column, or no longer.
    pub(in crate::app) fn toggle(&mut self, at: usize) {
        if let Some(placed) = self.0.get_mut(at) {
            placed.on = !placed.on;
            placed.seen = 0;
        }
    }

    /// Moves a column by one place. Returns where it is.
    pub(in crate::app) fn shift(&mut self, at: usize, by: isize) -> usize {
        let to = at.saturating_add_signed(by).min(self.0.len() - 1);
        self.0.swap(at, to);
        to
    }

    /// Takes away the column of a value. Returns whether it is one.
    pub(in crate::app) fn remove(&mut self, at: usize) -> bool {
        let added =
            matches!(self.0.get(at), Some(placed) if matches!(placed.column, Column::Path(_)));
        if added {
            self.0.remove(at);
        }
        added
    }

    /// Adds the column of a value before the channel, or takes it away. Returns whether it is there now.
    pub(in crate::app) fn turn(&mut self, path: Path) -> bool {
        let column = Column::path(path);
        let was_shown = self.has(&column);
        self.0.retain(|placed| placed.column != column);
        if was_shown {
            return false;
        }
        let channel = self
            .0
            .iter()
            .position(|placed| placed.column == Column::Channel);
        let last = self.0.len();
        let at = channel.filter(|_| self.joins_channel()).unwrap_or(last);
        self.0.insert(at, Placed::new(column, true));
        true
    }
}
