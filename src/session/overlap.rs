//! Make before break: the next link is opened and logged in while the one before still carries events, and only then is
//! that one closed. What both deliver is known by its id and shown once.
//!
//! There are two links at most. While the next is in the making the stream counts as live; should it fail, the one in
//! use stays.

use std::time::Duration;

use super::{
    LinkId, Output,
    live::Live,
    machine::{Outage, Session, State},
    scope::OfLink,
};
use crate::{
    auth::Credential,
    cause::{Cause, Verdict},
    close_code::CloseCode,
    dialect::Decoder,
    event::{Lifecycle, Status},
    message::Message,
    retry,
    time::{Mono, Now},
};

/// Subscriptions of the next link may take this long to be served before the one before is closed.
const LINGER: Duration = Duration::from_secs(2);
/// After a failure another link is tried this much later.
const AGAIN: Duration = Duration::from_secs(30);

/// The link before the present one, while both are there.
#[derive(Debug)]
pub(super) struct Older {
    pub(super) link: LinkId,
    phase: Phase,
    /// How many messages came over both links.
    duplicates: u64,
    held: Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It carries the stream; the next link is in the making.
    Used(Why),
    /// The next link is live; this one is closed at this time at the latest.
    Lingering(Mono),
    /// It was closed and must be gone by then.
    Closing(Mono),
}

/// Why there is to be another link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A new token, which cannot be offered on the live link.
    Token,
    /// The link is old, or the server is about to end it.
    Moving,
}

/// What belongs to the older link.
#[derive(Debug)]
struct Held {
    live: Live,
    decoder: Decoder,
    scope: OfLink,
    credential: Option<Credential>,
    resuming: bool,
}

impl Session {
    /// Whether another link may be opened beside the one that is live.
    pub(super) fn may_overlap(&self) -> bool {
        matches!(self.state, State::Live(_)) && self.profile.overlaps()
    }

    /// Opens another link beside the live one, for which `before` is the credential in use; only after
    /// [`Session::may_overlap`] said yes.
    pub(super) fn open_beside(&mut self, why: Why, before: Option<Credential>, now: Now) {
        let State::Live(live) = &mut self.state else {
            return;
        };
        live.renewal = None;
        live.beat.call_again(now.mono);
        let mut held = Held {
            live: live.clone(),
            decoder: std::mem::replace(&mut self.decoder, Decoder::new(self.dialect.codec, 0)),
            scope: OfLink::default(),
            credential: before,
            resuming: self.resuming,
        };
        self.scope.swap_link(&mut held.scope);
        let older = Older {
            link: held.live.link,
            phase: Phase::Used(why),
            duplicates: 0,
            held,
        };
        if let Some(oldest) = self.older.replace(older) {
            self.push(Output::Drop(oldest.link));
        }
        if why == Why::Token {
            self.status(Status::Renewing, now);
        }
        self.begin(now);
    }

    /// How many subscriptions were begun on the link that still carries the stream, if there is one.
    pub(super) fn subscribed_on_older(&self) -> Option<usize> {
        let older = self.older.as_ref().filter(|_| self.older_is_used())?;
        Some(older.held.live.beat.subscribed)
    }

    /// Whether the link before the present one carries the stream.
    pub(super) fn older_is_used(&self) -> bool {
        matches!(&self.older, Some(older) if matches!(older.phase, Phase::Used(_)))
    }

    /// Goes back to the link that still carries the stream and lets go of the one in the making; why there was to be one.
    pub(super) fn back_to_older(&mut self) -> Option<Why> {
        let why = match &self.older {
            Some(Older {
                phase: Phase::Used(why),
                ..
            }) => *why,
            _ => return None,
        };
        if let Some(link) = self.current_link() {
            self.push(Output::Drop(link));
        }
        let mut held = self.older.take()?.held;
        self.scope.swap_link(&mut held.scope);
        self.state = State::Live(held.live);
        self.decoder = held.decoder;
        (self.credential, self.resuming) = (held.credential, held.resuming);
        Some(why)
    }

    /// The link in the making failed: the one in use stays.
    pub(super) fn stay_on_older(&mut self, cause: &Cause, now: Now) {
        let rule = retry::rule(cause, &self.profile);
        let refused = (rule.refuses_token || rule.forbidden).then_some(self.credential.as_ref());
        let refused = refused.flatten().map(Credential::fingerprint);
        self.refused.extend(refused);
        if rule.verdict == Verdict::Fresh || self.resuming_was_refused(cause) {
            self.scope.forget_all();
        }
        let Some(why) = self.back_to_older() else {
            return;
        };
        let words = retry::words(cause, &self.profile);
        self.unrenewed(format!("the next connection failed: {words}"), refused, now);
        if let Some(credential) = self.credential.as_ref().filter(|_| why == Why::Token) {
            let facts = credential.facts(self.profile.source.renews_itself());
            self.tell(Lifecycle::Credential(facts), now);
        }
        match why {
            Why::Token => self.renew_later(now),
            Why::Moving => {
                if let State::Live(live) = &mut self.state {
                    live.beat.grow_old_at(now.mono.after(AGAIN));
                }
                self.show_liveness(now);
            }
        }
    }

