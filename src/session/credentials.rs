//! Which token is used: fetched, pasted, kept, refused.

use std::{collections::BTreeSet, time::Duration};

use super::{
    FetchFault, Output,
    live::Live,
    machine::{Session, State, Then},
    renewal::Renewal,
};
use crate::{
    auth::{Checked, Credential},
    cause::Cause,
    dialect::Renew,
    event::{Lifecycle, Status},
    profile::Source,
    secret::Fingerprint,
    time::{Now, Wall},
};

impl Session {
    /// Whether the token at hand may be offered: not refused, and not known to be past its life. A token fetched early
    /// takes the place of one that may not.
    pub(super) fn has_usable_credential(&mut self, now: Now) -> bool {
        if let Some(next) = self.next.take()
            && self.is_usable(&next, now)
        {
            self.take(next, now);
        }
        self.credential
            .as_ref()
            .is_some_and(|credential| self.is_usable(credential, now))
    }

    fn is_usable(&self, credential: &Credential, now: Now) -> bool {
        // What the user pasted is offered even so: our clock may be wrong.
        let expired = !credential.pasted
            && credential
                .expires()
                .is_some_and(|expires| expires <= self.server_time(now));
        let spent = credential.once && self.spent == Some(credential.fingerprint());
        !expired && !spent && !self.refused.contains(&credential.fingerprint())
    }

    /// Whether so little is left of the token that its source is asked for another one before a link is opened with it.
    pub(super) fn must_renew(&self, now: Now) -> bool {
        let renews = self.profile.source.renews_itself();
        let Some(credential) = self.credential.as_ref().filter(|_| renews) else {
            return false;
        };
        let Some(expires) = credential.expires().filter(|_| !credential.pasted) else {
            return false;
        };
        let issued = credential.facts(renews).issued;
        let life = issued.map_or(i64::MAX, |issued| expires.micros_since(issued));
        let micros = |span: i64| Duration::from_micros(span.max(0).cast_unsigned());
        let left = micros(expires.micros_since(self.server_time(now)));
        left <= self.profile.margins.mandatory(micros(life))
    }

    /// Tokens that the source need not give: refused, or in use on the live link and to be replaced.
    pub fn unwanted(&self) -> BTreeSet<Fingerprint> {
        let in_use = self.credential.as_ref();
        let in_use = in_use.filter(|_| matches!(self.state, State::Live(_)));
        let in_use = in_use.map(Credential::fingerprint);
        self.refused.iter().copied().chain(in_use).collect()
    }

    /// The time by the server's clock, as far as we know it: by the handshake, else by a token that was issued just now.
    pub(super) fn server_time(&self, now: Now) -> Wall {
        let by_token = || self.credential.as_ref()?.skew;
        now.wall.shifted(self.skew.or_else(by_token).unwrap_or(0))
    }

    pub(super) fn fetch(&mut self) {
        if !self.fetching {
            self.fetching = true;
            self.push(Output::Fetch);
        }
    }

    pub(super) fn fetched(&mut self, fetched: Result<Credential, FetchFault>, now: Now) {
        self.fetching = false;
        match (&self.state, fetched) {
            (State::AwaitCredential, Ok(credential)) => self.credential_came(credential, now),
            (State::AwaitCredential, Err(fault)) => self.credential_failed(fault, now),
            (
                State::Live(Live {
                    renewal: Some(Renewal::Fetching { .. }),
                    ..
                }),
                fetched,
            ) => self.renewal_came(fetched, now),
            (State::Stopped, _) | (_, Err(_)) => {}
            (State::AwaitUser, Ok(credential)) => self.go_on_with(credential, now),
            (_, Ok(credential)) => self.next = Some(credential),
        }
    }

    /// Whether a token is the one at hand, or was refused.
    pub(super) fn is_known(&self, credential: &Credential) -> bool {
        let at_hand = self.credential.as_ref();
        at_hand.is_some_and(|known| known.secret == credential.secret)
            || self.refused.contains(&credential.fingerprint())
    }

    /// A token came while the stream stands: if it waits for one, and this is another, it goes on.
    fn go_on_with(&mut self, credential: Credential, now: Now) {
        let news = !self.is_known(&credential);
        let waits = matches!(self.status, Status::SignInNeeded { .. });
        self.next = Some(credential);
        if news && waits {
            self.begin(now);
        }
    }

    fn credential_came(&mut self, credential: Credential, now: Now) {
        if self.refused.contains(&credential.fingerprint()) {
            let refusal = self.refusal.as_deref().unwrap_or("refused");
            let why = format!("{refusal}; {} still gives that token", credential.source);
            return self.ask_for_sign_in(why, now);
        }
        self.take(credential, now);
        self.open(now);
    }

