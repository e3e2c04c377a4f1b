//! What the mouse does: the wheel moves what is under it, a click chooses, a click on the chosen does what enter does.

use ratatui::layout::{Position, Rect};

use super::{App, Output, Overlay, Page, Pane, Panes, brief, first_in_view};
use crate::keymap::Action;

/// Lines that one notch of the wheel moves by.
const NOTCH: isize = 3;

/// What the mouse did, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// The column, from 0.
    pub column: u16,
    /// The row, from 0.
    pub row: u16,
    /// What was done there.
    pub gesture: Gesture,
}

/// What a mouse can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gesture {
    /// The first button was pressed.
    Click,
    /// The wheel was turned away from the user.
    WheelUp,
    /// The wheel was turned towards the user.
    WheelDown,
}

impl Gesture {
    /// Lines to move by, and the action that does so in a list of choices; `None`: a click.
    const fn wheel(self) -> Option<(isize, Action)> {
        match self {
            Self::Click => None,
            Self::WheelUp => Some((-NOTCH, Action::Up)),
            Self::WheelDown => Some((NOTCH, Action::Down)),
        }
    }
}

impl App {
    /// Gives the mouse back to the terminal, or takes it.
    pub(super) fn toggle_mouse(&mut self) {
        self.mouse = !self.mouse;
        self.outputs.push_back(Output::Mouse(self.mouse));
        self.tell(if self.mouse {
            "mouse on: wheel and clicks come here; shift-drag selects text"
        } else {
            "mouse off: it is the terminal's"
        });
    }

    /// The mouse did something. What comes after it was given back is late, and ignored.
    pub(super) fn mouse(&mut self, mouse: Mouse) {
        if !self.mouse {
            return;
        }
        let place = Position::new(mouse.column, mouse.row);
        match (&self.overlay, mouse.gesture.wheel()) {
            (Overlay::None | Overlay::Search, None) => self.click(place),
            (Overlay::None | Overlay::Search, Some((rows, _))) => self.wheel(place, rows),
            (Overlay::Page(..), Some((_, action))) => self.help(action),
            (Overlay::Palette(_), Some((_, action))) => self.palette(action),
            (Overlay::Demo(_), Some((_, action))) => self.demo(action),
            (Overlay::Palette(_), None) => self.click_palette(place),
            (Overlay::Demo(_), None) => self.click_menu(place),
            (Overlay::Filters(_), Some((_, action))) => self.filters(action),
            (Overlay::Columns(_), Some((_, action))) => self.columns(action),
            (Overlay::Types, Some((_, action))) => self.types(action),
            (
                Overlay::Page(..)
                | Overlay::Export(_)
                | Overlay::SignIn(_)
                | Overlay::Compose(_)
                | Overlay::Close(_)
                | Overlay::Confirm(_)
                | Overlay::Filters(_)
                | Overlay::Columns(_)
                | Overlay::Types
                | Overlay::Name(..),
                _,
            ) => {}
        }
    }

    fn wheel(&mut self, place: Position, rows: isize) {
        let panes = self.panes();
        match panes.at(place) {
            Some(Pane::Events) => self.scroll_events(rows),
            Some(Pane::Detail) => self.step_detail(rows),
            Some(Pane::Lifecycle) => {
                self.focus = Pane::Lifecycle;
                self.log.step(self.list.stream(), rows);
            }
            Some(Pane::Streams) | None => {}
        }
    }

    fn click(&mut self, place: Position) {
        let panes = self.panes();
        if panes.strip.contains(place) {
            return self.click_strip(usize::from(place.x), panes.strip);
        }
        let column = panes.sides.at(place);
        if let Some(stream) = column.filter(|stream| self.list.stream() != Some(*stream)) {
            self.focus = Pane::Events;
            return self.narrow(Some(stream.0.into()));
        }
        let Some(pane) = panes.at(place) else {
            return;
        };
        let was_focused = std::mem::replace(&mut self.focus, pane) == pane;
        let area = panes.inside(pane);
        let area = match pane {
            Pane::Events => self.rows_area(&panes),
            _ => area,
        };
        let Some(row) = row(area, place) else {
            return;
        };
        let height = usize::from(area.height);
        match pane {
            Pane::Events => self.click_event(row, area),
            Pane::Streams => self.click_stream(self.first_stream(height) + row),
            Pane::Lifecycle => self.click_turn(row, height, was_focused),
            Pane::Detail => self.click_detail(row),
        }
    }

    fn click_event(&mut self, row: usize, area: Rect) {
        let Some(index) = self.event_at(area, row) else {
            return;
        };
        if self.list.cursor().is_some() && self.list.cursor() == self.list.seq(index) {
            self.open_event();
        } else {
            self.list.choose(index);
            self.detail.scroll = 0;
        }
    }

    fn click_strip(&mut self, column: usize, area: Rect) {
        let (streams, _) = brief::strip(self, self.now, area.width.into());
        let found = streams
            .iter()
            .find(|(_, columns, _)| columns.contains(&column));
        if let Some((stream, ..)) = found {
            self.click_stream(usize::from(stream.0));
        }
    }

    /// Only this stream; or all again, when it is the only one already.
    fn click_stream(&mut self, at: usize) {
        if at < self.streams.len() {
            let only = self.list.stream().map(|stream| usize::from(stream.0));
            self.narrow((only != Some(at)).then_some(at));
        }
    }

    fn click_turn(&mut self, row: usize, height: usize, was_focused: bool) {
        let turns = self.log.in_view(self.list.stream(), height, was_focused);
        let Some(turn) = turns.get(row).map(|turn| turn.id) else {
            return;
        };
        if was_focused && self.log.cursor == Some(turn) {
            self.overlay = Overlay::Page(Page::Help, 0);
        }
        self.log.cursor = Some(turn);
    }

    fn click_palette(&mut self, place: Position) {
        let (frame, _, list) = Panes::palette(self.area());
        let Overlay::Palette(palette) = &self.overlay else {
            return;
        };
        let (at, count) = (palette.at, palette.entries(self).len());
        match picked(list, place, at, count) {
            Some(picked) if picked == at => self.palette(Action::Accept),
            Some(picked) => {
                if let Overlay::Palette(palette) = &mut self.overlay {
                    palette.at = picked;
                }
            }
            None if !frame.contains(place) => self.overlay = Overlay::None,
            None => {}
        }
    }

    fn click_menu(&mut self, place: Position) {
        let scenarios = self.setup.demo.as_ref().map(|menu| menu.scenarios.len());
        let count = scenarios.unwrap_or(0);
        let (frame, list, _) = Panes::menu(self.area(), count);
        let Overlay::Demo(at) = self.overlay else {
            return;
        };
        match picked(list, place, at, count) {
            Some(picked) if picked == at => self.play_scenario(at),
            Some(picked) => self.overlay = Overlay::Demo(picked),
            None if !frame.contains(place) => self.overlay = Overlay::None,
            None => {}
        }
    }
}

/// The row of an area, from its top.
fn row(area: Rect, place: Position) -> Option<usize> {
    area.contains(place).then(|| usize::from(place.y - area.y))
}

/// The entry at a place of a list that keeps the chosen one in view.
fn picked(list: Rect, place: Position, chosen: usize, count: usize) -> Option<usize> {
    let first = first_in_view(chosen, list.height.into());
    row(list, place)
        .map(|row| first + row)
        .filter(|at| *at < count)
}
