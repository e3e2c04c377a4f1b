//! The screen as a value: what is shown, what is chosen, what is typed.
//!
//! Feed it with [`App::handle`], take what it wants with [`App::poll`] until `None`, call it again with [`Input::Tick`]
//! when [`App::deadline`] has passed, and draw it when [`App::take_changed`] says so. It owns the store: having it
//! alone (`&mut`) is the concurrency control. It knows no terminal, no socket and no clock.

mod act;
mod alerts;
mod attention;
mod audit;
mod banner;
mod border;
mod brief;
mod close;
mod columns;
mod compose;
mod copy;
mod detail;
mod dialogs;
mod events;
mod explain;
mod export;
mod filters;
mod glyphs;
mod hand;
mod help;
mod inspect;
mod layers;
mod layout;
mod log;
mod mouse;
mod overlay;
mod palette;
mod pins;
mod play;
pub mod preview;
mod recording;
mod reveal;
mod role;
mod search;
mod secret_line;
mod setup;
mod sides;
mod sign_in;
mod stream;
mod take;
pub mod text;
mod tour;
mod types;
mod words;
mod wrap;

use std::{collections::VecDeque, time::Duration};

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::{
    event::{Lifecycle, StreamId},
    keymap::{Action, Mode},
    store::{Body, Seq, Store},
    time::{Mono, Now},
};

pub use self::{
    alerts::Alerts,
    banner::banner,
    border::{ExportAnswer, ExportStep, Input, NewExport, Output},
    brief::{brief, clock, life_role, state_role, strip, verified_role},
    close::Close,
    compose::Compose,
    copy::Clip,
    detail::{Detail, Form, Picture, picture},
    events::{
        Cell, ColumnList, Columns, EventList, InView, Lines, Marks, Placed, Rows, Standing,
        TimeForm, age, message_lines, since, value, wrapped_turn,
    },
    export::{Export, Row as ExportRow, Scope, State as ExportState},
    glyphs::Glyphs,
    inspect::{Subject, lines as inspect_lines},
    layers::{Layer, Layers},
    layout::{Pane, Panes, Wanted, Zoom, below, first_in_view, inside_box},
    log::{Log, Turn},
    mouse::{Gesture, Mouse},
    overlay::{Overlay, Page},
    palette::{Choice, Entry, Palette},
    pins::Pin,
    play::Play,
    recording::{Recording, RecordingNews, Recordings},
    role::{PageLine, Role},
    search::Search,
    secret_line::SecretLine,
    setup::{Look, Setup, StreamSetup, ThemeName},
    sides::{Side, Sides},
    sign_in::SignIn,
    stream::{BARS, Level, Life, StreamState},
    types::{Order, TypeTable},
    words::{event_number, grouped, size, time_of_day},
    wrap::words as wrap_words,
};
use self::{audit::Audit, compose::Desk};

/// How long a notice stands.
const NOTICE: Duration = Duration::from_secs(4);

/// The screen.
pub struct App {
    /// What was told at the start.
    pub setup: Setup,
    /// The streams, in the order of their ids.
    pub streams: Vec<StreamState>,
    /// All events.
    pub store: Store,
    /// The list of events.
    pub list: EventList,
    /// The turns in the streams' lives.
    pub log: Log,
    /// What was and is recorded.
    pub recordings: Recordings,
    /// What became of the authentications.
    audit: Audit,
    /// The event in which nothing is masked.
    revealed: Option<Seq>,
    /// The detail pane.
    pub detail: Detail,
    /// The values that are pinned, in the order of the keys that did it.
    pub pins: Vec<Pin>,
    /// What lies over the panes.
    pub overlay: Overlay,
    /// The order and the choice in the table of types.
    pub types: TypeTable,
    /// Filters of which every match is announced.
    pub alerts: Alerts,
    /// Where the keys go.
    pub focus: Pane,
    /// Whether the focused pane has all the room.
    pub zoom: Zoom,
    /// What stands beside the focused stream.
    others: sides::Others,
    /// Whether the mouse is ours; else the terminal's.
    pub mouse: bool,
    /// What was written to each stream.
    desks: Vec<Desk>,
    /// What the demo plays.
    pub play: Option<Play>,
    /// Whether nothing was played in the demo so far.
    pub is_new_to_demo: bool,
    notice: Option<(String, Mono)>,
    size: (u16, u16),
    now: Now,
    outputs: VecDeque<Output>,
    changed: bool,
}

