//! Alerts on the screen: which messages matched, which of them were not looked at yet, and what the keys do.
//!
//! A filter may be slow, so that events are looked at in slices, as lists do it.

use std::{collections::VecDeque, rc::Rc};

use super::{App, Output, Pane, take::SLICE};
use crate::{
    alert::{Announcement, Pace},
    event::StreamId,
    filter::Filter,
    payload::escape::escape,
    places::Part,
    profile::Alert,
    store::{Body, Selection, Seq, Store},
};

/// Matches that are remembered, to be marked and gone to.
const KEPT: usize = 10_000;
/// Alerts at once.
const MOST: usize = 9;

/// The alerts, and what they found.
#[derive(Debug, Default)]
pub struct Alerts {
    list: Vec<Watch>,
    found: Found,
}

/// The messages that matched.
#[derive(Debug, Default)]
struct Found {
    /// The newest, rising.
    seqs: VecDeque<Seq>,
    /// How many matched since the user looked.
    unseen: u64,
}

impl Found {
    fn add(&mut self, mut found: Vec<Seq>) {
        self.unseen += found.len() as u64;
        if self.seqs.back() >= found.first() {
            // Another alert was ahead.
            found.extend(self.seqs.drain(..));
            found.sort_unstable();
            found.dedup();
        }
        self.seqs.extend(found);
        let gone = self.seqs.len().saturating_sub(KEPT);
        self.seqs.drain(..gone);
    }

    fn forget(&mut self, first: Seq) {
        let gone = self.seqs.partition_point(|seq| *seq < first);
        self.seqs.drain(..gone);
    }
}

/// An alert, and how far it has looked.
#[derive(Debug)]
struct Watch {
    alert: Alert,
    selection: Selection,
    next: Seq,
    pace: Pace,
    /// The newest match, until it is announced or held back.
    newest: Option<Seq>,
}

impl Watch {
    fn new(alert: Alert, (stream, filter): (Option<StreamId>, Rc<Filter>), next: Seq) -> Self {
        Self {
            pace: Pace::new(alert.every),
            alert,
            selection: Selection {
                stream,
                filters: vec![filter],
                folded: false,
            },
            next,
            newest: None,
        }
    }

    /// Looks at events that came since, at a cost of `limit` at most, and gives the messages that match.
    fn advance(&mut self, store: &Store, limit: usize) -> Vec<Seq> {
        let from = self.next.max(store.first());
        let (mut found, next) = self.selection.part(store, from..store.end(), limit);
        self.next = next;
        found.retain(|seq| is_message(store, *seq));
        self.newest = found.last().copied().or(self.newest);
        found
    }
}

fn is_message(store: &Store, seq: Seq) -> bool {
    let row = store.row(seq);
    row.is_some_and(|row| matches!(row.body, Body::Message { .. }))
}

impl Alerts {
    /// Whether a message matched.
    pub fn has(&self, seq: Seq) -> bool {
        self.found.seqs.binary_search(&seq).is_ok()
    }

    /// How many messages matched that were not looked at yet.
    pub const fn unseen(&self) -> u64 {
        self.found.unseen
    }

    /// Whether there is an alert on this filter.
    pub fn watches(&self, text: &str) -> bool {
        self.list.iter().any(|watch| watch.alert.when == text)
    }

    /// Whether there are events that were not looked at.
    pub(super) fn are_behind(&self, store: &Store) -> bool {
        self.list.iter().any(|watch| watch.next < store.end())
    }
}

impl App {
    /// Begins the alerts of the profiles.
    pub(super) fn begin_profile_alerts(&mut self) {
        for at in 0..self.streams.len() {
            let Some(alert) = self.streams[at].setup.alert.clone() else {
                continue;
            };
            match Filter::new(&alert.when, &self.context()) {
                Ok(filter) => {
                    let asked = (Some(StreamId(at as u16)), Rc::new(filter));
                    self.alerts.list.push(Watch::new(alert, asked, Seq(0)));
                }
                Err(faults) => {
                    let message = faults.first().map_or("", |fault| &fault.message);
                    self.tell(format!("this alert cannot be given: {message}"));
                }
            }
        }
    }

