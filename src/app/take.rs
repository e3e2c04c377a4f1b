//! How the screen takes what it is told.

use super::{App, Input, Pane};
use crate::{
    event::{Event, EventKind, Lifecycle},
    time::Now,
};

/// What a listing may cost in one go, in units of about 20 nanoseconds: a few milliseconds.
pub(super) const SLICE: usize = 150_000;

impl App {
    pub(super) fn take(&mut self, input: Input) {
        match input {
            Input::Batch(events) => self.batch(&events),
            Input::Wire(stream, total) => {
                if let Some(state) = self.streams.get_mut(usize::from(stream.0)) {
                    state.wire = total;
                }
            }
            Input::Key(chord) => self.key(chord),
            Input::Paste(text) => self.typed(text.expose()),
            Input::Mouse(mouse) => self.mouse(mouse),
            Input::Resize(width, height) => self.size = (width, height),
            Input::Sample(name, token) => self.fill(&name, &token),
            Input::Recording(news) => self.heed_recording(news),
            Input::Notice(text) => self.tell(text),
            Input::Tick => {}
        }
    }

    fn batch(&mut self, events: &[Event]) {
        for event in events {
            if let Some(stream) = self.streams.get_mut(usize::from(event.stream.0)) {
                stream.note(event);
            }
            self.audit.note(event);
            if let EventKind::Lifecycle(lifecycle) = &event.kind {
                if let Lifecycle::Recognised(recognised) = &**lifecycle {
                    self.store.map(event.stream, &recognised.map);
                    if recognised.heartbeats {
                        self.list.fold(true);
                    }
                }
                self.log
                    .push(event.at, event.stream, lifecycle, &self.setup.zone);
            }
            if is_listed(&event.kind) {
                self.store.push(event);
            }
        }
        self.list.advance(&self.store, SLICE);
    }

    pub(super) fn tick(&mut self, before: Now) {
        if self.list.is_behind() {
            self.list.advance(&self.store, SLICE);
            self.changed = true;
        }
        self.changed |= before.wall.seconds() != self.now.wall.seconds();
    }

    /// Drops a notice that has stood long enough; in a flood no tick comes to do it.
    pub(super) fn drop_notice(&mut self) {
        if matches!(self.notice, Some((_, until)) if until <= self.now.mono) {
            self.notice = None;
            self.changed = true;
        }
    }

    /// Brings choices back in line with what there is.
    pub(super) fn settle(&mut self) {
        self.play_on();
        self.settle_reveal();
        let panes = self.panes();
        if !panes.shown().any(|pane| pane == self.focus) {
            self.focus = Pane::Events;
        }
        self.settle_list(panes.inside(Pane::Events));
        self.settle_detail();
    }
}

/// Whether an event stands in the list. States and steps of a link do not: they stand in the lifecycle pane.
fn is_listed(kind: &EventKind) -> bool {
    match kind {
        EventKind::Message(..) => true,
        EventKind::Lifecycle(lifecycle) => matches!(
            **lifecycle,
            Lifecycle::Ended(_)
                | Lifecycle::Gap(_)
                | Lifecycle::Renewed
                | Lifecycle::Unrenewed { .. }
                | Lifecycle::Dropped(_)
                | Lifecycle::Note(_)
                | Lifecycle::Recognised(_)
        ),
    }
}
