//! The login: the steps of the dialect.

use serde_json::Value;

use super::{
    live::Live,
    machine::{Session, State},
};
use crate::{
    cause::Cause,
    dialect::{Act, Await, Fail, Step, pointed, text_of},
    event::{Lifecycle, Status},
    message::Message,
    retry,
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
        while let Some(Step { act, only }) = self.steps().get(step).cloned() {
            let until = match act {
                _ if !only.holds(&self.vars(now)) => None,
                Act::Send(template) => {
                    self.send_template(live.link, &template, now);
                    None
                }
                Act::Await(awaited) => {
                    let limit = awaited.timeout.unwrap_or(self.profile.limits.login);
                    Some(now.mono.after(limit))
                }
                Act::Call(request) => {
                    let vars = self.fresh_vars(now);
                    Some(self.make_call(live.link, &request, &vars, now))
                }
                Act::Sign(ask) => return self.sign_step(live, &ask, (step, since), now),
            };
            if let Some(until) = until {
                self.state = State::AwaitLogin {
                    live,
                    step,
                    since,
                    until,
                };
                return self.status(Status::Authenticating, now);
            }
            step += 1;
        }
        let accepted = self
            .steps()
            .iter()
            .any(|step| matches!(step.act, Act::Await(_) | Act::Call(_)));
        if !self.steps().is_empty() {
            self.tell(
                Lifecycle::Authenticated(accepted.then(|| now.mono.since(since))),
                now,
            );
        }
        self.go_live(live, accepted, now);
    }

    /// What it means that the server ended the connection while a message was awaited, where the dialect says that and its
    /// rows say nothing of the close code.
    pub(super) fn meant_by_end(&self, cause: Cause) -> Cause {
        let State::AwaitLogin { step, .. } = &self.state else {
            return cause;
        };
        let by_server = match &cause {
            Cause::Eof | Cause::Broken(_) => true,
            Cause::Close { ours, .. } => !ours,
            _ => false,
        };
        let rule = match self.steps().get(*step).map(|step| &step.act) {
            Some(Act::Await(Await { ended, .. })) => ended.clone(),
            _ => None,
        };
        match rule {
            Some(rule) if by_server && retry::row(&cause, &self.dialect).is_none() => Cause::Told {
                text: retry::words(&cause, &self.profile),
                rule: Box::new(rule),
            },
            _ => cause,
        }
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
            // An HTTP call or the signer is under way.
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
}

/// The cause that a refusal is, in the server's own words where they are known.
pub(super) fn refused(fail: &Fail, value: &Value) -> Cause {
    let words = fail
        .text
        .as_ref()
        .and_then(|pointer| pointed(value, pointer));
    let text = text_of(words.as_deref().unwrap_or(value));
    match &fail.rule {
        Some(rule) => Cause::Told {
            text,
            rule: Box::new(rule.clone()),
        },
        None => Cause::LoginRefused(text),
    }
}
