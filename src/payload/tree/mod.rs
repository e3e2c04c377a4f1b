//! A JSON text as a tree of rows, of which only what is open is looked into: what is folded is stepped over, and values
//! are places in the text, so numbers stay as they were written. Rows are bounded, and so is what is looked at ahead.
//!
//! A string that is itself JSON can be opened where it stands.

mod build;
mod folds;
mod walk;

use std::{ops::Range, rc::Rc};

use super::{
    path::{Hop, Path},
    place::Step,
};

pub use folds::Folds;
pub use walk::{Part, Walk, unquoted};

/// More rows than these are not made; folding something makes room.
pub const MOST_ROWS: usize = 20_000;

/// What a row stands for in what it is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The whole text, when it has no parts.
    Whole,
    /// A member: its name with quotes, as a place in its text.
    Key(Range<usize>),
    /// An item, by its number from 0.
    Item(usize),
}

/// What kind of value a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The row of what it is part of; `None`: of the whole.
    pub parent: Option<usize>,
    /// How deep it stands, from 0.
    pub depth: usize,
    /// What it stands for there.
    pub name: Name,
    /// What kind of value it has.
    pub kind: Kind,
    /// Which text it stands in: 0 is the payload, others are strings that are JSON.
    text: usize,
    /// Where its value stands in that text.
    pub value: Range<usize>,
    /// Whether it is open; `None`: it has no parts.
    pub open: Option<bool>,
    /// How many parts it has; `None`: they were not counted.
    pub parts: Option<usize>,
    /// Bytes that the longest name of its parts takes.
    pub names: usize,
}

/// The rows of a text, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    texts: Vec<Rc<[u8]>>,
    nodes: Vec<Node>,
    /// Bytes that the longest name of the outermost rows takes.
    names: usize,
    cut: bool,
}

impl Tree {
    /// The rows of a text that is known to be JSON. `mask`: what looks like a secret in strings that are JSON is
    /// masked, as it is in the text.
    pub fn new(text: &Rc<[u8]>, folds: &Folds, mask: bool) -> Self {
        build::build(text, folds, mask)
    }

    /// The rows.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether there would be more rows than are made.
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// Whether a row stands in the payload itself, not in a string that is JSON.
    pub fn is_outer(&self, row: usize) -> bool {
        self.nodes.get(row).is_some_and(|node| node.text == 0)
    }

    /// A value as it was written.
    pub fn raw(&self, row: usize) -> &[u8] {
        let Some(node) = self.nodes.get(row) else {
            return &[];
        };
        self.texts[node.text]
            .get(node.value.clone())
            .unwrap_or_default()
    }

    /// The name of a member as it was written, without its quotes.
    pub fn key(&self, row: usize) -> Option<&[u8]> {
        match &self.nodes.get(row)?.name {
            Name::Key(key) => self.texts[self.nodes[row].text].get(key.start + 1..key.end - 1),
            Name::Item(_) | Name::Whole => None,
        }
    }

    /// Bytes that the longest name takes among the rows beside this one, itself included.
    pub fn names_beside(&self, row: usize) -> usize {
        match self.nodes.get(row).and_then(|node| node.parent) {
            Some(parent) => self.nodes[parent].names,
            None => self.names,
        }
    }

    /// Where a row stands.
    pub fn path(&self, row: usize) -> Path {
        let mut hops = Vec::new();
        let mut at = self.nodes.get(row);
        while let Some(node) = at {
            hops.extend(self.step(node).map(Hop::Step));
            let parent = node.parent.map(|parent| &self.nodes[parent]);
            if parent.is_some_and(|parent| parent.text != node.text) {
                hops.push(Hop::Json);
            }
            at = parent;
        }
        // A payload that is a string which is JSON has its row for the whole.
        hops.reverse();
        Path(hops)
    }

    fn step(&self, node: &Node) -> Option<Step> {
        match &node.name {
            Name::Whole => None,
            Name::Item(number) => Some(Step::Item(*number)),
            Name::Key(key) => {
                let quoted = self.texts[node.text].get(key.clone());
                Some(Step::Name(unquoted(quoted.unwrap_or_default())))
            }
        }
    }

    /// The row at a place, or else the innermost one that leads there.
    pub fn find(&self, path: &Path) -> usize {
        let mut best = 0;
        let mut parent = None;
        for hop in &path.0 {
            let Hop::Step(step) = hop else { continue };
            let from = parent.map_or(0, |row| row + 1);
            let beside = self.nodes.get(from..).unwrap_or_default();
            let depth = beside.first().map_or(0, |node| node.depth);
            let found = beside
                .iter()
                .take_while(|node| node.depth >= depth && node.parent >= parent)
                .position(|node| node.parent == parent && self.step(node).as_ref() == Some(step));
            match found {
                Some(at) => (best, parent) = (from + at, Some(from + at)),
                None => break,
            }
        }
        best
    }
}

#[cfg(test)]
mod tests;
