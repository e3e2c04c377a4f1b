//! A live link: what is received, whether it still lives, and how its token is renewed in place.

use std::time::Duration;

use super::{
    FetchFault, LinkId, Output,
    machine::{Session, State, Then},
};
use crate::{
    auth::Credential,
    cause::{Cause, Stage},
    close_code::CloseCode,
    event::{EventKind, Lifecycle, Status},
    message::{Direction, Message},
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
    since: Mono,
    heard: Mono,
    pinged: Option<Mono>,
    pub(super) renewal: Option<Renewal>,
    /// When the source is asked for the next token.
    renew_at: Option<Mono>,
    expiring_at: Option<Mono>,
    accepted: bool,
    stable: bool,
}

/// How far a renewal has come.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Renewal {
    /// The source is asked for a new token.
    Fetching {
        /// Whether the user wants it, and not only the clock.
        asked: bool,
    },
    /// The token was offered on the live connection.
    Offered {
        credential: Box<Credential>,
        sent: Mono,
        until: Mono,
    },
}

impl Live {
    pub(super) const fn new(link: LinkId, now: Now) -> Self {
        Self {
            link,
            since: now.mono,
            heard: now.mono,
            pinged: None,
            renewal: None,
            renew_at: None,
            expiring_at: None,
            accepted: false,
            stable: false,
        }
    }

    /// When silence must be acted on: a ping is due, or its pong overdue.
    pub(super) fn keepalive_deadline(&self, limits: &Limits) -> Mono {
        self.pinged.map_or_else(
            || self.heard.after(limits.ping),
            |pinged| pinged.after(limits.pong),
        )
    }
}

impl Session {
    pub(super) fn live_deadline(&self, live: &Live) -> Mono {
        let offered = match &live.renewal {
            Some(Renewal::Offered { until, .. }) => Some(*until),
            _ => None,
        };
        let accepted = (!live.accepted).then(|| live.since.after(ACCEPTED_AFTER));
        let stable = (!live.stable).then(|| live.since.after(self.profile.retry.stable));
        let keepalive = live.keepalive_deadline(&self.profile.limits);
        let others = [live.renew_at, live.expiring_at, offered, accepted, stable];
        others.into_iter().flatten().fold(keepalive, Mono::min)
    }

    pub(super) fn received(&mut self, link: LinkId, message: Message, now: Now) {
        if self.current_link() != Some(link) {
            return;
        }
        self.heard(now);
        match &self.state {
            State::AwaitLogin { .. } => self.login_answered(message, now),
            State::Live(Live {
                renewal: Some(Renewal::Offered { .. }),
                ..
            }) => self.renewal_answered(message, now),
            _ => self.event(EventKind::Message(Direction::In, message), now),
        }
    }

    /// Anything that is received shows life.
    fn heard(&mut self, now: Now) {
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &mut self.state else {
            return;
        };
        live.heard = now.mono;
        if live.pinged.take().is_some() {
            self.show_liveness(now);
        }
    }

    pub(super) fn pong(&mut self, link: LinkId, now: Now) {
        if self.current_link() != Some(link) {
            return;
        }
        if let State::AwaitLogin { live, .. } | State::Live(live) = &self.state
            && let Some(pinged) = live.pinged
        {
            self.tell(Lifecycle::Pong(now.mono.since(pinged)), now);
        }
        self.heard(now);
    }

    fn login_answered(&mut self, message: Message, now: Now) {
        let State::AwaitLogin { live, sent, .. } = &self.state else {
            return;
        };
        let (live, sent) = (live.clone(), *sent);
        let (refused, acknowledged) = self.login_answer(&message);
        let text = String::from_utf8_lossy(&message.data).into_owned();
        self.event(EventKind::Message(Direction::In, message), now);
        if refused {
            self.push(Output::Close(live.link, CloseCode(1000)));
            self.link_lost(Cause::LoginRefused(text), now);
        } else if acknowledged {
            self.tell(Lifecycle::Authenticated(Some(now.mono.since(sent))), now);
            self.go_live(
                Live {
                    accepted: true,
                    ..live
                },
                now,
            );
            self.history.refusals = 0;
        }
    }

    /// Whether a message refuses and whether it acknowledges a login.
    fn login_answer(&self, message: &Message) -> (bool, bool) {
        let first = self.first_message();
        let refusal = first.and_then(|first| first.refusal.as_ref());
        let ack = first.and_then(|first| first.ack.as_ref());
        (
            refusal.is_some_and(|pattern| pattern.matches(message)),
            ack.is_some_and(|pattern| pattern.matches(message)),
        )
    }

