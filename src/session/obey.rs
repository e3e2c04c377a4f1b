//! What is done about messages while a stream is live: answers, the server's orders, what is taken from them.

use serde_json::Value;

use super::{
    Output,
    login::refused,
    machine::{Session, State},
    overlap::Why,
    renewal::Renewal,
};
use crate::{
    cause::{Cause, Verdict},
    close_code::CloseCode,
    dialect::{Codec, On, Renew, Vars, pointed, text_of},
    message::{Kind, Message},
    retry,
    time::Now,
};

impl Session {
    /// A message while the link is live. It is read only if something in the dialect may be about it.
    pub(super) fn live_received(&mut self, message: Message, now: Now) {
        let read = self.concerns_us(&message);
        let values = if read {
            self.decoder.decode(&message)
        } else {
            Vec::new()
        };
        self.count_sequence(&message, &values, now);
        let class = self.class_of(&message, &values, now);
        self.show_received(class, message, &values, now);
        self.close_older(now);
        for value in values {
            if matches!(self.state, State::Live(_)) {
                self.live_heard(&value, now);
            }
        }
    }

    fn concerns_us(&self, message: &Message) -> bool {
        let State::Live(live) = &self.state else {
            return false;
        };
        let renewing = matches!(live.renewal, Some(Renewal::Offered { .. }));
        let dialect = &self.dialect;
        let event = &dialect.event;
        let looks = event.id.is_some() || event.sequence.is_some() || !event.secrets.is_empty();
        if dialect.codec != Codec::Json && looks || live.beat.answering.is_some() {
            return true;
        }
        match dialect.codec {
            Codec::Json | Codec::Array | Codec::Lines | Codec::Delimited => {
                let bytes = &message.data;
                let beat = dialect
                    .keepalive
                    .beat
                    .as_ref()
                    .and_then(|beat| beat.answer.as_ref());
                let fails = dialect
                    .subscribe
                    .iter()
                    .flat_map(|subscribe| &subscribe.fail);
                message.kind == Kind::Text
                    && (renewing
                        || dialect.on.iter().any(|on| on.pattern.may_match(bytes))
                        || fails
                            .map(|fail| &fail.pattern)
                            .any(|pattern| pattern.may_match(bytes))
                        || beat
                            .is_some_and(|answer| live.beat.unanswered && answer.may_match(bytes)))
            }
            // Their frames may be split over messages, or do not hold their names.
            _ => true,
        }
    }

    pub(super) fn live_heard(&mut self, value: &Value, now: Now) {
        let vars = self.vars(now);
        let dialect = self.dialect.clone();
        let State::Live(live) = &mut self.state else {
            return;
        };
        if let Some(answer) = dialect
            .keepalive
            .beat
            .as_ref()
            .and_then(|beat| beat.answer.as_ref())
        {
            live.beat.unanswered &= !answer.matches(value, &vars);
        }
        if matches!(live.renewal, Some(Renewal::Offered { .. }))
            && self.renewal_heard(value, &vars, now)
        {
            return;
        }
        if !self.obey(value, now) {
            self.subscription_heard(value, &vars, now);
        }
        self.answer_heard(value, &vars, now);
    }

    /// A subscription that is refused is told; the stream goes on unless the dialect says otherwise.
    fn subscription_heard(&mut self, value: &Value, vars: &Vars, now: Now) {
        let dialect = self.dialect.clone();
        let mut fails = dialect
            .subscribe
            .iter()
            .flat_map(|subscribe| &subscribe.fail);
        let Some(fail) = fails.find(|fail| fail.pattern.matches(value, vars)) else {
            return;
        };
        if fail.rule.is_some() {
            return self.end_by(refused(fail, value), now);
        }
        let words = words(fail.text.as_deref(), value);
        self.note(format!("a subscription was refused: {words}"), now);
        self.answer_is_over(now);
    }

    /// Does what the dialect says about a message; whether that is more than to class it and to take from it.
    pub(super) fn obey(&mut self, value: &Value, now: Now) -> bool {
        let vars = self.vars(now);
        let dialect = self.dialect.clone();
        let mut rows = dialect.on.iter().enumerate();
        let Some((row, on)) = rows.find(|(_, on)| on.is_about(value, &vars)) else {
            return false;
        };
        self.note_taken(on, value);
        if !on.takes.take.is_empty() {
            self.set_watchdog(now);
        }
        if let Some(note) = &on.note {
            self.note(format!("{note}{}", after_colon(on, value)), now);
        }
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &self.state else {
            return false;
        };
        let link = live.link;
        match &on.send {
            _ if on.sign.is_some() => self.sign_answer(link, row, value, now),
            Some(_) if on.every.is_some() => self.owe(row, value, now),
            Some(send) => self.answer(link, send, value, now),
            None => {}
        }
        if on.renew {
            self.renew_as_asked(now);
        }
        match &on.rule {
            // The server is about to end the link, but has not yet.
            Some(rule) if rule.verdict == Verdict::Now && self.may_overlap() => {
                self.move_on(on, value, now);
            }
            Some(_) => self.end_by(told(on, value, &vars), now),
            None => {}
        }
        on.send.is_some() || on.sign.is_some() || on.renew || on.rule.is_some()
    }

