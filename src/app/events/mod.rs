//! The list of events: what it shows, where it stands, what is held back.
//!
//! Place and choice are event numbers, not rows, so they stay where they are while events arrive and are let go.

mod columns;
mod keys;
mod marks;
mod row;
mod rows;
mod time_form;
mod values;
mod window;

pub use self::{
    columns::{ColumnList, Placed},
    marks::Marks,
    row::{Cell, Columns, message_lines, wrapped_turn},
    rows::Rows,
    time_form::{TimeForm, age, since},
    values::value,
    window::InView,
};
use super::{
    layers::{Layer, Layers},
    search::{Search, beside},
};
use crate::{
    event::StreamId,
    filter::Context,
    store::{Listing, Selection, Seq, Store},
};

/// The list's state.
pub struct EventList {
    stream: Option<StreamId>,
    /// Whether heartbeats are left out.
    folded: bool,
    all: Listing,
    /// The filters that are kept.
    layers: Layers,
    /// The filter that is typed.
    search: Option<Search>,
    shown: Shown,
    /// Whether the newest event is kept in view.
    follow: bool,
    /// Where the pause began: nothing from here on is shown.
    held_at: Option<Seq>,
    cursor: Option<Seq>,
    top: Seq,
    seen: Seq,
    /// Columns by which payloads are shifted to the left.
    pub shift: usize,
    /// The columns before the payload.
    pub columns: ColumnList,
    /// How times are told.
    pub time: TimeForm,
    /// How payloads that are longer than a line are shown.
    pub lines: Lines,
    /// The events that were marked.
    pub marks: Marks,
    /// Whether a listing is behind the store.
    behind: bool,
}

/// Which events are shown while there are filters.
#[derive(Clone, Copy)]
enum Shown {
    /// Those that they let through.
    Hits,
    /// All, hits marked.
    All,
}

