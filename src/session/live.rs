//! A live link: what is received, whether it still lives, and how its token is renewed in place.

use std::time::Duration;

use super::{
    LinkId, Output,
    beat::Beats,
    machine::{Session, State},
    renewal::Renewal,
    sequence::Sequences,
};
use crate::{
    cause::{Cause, Stage},
    close_code::CloseCode,
    event::{Lifecycle, Status},
    message::{Class, Direction, Message},
    profile::Limits,
    time::{Mono, Now},
};

/// Live for this long without an acknowledged login, a token counts as accepted.
const ACCEPTED_AFTER: Duration = Duration::from_secs(5);
/// Calendar and monotonic time apart by this much more than before: the clock was set, or the machine slept.
const CLOCK_JUMP_MICROS: u64 = 10_000_000;

/// What is known of a link that is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Live {
    pub(super) link: LinkId,
    pub(super) heard: Mono,
    /// When the last message came; pings and pongs are none.
    pub(super) message_at: Mono,
    /// Within this time a message must come.
    pub(super) watchdog: Option<Duration>,
    ping_at: Mono,
    /// When the ping was sent whose pong is still awaited.
    pinged: Option<Mono>,
    silent: bool,
    pub(super) renewal: Option<Renewal>,
    /// When the source is asked for the next token.
    pub(super) renew_at: Option<Mono>,
    pub(super) expiring_at: Option<Mono>,
    pub(super) expiring: bool,
    /// When the token counts as accepted, unless the login was acknowledged.
    accepted_at: Option<Mono>,
    /// When the attempts are counted anew.
    stable_at: Option<Mono>,
    /// The dialect's own timers.
    pub(super) beat: Beats,
    /// The numbers that the last messages bore, where the dialect says that they bear one.
    pub(super) sequences: Sequences,
}

impl Live {
    pub(super) fn new(link: LinkId, now: Now, ping: Option<Duration>) -> Self {
        Self {
            link,
            heard: now.mono,
            message_at: now.mono,
            watchdog: None,
            ping_at: ping.map_or(Mono(u64::MAX), |ping| now.mono.after(ping)),
            pinged: None,
            silent: false,
            renewal: None,
            renew_at: None,
            expiring_at: None,
            expiring: false,
            accepted_at: None,
            stable_at: None,
            beat: Beats::default(),
            sequences: Sequences::default(),
        }
    }

    /// When the next step of keeping alive is due: a ping, a warning that nothing follows it, the end of waiting.
    pub(super) fn keepalive_deadline(&self, limits: &Limits) -> Mono {
        match self.pinged {
            None => self.ping_at,
            Some(pinged) if self.silent || self.heard > pinged => pinged.after(limits.pong),
            Some(pinged) => pinged.after(limits.pong / 2),
        }
    }
}

impl Session {
    pub(super) fn live_deadline(&self, live: &Live) -> Mono {
        let offered = match &live.renewal {
            Some(Renewal::Offered { until, .. }) => Some(*until),
            _ => None,
        };
        let keepalive = live.keepalive_deadline(&self.profile.limits);
        let others = [
            live.renew_at,
            live.expiring_at,
            offered,
            live.accepted_at,
            live.stable_at,
            live.beat.deadline(),
            self.watchdog(),
            self.waiting_at(),
        ];
        others.into_iter().flatten().fold(keepalive, Mono::min)
    }

    pub(super) fn received(&mut self, link: LinkId, message: Message, now: Now) {
        // Nearly all messages of a flood are of interest to nobody but the user.
        if let State::Live(live) = &mut self.state
            && live.link == link
            && !(self.listens || live.silent || live.renewal.is_some() || self.older.is_some())
        {
            (live.heard, live.message_at) = (now.mono, now.mono);
            return self.show(Direction::In, Class::Event, message, now);
        }
        if self.older.as_ref().is_some_and(|older| older.link == link) {
            return self.older_received(&message, now);
        }
        if self.current_link() != Some(link) {
            return;
        }
        self.heard(link, now);
        if let State::AwaitLogin { live, .. } | State::Live(live) = &mut self.state {
            live.message_at = now.mono;
        }
        match &self.state {
            State::AwaitLogin { .. } => self.login_answered(message, now),
            State::Live(_) => self.live_received(message, now),
            _ => self.show(Direction::In, Class::Event, message, now),
        }
    }

    /// Anything that is received shows life.
    pub(super) fn heard(&mut self, link: LinkId, now: Now) {
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &mut self.state else {
            return;
        };
        if live.link == link {
            live.heard = now.mono;
            if live.silent {
                live.silent = false;
                self.show_liveness(now);
            }
        }
    }