    pub(super) fn go_live(&mut self, live: Live, now: Now) {
        let accepted = live.accepted;
        self.state = State::Live(Live {
            since: now.mono,
            ..live
        });
        if accepted {
            self.keep();
        }
        self.close_gap(now);
        self.plan_renewal(now);
        self.show_liveness(now);
    }

    /// Sets when the next token is fetched and when the user is told that nothing renews it.
    fn plan_renewal(&mut self, now: Now) {
        let expires = self.credential.as_ref().and_then(Credential::expires);
        let left = expires.map(|expires| {
            expires
                .micros_since(self.server_time(now))
                .max(0)
                .cast_unsigned()
        });
        let before = |margin| {
            left.map(|left| {
                now.mono
                    .after(Duration::from_micros(left).saturating_sub(margin))
            })
        };
        let (renews, margins) = (self.profile.source.renews_itself(), &self.profile.margins);
        let (renew_at, expiring_at) = (before(margins.renew), before(margins.warn));
        if let State::Live(live) = &mut self.state {
            live.renew_at = renew_at.filter(|_| renews);
            live.expiring_at = expiring_at.filter(|_| !renews);
        }
    }

    /// Tells which of the live states it is.
    fn show_liveness(&mut self, now: Now) {
        let State::Live(live) = &self.state else {
            return;
        };
        let status = match live {
            Live {
                renewal: Some(_), ..
            } => Status::Renewing,
            Live {
                expiring_at: Some(at),
                ..
            } if *at <= now.mono => Status::Expiring,
            _ => Status::Live,
        };
        self.status(status, now);
    }

    pub(super) fn live_tick(&mut self, now: Now) {
        if let State::AwaitLogin { live, until, .. } = &self.state
            && *until <= now.mono
        {
            self.push(Output::Close(live.link, CloseCode(1000)));
            return self.link_lost(Cause::Timeout(Stage::Login), now);
        }
        if self.keepalive(now) {
            self.settle(now);
            self.renew_when_due(now);
        }
    }

    /// Pings a quiet link and gives a silent one up; returns whether the link is still there.
    fn keepalive(&mut self, now: Now) -> bool {
        let limits = self.profile.limits.clone();
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &mut self.state else {
            return false;
        };
        if live.keepalive_deadline(&limits) > now.mono {
            return true;
        }
        let (link, heard) = (live.link, live.heard);
        if live.pinged.is_some() {
            self.push(Output::Drop(link));
            self.link_lost(Cause::Silence(now.mono.since(heard)), now);
            return false;
        }
        live.pinged = Some(now.mono);
        self.push(Output::Ping(link));
        true
    }

    /// Takes note of what a link proves by living on: its token is accepted, its attempts were worth it.
    fn settle(&mut self, now: Now) {
        let stable = self.profile.retry.stable;
        let State::Live(live) = &mut self.state else {
            return;
        };
        if !live.accepted && live.since.after(ACCEPTED_AFTER) <= now.mono {
            live.accepted = true;
            self.history.refusals = 0;
            self.keep();
        }
        let State::Live(live) = &mut self.state else {
            return;
        };
        if !live.stable && live.since.after(stable) <= now.mono {
            live.stable = true;
            self.history.attempts = 0;
        }
        if live.expiring_at.is_some_and(|at| at <= now.mono) {
            self.show_liveness(now);
            if let State::Live(live) = &mut self.state {
                live.expiring_at = None;
            }
        }
    }

    fn renew_when_due(&mut self, now: Now) {
        let State::Live(live) = &mut self.state else {
            return;
        };
        if live.renew_at.is_some_and(|at| at <= now.mono) {
            live.renew_at = None;
            if live.renewal.is_none() {
                live.renewal = Some(Renewal::Fetching { asked: false });
                self.show_liveness(now);
                self.fetch();
            }
        }
        if let State::Live(Live {
            renewal: Some(Renewal::Offered { until, .. }),
            ..
        }) = &self.state
            && *until <= now.mono
        {
            self.note(
                "the new token was not acknowledged in time; the old one stays in use",
                now,
            );
            self.end_renewal(now);
        }
    }

