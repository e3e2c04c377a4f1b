//! The search: a line that is typed, and the events that hold it.

use tui_input::Input;

use super::events::before;
use crate::{
    event::StreamId,
    store::{Listing, Query, Selection, Seq, Store},
};

/// A search under way.
pub struct Search {
    /// What is typed.
    pub line: Input,
    /// Whether only hits are shown; else all events, hits marked.
    pub only: bool,
    stream: Option<StreamId>,
    hits: Listing,
}

impl Search {
    /// An empty search among the events of a stream, or of all.
    pub fn new(stream: Option<StreamId>) -> Self {
        Self {
            line: Input::default(),
            only: true,
            stream,
            hits: listing(stream, ""),
        }
    }

    /// What is searched for.
    pub fn text(&self) -> &str {
        self.line.value()
    }

    /// Looks again, after the line changed.
    pub fn renew(&mut self) {
        self.hits = listing(self.stream, self.line.value());
    }

    /// Searches another stream.
    pub fn aim(&mut self, stream: Option<StreamId>) {
        self.stream = stream;
        self.renew();
    }

    /// Looks at events that came since, `limit` at most. Returns whether there is more.
    pub fn advance(&mut self, store: &Store, limit: usize) -> bool {
        self.hits.advance(store, limit)
    }

    /// The events that hold the text.
    pub fn hits(&self) -> &Listing {
        &self.hits
    }

    /// The hit after or before an event, or the newest when none is given; nothing from `end` on counts.
    pub fn beside(&self, seq: Option<Seq>, forward: bool, end: Option<Seq>) -> Option<Seq> {
        let count = end.map_or_else(|| self.hits.len(), |end| before(&self.hits, end));
        let at = match seq {
            None => count.checked_sub(1)?,
            Some(seq) if forward => before(&self.hits, Seq(seq.0 + 1)),
            Some(seq) => before(&self.hits, seq).checked_sub(1)?,
        };
        if at < count { self.hits.seq(at) } else { None }
    }
}

fn listing(stream: Option<StreamId>, text: &str) -> Listing {
    Listing::new(Selection {
        stream,
        query: Query::new(text),
        folded: false,
    })
}
