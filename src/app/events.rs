//! The list of events: what it shows, where it stands, what is held back.
//!
//! Place and choice are event numbers, not rows, so they stay where they are while events arrive and are let go.

use std::ops::Range;

use super::search::Search;
use crate::{
    event::StreamId,
    store::{Listing, Selection, Seq, Store},
};

/// The list's state.
pub struct EventList {
    stream: Option<StreamId>,
    /// Whether heartbeats are left out.
    folded: bool,
    all: Listing,
    /// The search, while there is one.
    pub search: Option<Search>,
    /// Whether the newest event is kept in view.
    follow: bool,
    /// Where the pause began: nothing from here on is shown.
    held_at: Option<Seq>,
    cursor: Option<Seq>,
    top: Seq,
    seen: Seq,
    /// Columns by which payloads are shifted to the left.
    pub shift: usize,
    /// Whether a listing is behind the store.
    behind: bool,
}

/// What the list is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The newest event is kept in view.
    Following,
    /// It stands still, this many new events are below.
    Detached(usize),
    /// It is paused, this many events are held back.
    Paused(usize),
}

impl EventList {
    /// A list of all streams that follows; `folded`: without heartbeats.
    pub fn new(folded: bool) -> Self {
        let mut list = Self {
            stream: None,
            folded,
            all: Listing::default(),
            search: None,
            follow: true,
            held_at: None,
            cursor: None,
            top: Seq(0),
            seen: Seq(0),
            shift: 0,
            behind: false,
        };
        list.look_anew();
        list
    }

    /// The stream it is narrowed to.
    pub fn stream(&self) -> Option<StreamId> {
        self.stream
    }

    /// Narrows it to a stream, or widens it to all.
    pub fn narrow(&mut self, stream: Option<StreamId>) {
        self.stream = stream;
        self.look_anew();
        if let Some(search) = &mut self.search {
            search.aim(stream);
        }
        self.behind = true;
    }

    /// Whether heartbeats are left out.
    pub const fn is_folded(&self) -> bool {
        self.folded
    }

    /// Leaves heartbeats out, or shows them.
    pub fn fold(&mut self, folded: bool) {
        self.folded = folded;
        self.look_anew();
    }

    fn look_anew(&mut self) {
        self.all = Listing::new(Selection {
            stream: self.stream,
            query: None,
            folded: self.folded,
        });
        self.behind = true;
    }

    /// Takes in what the store got since, looking at `limit` events at most.
    pub fn advance(&mut self, store: &Store, limit: usize) {
        let all = self.all.advance(store, limit);
        let hits = match &mut self.search {
            Some(search) => search.advance(store, limit),
            None => false,
        };
        self.behind = all || hits;
    }

    /// Whether there is more to look at.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    fn listing(&self) -> &Listing {
        match &self.search {
            Some(search) if search.only => search.hits(),
            _ => &self.all,
        }
    }

    /// How many events can be shown.
    pub fn count(&self) -> usize {
        let listing = self.listing();
        self.held_at
            .map_or_else(|| listing.len(), |seq| before(listing, seq))
    }

    /// The event in a row, counted from the oldest that is shown.
    pub fn seq(&self, index: usize) -> Option<Seq> {
        self.listing().seq(index)
    }

    /// The rows that are in view.
    pub fn window(&self, height: usize) -> Range<usize> {
        let len = self.count();
        let start = match self.cursor {
            Some(_) => before(self.listing(), self.top).min(len),
            None => len.saturating_sub(height),
        };
        start..len.min(start + height)
    }

    /// The chosen event.
    pub fn cursor(&self) -> Option<Seq> {
        self.cursor
    }

    /// What it is doing.
    pub fn standing(&self) -> Standing {
        let listing = self.listing();
        match self.held_at {
            Some(seq) => Standing::Paused(listing.len() - before(listing, seq)),
            None if self.follow => Standing::Following,
            None => Standing::Detached(listing.len() - before(listing, self.seen)),
        }
    }

    /// Pauses, or lets what was held back come into view.
    pub fn toggle_pause(&mut self, end: Seq) {
        self.held_at = match self.held_at {
            Some(_) => None,
            None => Some(end),
        };
    }

    /// Keeps the newest event in view from now on.
    pub fn follow(&mut self) {
        self.follow = true;
        self.cursor = None;
    }

    /// Whether no event is chosen and the newest is kept in view.
    pub fn is_following(&self) -> bool {
        self.follow
    }

    /// Moves the choice by rows. From no choice it starts below the newest.
    pub fn step(&mut self, rows: isize) {
        let len = self.count();
        let at = self
            .cursor
            .map_or(len, |cursor| before(self.listing(), cursor));
        self.choose(at.saturating_add_signed(rows).min(len.saturating_sub(1)));
    }

    /// Chooses the event in a row.
    pub fn choose(&mut self, index: usize) {
        let Some(seq) = self.seq(index).filter(|_| index < self.count()) else {
            return;
        };
        if self.follow {
            let bottom = self.count();
            self.seen = self.seq(bottom.saturating_sub(1)).map_or(seq, next);
            self.follow = false;
        }
        self.cursor = Some(seq);
    }

    /// Moves what is in view by rows. The choice stays on its event while that is in view, else at the edge; past the
    /// newest event the list follows again.
    pub fn scroll(&mut self, rows: isize, height: usize) {
        let len = self.count();
        let last = len.saturating_sub(height);
        let window = self.window(height);
        if rows > 0 && window.start >= last {
            return self.follow();
        }
        let start = window.start.saturating_add_signed(rows).min(last);
        if start == window.start {
            return;
        }
        let at = self
            .cursor
            .map_or(len, |cursor| before(self.listing(), cursor));
        self.choose(at.clamp(start, (start + height).min(len).saturating_sub(1)));
        self.top = self.seq(start).unwrap_or(self.top);
    }

    /// Chooses the next hit of the search, or the one before. Returns whether there is one.
    pub fn step_hit(&mut self, forward: bool) -> bool {
        let Some(search) = &self.search else {
            return false;
        };
        let Some(seq) = search.beside(self.cursor, forward, self.held_at) else {
            return false;
        };
        self.choose(before(self.listing(), seq));
        true
    }

    /// Brings the choice into view and forgets what is gone.
    pub fn settle(&mut self, height: usize, first: Seq) {
        self.seen = self.seen.max(first);
        let Some(cursor) = self.cursor else {
            return;
        };
        let len = self.count();
        let at = before(self.listing(), cursor).min(len.saturating_sub(1));
        let Some(seq) = self.seq(at) else {
            return;
        };
        if cursor < first {
            self.cursor = Some(seq);
        }
        let top = before(self.listing(), self.top)
            .max((at + 1).saturating_sub(height))
            .min(at)
            .min(len.saturating_sub(height));
        self.top = self.seq(top).unwrap_or(seq);
        if let Some(bottom) = self.seq((top + height).min(len).saturating_sub(1)) {
            self.seen = self.seen.max(next(bottom));
        }
    }
}

/// How many listed events come before `seq`.
pub(super) fn before(listing: &Listing, seq: Seq) -> usize {
    let at = listing.nearest(seq);
    match listing.seq(at) {
        Some(found) if found < seq => at + 1,
        Some(_) => at,
        None => listing.len(),
    }
}

const fn next(seq: Seq) -> Seq {
    Seq(seq.0 + 1)
}