    /// Whether a new token can be offered on the live connection.
    pub(super) fn renews_in_place(&self) -> bool {
        self.first_message()
            .is_some_and(|first| first.renew.is_some())
    }

    /// The source answered while the link is live.
    pub(super) fn renewal_came(&mut self, fetched: Result<Credential, FetchFault>, now: Now) {
        let asked = matches!(
            &self.state,
            State::Live(Live {
                renewal: Some(Renewal::Fetching { asked: true }),
                ..
            })
        );
        let known = |credential: &Credential| {
            self.refused.contains(&credential.fingerprint())
                || self
                    .credential
                    .as_ref()
                    .is_some_and(|known| known.secret == credential.secret)
        };
        match fetched {
            Ok(credential) if known(&credential) => self.renew_later(now),
            Ok(credential) if self.renews_in_place() => self.offer(credential, now),
            Ok(credential) if asked => {
                self.next = Some(credential);
                self.leave(Then::Open, now);
            }
            Ok(credential) => {
                self.note("a new token is ready for the next connection", now);
                self.next = Some(credential);
                self.end_renewal(now);
            }
            Err(FetchFault::Failed(text)) => {
                self.note(
                    format!("renewal failed, the token in use stays: {text}"),
                    now,
                );
                self.renew_later(now);
            }
            Err(FetchFault::AskUser) => self.end_renewal(now),
        }
    }

    /// The source has nothing newer yet: asked again after a third of what is left, as long as something is left.
    fn renew_later(&mut self, now: Now) {
        self.end_renewal(now);
        let expires = self.credential.as_ref().and_then(Credential::expires);
        let left = expires.map_or(0, |expires| expires.micros_since(self.server_time(now)));
        if left > 0
            && self.profile.source.renews_itself()
            && let State::Live(live) = &mut self.state
        {
            let pause = Duration::from_micros(left.cast_unsigned() / 3).max(Duration::from_secs(1));
            live.renew_at = Some(now.mono.after(pause));
        }
    }

    fn end_renewal(&mut self, now: Now) {
        if let State::Live(live) = &mut self.state {
            live.renewal = None;
        }
        self.show_liveness(now);
    }

    /// Offers a new token on the live connection.
    pub(super) fn offer(&mut self, credential: Credential, now: Now) {
        let Some(first) = self.first_message() else {
            return;
        };
        let Some(template) = first.renew.clone() else {
            return;
        };
        let acknowledged = first.ack.is_some();
        let until = now.mono.after(self.profile.limits.login);
        let State::Live(live) = &mut self.state else {
            return;
        };
        let link = live.link;
        live.renewal = Some(Renewal::Offered {
            credential: Box::new(credential.clone()),
            sent: now.mono,
            until,
        });
        self.show_liveness(now);
        let (login, shown) = crate::auth::FirstMessage::fill(&template, &credential.secret);
        self.event(EventKind::Message(Direction::Out, shown), now);
        self.push(Output::Send(link, login));
        if !acknowledged {
            self.renewed(now);
        }
    }

    fn renewal_answered(&mut self, message: Message, now: Now) {
        let (refused, acknowledged) = self.login_answer(&message);
        self.event(EventKind::Message(Direction::In, message), now);
        if refused {
            self.refuse_offered();
            self.note(
                "the server refused the new token; the old one stays in use",
                now,
            );
            self.end_renewal(now);
        } else if acknowledged {
            self.renewed(now);
        }
    }

    /// The token that was offered on the live connection is not offered again; returns whether there was one.
    pub(super) fn refuse_offered(&mut self) -> bool {
        let State::Live(Live {
            renewal: Some(Renewal::Offered { credential, .. }),
            ..
        }) = &self.state
        else {
            return false;
        };
        self.refused.insert(credential.fingerprint());
        true
    }

    fn renewed(&mut self, now: Now) {
        let State::Live(live) = &mut self.state else {
            return;
        };
        let Some(Renewal::Offered { credential, .. }) = live.renewal.take() else {
            return;
        };
        self.take(*credential, now);
        self.tell(Lifecycle::Renewed, now);
        self.history.refusals = 0;
        self.keep();
        self.plan_renewal(now);
        self.show_liveness(now);
    }

    /// After a sleep of the machine a link may be dead without a word, so it is asked at once.
    pub(super) fn notice_clock_jump(&mut self, now: Now) {
        let elapsed = now.mono.since(self.last.mono).as_micros() as i64;
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
