//! The table of types: what came of each, in the order that is wanted, and what keys do with it.
//!
//! What is chosen is a type and not a row, since rows change places while messages come.

use std::cmp::{Ordering, Reverse};

use super::{App, Overlay, Panes};
use crate::{
    filter,
    keymap::Action,
    store::{Stated, TypeCount, TypeId},
};

/// The order of the table, and what is chosen in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct TypeTable {
    /// The order.
    pub order: Order,
    chosen: Option<TypeId>,
}

/// What the types are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// How often they come now, the most frequent first.
    #[default]
    Rate,
    /// How many came, the most first.
    Events,
    /// Bytes of payload, the most first.
    Bytes,
    /// When the last one came, the newest first.
    Last,
    /// Their names.
    Name,
}

impl Order {
    const ALL: [Self; 5] = [
        Self::Rate,
        Self::Events,
        Self::Bytes,
        Self::Last,
        Self::Name,
    ];

    /// What it is by, in a word or two.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Events => "events",
            Self::Bytes => "bytes",
            Self::Last => "last seen",
            Self::Name => "name",
        }
    }

    /// The order so many places further, around.
    fn turned(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }

    /// Types that are alike stand by their names, so that the rows keep still.
    fn compare(self, one: &TypeCount<'_>, other: &TypeCount<'_>) -> Ordering {
        let key = |count: &TypeCount<'_>| {
            Reverse(match self {
                Self::Rate => count.recent,
                Self::Events => count.events,
                Self::Bytes => count.bytes,
                Self::Last => count.last.mono.0 / 1_000_000,
                Self::Name => 0,
            })
        };
        let names = || one.stated.cmp(&other.stated);
        key(one).cmp(&key(other)).then_with(names)
    }
}

impl App {
    /// The rows of the table: the types of the stream that is shown, or of all.
    pub fn type_rows(&self) -> Vec<TypeCount<'_>> {
        let mut rows: Vec<_> = self.store.types(self.shown(), self.now.mono).collect();
        rows.sort_by(|one, other| self.types.order.compare(one, other));
        rows
    }

    /// The chosen one of these rows.
    pub fn type_row(&self, rows: &[TypeCount<'_>]) -> usize {
        let chosen = |row: &TypeCount<'_>| Some(row.id) == self.types.chosen;
        rows.iter().position(chosen).unwrap_or(0)
    }

    /// Keys of the table of types.
    pub(super) fn types(&mut self, action: Action) {
        match action {
            Action::Right => self.types.order = self.types.order.turned(1),
            Action::Left => self.types.order = self.types.order.turned(Order::ALL.len() - 1),
            Action::Accept => self.filter_by_type(),
            Action::Down => self.step_type(1),
            Action::Up => self.step_type(-1),
            Action::PageDown => self.step_type(self.page_of_types()),
            Action::PageUp => self.step_type(-self.page_of_types()),
            Action::Top => self.step_type(isize::MIN),
            Action::Bottom => self.step_type(isize::MAX),
            _ => self.overlay = Overlay::None,
        }
    }

    fn page_of_types(&self) -> isize {
        let (_, _, list) = Panes::types(self.area(), self.type_rows().len());
        isize::try_from(list.height.saturating_sub(1).max(1)).unwrap_or(1)
    }

    fn step_type(&mut self, by: isize) {
        let rows = self.type_rows();
        let to = self.type_row(&rows).saturating_add_signed(by);
        let row = rows.get(to.min(rows.len().saturating_sub(1)));
        self.types.chosen = row.map(|row| row.id);
    }

    /// Only messages of the chosen type are listed from now on.
    fn filter_by_type(&mut self) {
        let rows = self.type_rows();
        let text = match rows.get(self.type_row(&rows)).map(|row| row.stated) {
            None => return,
            Some(Stated::Name(name)) => filter::of_type(name),
            Some(Stated::Nothing) => "-type:* -class:lifecycle".into(),
            Some(Stated::Other) => {
                return self.tell("these are many types: filter by type:NAME for one of them");
            }
        };
        self.overlay = Overlay::None;
        let is_on = |layer: &super::Layer| layer.on && layer.text == text;
        if !self.list.layers().iter().any(is_on) {
            self.apply(text, None);
        }
    }
}