    pub(super) fn pong(&mut self, link: LinkId, now: Now) {
        self.heard(link, now);
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &mut self.state else {
            return;
        };
        if live.link == link
            && let Some(pinged) = live.pinged.take()
        {
            self.tell(Lifecycle::Pong(now.mono.since(pinged)), now);
        }
    }

    /// The link is ready for events; `accepted`: the login was acknowledged.
    pub(super) fn go_live(&mut self, mut live: Live, accepted: bool, now: Now) {
        live.accepted_at = (!accepted).then(|| now.mono.after(ACCEPTED_AFTER));
        live.stable_at = Some(now.mono.after(self.profile.retry.stable));
        self.state = State::Live(live);
        if accepted {
            self.accept();
        }
        self.close_gap(now);
        self.plan_renewal(now);
        self.show_liveness(now);
        self.begin_beats(now);
        self.leave_older(now);
        self.greet(now);
    }

    /// Tells which of the live states it is.
    pub(super) fn show_liveness(&mut self, now: Now) {
        let State::Live(live) = &self.state else {
            return;
        };
        let status = match live {
            Live { silent: true, .. } => Status::Silent,
            Live {
                renewal: Some(_), ..
            } => Status::Renewing,
            Live { expiring: true, .. } => Status::Expiring,
            _ => Status::Live,
        };
        self.status(status, now);
    }

    pub(super) fn live_tick(&mut self, now: Now) {
        if let State::AwaitLogin { live, until, .. } = &self.state
            && *until <= now.mono
        {
            if self.recognises() {
                return self.heard_nothing(now);
            }
            self.push(Output::Close(live.link, CloseCode(1000), String::new()));
            return self.link_lost(Cause::Timeout(Stage::Login), now);
        }
        if self.keepalive(now) && self.beat(now) {
            self.settle(now);
            self.renew_when_due(now);
        }
    }

    /// Pings in turn and gives a silent link up; returns whether the link is still there.
    fn keepalive(&mut self, now: Now) -> bool {
        let limits = self.profile.limits.clone();
        let pings = self.dialect.keepalive.ping;
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &mut self.state else {
            return false;
        };
        if live.keepalive_deadline(&limits) > now.mono {
            return true;
        }
        let (link, heard) = (live.link, live.heard);
        match live.pinged {
            None => {
                live.pinged = Some(now.mono);
                // After a ping out of turn there may be none in turn.
                live.ping_at = if pings {
                    now.mono.after(limits.ping)
                } else {
                    Mono(u64::MAX)
                };
                self.push(Output::Ping(link));
            }
            Some(pinged) if heard > pinged => live.pinged = None,
            Some(_) if !live.silent => {
                live.silent = true;
                self.show_liveness(now);
            }
            Some(_) => {
                self.push(Output::Drop(link));
                self.link_lost(Cause::Silence(now.mono.since(heard)), now);
                return false;
            }
        }
        true
    }

    /// Takes note of what a link proves by living on: its token is accepted, its attempts were worth it.
    fn settle(&mut self, now: Now) {
        let State::Live(live) = &mut self.state else {
            return;
        };
        let due = |at: Option<Mono>| at.is_some_and(|at| at <= now.mono);
        if due(live.stable_at) {
            live.stable_at = None;
            self.history.attempts = 0;
        }
        if due(live.accepted_at) {
            live.accepted_at = None;
            self.accept();
        }
        let State::Live(live) = &mut self.state else {
            return;
        };
        if live.expiring_at.is_some_and(|at| at <= now.mono) {
            (live.expiring_at, live.expiring) = (None, true);
            self.show_liveness(now);
        }
    }

    /// The token in use is good.
    pub(super) fn accept(&mut self) {
        self.history.refusals = 0;
        self.refusal = None;
        self.keep();
    }

    /// After a sleep of the machine a link may be dead without a word, so it is asked at once.
    pub(super) fn notice_clock_jump(&mut self, now: Now) {
        if now == self.last {
            return;
        }
        let elapsed = now.mono.0.saturating_sub(self.last.mono.0).cast_signed();
        let jump = now
            .wall
            .micros_since(self.last.wall)
            .saturating_sub(elapsed);
        let known = self.last != Now::default();
        self.last = now;
        if !known || jump.unsigned_abs() < CLOCK_JUMP_MICROS {
            return;
        }
        let State::Live(live) = &mut self.state else {
            return;
        };
        let link = live.link;
        if live.pinged.is_none() {
            live.pinged = Some(now.mono);
            self.push(Output::Ping(link));
        }
        self.note(
            "the clock jumped, so the machine may have slept: the link is checked",
            now,
        );
        self.plan_renewal(now);
    }
}
