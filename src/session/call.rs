//! HTTP calls before a link is opened.

use serde_json::Value;

use super::{
    LinkId, Output,
    login::refused,
    machine::{Session, State},
};
use crate::{
    auth::{Call, CallAnswer, Header},
    cause::{Cause, HttpRefusal, Stage},
    dialect::{Before, Bound, Filled, Prepare, Vars},
    redact::percent_encoded,
    secret::Secret,
    time::Now,
};

impl Session {
    /// Does this step before opening; behind the last the link is opened.
    pub(super) fn call(&mut self, link: LinkId, step: usize, now: Now) {
        let dialect = self.dialect.clone();
        let Some(prepare) = dialect.before.get(step).filter(|_| !self.resuming) else {
            return self.dial(link, now);
        };
        let vars = self.vars(now);
        let (when, unless) = prepare.conditions();
        if when.is_some_and(|name| !vars.has(name)) || unless.is_some_and(|name| vars.has(name)) {
            return self.call(link, step + 1, now);
        }
        let before = match prepare {
            Prepare::Call(before) => before,
            Prepare::Sign { ask, .. } => return self.sign_before(link, step, ask, now),
        };
        let until = now.mono.after(self.profile.limits.connect);
        self.state = State::AwaitAnswer { link, step, until };
        self.derive(now);
        let call = made(before, &self.vars(now));
        self.push(Output::Call(link, Box::new(call)));
    }

    pub(super) fn answered(&mut self, link: LinkId, answer: Result<CallAnswer, Cause>, now: Now) {
        let State::AwaitAnswer {
            link: awaited,
            step,
            ..
        } = self.state
        else {
            return;
        };
        if awaited != link {
            return;
        }
        match answer {
            Ok(answer) => self.take_answer(link, step, answer, now),
            Err(cause) => self.link_lost(cause, now),
        }
    }

    fn take_answer(&mut self, link: LinkId, step: usize, answer: CallAnswer, now: Now) {
        let dialect = self.dialect.clone();
        let Some(Prepare::Call(before)) = dialect.before.get(step) else {
            return;
        };
        let value = serde_json::from_str(&answer.body)
            .unwrap_or_else(|_| Value::from(answer.body.as_str()));
        let vars = self.vars(now);
        if let Some(fail) = before
            .fail
            .iter()
            .find(|fail| fail.pattern.matches(&value, &vars))
        {
            return self.link_lost(refused(fail, &value), now);
        }
        if !(200..300).contains(&answer.status) {
            let refusal = HttpRefusal {
                status: answer.status,
                retry_after: answer.retry_after,
                body: answer.body,
                ..HttpRefusal::default()
            };
            return self.link_lost(Cause::Http(refusal), now);
        }
        self.scope.take(&before.takes, &value);
        before.secret.iter().for_each(|name| self.scope.hide(name));
        self.call(link, step + 1, now);
    }

    pub(super) fn call_timed_out(&mut self, now: Now) {
        self.link_lost(Cause::Timeout(Stage::Upgrade), now);
    }
}

fn made(before: &Before, vars: &Vars) -> Call {
    let headers = before
        .headers
        .iter()
        .filter(|(_, template)| template.is_ready(vars));
    let headers = headers.map(|(name, template)| Header {
        name: name.clone(),
        value: template.fill(vars),
    });
    let json = before
        .json
        .as_ref()
        .map(|json| ("application/json", json.fill(vars)));
    let form = (!before.form.is_empty())
        .then(|| ("application/x-www-form-urlencoded", form(before, vars)));
    Call {
        post: before.post,
        url: before.url.fill(vars),
        headers: headers.collect(),
        body: json.or(form),
    }
}

/// The members of a form (WHATWG URL section 5.2). As a whole it is a secret.
fn form(before: &Before, vars: &Vars) -> Filled {
    let mut text = String::new();
    for (name, template) in &before.form {
        if !text.is_empty() {
            text.push('&');
        }
        percent_encoded(&mut text, name);
        text.push('=');
        percent_encoded(&mut text, template.fill(vars).expose().expose());
    }
    Filled::secret(Secret::new(text))
}

impl super::scope::Scope {
    /// Makes a variable of this link one that is not shown.
    fn hide(&mut self, name: &str) {
        if let Some((value, false)) = self.link.find(name) {
            let text = crate::dialect::text_of(&value);
            self.link.set(name, Bound::Secret(Secret::new(text)));
        }
    }
}
