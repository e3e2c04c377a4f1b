//! What keys do: from a chord to an action to a change.

use tui_input::{Input as Line, InputRequest};

use super::{App, Output, Overlay, Page, Palette, Pane, Panes, take::SLICE};
use crate::{
    event::{Status, StreamId},
    keymap::{Action, Chord, Mode},
    session::Command,
};

/// Columns by which payloads are shifted at once.
const SHIFT: usize = 8;

impl App {
    /// A key was pressed.
    pub(super) fn key(&mut self, chord: Chord) {
        // What was told is read by now, and the keys that stand in its place are wanted.
        self.notice = None;
        match (self.setup.keymap.find(self.mode(), chord), chord.text()) {
            (Some((action, place)), _) => self.perform(action, place),
            (None, Some(c)) => self.typed(c.encode_utf8(&mut [0; 4])),
            (None, None) => {}
        }
    }

    /// Text was typed or pasted.
    pub(super) fn typed(&mut self, text: &str) {
        match &mut self.overlay {
            Overlay::SignIn(dialog) => dialog.push(text),
            Overlay::Search => {
                if let Some(line) = self.list.line() {
                    insert(line, text);
                }
                self.search_changed();
            }
            Overlay::Name(line, _) => insert(line, text),
            Overlay::Compose(_) => self.write(text),
            Overlay::Close(close) => insert(&mut close.line, text),
            Overlay::Export(export) => export.typed(text),
            Overlay::Palette(palette) => {
                insert(&mut palette.line, text);
                palette.at = 0;
            }
            Overlay::Demo(_) => self.play_key(text),
            Overlay::None
            | Overlay::Page(..)
            | Overlay::Confirm(_)
            | Overlay::Filters(_)
            | Overlay::Columns(_)
            | Overlay::Types => {}
        }
    }

    pub(super) fn perform(&mut self, action: Action, place: usize) {
        match (action, self.mode()) {
            (Action::Quit, _) => self.outputs.push_back(Output::Quit),
            (Action::Suspend, _) => self.outputs.push_back(Output::Suspend),
            (Action::Redraw, _) => self.outputs.push_back(Output::Redraw),
            (_, Mode::Watch) => self.watch(action, place),
            (_, Mode::Search) => self.search(action),
            (_, Mode::SignIn) => self.sign_in(action),
            (_, Mode::Compose) => self.compose(action),
            (_, Mode::Close) => self.close(action),
            (_, Mode::Filters) => self.filters(action),
            (_, Mode::Columns) => self.columns(action),
            (_, Mode::Types) => self.types(action),
            (_, Mode::Name) => self.name(action),
            (_, Mode::Export) => self.export(action),
            (_, Mode::Palette) => self.palette(action),
            (_, Mode::Demo) => self.demo(action),
            (_, Mode::Help) => self.help(action),
            (_, Mode::Confirm) => self.confirm(action),
        }
    }

    fn watch(&mut self, action: Action, place: usize) {
        match action {
            Action::Down => self.step(1),
            Action::Up => self.step(-1),
            Action::PageDown => self.step(self.page()),
            Action::PageUp => self.step(-self.page()),
            Action::Top => self.step(isize::MIN),
            Action::Bottom => self.bottom(),
            Action::Left => self.sideways(-1),
            Action::Right => self.sideways(1),
            Action::NextPane | Action::PreviousPane => self.next_column(action),
            Action::SideBySide => self.toggle_sides(),
            Action::Open => self.open(),
            Action::Back => self.back(),
            Action::Stream => self.narrow(Some(place)),
            Action::AllStreams => self.narrow(None),
            Action::Search => self.begin_search(),
            Action::Filters => self.open_filters(),
            Action::ToggleFilter => self.toggle_filter(place),
            Action::Types => self.overlay = Overlay::Types,
            Action::Alert => self.toggle_alert(),
            Action::GoToAlert => self.go_to_alert(),
            Action::OnlyHits => self.only_hits(),
            Action::NextHit => self.step_hit(true),
            Action::PreviousHit => self.step_hit(false),
            Action::Heartbeats => self.toggle_heartbeats(),
            Action::Pause => self.list.toggle_pause(self.store.end()),
            Action::Follow => self.toggle_follow(),
            Action::Form
            | Action::Difference
            | Action::FoldAll
            | Action::UnfoldAll
            | Action::FilterValue
            | Action::NextEvent
            | Action::PreviousEvent => self.detail(action),
            Action::Reveal => self.toggle_reveal(),
            Action::Copy => self.copy(false),
            Action::CopyPlace => self.copy(true),
            Action::Export => self.begin_export(),
            Action::Connection => self.toggle_connection(),
            Action::Audit => self.overlay = Overlay::Page(Page::Audit, 0),
            Action::Palette => self.overlay = Overlay::Palette(Palette::default()),
            Action::Help => self.overlay = Overlay::Page(Page::Help, 0),
            _ => self.stream_or_demo(action),
        }
    }

