//! What is done about messages while a stream is live: answers, the server's orders, what is taken from them.

use serde_json::Value;

use super::{
    Output,
    live::Renewal,
    login::refused,
    machine::{Session, State},
};
use crate::{
    cause::{Cause, Verdict},
    close_code::CloseCode,
    dialect::{Codec, On, Renew, Vars, pointed, text_of},
    event::EventKind,
    message::{Direction, Kind, Message},
    payload::json::{self, steps},
    retry,
    time::Now,
};

impl Session {
    /// A message while the link is live. It is read only if something in the dialect may be about it.
    pub(super) fn live_received(&mut self, message: Message, now: Now) {
        self.count_sequence(&message, now);
        if !self.concerns_us(&message) {
            return self.event(EventKind::Message(Direction::In, message), now);
        }
        let values = self.decoder.decode(&message);
        self.event(EventKind::Message(Direction::In, message), now);
        for value in values {
            if matches!(self.state, State::Live(_)) {
                self.live_heard(&value, now);
            }
        }
    }

    /// Tells of a hole in the numbers that the messages of a link bear.
    fn count_sequence(&mut self, message: &Message, now: Now) {
        let Some(pointer) = &self.dialect.event.sequence else {
            return;
        };
        let State::Live(live) = &mut self.state else {
            return;
        };
        let Some(number) =
            json::type_at(&message.data, &steps(pointer)).and_then(|text| text.parse().ok())
        else {
            return;
        };
        let last: Option<u64> = live.sequence.replace(number);
        if let Some(last) = last
            && last.checked_add(1).is_some_and(|next| next < number)
        {
            let missing = number - last - 1;
            self.note(
                format!("{missing} missing: after {last} came {number}"),
                now,
            );
        }
    }

    fn concerns_us(&self, message: &Message) -> bool {
        let State::Live(live) = &self.state else {
            return false;
        };
        let renewing = matches!(live.renewal, Some(Renewal::Offered { .. }));
        let dialect = &self.dialect;
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
    }

    /// Does what the dialect says about a message; whether it says anything.
    pub(super) fn obey(&mut self, value: &Value, now: Now) -> bool {
        let vars = self.vars(now);
        let dialect = self.dialect.clone();
        let Some(on) = dialect
            .on
            .iter()
            .find(|on| on.pattern.matches(value, &vars) && on.only.holds(&vars))
        else {
            return false;
        };
        self.scope.take(&on.takes, value);
        on.forget
            .iter()
            .for_each(|name| self.scope.kept.unset(name));
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &self.state else {
            return true;
        };
        let link = live.link;
        if let Some(send) = &on.send {
            self.answer(link, send, value, now);
        }
        if on.renew {
            self.renew_as_asked(now);
        }
        if on.rule.is_some() {
            self.end_by(told(on, value, &vars), now);
        }
        true
    }

    /// An answer may use what it answers, under the name `it`.
    fn answer(
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
        self.push(Output::Close(link, CloseCode(code)));
        self.link_lost(cause, now);
    }

    /// Looks for the answer to an offered token; whether it was refused.
    fn renewal_heard(&mut self, value: &Value, vars: &Vars, now: Now) -> bool {
        let dialect = self.dialect.clone();
        let Renew::InPlace { accept, fail, .. } = &dialect.renew else {
            return false;
        };
        if let Some(fail) = fail.iter().find(|fail| fail.pattern.matches(value, vars)) {
            self.refuse_offered();
            let words = fail.text.as_ref().map_or_else(String::new, |pointer| {
                format!(" ({})", words(Some(pointer), value))
            });
            self.note(
                format!("the server refused the new token{words}; the old one stays in use"),
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
