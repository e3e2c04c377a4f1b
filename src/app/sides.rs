//! Streams side by side: a column for each, as many as have room, the others behind them.
//!
//! The focused column is the list itself, narrowed to its stream. The others have no place of their own: they show what
//! came until then, so that what stands at the bottom of all columns came at about the same time.

use ratatui::layout::{Position, Rect};

use super::{App, Pane, Panes, events::Rows};
use crate::{
    event::StreamId,
    keymap::Action,
    store::{Listing, Store},
};

/// What is told where there is no room, or nothing to put beside.
const NEEDS: &str = "side by side needs 120 columns, 16 lines and two streams";
/// Columns of the screen that a stream takes at least.
const LEAST: u16 = 48;

/// Which stream of those side by side has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Its number, from 0.
    pub focused: u16,
    /// The first one in view so far.
    pub first: u16,
}

/// Where the columns stand; none unless streams are side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides {
    /// All of them.
    pub area: Rect,
    first: u16,
    count: u16,
}

impl Sides {
    /// As many columns as have room in an area. The first stream in view changes only as far as the focused one needs.
    pub fn new(area: Rect, streams: u16, side: Side) -> Self {
        let count = (area.width / LEAST).clamp(1, streams.max(1));
        let least = (side.focused + 1).saturating_sub(count);
        let most = side.focused.min(streams.saturating_sub(count)).max(least);
        Self {
            area,
            first: side.first.clamp(least, most),
            count,
        }
    }

    /// Where the column of a stream stands. All are as wide, so that they show the same.
    pub fn column(&self, stream: u16) -> Rect {
        let count = self.count.max(1);
        let (at, width) = (stream.saturating_sub(self.first), self.area.width / count);
        let left_over = self.area.width - width * count;
        let gaps = (count - 1).max(1);
        Rect {
            x: self.area.x + width * at + left_over * at / gaps,
            width,
            ..self.area
        }
    }

    /// The streams that have a column.
    pub fn streams(&self) -> impl Iterator<Item = StreamId> + use<> {
        (self.first..self.first + self.count).map(StreamId)
    }

    /// The stream whose column is at a place of the screen.
    pub fn at(&self, place: Position) -> Option<StreamId> {
        self.streams()
            .find(|stream| self.column(stream.0).contains(place))
    }
}

/// Whether streams stand side by side, and what the columns list that are not focused.
#[derive(Default)]
pub(super) struct Others {
    on: bool,
    /// The first stream in view.
    first: u16,
    listings: Vec<Listing>,
    /// Whether a listing is behind the store.
    pub(super) behind: bool,
}

impl Others {
    fn of(&self, stream: StreamId) -> Option<&Listing> {
        let mut all = self.listings.iter();
        all.find(|listing| listing.selection().stream == Some(stream))
    }

    fn advance(&mut self, store: &Store, limit: usize) {
        self.behind = false;
        for listing in &mut self.listings {
            self.behind |= listing.advance(store, limit);
        }
    }
}

impl App {
    /// Puts the streams side by side, or into one list again.
    pub(super) fn toggle_sides(&mut self) {
        if self.others.on {
            return self.narrow(None);
        }
        if self.streams.len() < 2 || !self.panes().wide {
            return self.tell(NEEDS);
        }
        self.others.on = true;
        self.detail.open = false;
        self.focus = Pane::Events;
        self.narrow(Some(self.target().0.into()));
    }

    /// The stream whose column has the focus while streams stand side by side.
    pub(super) fn side(&self) -> Option<Side> {
        let stream = self.list.stream().filter(|_| self.others.on)?;
        Some(Side {
            focused: stream.0,
            first: self.others.first,
        })
    }

    /// Goes to the next column, or the one before; past the last to the next pane, and from there to the first.
    pub(super) fn next_column(&mut self, action: Action) {
        let by = if action == Action::PreviousPane {
            -1
        } else {
            1
        };
        let columns = self.panes().sides.count;
        let here = self
            .side()
            .filter(|_| self.focus == Pane::Events && columns > 0);
        let next = here.and_then(|side| usize::from(side.focused).checked_add_signed(by));
        if let Some(next) = next.filter(|next| *next < self.streams.len()) {
            return self.narrow(Some(next));
        }
        self.turn_focus(by);
        if columns > 0 && self.focus == Pane::Events {
            let last = self.streams.len() - 1;
            self.narrow(Some(if by > 0 { 0 } else { last }));
        }
    }

    /// After the list was narrowed: the choice stays near where it was. A list of all streams has no columns.
    pub(super) fn narrowed(&mut self) {
        if self.list.stream().is_none() {
            self.others = Others::default();
        } else if self.others.on {
            self.list.choose_near();
        }
    }

    /// Lists what the columns beside the focused one show, and looks at what came since.
    pub(super) fn settle_sides(&mut self, panes: &Panes, limit: usize) {
        let mut known = std::mem::take(&mut self.others.listings);
        let streams = panes.sides.streams();
        for stream in streams.filter(|stream| self.list.stream() != Some(*stream)) {
            let wanted = self.list.selection_of(stream);
            let at = known
                .iter()
                .position(|listing| *listing.selection() == wanted);
            let listing = at.map_or_else(|| Listing::new(wanted), |at| known.swap_remove(at));
            self.others.listings.push(listing);
        }
        self.others.first = panes.sides.first;
        self.others.advance(&self.store, limit);
    }

    /// The rows of a stream's column: of one that is not focused those until the next row that the focused one has out
    /// of view.
    pub fn side_rows(&self, stream: StreamId, panes: &Panes) -> Rows<'_> {
        match self.others.of(stream) {
            Some(listing) => {
                let below = self.in_view(self.rows_area(panes)).end;
                let rows = self.list.rows();
                let out_of_view = (below < rows.count).then(|| rows.seq(below)).flatten();
                Rows::until(listing, out_of_view.or_else(|| self.list.held_at()))
            }
            None => self.list.rows(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_apart_on_the_screen_and_the_focused_one_is_there() {
        for (width, streams) in (48..300)
            .step_by(7)
            .flat_map(|width| [(width, 1), (width, 9)])
        {
            let area = Rect::new(3, 2, width, 20);
            for (focused, first) in (0..streams).flat_map(|at| [(at, 0), (at, 8)]) {
                let sides = Sides::new(area, streams, Side { focused, first });
                let columns: Vec<_> = sides.streams().map(|at| sides.column(at.0)).collect();
                assert_eq!(
                    columns.len(),
                    usize::from(width / LEAST).min(streams.into())
                );
                assert!(sides.streams().any(|at| at.0 == focused));
                assert!(sides.streams().all(|at| at.0 < streams));
                assert!(columns.windows(2).all(|two| two[0].right() <= two[1].x));
                assert!(columns.iter().all(|column| area.union(*column) == area));
                assert!(columns.iter().all(|column| column.width >= LEAST));
            }
        }
    }
}
