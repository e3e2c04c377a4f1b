//! The end of a link: the one place that asks the retry rules, and what follows from their verdict.

use std::time::Duration;

use super::machine::{Outage, Session, State};
use crate::{
    cause::{Cause, Verdict},
    event::{Ended, Lifecycle, Status, Wait},
    profile::Source,
    retry::{self, Judgement},
    time::{Now, show_span},
};

impl Session {
    /// A link ended, or could not be made, and not because we wanted it.
    pub(super) fn link_lost(&mut self, cause: Cause, now: Now) {
        let cause = cause.redacted(&self.guard.redactor);
        if self.older_is_used() {
            return self.stay_on_older(&cause, now);
        }
        self.close_older(now);
        let judgement = self.judge(&cause);
        self.begin_outage(cause.clone(), now);
        self.history.attempts = self.history.attempts.saturating_add(1);
        let attempt = self.history.attempts + 1;
        if judgement.verdict == Verdict::Fresh || self.resuming_was_refused(&cause) {
            self.scope.forget_all();
        }
        match judgement.verdict {
            Verdict::Ask => self.ask(&judgement, cause, now),
            Verdict::Stop => self.give_up(&judgement, cause, now),
            _ => self.wait(&judgement, cause, attempt, now),
        }
    }

    /// Whether the server did not take up again what we offered: what was kept is worth nothing then.
    pub(super) fn resuming_was_refused(&self, cause: &Cause) -> bool {
        let refuses = match cause {
            Cause::Close { ours, .. } => !ours,
            // What is wrong with the server for now says nothing about what it keeps.
            Cause::Http(refusal) => refusal.is_about_request(),
            Cause::LoginRefused(_) | Cause::Told { .. } => true,
            _ => false,
        };
        self.resuming && refuses && !matches!(self.state, State::Live(_))
    }

    /// Counts a refused token and asks the rules.
    fn judge(&mut self, cause: &Cause) -> Judgement {
        let rule = retry::rule(cause, &self.profile);
        let offered = (rule.refuses_token || rule.forbidden) && self.refuse_offered().is_some();
        if rule.refuses_token && self.current_link().is_some() {
            if let Some(credential) = self.credential.as_ref().filter(|_| !offered) {
                self.refused.insert(credential.fingerprint());
            }
            self.history.refusals = self.history.refusals.saturating_add(1);
            self.refusal = Some(retry::words(cause, &self.profile));
        }
        let judgement = retry::judge(cause, &self.profile, self.history);
        let verdict = match judgement.verdict {
            // Whoever the new token is for is not allowed; the one in use was.
            Verdict::Ask if offered && rule.forbidden => Verdict::Reconnect,
            // Nothing but the user gives another token: there is nothing to wait for.
            Verdict::Renew
                if !offered && self.profile.source == Source::Prompt && self.next.is_none() =>
            {
                Verdict::Ask
            }
            verdict => verdict,
        };
        Judgement {
            verdict,
            ..judgement
        }
    }

    /// Remembers since when nothing flows, and why.
    pub(super) fn begin_outage(&mut self, cause: Cause, now: Now) {
        if let State::Live(live) = &self.state {
            let silent = matches!(cause, Cause::Silence(_));
            self.outage = Some(Outage {
                since: if silent { live.heard } else { now.mono },
                cause,
                attempts: 0,
            });
        }
    }

    fn tell_end(&mut self, judgement: &Judgement, cause: Cause, decision: String, now: Now) {
        let rule = Box::new(judgement.rule.clone());
        let words = retry::words(&cause, &self.profile);
        self.tell(
            Lifecycle::Ended(Ended {
                cause,
                words,
                verdict: judgement.verdict,
                decision,
                rule,
            }),
            now,
        );
    }

    fn ask(&mut self, judgement: &Judgement, cause: Cause, now: Now) {
        // Where the rule is to renew, only another token that is refused as well shows it.
        let rule = &judgement.rule;
        let shown = rule.verdict == Verdict::Ask || self.history.refusals > 1;
        let forbidden = rule.forbidden && shown;
        let credential = judgement.rule.refuses_token || matches!(cause, Cause::Credential(_));
        let what = match (forbidden, credential) {
            (true, _) => "not allowed; access or another account is needed",
            (_, true) => "sign in to go on",
            _ => "only you can mend it",
        };
        let decision = judgement
            .instead
            .map_or_else(|| what.to_owned(), |instead| format!("{instead}; {what}"));
        let why = retry::words(&cause, &self.profile);
        self.tell_end(judgement, cause, decision, now);
        self.state = State::AwaitUser;
        let status = match (forbidden, credential) {
            (true, _) => Status::Forbidden { why },
            (_, true) => Status::SignInNeeded { why },
            _ => Status::Stopped { why },
        };
        self.status(status, now);
    }

    fn give_up(&mut self, judgement: &Judgement, cause: Cause, now: Now) {
        let why = retry::words(&cause, &self.profile);
        let decision = judgement.instead.unwrap_or("trying again would not help");
        self.tell_end(judgement, cause, decision.to_owned(), now);
        self.state = State::AwaitUser;
        self.status(Status::Stopped { why }, now);
    }

    fn wait(&mut self, judgement: &Judgement, cause: Cause, attempt: u32, now: Now) {
        let range = retry::delay_range(judgement, &cause, &self.profile.retry, attempt);
        let delay = self.draw(range);
        let renews = judgement.verdict == Verdict::Renew && !self.has_usable_credential(now);
        let decision = match (renews, delay.is_zero()) {
            (true, true) => format!("another token is fetched from {}", self.profile.source),
            (true, false) => format!(
                "another token from {}, attempt {attempt} in {}",
                self.profile.source,
                show_span(delay)
            ),
            (false, true) => format!("attempt {attempt} now"),
            (false, false) => format!("attempt {attempt} in {}", show_span(delay)),
        };
        let why = retry::words(&cause, &self.profile);
        self.tell_end(judgement, cause, decision, now);
        if delay.is_zero() {
            return self.begin(now);
        }
        let wait = Wait {
            attempt,
            until: Some(now.mono.after(delay)),
            delay,
            range,
            why,
        };
        self.state = State::Backoff(wait.clone());
        self.status(Status::Waiting(wait), now);
    }

    /// A random delay from a range, both ends included.
    fn draw(&mut self, (least, most): (Duration, Duration)) -> Duration {
        let (least, most) = (least.as_micros() as u64, most.as_micros() as u64);
        Duration::from_micros(self.random.u64(least..=most.max(least)))
    }
}