    fn credential_failed(&mut self, fault: FetchFault, now: Now) {
        // Asked only because little is left of the one at hand.
        if self.has_usable_credential(now) {
            let why = match fault {
                FetchFault::Failed(why) | FetchFault::SignIn(why) => why,
                FetchFault::AskUser => "there is none".into(),
            };
            self.unrenewed(format!("no new token: {why}"), None, now);
            return self.open(now);
        }
        match fault {
            FetchFault::Failed(text) => self.link_lost(Cause::Credential(text), now),
            FetchFault::SignIn(why) => self.ask_for_sign_in(why, now),
            FetchFault::AskUser => {
                let why = self
                    .refusal
                    .clone()
                    .unwrap_or_else(|| match self.profile.source {
                        Source::Stored | Source::Keyring => {
                            format!("no token is stored for {}", self.profile.name)
                        }
                        _ => "a token is needed".into(),
                    });
                self.ask_for_sign_in(why, now);
            }
        }
    }

    pub(super) fn ask_for_sign_in(&mut self, why: String, now: Now) {
        if self.back_to_older().is_some() {
            self.unrenewed(format!("there is no other token: {why}"), None, now);
            return self.end_renewal(now);
        }
        self.state = State::AwaitUser;
        self.status(Status::SignInNeeded { why }, now);
    }

    /// Makes a token the one in use.
    pub(super) fn take(&mut self, mut credential: Credential, now: Now) {
        self.guard.know(&credential);
        if let Some(known) = self.credential.as_mut()
            && known.secret == credential.secret
        {
            credential.checked = known.checked.take();
            credential.skew = credential.skew.or(known.skew);
            *known = credential;
            return;
        }
        let facts = credential.facts(self.profile.source.renews_itself());
        if self.profile.verify.is_some() {
            self.push(Output::Verify(Box::new(credential.clone())));
        }
        self.credential = Some(credential);
        self.tell(Lifecycle::Credential(facts), now);
    }

    /// Whoever can tell said what a token is. What becomes of it is for the server to decide; the user is told.
    pub(super) fn verified(&mut self, token: Fingerprint, checked: Box<Checked>, now: Now) {
        let renews = self.profile.source.renews_itself();
        let Some(credential) = self
            .credential
            .as_mut()
            .filter(|it| it.fingerprint() == token)
        else {
            return;
        };
        let before = credential.expires();
        credential.checked = Some(checked);
        let (facts, after) = (credential.facts(renews), credential.expires());
        self.tell(Lifecycle::Verified(facts), now);
        if before != after {
            self.plan_renewal(now);
        }
    }

    /// The token in use was accepted: a pasted one is kept where the profile wants it.
    pub(super) fn keep(&mut self) {
        let stored = self.profile.source.keeps_pasted();
        if let Some(credential) = self
            .credential
            .as_mut()
            .filter(|credential| stored && credential.pasted)
        {
            credential.pasted = false;
            let credential = credential.clone();
            self.push(Output::Store(Box::new(credential)));
        }
    }

    /// The user gave a token: in place when the way allows, else by reconnecting.
    pub(super) fn sign_in(&mut self, credential: Credential, now: Now) {
        if self.refused.contains(&credential.fingerprint()) {
            return self.note(
                "this token was refused before and is not offered again",
                now,
            );
        }
        self.history.refusals = 0;
        match &self.state {
            State::Live(live) if self.renews_in_place() && live.renewal.is_none() => {
                self.offer(credential, now);
            }
            State::Stopped => {}
            State::Live(_) if self.may_overlap() => self.renew_by_link(credential, now),
            _ => {
                self.next = Some(credential.clone());
                self.take(credential, now);
                self.leave(Then::Open, now);
            }
        }
    }

    /// The source may have another token: on a live link it is renewed at once where that is possible in place, a stream
    /// that waits for the user goes on with it, and else it is ready for the next link.
    pub(super) fn source_changed(&mut self, now: Now) {
        let needed = self.dialect.renew != Renew::NotNeeded;
        match &mut self.state {
            State::Idle | State::AwaitCredential | State::Stopped => return,
            State::Live(live) if needed && live.renewal.is_none() => {
                live.renewal = Some(Renewal::Fetching { asked: false });
                self.show_liveness(now);
            }
            _ => {}
        }
        self.fetch();
    }

    /// The user wants the source asked again.
    pub(super) fn fetch_for_user(&mut self, now: Now) {
        match &mut self.state {
            State::Live(live) => {
                live.renewal
                    .get_or_insert(Renewal::Fetching { asked: true });
                self.status(Status::Renewing, now);
                self.fetch();
            }
            State::Idle | State::AwaitUser | State::Backoff(_) => {
                (self.credential, self.next) = (None, None);
                self.history.refusals = 0;
                self.begin(now);
            }
            _ => {}
        }
    }
}
