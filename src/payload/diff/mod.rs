//! What is different between two payloads: values of JSON by their paths, or else pieces such as lines.
//!
//! Everything is bounded: what is larger is not compared, and long arrays are compared item by item in their order.

mod align;
mod json;

use super::path::Path;
pub use json::values;

/// Larger payloads are not compared.
pub const MOST_BYTES: usize = 1 << 20;
/// More pieces than these are not compared.
pub const MOST_PIECES: usize = 4096;
/// More differences than these are not told.
const MOST_CHANGES: usize = 2000;

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference<C> {
    /// What changed, in the order of the later payload.
    pub changes: Vec<C>,
    /// How many values or pieces are the same; what is the same as a whole counts once.
    pub same: usize,
    /// Whether there is more than is told.
    pub cut: bool,
}

impl<C> Default for Difference<C> {
    fn default() -> Self {
        Self {
            changes: Vec::new(),
            same: 0,
            cut: false,
        }
    }
}

/// A value that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// Where it stands.
    pub path: Path,
    /// What was there, as it was written.
    pub old: Option<&'a [u8]>,
    /// What is there now, as it was written.
    pub new: Option<&'a [u8]>,
}

/// A piece that went or came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<T> {
    /// It is not there any more.
    Removed(T),
    /// It was not there before.
    Added(T),
}

/// The difference of two payloads in pieces; `None`: there are too many.
pub fn pieces<T: Copy + Eq + std::hash::Hash>(
    old: &[T],
    new: &[T],
) -> Option<Difference<Piece<T>>> {
    if old.len().max(new.len()) > MOST_PIECES {
        return None;
    }
    let mut difference = Difference::default();
    for step in align::align(old, new) {
        match step {
            (Some(_), Some(_)) => difference.same += 1,
            (Some(at), None) => difference.changes.push(Piece::Removed(old[at])),
            (None, Some(at)) => difference.changes.push(Piece::Added(new[at])),
            (None, None) => {}
        }
    }
    difference.cut = difference.changes.len() > MOST_CHANGES;
    difference.changes.truncate(MOST_CHANGES);
    Some(difference)
}

#[cfg(test)]
mod tests;
