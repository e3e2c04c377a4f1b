//! What the demo plays at the moment: one scenario, or the tour through several.
//!
//! A scenario begins when its stream is live with the right token, and its attempts before are forgotten; until then it
//! is being prepared.

use std::time::Duration;

use super::StreamState;
use crate::{
    event::Status,
    scenario::{Scenario, Script},
    secret::Fingerprint,
    time::{Mono, Now},
};

/// How long an explanation stands outside the tour, at least.
const STAY: u64 = 20;
/// How long a stream may take to get ready.
const READY: Duration = Duration::from_secs(20);

/// More attempts than these would change what comes: delays grow and patience ends. They are counted anew soon.
const FEW: u32 = 1;

/// A scenario under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// Its place in the menu.
    pub scenario: usize,
    /// The step of the tour, from 0; `None` outside the tour.
    pub step: Option<usize>,
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// The stream is not ready yet.
    Preparing(Preparing),
    /// It was begun; its explanation stands until then.
    Playing(Mono),
    /// The tour is held; this much is left of the step.
    Held(Duration),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Preparing {
    /// When it begins in any case.
    latest: Mono,
    /// The demo token that was asked for and did not come yet.
    asked: Option<String>,
    /// The token that was offered for it.
    offered: Option<Fingerprint>,
    /// The attempt that was hurried last; 0: one after a stop.
    hurried: Option<u32>,
}

impl Play {
    /// Prepares a scenario, as a step of the tour or outside it.
    pub fn prepare(
        menu: &Script,
        (scenario, step): (usize, Option<usize>),
        stream: &StreamState,
        now: Mono,
    ) -> Option<Self> {
        let asked = wanted_token(menu, menu.scenarios.get(scenario)?, stream);
        Some(Self {
            scenario,
            step,
            phase: Phase::Preparing(Preparing {
                latest: now.after(READY),
                asked,
                offered: None,
                hurried: None,
            }),
        })
    }

    /// The demo token that has to be made first.
    pub fn asks_for(&self) -> Option<&str> {
        match &self.phase {
            Phase::Preparing(preparing) => preparing.asked.as_deref(),
            _ => None,
        }
    }

    /// The demo token came and is offered to the stream.
    pub fn offers(&mut self, token: Fingerprint) {
        if let Phase::Preparing(preparing) = &mut self.phase {
            preparing.asked = None;
            preparing.offered = Some(token);
        }
    }

    /// Whether its stream waits for an attempt, or has given up, and should connect at once. Told once for each attempt.
    pub fn hurries(&mut self, stream: &StreamState) -> bool {
        let Phase::Preparing(preparing) = &mut self.phase else {
            return false;
        };
        let attempt = match &stream.status {
            Status::Waiting(wait) => wait.attempt,
            Status::Stopped { .. } => 0,
            _ => return false,
        };
        preparing.hurried.replace(attempt) != Some(attempt)
    }

    /// Whether it is being prepared and can begin now.
    pub fn can_begin(&self, stream: &StreamState, now: Mono) -> bool {
        let Phase::Preparing(preparing) = &self.phase else {
            return false;
        };
        let fingerprint = stream
            .credential
            .as_ref()
            .map(|(facts, _)| facts.fingerprint);
        let signed_in = preparing.offered.is_none() || preparing.offered == fingerprint;
        let live = stream.status.is_live() && stream.status != Status::Renewing;
        let settled = live && stream.attempt(now) <= FEW;
        (preparing.asked.is_none() && signed_in && settled) || preparing.latest <= now
    }

    /// It begins.
    pub fn begin(&mut self, scenario: &Scenario, now: Mono) {
        let seconds = if self.step.is_some() {
            scenario.seconds
        } else {
            scenario.seconds.max(STAY)
        };
        self.phase = Phase::Playing(now.after(Duration::from_secs(seconds)));
    }

    /// Holds the tour, or lets it go on. A step that is being prepared cannot be held.
    pub fn toggle(&mut self, now: Mono) {
        self.phase = match &self.phase {
            Phase::Playing(until) => Phase::Held(until.since(now)),
            Phase::Held(left) => Phase::Playing(now.after(*left)),
            Phase::Preparing(_) => return,
        };
    }

    /// Whether the tour is held.
    pub fn is_held(&self) -> bool {
        matches!(self.phase, Phase::Held(_))
    }

    /// Time left for it; `None` while it is being prepared.
    pub fn left(&self, now: Mono) -> Option<Duration> {
        match &self.phase {
            Phase::Preparing(_) => None,
            Phase::Playing(until) => Some(until.since(now)),
            Phase::Held(left) => Some(*left),
        }
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: Now) -> bool {
        matches!(self.phase, Phase::Playing(until) if until <= now.mono)
    }
}

/// The demo token to sign in with first: the one the scenario names; else, for a stream that waits for the user, the
/// first one, or the second one when the user of the first may have lost the right.
fn wanted_token(menu: &Script, scenario: &Scenario, stream: &StreamState) -> Option<String> {
    let place = match &stream.status {
        _ if scenario.offer.is_some() => return scenario.offer.clone(),
        Status::Forbidden { .. } => 1,
        Status::SignInNeeded { .. } => 0,
        _ => return None,
    };
    menu.samples.get(place).map(|sample| sample.name.clone())
}
