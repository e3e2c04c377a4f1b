//! Rows that are shown of a listing: all, or those that came before an event.

use super::before;
use crate::store::{Listing, Seq};

/// Rows of a listing, counted from the oldest.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    listing: &'a Listing,
    /// How many there are.
    pub count: usize,
}

impl<'a> Rows<'a> {
    /// Those before an event; `None`: all.
    pub(in crate::app) fn until(listing: &'a Listing, end: Option<Seq>) -> Self {
        Self {
            listing,
            count: end.map_or_else(|| listing.len(), |seq| before(listing, seq)),
        }
    }

    /// The event in a row.
    pub fn seq(&self, index: usize) -> Option<Seq> {
        self.listing.seq(index)
    }

    /// Whether not all events were looked at yet.
    pub fn is_behind(&self) -> bool {
        self.listing.left() > 0
    }
}