    fn stream_or_demo(&mut self, action: Action) {
        match action {
            Action::SignIn => self.begin_sign_in(),
            Action::Fetch => self.command(Command::Fetch, "the token is fetched again"),
            Action::Reconnect => self.command(Command::Reconnect, "reconnecting now"),
            Action::Hold => self.hold(),
            Action::Compose => self.begin_compose(),
            Action::Ping => self.ping(),
            Action::Close => self.begin_close(),
            Action::Stop => self.overlay = Overlay::Confirm(self.target()),
            Action::Demo if self.setup.demo.is_some() => self.overlay = Overlay::Demo(0),
            Action::Tour => self.toggle_tour(),
            Action::TourNext => self.next_step(),
            Action::TourLeave => self.play = None,
            Action::Mouse => self.toggle_mouse(),
            Action::Record => self.toggle_recording(),
            _ => drop(self.read_events(action)),
        }
    }

    fn page(&self) -> isize {
        let panes = self.panes();
        let height = match self.focus {
            Pane::Events => self.rows_area(&panes).height,
            other => panes.inside(other).height,
        };
        isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1)
    }

    fn step(&mut self, rows: isize) {
        match self.focus {
            Pane::Events => self.list.step(rows),
            Pane::Lifecycle => self.log.step(self.list.stream(), rows),
            Pane::Detail => self.step_detail(rows),
            Pane::Streams => self.step_stream(rows),
        }
    }

    fn bottom(&mut self) {
        match self.focus {
            Pane::Events => self.list.follow(),
            _ => self.step(isize::MAX),
        }
    }

    fn sideways(&mut self, by: isize) {
        if self.focus == Pane::Detail {
            self.sideways_in_detail(by);
        } else {
            let columns = by.saturating_mul(SHIFT.cast_signed());
            self.list.shift = self.list.shift.saturating_add_signed(columns);
        }
    }

    /// Steps through: all streams, the first, the second …
    fn step_stream(&mut self, rows: isize) {
        let at = self
            .list
            .stream()
            .map_or(0, |stream| usize::from(stream.0) + 1);
        let to = at.saturating_add_signed(rows).min(self.streams.len());
        self.narrow(to.checked_sub(1));
    }

    pub(super) fn narrow(&mut self, stream: Option<usize>) {
        if stream.is_some_and(|at| at >= self.streams.len()) {
            return self.tell(match self.streams.len() {
                1 => "there is only 1 stream".into(),
                count => format!("there are only {count} streams"),
            });
        }
        self.list.narrow(stream.map(|at| StreamId(at as u16)));
        self.list.advance(&self.store, SLICE);
        self.narrowed();
    }

    pub(super) fn turn_focus(&mut self, by: isize) {
        // Those that would be there without the zoom: it goes along.
        let zoom = std::mem::take(&mut self.zoom);
        let shown: Vec<_> = self.panes().shown().collect();
        self.zoom = zoom;
        let at = shown.iter().position(|pane| *pane == self.focus);
        let to = at.unwrap_or(0).cast_signed() + by;
        let to = to.rem_euclid(shown.len().max(1).cast_signed());
        self.focus = shown.get(to.unsigned_abs()).copied().unwrap_or_default();
        if self.focus == Pane::Lifecycle && self.log.chosen().is_none() {
            self.log.step(self.list.stream(), 0);
        }
    }

    fn open(&mut self) {
        match self.focus {
            Pane::Events => self.open_event(),
            Pane::Lifecycle => self.overlay = Overlay::Page(Page::Help, 0),
            Pane::Streams => self.focus = Pane::Events,
            Pane::Detail => self.turn_fold(),
        }
    }

    pub(super) fn open_event(&mut self) {
        if self.list.cursor().is_none() {
            self.list.step(0);
        }
        self.open_detail(false);
    }

    fn open_detail(&mut self, connection: bool) {
        self.detail.connection = connection;
        self.detail.open = true;
        self.detail.rewind();
        if !self.panes().wide || self.is_zoomed() {
            self.focus = Pane::Detail;
        }
    }

    fn toggle_connection(&mut self) {
        if self.detail.open && self.detail.connection {
            self.back();
        } else {
            self.open_detail(true);
        }
    }

    /// Leaves the innermost thing: the detail pane, another pane, the search.
    fn back(&mut self) {
        if self.detail.open {
            self.detail.open = false;
            self.detail.connection = false;
            self.focus = Pane::Events;
        } else if self.focus != Pane::Events {
            self.focus = Pane::Events;
        } else {
            self.drop_filter();
        }
    }

    fn toggle_heartbeats(&mut self) {
        self.list.fold(!self.list.is_folded());
        self.list.advance(&self.store, SLICE);
    }

    fn toggle_follow(&mut self) {
        if self.list.is_following() {
            self.list.step(0);
        } else {
            self.list.follow();
        }
    }

    fn command(&mut self, command: Command, done: &str) {
        let stream = self.target();
        self.tell(format!("{}: {done}", self.stream_name(stream)));
        self.outputs.push_back(Output::Command(stream, command));
    }

    fn hold(&mut self) {
        let waits = self
            .stream(self.target())
            .is_some_and(|stream| matches!(stream.status, Status::Waiting(_)));
        if waits {
            self.command(Command::Hold, "the next attempt is held back");
        } else {
            self.tell(format!(
                "{}: no attempt is waiting",
                self.stream_name(self.target())
            ));
        }
    }

    fn confirm(&mut self, action: Action) {
        let Overlay::Confirm(stream) = self.overlay else {
            return;
        };
        self.overlay = Overlay::None;
        if action == Action::Accept {
            self.outputs
                .push_back(Output::Command(stream, Command::Stop));
        }
    }

    pub(super) fn help(&mut self, action: Action) {
        let Overlay::Page(page, scroll) = self.overlay else {
            return;
        };
        let lines = page.lines(self, Panes::help_width(self.area())).len();
        let (_, area) = Panes::help(self.area(), lines);
        let height = usize::from(area.height);
        let rows = match action {
            Action::Down => 1,
            Action::Up => -1,
            Action::PageDown => height.cast_signed(),
            Action::PageUp => -height.cast_signed(),
            Action::Top => isize::MIN,
            Action::Bottom => isize::MAX,
            _ => return self.overlay = Overlay::None,
        };
        let most = lines.saturating_sub(height);
        self.overlay = Overlay::Page(page, scroll.saturating_add_signed(rows).min(most));
    }
}

pub(super) fn insert(line: &mut Line, text: &str) {
    for c in text.chars().filter(|c| !c.is_control()).take(1000) {
        line.handle(InputRequest::InsertChar(c));
    }
}

pub(super) fn edit(line: &mut Line, action: Action) {
    let request = match action {
        Action::Erase => InputRequest::DeletePrevChar,
        Action::EraseWord => InputRequest::DeletePrevWord,
        Action::Clear => InputRequest::DeleteLine,
        Action::Left => InputRequest::GoToPrevChar,
        Action::Right => InputRequest::GoToNextChar,
        Action::Top => InputRequest::GoToStart,
        Action::Bottom => InputRequest::GoToEnd,
        _ => return,
    };
    line.handle(request);
}