    /// The next link is live: the one before is closed, at once or when the subscriptions had time to be served.
    pub(super) fn leave_older(&mut self, now: Now) {
        let lingers = self.has_subscriptions();
        let Some(older) = self
            .older
            .as_mut()
            .filter(|older| matches!(older.phase, Phase::Used(_)))
        else {
            return;
        };
        older.phase = Phase::Lingering(now.mono.after(LINGER));
        self.scope.pacer.take_over(&mut older.held.scope.pacer);
        self.note("another connection has taken over, without a gap", now);
        if !lingers {
            self.close_older(now);
        }
    }

    /// Says farewell on the older link and closes it, unless that was done.
    pub(super) fn close_older(&mut self, now: Now) {
        let until = now.mono.after(self.profile.limits.close);
        let Some(older) = self
            .older
            .as_mut()
            .filter(|older| matches!(older.phase, Phase::Lingering(_)))
        else {
            return;
        };
        older.phase = Phase::Closing(until);
        let link = older.link;
        let dialect = self.dialect.clone();
        self.with_older_vars(|session| {
            for template in &dialect.farewell.send {
                session.send_template(link, template, now);
            }
        });
        self.push(Output::Close(link, CloseCode(1000), String::new()));
    }

    /// A message over the older link: shown unless it came over both, and answered where the dialect demands it.
    pub(super) fn older_received(&mut self, message: &Message, now: Now) {
        let Some(older) = &mut self.older else {
            return;
        };
        let (link, values) = (older.link, older.held.decoder.decode(message));
        let class = self.class_of(message, &values, now);
        self.show_received(class, message.clone(), &values, now);
        self.with_older_vars(|session| {
            for value in &values {
                session.answer_only(link, value, now);
            }
        });
    }

    /// A message that came before; whether it came over both links, so that it is not shown again.
    pub(super) fn count_duplicate(&mut self) -> bool {
        let Some(older) = &mut self.older else {
            return false;
        };
        older.duplicates += 1;
        true
    }

    /// Does `act` with the variables of the older link.
    pub(super) fn with_older_vars(&mut self, act: impl FnOnce(&mut Self)) {
        self.swap_vars();
        act(self);
        self.swap_vars();
    }

    fn swap_vars(&mut self) {
        if let Some(older) = &mut self.older {
            self.scope.swap_link(&mut older.held.scope);
        }
    }

    /// The older link is gone.
    pub(super) fn older_ended(&mut self, cause: Cause, now: Now) {
        let used = self.older_is_used();
        let Some(older) = self.older.take() else {
            return;
        };
        if used {
            let words = retry::words(&cause, &self.profile);
            self.note(
                format!("{words}, while the next connection is being made"),
                now,
            );
            self.outage = Some(Outage {
                since: now.mono,
                cause,
                attempts: 1,
            });
            self.tell_unsent(older.held.scope.pacer.waiting(), now);
            self.show_progress(now);
        } else if older.duplicates > 0 {
            let count = older.duplicates;
            self.note(
                format!("{count} messages came over both connections and are shown once"),
                now,
            );
        }
    }

    /// Tells the state that was not told while the older link carried the stream.
    fn show_progress(&mut self, now: Now) {
        let status = match &self.state {
            State::AwaitCredential => Status::Fetching {
                source: self.profile.source.to_string(),
            },
            State::AwaitLogin { .. } => Status::Authenticating,
            _ => Status::Connecting {
                attempt: self.history.attempts + 1,
            },
        };
        self.status(status, now);
    }

    /// When the older link is to be closed, or must be gone.
    pub(super) fn older_deadline(&self) -> Option<Mono> {
        match self.older.as_ref()?.phase {
            Phase::Used(_) => None,
            Phase::Lingering(until) | Phase::Closing(until) => Some(until),
        }
    }

    pub(super) fn older_tick(&mut self, now: Now) {
        let due = |until: Mono| until <= now.mono;
        match self.older.as_ref().map(|older| older.phase) {
            Some(Phase::Lingering(until)) if due(until) => self.close_older(now),
            Some(Phase::Closing(until)) if due(until) => {
                let link = self.older.as_ref().map(|older| older.link);
                self.push(Output::Drop(link.unwrap_or_default()));
                self.older_ended(Cause::Eof, now);
            }
            _ => {}
        }
    }
}
