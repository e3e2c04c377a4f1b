//! HTTP calls: before a link is opened, as a step of the login, for a subscription. One is under way at a time.

use serde_json::Value;
use url::Url;

use super::{
    LinkId, Output,
    live::Live,
    login::refused,
    machine::{Session, State},
};
use crate::{
    auth::{Call, CallAnswer, Header},
    cause::{Cause, HttpRefusal, Stage},
    dialect::{Act, Filled, Prepare, Request, Vars, host_fits},
    redact::percent_encoded,
    retry,
    secret::Secret,
    time::{Mono, Now},
};

/// So often a call is made again at most, where its answer sends to another place.
const HOPS: u32 = 5;

impl Session {
    /// Does this step before opening; behind the last the link is opened.
    pub(super) fn call(&mut self, link: LinkId, step: usize, now: Now) {
        let dialect = self.dialect.clone();
        let Some(prepare) = dialect.before.get(step).filter(|_| !self.resuming) else {
            return self.dial(link, now);
        };
        if !prepare.only().holds(&self.vars(now)) {
            return self.call(link, step + 1, now);
        }
        let before = match prepare {
            Prepare::Call(before) => before,
            Prepare::Sign { ask, .. } => return self.sign_before(link, step, ask, now),
        };
        let vars = self.fresh_vars(now);
        let until = self.make_call(link, &before.request, &vars, now);
        self.state = State::AwaitAnswer { link, step, until };
    }

    /// Makes a call, filled with these variables; until when its answer is awaited.
    pub(super) fn make_call(
        &mut self,
        link: LinkId,
        request: &Request,
        vars: &Vars,
        now: Now,
    ) -> Mono {
        self.push(Output::Call(link, Box::new(made(request, vars))));
        now.mono.after(self.profile.limits.connect)
    }

    pub(super) fn answered(&mut self, link: LinkId, answer: Result<CallAnswer, Cause>, now: Now) {
        if self.current_link() != Some(link) {
            return;
        }
        match &self.state {
            State::AwaitAnswer { step, .. } => {
                let step = *step;
                self.before_answered(link, step, answer, now);
            }
            State::AwaitLogin {
                live, step, since, ..
            } => {
                let (live, step, since) = (live.clone(), *step, *since);
                self.step_answered(live, (step, since), answer, now);
            }
            State::Live(_) => self.subscription_answered(link, answer, now),
            _ => {}
        }
    }

    fn before_answered(
        &mut self,
        link: LinkId,
        step: usize,
        answer: Result<CallAnswer, Cause>,
        now: Now,
    ) {
        let dialect = self.dialect.clone();
        let Some(Prepare::Call(before)) = dialect.before.get(step) else {
            return;
        };
        let value = match self.judged(&before.request, answer, now) {
            Ok(value) => value,
            Err(cause) => return self.link_lost(cause, now),
        };
        self.take_answer(&before.request, &value);
        let vars = self.vars(now);
        let again = before.again.as_ref();
        if !again.is_some_and(|again| again.matches(&value, &vars)) {
            self.scope.hops = 0;
            return self.call(link, step + 1, now);
        }
        self.scope.hops += 1;
        self.derive(now);
        match self.hop(&before.request, now) {
            Ok(()) => self.call(link, step, now),
            Err(why) => self.link_lost(Cause::Handshake(why), now),
        }
    }

    /// Whether a call may be made again at the place where its answer sends to: the token goes along.
    fn hop(&mut self, request: &Request, now: Now) -> Result<(), String> {
        let vars = self.vars(now);
        let url = request.url.fill(&vars);
        let host = Url::parse(url.expose().expose()).ok();
        let host = host.as_ref().and_then(Url::host_str).unwrap_or_default();
        let own = self.profile.url.host_str() == Some(host);
        let hosts = &self.dialect.open.hosts;
        if !own && !hosts.iter().any(|pattern| host_fits(pattern, host)) {
            return Err(format!(
                "the server sends to {host}, which the dialect does not allow"
            ));
        }
        if self.scope.hops > HOPS {
            return Err(format!(
                "the server sent to another place {HOPS} times in a row"
            ));
        }
        Ok(())
    }

    fn step_answered(
        &mut self,
        live: Live,
        (step, since): (usize, Mono),
        answer: Result<CallAnswer, Cause>,
        now: Now,
    ) {
        let Some(Act::Call(request)) = self.steps().get(step).map(|step| step.act.clone()) else {
            return;
        };
        match self.judged(&request, answer, now) {
            Ok(value) => {
                self.take_answer(&request, &value);
                self.log_in(live, step + 1, since, now);
            }
            Err(cause) => self.end_by(cause, now),
        }
    }

    fn subscription_answered(&mut self, link: LinkId, answer: Result<CallAnswer, Cause>, now: Now) {
        let State::Live(live) = &mut self.state else {
            return;
        };
        let Some((number, _)) = live.beat.calling.take() else {
            return;
        };
        let Some((entry, way)) = self.entry(number, now) else {
            return;
        };
        let Some(request) = &way.call else { return };
        match self.judged(request, answer, now) {
            Ok(value) => {
                self.take_answer(request, &value);
                self.send_signed(link, &way, &entry, now);
                self.forget_answer(request);
                if self.awaits_answer(number, &way, now) {
                    return;
                }
            }
            Err(cause) if self.ends_the_link(&cause) => return self.end_by(cause, now),
            Err(cause) => {
                let words = match cause {
                    Cause::LoginRefused(words) => words,
                    cause => retry::words(&cause, &self.profile),
                };
                self.note(format!("a subscription was refused: {words}"), now);
            }
        }
        self.subscribe_next(now);
    }