impl App {
    /// A screen without events, of 80 columns and 24 lines.
    pub fn new(setup: Setup) -> Self {
        Self {
            streams: setup
                .streams
                .iter()
                .cloned()
                .map(StreamState::new)
                .collect(),
            store: store(&setup),
            list: list(&setup),
            log: Log::default(),
            revealed: None,
            recordings: Recordings::default(),
            audit: Audit::new(
                setup
                    .streams
                    .iter()
                    .map(|stream| stream.audit.clone())
                    .collect(),
            ),
            detail: Detail::default(),
            pins: Vec::new(),
            overlay: Overlay::None,
            types: TypeTable::default(),
            alerts: Alerts::default(),
            focus: Pane::Events,
            zoom: Zoom::default(),
            others: sides::Others::default(),
            mouse: setup.mouse,
            desks: hand::desks(setup.streams.len()),
            play: None,
            is_new_to_demo: setup.demo.is_some(),
            notice: None,
            size: (80, 24),
            now: Now::default(),
            outputs: VecDeque::new(),
            changed: true,
            setup,
        }
    }

    /// Tells the screen what happened at `now`.
    pub fn handle(&mut self, input: Input, now: Now) {
        let before = self.now;
        self.now = now;
        if before == Now::default() {
            // Only now it is known what time it is.
            self.apply_profile_filters();
            self.begin_profile_alerts();
        }
        self.drop_notice();
        match input {
            Input::Tick => self.tick(before),
            input => {
                self.changed = true;
                self.take(input);
            }
        }
        self.settle();
    }

    /// What it wants next; `None`: nothing until the next input.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When it wants [`Input::Tick`]: at once while a listing is behind, else when a clock on the screen moves on.
    /// `None`: nothing changes by itself.
    pub fn deadline(&self) -> Option<Mono> {
        if self.list.is_behind() || self.others.behind || self.alerts.are_behind(&self.store) {
            return Some(self.now.mono);
        }
        let clocks = self.streams.iter().any(|stream| stream.has_clock(self.now));
        let playing = self.play.as_ref().is_some_and(|play| !play.is_held());
        let second = || self.now.wall.0.rem_euclid(1_000_000).unsigned_abs();
        let ages = (self.list.time == TimeForm::Age && self.list.count() > 0)
            || matches!(self.overlay, Overlay::Types);
        (clocks || playing || ages || self.notice.is_some()).then(|| {
            self.now
                .mono
                .after(Duration::from_micros(1_000_000 - second()))
        })
    }

    /// Whether something that is shown may have changed since this was last asked.
    pub fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// What the keys are for.
    pub fn mode(&self) -> Mode {
        match self.overlay {
            Overlay::None => Mode::Watch,
            Overlay::Search => Mode::Search,
            Overlay::Filters(_) => Mode::Filters,
            Overlay::Columns(_) => Mode::Columns,
            Overlay::Types => Mode::Types,
            Overlay::Name(..) => Mode::Name,
            Overlay::Export(_) => Mode::Export,
            Overlay::SignIn(_) => Mode::SignIn,
            Overlay::Compose(_) => Mode::Compose,
            Overlay::Close(_) => Mode::Close,
            Overlay::Palette(_) => Mode::Palette,
            Overlay::Demo(_) => Mode::Demo,
            Overlay::Page(..) => Mode::Help,
            Overlay::Confirm(_) => Mode::Confirm,
        }
    }

    /// Whether an action makes sense here.
    pub fn offers(&self, mode: Mode, action: Action) -> bool {
        match action {
            Action::Up | Action::Down if mode == Mode::SignIn => {
                matches!(&self.setup.demo, Some(menu) if !menu.samples.is_empty())
            }
            Action::Fetch => match &self.overlay {
                Overlay::SignIn(dialog) => self.fetches(dialog.stream),
                _ => self
                    .streams
                    .iter()
                    .any(|stream| stream.setup.source.is_some()),
            },
            Action::Demo | Action::Tour | Action::TourNext | Action::TourLeave => {
                self.setup.demo.is_some()
            }
            action if mode == Mode::Export => self.export_offers(action),
            Action::NextPane if matches!(mode, Mode::SignIn | Mode::Compose) => {
                self.streams.len() > 1
            }
            Action::Message => self.has_messages(),
            Action::Stream | Action::AllStreams | Action::SideBySide => self.streams.len() > 1,
            _ => true,
        }
    }

    fn fetches(&self, stream: StreamId) -> bool {
        self.stream(stream)
            .is_some_and(|state| state.setup.source.is_some())
    }

    /// Whether the focused pane has all the room.
    pub const fn is_zoomed(&self) -> bool {
        matches!(self.zoom, Zoom::In)
    }