    /// Looks for matches among what came, and announces them.
    pub(super) fn advance_alerts(&mut self) {
        let mut alerts = std::mem::take(&mut self.alerts);
        alerts.found.forget(self.store.first());
        for watch in &mut alerts.list {
            let found = watch.advance(&self.store, SLICE);
            let matches = found.len() as u64;
            self.changed |= matches > 0;
            alerts.found.add(found);
            if let Some(held) = watch.pace.pass(self.now.mono, matches)
                && let Some(newest) = watch.newest.take()
            {
                self.announce(&watch.alert, newest, held);
            }
        }
        self.alerts = alerts;
        self.give_up_broken_alerts();
    }

    /// A filter that was given up finds nothing any more; nobody is to rely on it.
    fn give_up_broken_alerts(&mut self) {
        let why = |watch: &Watch| watch.selection.filters.iter().find_map(|one| one.broken());
        let broken = self
            .alerts
            .list
            .iter()
            .position(|watch| why(watch).is_some());
        if let Some(watch) = broken.map(|at| self.alerts.list.remove(at)) {
            let when = escape(&watch.alert.when).into_owned();
            let why = why(&watch).unwrap_or_default();
            self.tell(format!("alert ended: {when} was given up: {why}"));
        }
    }

    fn announce(&mut self, alert: &Alert, seq: Seq, held: u64) {
        let Some(row) = self.store.row(seq) else {
            return;
        };
        let Body::Message {
            type_name, data, ..
        } = row.body
        else {
            return;
        };
        let id = self.store.part(&row, Part::Id);
        let announced = Announcement::new(
            (alert, self.stream_name(row.stream)),
            (type_name.map(str::as_bytes), id.as_deref()),
            (data, held),
        );
        self.tell(announced.words());
        self.outputs
            .push_back(Output::Announce(Box::new(announced)));
    }

    /// The newest filter that is on becomes an alert, or no longer; without one the newest alert is ended.
    pub(super) fn toggle_alert(&mut self) {
        let on = self.list.layers().iter().filter(|layer| layer.on).last();
        let Some(layer) = on else {
            return self.end_newest_alert();
        };
        let (text, filter) = (layer.text.clone(), layer.filter().clone());
        if self.alerts.watches(&text) {
            self.alerts.list.retain(|watch| watch.alert.when != text);
            return self.ended_alert(&text);
        }
        if self.alerts.list.len() >= MOST + self.streams.len() {
            return self.tell(format!("there are {MOST} alerts already: end one first"));
        }
        let alert = Alert {
            notify: true,
            ..Alert::on(&*text)
        };
        self.tell(format!("alert on: {}", escape(&text)));
        let asked = (self.list.stream(), filter);
        self.alerts
            .list
            .push(Watch::new(alert, asked, self.store.end()));
    }

    fn end_newest_alert(&mut self) {
        match self.alerts.list.pop() {
            Some(watch) => self.ended_alert(&watch.alert.when),
            None => self.tell("there is no filter to alert on: type one first"),
        }
    }

    fn ended_alert(&mut self, text: &str) {
        if self.alerts.list.is_empty() {
            self.alerts.found = Found::default();
        }
        self.tell(format!("alert ended: {}", escape(text)));
    }

    /// Chooses the newest message that matched, then the ones before; all are looked at with that.
    pub(super) fn go_to_alert(&mut self) {
        let fresh = std::mem::take(&mut self.alerts.found.unseen) > 0;
        let from = self.list.cursor().filter(|_| !fresh);
        let before = |seq: &Seq| from.is_none_or(|from| *seq < from);
        let found = self.alerts.found.seqs.iter().rev().copied();
        if self.list.choose_listed(found.filter(before)) {
            self.focus = Pane::Events;
            self.detail.scroll = 0;
        } else if self.alerts.list.is_empty() {
            self.tell("there is no alert: type a filter, then a");
        } else if self.alerts.found.seqs.is_empty() {
            self.tell("no message matched an alert yet");
        } else {
            self.tell("no earlier alert is listed");
        }
    }
}