    /// Whether what kept a subscription from being made is about more than this entry: if a row says so, or if it is no
    /// answer to what was asked.
    fn ends_the_link(&self, cause: &Cause) -> bool {
        match cause {
            Cause::LoginRefused(_) => false,
            Cause::Http(refusal) => {
                let mut own = self.profile.verdicts.http.iter();
                !refusal.is_about_request()
                    || own.any(|(status, _)| *status == refusal.status)
                    || retry::row(cause, &self.dialect).is_some()
            }
            _ => true,
        }
    }

    /// The answer as JSON, or why it refuses.
    fn judged(
        &mut self,
        request: &Request,
        answer: Result<CallAnswer, Cause>,
        now: Now,
    ) -> Result<Value, Cause> {
        let answer = answer?;
        let value = serde_json::from_str(&answer.body)
            .unwrap_or_else(|_| Value::from(answer.body.as_str()));
        let vars = self.vars(now);
        let mut fails = request.fail.iter();
        if let Some(fail) = fails.find(|fail| fail.pattern.matches(&value, &vars)) {
            let mut cause = refused(fail, &value);
            if let (Cause::Told { rule, .. }, Some(wanted)) = (&mut cause, answer.retry_after) {
                rule.delay = Some((wanted, wanted + wanted / 10));
            }
            return Err(cause);
        }
        if (200..300).contains(&answer.status) {
            return Ok(value);
        }
        Err(Cause::Http(HttpRefusal {
            status: answer.status,
            retry_after: answer.retry_after,
            body: answer.body,
            headers: answer.headers,
            ..HttpRefusal::default()
        }))
    }

    fn take_answer(&mut self, request: &Request, value: &Value) {
        self.scope.take(&request.takes, value);
        for name in &request.secret {
            if let Some(secret) = self.scope.hide(name) {
                self.guard.know_secret(&secret);
            }
        }
    }

    /// What was taken for one subscription is not for the next.
    fn forget_answer(&mut self, request: &Request) {
        let taken = request.takes.take.iter();
        taken.for_each(|(name, _)| self.scope.link.unset(name));
    }

    pub(super) fn call_timed_out(&mut self, now: Now) {
        self.link_lost(Cause::Timeout(Stage::Upgrade), now);
    }

    /// Gives up a call for a subscription whose answer did not come in time.
    pub(super) fn give_call_up(&mut self, link: LinkId, now: Now) {
        self.subscription_answered(link, Err(Cause::Timeout(Stage::Upgrade)), now);
    }
}

fn made(request: &Request, vars: &Vars) -> Call {
    let headers = request
        .headers
        .iter()
        .filter(|(_, template)| template.is_ready(vars));
    let headers = headers.map(|(name, template)| Header {
        name: name.clone(),
        value: template.fill(vars),
    });
    let json = request
        .json
        .as_ref()
        .map(|json| ("application/json", json.fill(vars)));
    let form = (!request.form.is_empty())
        .then(|| ("application/x-www-form-urlencoded", form(request, vars)));
    Call {
        post: request.post,
        url: address(request, vars),
        headers: headers.collect(),
        body: json.or(form),
    }
}

/// The address, with what is put behind its path and added to its query.
fn address(request: &Request, vars: &Vars) -> Filled {
    let filled = request.url.fill(vars);
    if request.path.is_none() && request.query.is_empty() {
        return filled;
    }
    let Ok(mut url) = Url::parse(filled.expose().expose()) else {
        return filled;
    };
    if let Some(path) = &request.path {
        let path = path.fill(vars);
        let whole = format!(
            "{}/{}",
            url.path().trim_end_matches('/'),
            path.expose().expose()
        );
        url.set_path(&whole);
    }
    let added = request
        .query
        .iter()
        .filter(|(_, template)| template.is_ready(vars));
    for (name, template) in added {
        let value = template.fill(vars);
        url.query_pairs_mut()
            .append_pair(name, value.expose().expose());
    }
    let templates = request
        .path
        .iter()
        .chain(request.query.iter().map(|(_, value)| value));
    let secret = filled.is_secret() || templates.into_iter().any(|it| it.fill(vars).is_secret());
    if secret {
        return Filled::secret(Secret::new(url.into()));
    }
    Filled::plain(url)
}

/// The members of a form (WHATWG URL section 5.2). As a whole it is a secret.
fn form(request: &Request, vars: &Vars) -> Filled {
    let mut text = String::new();
    let ready = request
        .form
        .iter()
        .filter(|(_, template)| template.is_ready(vars));
    for (name, template) in ready {
        if !text.is_empty() {
            text.push('&');
        }
        percent_encoded(&mut text, name);
        text.push('=');
        percent_encoded(&mut text, template.fill(vars).expose().expose());
    }
    Filled::secret(Secret::new(text))
}