/// How payloads that are longer than a line are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lines {
    /// Cut at the end of the line.
    #[default]
    Cut,
    /// In further lines.
    Wrapped,
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
            layers: Layers::default(),
            search: None,
            shown: Shown::Hits,
            follow: true,
            held_at: None,
            cursor: None,
            top: Seq(0),
            seen: Seq(0),
            shift: 0,
            columns: ColumnList::default(),
            time: TimeForm::default(),
            lines: Lines::default(),
            marks: Marks::default(),
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
        self.layers.aim(stream);
        self.aim();
    }

    /// Looks again after something changed that the filters stand on.
    fn aim(&mut self) {
        if let Some(search) = &mut self.search {
            search.aim(&self.layers);
        }
        self.behind = true;
    }

    /// The filters that are kept.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// The filter that is typed.
    pub fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// The line in which a filter is typed.
    pub(super) fn line(&mut self) -> Option<&mut tui_input::Input> {
        self.search.as_mut().map(|search| &mut search.line)
    }

    /// Opens the line.
    pub(super) fn begin_search(&mut self) {
        self.search = Some(Search::new(&self.layers));
        self.behind = true;
    }

    /// Opens the line on a layer.
    pub(super) fn edit_layer(&mut self, at: usize, context: &Context) {
        if let Some(layer) = self.layers.remove(at) {
            self.search = Some(Search::edit(at, layer, &self.layers));
            self.typed(context);
        }
    }

    /// The line changed.
    pub(super) fn typed(&mut self, context: &Context) {
        if let Some(search) = &mut self.search {
            search.renew(&self.layers, context);
        }
        self.behind = true;
    }

    /// Closes the line and keeps its filter.
    pub(super) fn keep_search(&mut self) {
        if let Some((at, layer)) = self.search.take().and_then(Search::layer) {
            self.insert_layer(at, layer);
        }
        self.behind = true;
    }

    /// Closes the line as if nothing had been typed.
    pub(super) fn drop_search(&mut self) {
        if let Some((at, layer)) = self.search.take().and_then(Search::replaced) {
            self.insert_layer(at, layer);
        }
        self.behind = true;
    }

    /// Puts a filter above the others, or at its place among them.
    pub(super) fn insert_layer(&mut self, at: usize, layer: Layer) {
        self.layers.insert(at, layer);
        self.aim();
    }

    /// Applies a filter, or no longer. Returns whether there is one.
    pub(super) fn toggle_layer(&mut self, at: usize) -> bool {
        let there = self.layers.toggle(at);
        self.aim();
        there
    }

    /// Forgets a filter. Returns whether there was one.
    pub(super) fn remove_layer(&mut self, at: usize) -> bool {
        let there = self.layers.remove(at).is_some();
        self.aim();
        there
    }

    pub(super) fn name_layer(&mut self, at: usize, name: &str) {
        self.layers.name(at, name);
    }

    /// Whether only what the filters let through is shown.
    pub const fn shows_only_hits(&self) -> bool {
        matches!(self.shown, Shown::Hits)
    }

    /// Shows only what the filters let through, or all. Returns whether there is a filter.
    pub(super) fn toggle_only(&mut self) -> bool {
        let there = self.hits().is_some();
        self.shown = match self.shown {
            Shown::Hits if there => Shown::All,
            _ => Shown::Hits,
        };
        there
    }

    /// What the filters let through; `None`: there is none.
    pub fn hits(&self) -> Option<&Listing> {
        let typed = self
            .search
            .as_ref()
            .filter(|search| search.filter().is_some());
        typed.map(Search::hits).or_else(|| self.layers.through())
    }

    /// The texts that are looked for.
    pub fn needles(&self) -> Vec<String> {
        let kept = self
            .layers
            .iter()
            .filter(|layer| layer.on)
            .map(Layer::filter);
        let typed = self.search.as_ref().and_then(Search::filter);
        let texts = kept.chain(typed).flat_map(|filter| filter.expr().texts());
        texts.map(str::to_owned).collect()
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
            filters: Vec::new(),
            folded: self.folded,
        });
        self.behind = true;
    }

    /// Takes in what the store got since, at a cost of `limit` for each listing.
    pub fn advance(&mut self, store: &Store, limit: usize) {
        let all = self.all.advance(store, limit);
        let layers = self.layers.advance(store, limit);
        let hits = match &mut self.search {
            Some(search) => search.advance(store, limit),
            None => false,
        };
        self.behind = all || layers || hits;
    }

    /// Whether there is more to look at.
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    fn listing(&self) -> &Listing {
        let hits = self.hits().filter(|_| self.shows_only_hits());
        hits.unwrap_or(&self.all)
    }

    /// What the filters let through, or without filters what is listed, whether hits alone are shown or not.
    pub(super) fn let_through(&self) -> &Listing {
        self.hits().unwrap_or(&self.all)
    }

    /// How many of these there are, without those that are held back.
    pub(super) fn count_let_through(&self) -> usize {
        Rows::until(self.let_through(), self.held_at).count
    }

    /// Where the pause began.
    pub(super) const fn held_at(&self) -> Option<Seq> {
        self.held_at
    }

    /// The rows that can be shown.
    pub fn rows(&self) -> Rows<'_> {
        Rows::until(self.listing(), self.held_at)
    }

    /// How many events can be shown.
    pub fn count(&self) -> usize {
        self.rows().count
    }

    /// What a list of another stream holds that is filtered as this one is.
    pub(super) fn selection_of(&self, stream: StreamId) -> Selection {
        Selection {
            stream: Some(stream),
            ..self.listing().selection().clone()
        }
    }

    /// The event in a row, counted from the oldest that is shown.
    pub fn seq(&self, index: usize) -> Option<Seq> {
        self.listing().seq(index)
    }

    /// Whether payloads go on in further lines.
    pub const fn wraps(&self) -> bool {
        matches!(self.lines, Lines::Wrapped)
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

    /// Chooses the listed event next to the chosen one, which need not be listed.
    pub(super) fn choose_near(&mut self) {
        match (self.cursor_index(), self.count().checked_sub(1)) {
            (Some(at), Some(last)) => self.choose(at.min(last)),
            (Some(_), None) => self.follow(),
            (None, _) => {}
        }
    }

    /// Brings a row to the top. The choice stays on its event while that is among the rows from there to `last`, else at
    /// the edge.
    fn scroll_to(&mut self, start: usize, last: usize) {
        let at = self.cursor_index().unwrap_or_else(|| self.count());
        self.choose(at.clamp(start, last.max(start)));
        self.top = self.seq(start).unwrap_or(self.top);
    }

    /// The row of the chosen event, or of the one that took its place.
    fn cursor_index(&self) -> Option<usize> {
        self.cursor.map(|cursor| before(self.listing(), cursor))
    }

    /// The row at the top while an event is chosen.
    fn top_index(&self) -> usize {
        before(self.listing(), self.top)
    }

    /// Chooses the next hit of the search, or the one before. Returns whether there is one.
    pub fn step_hit(&mut self, forward: bool) -> bool {
        let hits = self.hits();
        let Some(seq) = hits.and_then(|hits| beside(hits, self.cursor, forward, self.held_at))
        else {
            return false;
        };
        self.choose(before(self.listing(), seq));
        true
    }

    /// Chooses the next marked event that is listed, or the one before. Returns whether there is one.
    fn step_mark(&mut self, forward: bool) -> bool {
        let marks: Vec<_> = self.marks.beside(self.cursor, forward).collect();
        self.choose_listed(marks.into_iter())
    }

    /// Chooses the first of these events that is listed. Returns whether there is one.
    pub(super) fn choose_listed(&mut self, mut events: impl Iterator<Item = Seq>) -> bool {
        let place = |seq: Seq| {
            let at = before(self.listing(), seq);
            (at < self.count() && self.seq(at) == Some(seq)).then_some(at)
        };
        let Some(at) = events.find_map(place) else {
            return false;
        };
        self.choose(at);
        true
    }

    /// Forgets what is gone. Returns the row of the choice.
    fn forget(&mut self, first: Seq) -> Option<usize> {
        self.marks.forget(first);
        self.seen = self.seen.max(first);
        let at = self.cursor_index()?.min(self.count().saturating_sub(1));
        let seq = self.seq(at)?;
        if self.cursor < Some(first) {
            self.cursor = Some(seq);
        }
        Some(at)
    }

    /// Shows the rows from `top` to `last`.
    fn stand(&mut self, top: usize, last: usize) {
        self.top = self.seq(top).unwrap_or(self.top);
        if let Some(bottom) = self.seq(last) {
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
