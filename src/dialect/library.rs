//! The dialects there are: the user's own, and the shipped ones that they do not replace.

use std::sync::Arc;

use super::{Dialect, NAMES, shipped};

/// The dialects there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Library {
    own: Vec<Arc<Dialect>>,
}

impl Library {
    /// With the user's own.
    pub const fn new(own: Vec<Arc<Dialect>>) -> Self {
        Self { own }
    }

    /// A dialect by its name; the user's own go first.
    pub fn find(&self, name: &str) -> Option<Arc<Dialect>> {
        let own = self.own.iter().find(|dialect| dialect.name == name);
        own.cloned().or_else(|| shipped(name))
    }

    /// Whether the dialect of this name is the user's own.
    pub fn is_own(&self, name: &str) -> bool {
        self.own.iter().any(|dialect| dialect.name == name)
    }

    /// Every name, in the order of the alphabet.
    pub fn names(&self) -> Vec<&str> {
        let own = self.own.iter().map(|dialect| dialect.name.as_str());
        let mut names: Vec<&str> = own.chain(NAMES.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Every dialect, the user's own first.
    pub fn all(&self) -> Vec<Arc<Dialect>> {
        let others = NAMES.iter().filter(|name| !self.is_own(name));
        let others = others.filter_map(|name| shipped(name));
        self.own.iter().cloned().chain(others).collect()
    }
}
