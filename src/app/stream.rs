//! What is known of a stream, put together from its events.

use std::{
    collections::{HashSet, VecDeque},
    time::Duration,
};

use super::{Rate, StreamSetup};
use crate::{
    event::{CredentialFacts, Ended, Event, EventKind, Lifecycle, OpenFacts, Status},
    message::{Class, Direction},
    secret::Fingerprint,
    time::{Mono, Now, Wall},
};

/// A clock difference up to here is within what whole seconds and the way there can explain.
const SKEW_FLOOR: i64 = 2_000_000;
/// Steps of the bar beside the countdown.
pub const BARS: u8 = 6;

/// Links of which the facts are kept.
const LINKS: usize = 64;

/// A stream as the screen knows it.
#[derive(Clone, Debug)]
pub struct StreamState {
    /// What was told at the start.
    pub setup: StreamSetup,
    /// Its state.
    pub status: Status,
    /// Since when it is live.
    pub live_since: Option<Mono>,
    /// The last attempt that was begun or announced.
    attempt: u32,
    /// The credential in use, and when it was told of.
    pub credential: Option<(CredentialFacts, Wall)>,
    /// The last links, each with when it was open, rising.
    pub links: VecDeque<(Wall, OpenFacts)>,
    /// The last end of a link.
    pub ended: Option<Ended>,
    /// The last round-trip time.
    pub rtt: Option<Duration>,
    /// Messages dropped.
    pub dropped: u64,
    /// Messages received.
    pub received: u64,
    /// How many of them were heartbeats.
    pub heartbeats: u64,
    /// Messages sent.
    pub sent: u64,
    /// Bytes received on the wire.
    pub wire: u64,
    /// Messages received by second.
    pub rate: Rate,
    refused: HashSet<Fingerprint>,
    /// The token that the user offered last.
    offered: Option<Fingerprint>,
}

/// What is left of a token's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// There is no token.
    Absent,
    /// The server refused it, and the user is asked for another one.
    Refused,
    /// The token states no expiry.
    Unstated,
    /// It expires in `left`, which fills `bars` of [`BARS`].
    Left {
        /// Time left.
        left: Duration,
        /// Filled steps of the bar.
        bars: u8,
        /// How pressing it is.
        level: Level,
        /// Whether it is renewed without the user.
        renews: bool,
    },
    /// It expired this long ago.
    Past(Duration),
}

/// How pressing an expiry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Time enough.
    Calm,
    /// Within the margin that warns.
    Warn,
    /// Within the margin that alarms.
    Alarm,
}

impl StreamState {
    /// A stream that has not started.
    pub fn new(setup: StreamSetup) -> Self {
        Self {
            setup,
            status: Status::Idle,
            live_since: None,
            attempt: 0,
            credential: None,
            links: VecDeque::new(),
            ended: None,
            rtt: None,
            dropped: 0,
            received: 0,
            heartbeats: 0,
            sent: 0,
            wire: 0,
            rate: Rate::default(),
            refused: HashSet::new(),
            offered: None,
        }
    }