    /// Where everything stands.
    pub fn panes(&self) -> Panes {
        self.panes_for(self.size.0, self.size.1)
    }

    /// Where everything would stand on a screen of this size.
    pub fn panes_for(&self, width: u16, height: u16) -> Panes {
        let wanted = Wanted {
            streams: self.streams.len() as u16,
            detail: self.detail.open,
            banner: banner(self, self.now, (width, height)).len() as u16,
            footer: self.footer_lines(),
            focus: self.focus,
            zoom: self.zoom,
            side: self.side(),
        };
        Panes::new(width, height, wanted)
    }

    /// A stream.
    pub fn stream(&self, stream: StreamId) -> Option<&StreamState> {
        self.streams.get(usize::from(stream.0))
    }

    /// A stream's name.
    pub fn stream_name(&self, stream: StreamId) -> &str {
        self.stream(stream).map_or("", |state| &state.setup.name)
    }

    /// Columns for the streams' names in a list: as many as the longest takes, 16 at most.
    pub fn name_width(&self) -> usize {
        let names = self.streams.iter().map(|state| state.setup.name.width());
        names.max().unwrap_or(0).min(16)
    }

    /// The first stream in a pane of this height; the one that is shown is in view.
    pub fn first_stream(&self, height: usize) -> usize {
        let shown = self.shown().map_or(0, |stream| usize::from(stream.0));
        first_in_view(shown, height)
    }

    /// The one stream that is shown, if it is one.
    pub fn shown(&self) -> Option<StreamId> {
        let only = (self.streams.len() == 1).then_some(StreamId(0));
        self.list.stream().or(only)
    }

    /// How many heartbeats of what is shown are left out of the list; `None`: there are none, or they are shown.
    pub fn heartbeats_left_out(&self) -> Option<u64> {
        let shown = self.shown();
        let streams = self.streams.iter().enumerate();
        let counted =
            streams.filter(|(at, _)| shown.is_none_or(|shown| usize::from(shown.0) == *at));
        let count = counted.map(|(_, state)| state.heartbeats).sum();
        (self.list.is_folded() && count > 0).then_some(count)
    }

    /// The stream that commands go to: the one shown, else that of the chosen event, else one that needs the user.
    pub fn target(&self) -> StreamId {
        let chosen = || Some(self.store.row(self.list.cursor()?)?.stream);
        self.shown()
            .or_else(chosen)
            .or_else(|| self.pressing())
            .unwrap_or_default()
    }

    /// The first stream that needs the user, else the first that is not live.
    fn pressing(&self) -> Option<StreamId> {
        let first = |wanted: fn(&StreamState) -> bool| {
            let at = self.streams.iter().position(wanted)?;
            Some(StreamId(at as u16))
        };
        first(|stream| stream.status.needs_user())
            .or_else(|| first(|stream| !stream.status.is_live()))
    }

    /// The turn that is chosen, in the lifecycle pane or in the list.
    pub fn chosen_lifecycle(&self) -> Option<&Lifecycle> {
        if self.focus == Pane::Lifecycle {
            return self.log.chosen().map(|turn| &turn.lifecycle);
        }
        match self.store.row(self.list.cursor()?)?.body {
            Body::Lifecycle(lifecycle) => Some(lifecycle),
            Body::Message { .. } => None,
        }
    }

    /// Whether the help page has something to explain first.
    pub fn explains(&self) -> bool {
        self.chosen_lifecycle().is_some() || attention::explains(self)
    }

    /// The signs to draw.
    pub fn glyphs(&self) -> &'static Glyphs {
        Glyphs::of(self.setup.look.ascii)
    }

    /// What the bottom line tells in place of the keys.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|(text, _)| text.as_str())
    }

    fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some((text.into(), self.now.mono.after(NOTICE)));
    }

    /// The whole screen.
    fn area(&self) -> Rect {
        Rect::new(0, 0, self.size.0, self.size.1)
    }
}

/// The list as the profiles want it.
fn list(setup: &Setup) -> EventList {
    let mut list = EventList::new(setup.streams.iter().any(|stream| stream.heartbeats));
    let wanted = setup.streams.iter().flat_map(|stream| &stream.columns);
    list.columns = ColumnList::new(wanted);
    list
}

/// An empty store that knows where the streams' messages state their types.
fn store(setup: &Setup) -> Store {
    let most = setup.most_events.map_or(u64::MAX, u64::from);
    let mut store = Store::new(setup.budget).at_most(most);
    for (index, stream) in setup.streams.iter().enumerate() {
        store.map(
            StreamId(u16::try_from(index).unwrap_or(u16::MAX)),
            &stream.event,
        );
    }
    store
}
