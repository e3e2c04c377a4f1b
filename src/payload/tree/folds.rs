//! What of a tree is open: by path, so that it holds for the next payload of the kind too.

use std::collections::HashMap;

use super::super::path::Hop;

/// More folds than these are not remembered; the names come from outside.
const MOST: usize = 4096;

/// What was opened and folded by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    known: HashMap<Vec<Hop>, bool>,
    all: Option<bool>,
}

impl Folds {
    /// Whether what stands at a place was opened or folded; `None`: neither.
    pub fn is_open(&self, place: &[Hop]) -> Option<bool> {
        self.known.get(place).copied().or(self.all)
    }

    /// Opens or folds what stands at a place.
    pub fn set(&mut self, place: Vec<Hop>, open: bool) {
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(place, open);
    }

    /// Opens or folds everything.
    pub fn set_all(&mut self, open: bool) {
        self.known.clear();
        self.all = Some(open);
    }
}
