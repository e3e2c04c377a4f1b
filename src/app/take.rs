//! How the screen takes what it is told.

use super::{App, Input, Overlay, Pane};
use crate::{
    event::{Answer, Event, EventKind, Lifecycle, Verification},
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
            Input::Export(answer) => self.export_answered(answer),
            Input::Verified(token, verification) => {
                if let Overlay::SignIn(dialog) = &mut self.overlay {
                    dialog.verified(token, verification);
                }
            }
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
                if let Lifecycle::Answer(answer) = &**lifecycle {
                    self.answered(event.stream, answer);
                }
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
                let seq = self.store.push(event);
                self.note_pins(seq);
            }
        }
        self.list.advance(&self.store, SLICE);
        self.advance_alerts();
    }

    pub(super) fn tick(&mut self, before: Now) {
        if self.list.is_behind() {
            self.list.advance(&self.store, SLICE);
            self.changed = true;
        }
        self.advance_alerts();
        self.changed |= self.others.behind;
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
        self.settle_pins();
        let panes = self.panes();
        if !panes.shown().any(|pane| pane == self.focus) {
            self.focus = Pane::Events;
        }
        self.settle_sign_in();
        self.settle_sides(&panes, SLICE);
        let area = self.rows_area(&panes);
        self.settle_columns(area);
        self.settle_list(area);
        self.settle_detail();
    }
}

/// Whether an event stands in the list. States and steps of a link do not: they stand in the lifecycle pane.
fn is_listed(kind: &EventKind) -> bool {
    match kind {
        EventKind::Message(..) => true,
        EventKind::Lifecycle(lifecycle) => match &**lifecycle {
            Lifecycle::Ended(_)
            | Lifecycle::Answer(Answer::Unsent(_) | Answer::Refused(_) | Answer::Told(_))
            | Lifecycle::Gap(_)
            | Lifecycle::Renewed
            | Lifecycle::Unrenewed { .. }
            | Lifecycle::Dropped(_)
            | Lifecycle::Note(_)
            | Lifecycle::Recognised(_) => true,
            Lifecycle::Verified(facts) => {
                matches!(facts.verification, Some(Verification::Failed(_)))
            }
            _ => false,
        },
    }
}