    /// Takes in what happened.
    pub fn note(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Message(Direction::In, class, _) => {
                self.received += 1;
                self.heartbeats += u64::from(*class == Class::Heartbeat);
                self.rate.add(event.at.mono);
            }
            EventKind::Message(Direction::Out, ..) => self.sent += 1,
            EventKind::Lifecycle(lifecycle) => self.turn(lifecycle, event.at),
        }
    }

    fn turn(&mut self, lifecycle: &Lifecycle, at: Now) {
        match lifecycle {
            Lifecycle::Status(status) => self.enter(status, at.mono),
            Lifecycle::Credential(facts) => self.credential = Some((facts.clone(), at.wall)),
            Lifecycle::Verified(facts) => {
                let told = self.credential.take().map_or(at.wall, |(_, told)| told);
                self.credential = Some((facts.clone(), told));
            }
            Lifecycle::Opened(facts) => self.open(facts, at.wall),
            Lifecycle::Ended(ended) => self.end(ended),
            Lifecycle::Pong(took) => self.rtt = Some(*took),
            Lifecycle::Dropped(count) => self.dropped += count,
            Lifecycle::Recognised(recognised) => {
                self.setup.way.clone_from(&recognised.dialect);
                self.setup.in_place = recognised.in_place;
                self.setup.event.clone_from(&recognised.map);
            }
            Lifecycle::Authenticated(_)
            | Lifecycle::Renewed
            | Lifecycle::Unrenewed { .. }
            | Lifecycle::Gap(_)
            | Lifecycle::Answer(_)
            | Lifecycle::Note(_) => {}
        }
    }

    fn open(&mut self, facts: &OpenFacts, at: Wall) {
        if self.links.len() == LINKS {
            self.links.pop_front();
        }
        self.links.push_back((at, facts.clone()));
    }

    fn enter(&mut self, status: &Status, at: Mono) {
        if !status.is_live() {
            self.live_since = None;
        } else if self.live_since.is_none() {
            self.live_since = Some(at);
        }
        match status {
            Status::Connecting { attempt } => self.attempt = *attempt,
            Status::Waiting(wait) => self.attempt = wait.attempt,
            _ => {}
        }
        self.status = status.clone();
    }

    fn end(&mut self, ended: &Ended) {
        if ended.rule.refuses_token {
            self.refused.extend(self.token_at_stake());
        }
        self.rtt = None;
        self.ended = Some(ended.clone());
    }

    /// The token that a refusal is about: while a new one is offered on the live connection, that one.
    fn token_at_stake(&self) -> Option<Fingerprint> {
        let in_use = self.credential.as_ref().map(|(facts, _)| facts.fingerprint);
        match self.status {
            Status::Renewing => self.offered,
            _ => in_use,
        }
    }

    /// The user offers this token.
    pub fn offers(&mut self, token: Fingerprint) {
        self.offered = Some(token);
    }

    /// Whether the server refused this token on this stream.
    pub fn has_refused(&self, token: Fingerprint) -> bool {
        self.refused.contains(&token)
    }

    /// Attempts since the stream was last stable.
    pub fn attempt(&self, now: Mono) -> u32 {
        match self.live_since {
            Some(since) if now.since(since) >= self.setup.stable => 0,
            _ => self.attempt,
        }
    }

    /// The last link.
    pub fn opened(&self) -> Option<&OpenFacts> {
        self.links.back().map(|(_, facts)| facts)
    }

    /// How far the server's clock is ahead of ours, in microseconds, when that is worth telling.
    pub fn skew(&self) -> Option<i64> {
        let by_link = self.opened().and_then(|facts| facts.skew);
        let by_token = || self.credential.as_ref()?.0.skew;
        let skew = by_link.or_else(by_token)?;
        (skew.abs() > SKEW_FLOOR).then_some(skew)
    }

    /// The calendar time by the server's clock.
    pub fn server_time(&self, now: Wall) -> Wall {
        now.shifted(self.skew().unwrap_or(0))
    }

    /// What is left of the token's life, by the server's clock.
    pub fn life(&self, now: Wall) -> Life {
        let Some((facts, told)) = &self.credential else {
            return Life::Absent;
        };
        let left = facts
            .expires
            .map(|expires| (expires, expires.micros_since(self.server_time(now))));
        match left {
            Some((_, left)) if left <= 0 => Life::Past(Duration::from_micros(left.unsigned_abs())),
            _ if self.is_put_out(facts.fingerprint) => Life::Refused,
            None => Life::Unstated,
            Some((expires, left)) => self.lasting((facts, *told), expires, left),
        }
    }

    fn is_put_out(&self, token: Fingerprint) -> bool {
        matches!(self.status, Status::SignInNeeded { .. }) && self.has_refused(token)
    }

    fn lasting(&self, (facts, told): (&CredentialFacts, Wall), expires: Wall, left: i64) -> Life {
        let whole = expires.micros_since(facts.issued.unwrap_or(told)).max(left);
        let share = i128::from(left) * i128::from(BARS) / i128::from(whole);
        let left = Duration::from_micros(left.unsigned_abs());
        Life::Left {
            left,
            bars: u8::try_from(share)
                .unwrap_or(BARS)
                .saturating_add(1)
                .min(BARS),
            level: self.level(left),
            renews: facts.renews_itself,
        }
    }

    fn level(&self, left: Duration) -> Level {
        if left <= self.setup.margins.alarm {
            Level::Alarm
        } else if left <= self.setup.margins.warn {
            Level::Warn
        } else {
            Level::Calm
        }
    }

    /// Whether something shown of it changes with time alone.
    pub fn has_clock(&self, now: Now) -> bool {
        let counts = matches!(self.life(now.wall), Life::Left { .. } | Life::Past(_));
        let waits = matches!(&self.status, Status::Waiting(wait) if wait.until.is_some());
        self.live_since.is_some() || counts || waits || !self.rate.is_quiet(now.mono)
    }
}
