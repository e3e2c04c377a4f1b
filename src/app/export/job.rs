//! The events of an export, in slices: the next is made when the last one was written, so neither the screen nor the disk
//! waits for the other.

use std::ops::Range;

use super::{
    super::{App, ExportStep, take::SLICE},
    Scope,
};
use crate::{
    event::{Event, EventKind},
    store::{Selection, Seq},
};

/// Bytes of payload in a slice, about.
const BYTES: usize = 1 << 18;
/// What an event counts for besides its payload.
const EVENT: usize = 256;

/// Events that are to be written.
pub struct Job {
    wanted: Wanted,
    /// Where it began.
    first: Seq,
    /// Where it is, and where it ends: events that come later are not written.
    left: Range<Seq>,
    /// How many events were sent.
    pub sent: u64,
    /// How many there were to write, as far as was known when it began.
    pub total: u64,
    /// How many events were let go before they were looked at.
    gone: u64,
    /// Whether the end was sent.
    ending: bool,
}

enum Wanted {
    Of(Selection),
    These(Vec<Seq>),
}

impl Job {
    /// The events of a scope that there are now.
    pub(super) fn new(app: &App, scope: Scope) -> Self {
        let first = app.store.first();
        let end = match scope {
            Scope::Listed => app.list.held_at().unwrap_or_else(|| app.store.end()),
            Scope::All | Scope::Marked => app.store.end(),
        };
        Self {
            wanted: match scope {
                Scope::Listed => Wanted::Of(app.list.let_through().selection().clone()),
                Scope::All => Wanted::Of(Selection::default()),
                Scope::Marked => Wanted::These(app.list.marks.iter().collect()),
            },
            first,
            left: first..end.max(first),
            sent: 0,
            total: app.export_count(scope),
            gone: 0,
            ending: false,
        }
    }

    /// How much of what there is was looked at, in percent.
    pub fn percent(&self) -> u64 {
        let done = self.left.start.0 - self.first.0;
        let all = self.left.end.0 - self.first.0;
        (done * 100).checked_div(all).unwrap_or(100)
    }

    /// Events before this one were let go.
    fn skip_to(&mut self, first: Seq) {
        let to = first.clamp(self.left.start, self.left.end);
        let gone = self.left.start..to;
        self.gone += match &self.wanted {
            Wanted::Of(_) => gone.end.0 - gone.start.0,
            Wanted::These(marked) => marked.iter().filter(|seq| gone.contains(seq)).count() as u64,
        };
        self.left.start = to;
    }

    /// How many events were let go before they were looked at.
    pub(super) const fn gone(&self) -> u64 {
        self.gone
    }

    /// Whether nothing more is to be written.
    pub(super) const fn is_ending(&self) -> bool {
        self.ending
    }

    /// The next slice, or the end.
    pub(super) fn step(&mut self, app: &App) -> ExportStep {
        if self.left.is_empty() {
            self.ending = true;
            return ExportStep::End;
        }
        self.skip_to(app.store.first());
        let (found, end) = match &self.wanted {
            Wanted::Of(selection) => selection.part(&app.store, self.left.clone(), SLICE),
            Wanted::These(marked) => {
                let from = marked.partition_point(|seq| *seq < self.left.start);
                (marked[from..].to_vec(), self.left.end)
            }
        };
        let (events, end) = slice(app, &found, end);
        self.left.start = end;
        self.sent += events.len() as u64;
        ExportStep::Events(events)
    }
}

/// The first of these events, and where the next slice begins.
fn slice(app: &App, found: &[Seq], end: Seq) -> (Vec<Event>, Seq) {
    let mut events = Vec::new();
    let mut bytes = 0;
    for seq in found {
        if bytes > BYTES {
            return (events, *seq);
        }
        if let Some(event) = app.event_to_export(*seq, false) {
            bytes += EVENT + payload(&event);
            events.push(event);
        }
    }
    (events, end)
}

fn payload(event: &Event) -> usize {
    match &event.kind {
        EventKind::Message(_, _, message) => message.data.len(),
        EventKind::Lifecycle(_) => 0,
    }
}