    /// The answer to a message waits for those after it, so that one is for all of them.
    fn owe(&mut self, row: usize, value: &Value, now: Now) {
        let vars = self.vars(now);
        let every = self.dialect.on[row].every.as_ref();
        let every = every.and_then(|every| every.length(&vars, value));
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &mut self.state else {
            return;
        };
        let due = now.mono.after(every.unwrap_or_default());
        let (_, it) = live.beat.owed.entry(row).or_insert((due, Value::Null));
        it.clone_from(value);
    }

    /// Gives the answers that are due.
    pub(super) fn answer_owed(&mut self, now: Now) {
        let dialect = self.dialect.clone();
        let State::Live(live) = &mut self.state else {
            return;
        };
        let link = live.link;
        let due = live.beat.owed.extract_if(.., |_, (at, _)| *at <= now.mono);
        for (row, (_, it)) in due.collect::<Vec<_>>() {
            if let Some(send) = &dialect.on[row].send {
                self.answer(link, send, &it, now);
            }
        }
    }

    fn note_taken(&mut self, on: &On, value: &Value) {
        self.scope.take(&on.takes, value);
        on.forget
            .iter()
            .for_each(|name| self.scope.kept.unset(name));
    }

    /// Answers a message of a link that is on its way out, and does nothing else that the dialect says about it.
    pub(super) fn answer_only(&mut self, link: super::LinkId, value: &Value, now: Now) {
        let vars = self.vars(now);
        let dialect = self.dialect.clone();
        let mut rows = dialect.on.iter();
        if let Some(on) = rows.find(|on| on.is_about(value, &vars)) {
            self.note_taken(on, value);
            if let Some(send) = on.send.as_ref().filter(|_| on.sign.is_none()) {
                self.answer(link, send, value, now);
            }
        }
    }

    /// An answer may use what it answers, under the name `it`.
    pub(super) fn answer(
        &mut self,
        link: super::LinkId,
        send: &crate::dialect::Template,
        value: &Value,
        now: Now,
    ) {
        let mut vars = self.vars(now);
        vars.set("it", value.clone());
        self.send_filled(link, &send.fill(&vars), now);
    }

    /// Opens another link, as the server announced the end of this one.
    fn move_on(&mut self, on: &On, value: &Value, now: Now) {
        let words = after_colon(on, value);
        self.note(
            format!(
                "the server is about to end this connection{words}; another one is opened first"
            ),
            now,
        );
        self.open_beside(Why::Moving, self.credential.clone(), now);
    }

    /// The server wants a new token on this link.
    fn renew_as_asked(&mut self, now: Now) {
        let State::Live(live) = &mut self.state else {
            return;
        };
        if live.renewal.is_none() {
            live.renewal = Some(Renewal::Fetching { asked: false });
            self.show_liveness(now);
            self.fetch();
        }
    }

    /// Ends the link for what the server said.
    pub(super) fn end_by(&mut self, cause: Cause, now: Now) {
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &self.state else {
            return;
        };
        let comes_back = !matches!(
            retry::rule(&cause, &self.profile).verdict,
            Verdict::Ask | Verdict::Stop
        );
        let code = self
            .dialect
            .farewell
            .code
            .filter(|_| comes_back)
            .unwrap_or(1000);
        let link = live.link;
        self.say_farewell(link, now);
        self.push(Output::Close(link, CloseCode(code), String::new()));
        self.link_lost(cause, now);
    }

    /// Looks for the answer to an offered token; whether it was refused.
    fn renewal_heard(&mut self, value: &Value, vars: &Vars, now: Now) -> bool {
        let dialect = self.dialect.clone();
        let Renew::InPlace { accept, fail, .. } = &dialect.renew else {
            return false;
        };
        if let Some(fail) = fail.iter().find(|fail| fail.pattern.matches(value, vars)) {
            let refused = self.refuse_offered();
            let words = fail.text.as_ref().map_or_else(String::new, |pointer| {
                format!(" ({})", words(Some(pointer), value))
            });
            self.unrenewed(
                format!("the server refused the new token{words}"),
                refused,
                now,
            );
            self.end_renewal(now);
            return true;
        }
        let accepted = accept.as_ref();
        if accepted.is_some_and(|accept| accept.matches(value, vars)) {
            self.renewed(now);
        }
        false
    }
}

/// The server's words behind a colon, where the row points to some.
fn after_colon(on: &On, value: &Value) -> String {
    on.text.as_deref().map_or_else(String::new, |pointer| {
        format!(": {}", words(Some(pointer), value))
    })
}

fn words(pointer: Option<&str>, value: &Value) -> String {
    let found = pointer.and_then(|pointer| pointed(value, pointer));
    text_of(found.as_deref().unwrap_or(value))
}

/// The cause that an order of the server is.
fn told(on: &On, value: &Value, vars: &Vars) -> Cause {
    let mut rule = on
        .rule
        .clone()
        .unwrap_or_else(|| unreachable!("only called for a rule"));
    let delay = on
        .delay
        .as_ref()
        .and_then(|delay| delay.length(vars, value));
    rule.delay = delay
        .map(|delay| (delay, delay + delay / 10))
        .or(rule.delay);
    Cause::Told {
        text: words(on.text.as_deref(), value),
        rule: Box::new(rule),
    }
}
