//! Renewing the token of a live link: fetched in time, then offered on the link or used for another one.

use std::time::Duration;

use super::{
    FetchFault,
    live::Live,
    machine::{Session, State, Then},
    overlap::Why,
};
use crate::{
    auth::Credential,
    dialect::{Bound, Renew},
    event::Lifecycle,
    secret::Fingerprint,
    time::{Mono, Now},
};

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
        until: Mono,
    },
}

impl Session {
    /// Sets when the next token is fetched and when the user is told that nothing renews it.
    pub(super) fn plan_renewal(&mut self, now: Now) {
        let expires = self.credential.as_ref().and_then(Credential::expires);
        let left = expires.map(|expires| {
            let micros = expires.micros_since(self.server_time(now)).max(0);
            Duration::from_micros(micros.cast_unsigned())
        });
        let before = |margin| Some(now.mono.after(left?.saturating_sub(margin)));
        let once = self
            .credential
            .as_ref()
            .is_some_and(|credential| credential.once);
        let needed = self.dialect.renew != Renew::NotNeeded && !once;
        let (renews, margins) = (self.profile.source.renews_itself(), &self.profile.margins);
        let renewal = margins.renewal(left.unwrap_or_default());
        let (renew_at, expiring_at) = (before(renewal), before(margins.warn));
        if let State::Live(live) = &mut self.state {
            live.renew_at = renew_at.filter(|_| needed && renews);
            live.expiring_at = expiring_at.filter(|_| needed && !renews);
            live.expiring = false;
        }
    }

    pub(super) fn renew_when_due(&mut self, now: Now) {
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
            self.unrenewed(
                "the new token was not acknowledged in time".into(),
                None,
                now,
            );
            self.end_renewal(now);
        }
    }

    /// Whether a new token can be offered on the live connection.
    pub(super) fn renews_in_place(&self) -> bool {
        matches!(self.dialect.renew, Renew::InPlace { .. })
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
        match fetched {
            Ok(credential) if self.is_known(&credential) => {
                if asked {
                    self.note("the source still gives the token that is in use", now);
                }
                self.renew_later(now);
            }
            Ok(credential) if self.renews_in_place() => self.offer(credential, now),
            Ok(credential) if asked || self.may_overlap() => self.renew_by_link(credential, now),
            Ok(credential) => {
                self.note("a new token is ready for the next connection", now);
                self.next = Some(credential);
                self.end_renewal(now);
            }
            Err(FetchFault::Failed(text)) => {
                self.unrenewed(format!("renewal failed: {text}"), None, now);
                self.renew_later(now);
            }
            Err(FetchFault::SignIn(text)) => {
                self.unrenewed(format!("nothing renews the token: {text}"), None, now);
                self.end_renewal(now);
            }
            Err(FetchFault::AskUser) => self.end_renewal(now),
        }
    }

    /// Uses a new token on another link: beside the one in use where that is right, else in its place.
    pub(super) fn renew_by_link(&mut self, credential: Credential, now: Now) {
        if self.may_overlap() {
            let before = self.credential.clone();
            self.take(credential, now);
            self.open_beside(Why::Token, before, now);
        } else {
            self.next = Some(credential);
            self.leave(Then::Open, now);
        }
    }

    /// The source has nothing newer yet: asked again after a third of what is left, as long as something is left.
    pub(super) fn renew_later(&mut self, now: Now) {
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

    pub(super) fn end_renewal(&mut self, now: Now) {
        if let State::Live(live) = &mut self.state {
            live.renewal = None;
        }
        self.show_liveness(now);
    }

    /// Offers a new token on the live connection.
    pub(super) fn offer(&mut self, credential: Credential, now: Now) {
        let dialect = self.dialect.clone();
        let Renew::InPlace { send, accept, .. } = &dialect.renew else {
            return;
        };
        let mut vars = self.vars(now);
        let token = credential.secret.clone();
        vars.set("token", Bound::Secret(token.clone()));
        let until = now.mono.after(self.profile.limits.login);
        let State::Live(live) = &mut self.state else {
            return;
        };
        let link = live.link;
        self.guard.know(&credential);
        live.renewal = Some(Renewal::Offered {
            credential: Box::new(credential),
            until,
        });
        self.show_liveness(now);
        self.send_filled(link, &send.fill(&vars), now);
        self.offer_for_each(link, &token, now);
        if accept.is_none() {
            self.renewed(now);
        }
    }

    /// The token that was offered on the live connection is not offered again; which it was, if there was one.
    pub(super) fn refuse_offered(&mut self) -> Option<Fingerprint> {
        let State::Live(Live {
            renewal: Some(Renewal::Offered { credential, .. }),
            ..
        }) = &self.state
        else {
            return None;
        };
        let refused = credential.fingerprint();
        self.refused.insert(refused);
        Some(refused)
    }

    pub(super) fn renewed(&mut self, now: Now) {
        let State::Live(live) = &mut self.state else {
            return;
        };
        let Some(Renewal::Offered { credential, .. }) = live.renewal.take() else {
            return;
        };
        self.take(*credential, now);
        self.tell(Lifecycle::Renewed, now);
        self.accept();
        self.plan_renewal(now);
        self.show_liveness(now);
    }
}
