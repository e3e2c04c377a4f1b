//! The login: the steps of the dialect, then its subscriptions.

use serde_json::Value;

use super::{
    LinkId,
    live::Live,
    machine::{Session, State},
};
use crate::{
    cause::Cause,
    dialect::{Act, Fail, Step, text_of},
    event::{Lifecycle, Status},
    message::Message,
    time::{Mono, Now},
};

impl Session {
    /// The steps of this link's login.
    pub(super) fn steps(&self) -> &[Step] {
        let resume = self.dialect.resume.as_ref().filter(|_| self.resuming);
        let steps = resume.and_then(|resume| resume.login.as_ref());
        steps.unwrap_or(&self.dialect.login)
    }

    /// Takes the steps from this one on, up to the first that waits; `since` is when the login began.
    pub(super) fn log_in(&mut self, live: Live, from: usize, since: Mono, now: Now) {
        let mut step = from;
        while let Some(Step { act, when, unless }) = self.steps().get(step).cloned() {
            let vars = self.vars(now);
            let skipped = when.is_some_and(|name| !vars.has(&name))
                || unless.is_some_and(|name| vars.has(&name));
            match act {
                _ if skipped => {}
                Act::Send(template) => self.send_template(live.link, &template, now),
                Act::Sign(ask) => {
                    let (link, until) = (live.link, Self::signed_until(now));
                    self.state = State::AwaitLogin {
                        live,
                        step,
                        since,
                        until,
                    };
                    self.status(Status::Authenticating, now);
                    return self.sign_in_login(link, &ask, (step, since), now);
                }
                Act::Await(awaited) => {
                    let limit = awaited.timeout.unwrap_or(self.profile.limits.login);
                    let until = now.mono.after(limit);
                    self.state = State::AwaitLogin {
                        live,
                        step,
                        since,
                        until,
                    };
                    return self.status(Status::Authenticating, now);
                }
            }
            step += 1;
        }
        let accepted = self
            .steps()
            .iter()
            .any(|step| matches!(step.act, Act::Await(_)));
        if !self.steps().is_empty() {
            self.tell(
                Lifecycle::Authenticated(accepted.then(|| now.mono.since(since))),
                now,
            );
        }
        self.go_live(live, accepted, now);
    }

    /// A message while the login goes on.
    pub(super) fn login_answered(&mut self, message: Message, now: Now) {
        if self.recognises() {
            return self.heard_first(&message, now);
        }
        let values = self.decoder.decode(&message);
        let class = self.class_of(&message, &values, now);
        self.show_received(class, message, &values, now);
        for value in values {
            self.login_value(&value, now);
        }
    }

    /// One value of a message that came while the login went on; with it the login may be done, or the link.
    pub(super) fn login_value(&mut self, value: &Value, now: Now) {
        match &self.state {
            State::AwaitLogin { .. } => self.login_heard(value, now),
            State::Live(_) => self.live_heard(value, now),
            _ => {}
        }
    }

    fn login_heard(&mut self, value: &Value, now: Now) {
        let State::AwaitLogin {
            live, step, since, ..
        } = &self.state
        else {
            return;
        };
        let (live, step, since) = (live.clone(), *step, *since);
        let Some(Act::Await(awaited)) = self.steps().get(step).map(|step| step.act.clone()) else {
            // The signer is at work.
            self.obey(value, now);
            return;
        };
        let vars = self.vars(now);
        if let Some(fail) = awaited
            .fail
            .iter()
            .find(|fail| fail.pattern.matches(value, &vars))
        {
            return self.end_by(refused(fail, value), now);
        }
        if awaited.accept.matches(value, &vars) {
            self.scope.take(&awaited.takes, value);
            return self.log_in(live, step + 1, since, now);
        }
        self.obey(value, now);
    }

    /// Sends the subscriptions, the paced ones later.
    pub(super) fn subscribe(&mut self, link: LinkId, now: Now) -> usize {
        let Some(subscribe) = self.dialect.subscribe.clone() else {
            return 0;
        };
        if self.resuming
            && !self
                .dialect
                .resume
                .as_ref()
                .is_some_and(|resume| resume.subscribe)
        {
            return self.subscriptions().len();
        }
        let most = if subscribe.pace.is_zero() {
            usize::MAX
        } else {
            1
        };
        let mut sent = 0;
        while sent < most && self.subscribe_to(link, sent, now) {
            sent += 1;
        }
        sent
    }

    /// Sends the subscription of this number; whether there is one.
    pub(super) fn subscribe_to(&mut self, link: LinkId, number: usize, now: Now) -> bool {
        let Some(subscribe) = self.dialect.subscribe.clone() else {
            return false;
        };
        let Some(item) = self.subscriptions().get(number).cloned() else {
            return false;
        };
        // What is derived for a subscription may sign its entry.
        self.scope.link.set("item", item);
        self.derive(now);
        let vars = self.vars(now);
        self.scope.link.unset("item");
        self.send_filled(link, &subscribe.send.fill(&vars), now);
        true
    }

    /// Whether anything is subscribed to on each link.
    pub(super) fn has_subscriptions(&self) -> bool {
        self.dialect.subscribe.is_some() && !self.subscriptions().is_empty()
    }

    fn subscriptions(&self) -> &[Value] {
        let default = self
            .dialect
            .subscribe
            .as_ref()
            .map_or(&[][..], |subscribe| &subscribe.default);
        if self.profile.subscribe.is_empty() {
            default
        } else {
            &self.profile.subscribe
        }
    }
}

/// The cause that a refusal is, in the server's own words where they are known.
pub(super) fn refused(fail: &Fail, value: &Value) -> Cause {
    let words = fail
        .text
        .as_ref()
        .and_then(|pointer| value.pointer(pointer));
    let text = text_of(words.unwrap_or(value));
    match &fail.rule {
        Some(rule) => Cause::Told {
            text,
            rule: Box::new(rule.clone()),
        },
        None => Cause::LoginRefused(text),
    }
}
