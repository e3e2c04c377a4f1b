//! The dialect's own timers on a live link: messages sent again and again, the watchdog, paced subscriptions, the age of
//! the link.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{
    machine::{Session, State, Then},
    overlap::Why,
};
use crate::{
    cause::Cause,
    dialect::{Beat, Span, Vars},
    time::{Mono, Now},
};

/// When what is due on a live link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Beats {
    /// The next message of the keepalive.
    at: Option<Mono>,
    /// Whether the last of them is unanswered.
    pub(super) unanswered: bool,
    /// How many subscriptions were begun, and when the next is due.
    pub(super) subscribed: usize,
    /// How many of them the link has already, as it takes up what was there.
    pub(super) kept: usize,
    pub(super) subscribe_at: Option<Mono>,
    /// The subscription whose HTTP call is under way, and until when its answer is awaited.
    pub(super) calling: Option<(usize, Mono)>,
    /// The subscription whose answer has to come before the next, and until when it is awaited.
    pub(super) answering: Option<(usize, Mono)>,
    /// The answers that are due later, by their rows under `[[on]]`, and the last message that they are for.
    pub(super) owed: BTreeMap<usize, (Mono, Value)>,
    /// When the link is old.
    old_at: Option<Mono>,
}

impl Beats {
    /// The link counts as old at this time.
    pub(super) const fn grow_old_at(&mut self, at: Mono) {
        self.old_at = Some(at);
    }

    /// A subscription whose call is unanswered is made again, should the link be gone back to: its answer is not heard
    /// while another link is the present one.
    pub(super) const fn call_again(&mut self, at: Mono) {
        if let Some((number, _)) = self.calling.take() {
            (self.subscribed, self.subscribe_at) = (number, Some(at));
        }
        if self.answering.take().is_some() {
            self.subscribe_at = Some(at);
        }
    }

    pub(super) fn deadline(&self) -> Option<Mono> {
        let awaited = [self.calling, self.answering];
        let [calling, answering] = awaited.map(|awaited| awaited.map(|(_, until)| until));
        let timers = [self.at, self.subscribe_at, self.old_at, calling, answering];
        let owed = self.owed.values().map(|(at, _)| *at);
        timers.into_iter().flatten().chain(owed).min()
    }
}

impl Session {
    /// Sends the subscriptions of a link that has just become live and sets its timers.
    pub(super) fn begin_beats(&mut self, now: Now) {
        let dialect = self.dialect.clone();
        let kept = self.subscribed_already();
        let vars = self.vars(now);
        let length = |span: &Span| span.length(&vars, &Value::Null);
        let first = dialect.keepalive.beat.as_ref().and_then(|beat| {
            let part = if beat.jitter { self.random.f64() } else { 1.0 };
            Some(now.mono.after(interval(beat, &vars)?.mul_f64(part)))
        });
        let age = dialect.life.as_ref().and_then(length);
        let State::Live(live) = &mut self.state else {
            return;
        };
        live.watchdog = dialect.keepalive.within(&vars);
        live.beat = Beats {
            at: first,
            unanswered: false,
            subscribed: 0,
            kept,
            subscribe_at: None,
            calling: None,
            answering: None,
            owed: std::mem::take(&mut live.beat.owed),
            // Early enough that the server does not come first.
            old_at: age.map(|age| now.mono.after(age.mul_f64(0.95))),
        };
        self.subscribe_on(now);
    }

    /// Sets within which time a message must come, by what is known now.
    pub(super) fn set_watchdog(&mut self, now: Now) {
        if self.dialect.keepalive.watchdog.is_some() {
            let within = self.dialect.clone().keepalive.within(&self.vars(now));
            if let State::Live(live) = &mut self.state {
                live.watchdog = within;
            }
        }
    }

    /// When the watchdog gives the link up.
    pub(super) fn watchdog(&self) -> Option<Mono> {
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &self.state else {
            return None;
        };
        Some(live.message_at.after(live.watchdog?))
    }

    /// Does what is due; returns whether the link is still there.
    pub(super) fn beat(&mut self, now: Now) -> bool {
        let State::Live(live) = &self.state else {
            return true;
        };
        let heard = live.message_at;
        let due = |at: Option<Mono>| at.is_some_and(|at| at <= now.mono);
        if self.watchdog().is_some_and(|at| at <= now.mono)
            || due(live.beat.at) && live.beat.unanswered
        {
            self.end_by(Cause::Silence(now.mono.since(heard)), now);
            return false;
        }
        let (link, beat) = (live.link, live.beat.clone());
        let old_at = beat.old_at;
        if due(beat.at) {
            self.send_beat(now);
        }
        self.answer_owed(now);
        self.send_waiting(link, now);
        if due(beat.subscribe_at) {
            self.subscribe_on(now);
        }
        if due(beat.calling.map(|(_, until)| until)) {
            self.give_call_up(link, now);
        }
        if due(beat.answering.map(|(_, until)| until)) {
            self.give_answer_up(now);
        }
        if due(old_at) {
            self.note(
                "the server ends links of this age: a new one is opened",
                now,
            );
            if self.may_overlap() {
                self.open_beside(Why::Moving, self.credential.clone(), now);
            } else {
                self.leave(Then::Open, now);
            }
            return false;
        }
        true
    }

    fn send_beat(&mut self, now: Now) {
        let dialect = self.dialect.clone();
        let vars = self.vars(now);
        let (State::Live(live), Some(beat)) = (&mut self.state, &dialect.keepalive.beat) else {
            return;
        };
        let Some(every) = interval(beat, &vars) else {
            live.beat.at = None;
            return;
        };
        let (link, quiet) = (live.link, live.message_at.after(every));
        if beat.idle && quiet > now.mono {
            live.beat.at = Some(quiet);
            return;
        }
        live.beat.at = Some(now.mono.after(every));
        live.beat.unanswered = beat.answer.is_some();
        self.send_template(link, &beat.send, now);
    }
}

/// The time between two messages of the keepalive. A server that says zero wants none (MQTT 5.0 section 3.1.2.10).
fn interval(beat: &Beat, vars: &Vars) -> Option<Duration> {
    let every = beat.every.length(vars, &Value::Null);
    every.filter(|every| !every.is_zero())
}
