//! Subscriptions: one after another once a link is live, by message, by HTTP call, or by a call and then a message.

use serde_json::Value;

use super::{
    LinkId,
    machine::{Session, State},
};
use crate::{
    dialect::{Bound, Renew, Template, Vars, Way, text_of},
    secret::Secret,
    time::Now,
};

impl Session {
    /// How many subscriptions need not be made: where the link takes up what was there, all of them, or those that were
    /// begun on the link that it is opened beside.
    pub(super) fn subscribed_already(&self) -> usize {
        let resume = self.dialect.resume.as_ref().filter(|_| self.resuming);
        if resume.is_none_or(|resume| resume.subscribe) {
            return 0;
        }
        let all = self.subscriptions().len();
        self.subscribed_on_older().unwrap_or(all)
    }

    /// Makes the subscriptions that are left, up to the first that has to wait.
    pub(super) fn subscribe_on(&mut self, now: Now) {
        while let State::Live(live) = &mut self.state {
            live.beat.subscribe_at = None;
            let number = live.beat.subscribed;
            if live.beat.calling.is_some() || live.beat.answering.is_some() {
                return;
            }
            let Some((entry, way)) = self.entry(number, now) else {
                return;
            };
            if self.has_already(number, &way) {
                self.skip();
                continue;
            }
            if self.subscribe_to(number, &entry, &way, now) {
                return;
            }
        }
    }

    /// Begins the subscription of this number; whether the next has to wait.
    fn subscribe_to(&mut self, number: usize, entry: &Value, way: &Way, now: Now) -> bool {
        let turn = self.turn_at(now).filter(|_| way.call.is_none());
        let State::Live(live) = &mut self.state else {
            return true;
        };
        live.beat.subscribe_at = turn;
        if turn.is_some() {
            self.tell_of_waiting(now);
            return true;
        }
        live.beat.subscribed += 1;
        let link = live.link;
        let Some(call) = &way.call else {
            self.send_for(link, way, entry, now);
            return self.awaits_answer(number, way, now) || self.pause(now);
        };
        let vars = self.vars_for(entry, now);
        if !call.url.is_ready(&vars) {
            let unset: Vec<_> = call.url.names().collect();
            self.not_subscribed(entry, &format!("{} is not set", unset.join(", ")), now);
            return false;
        }
        let until = self.make_call(link, call, &vars, now);
        if let State::Live(live) = &mut self.state {
            live.beat.calling = Some((number, until));
        }
        true
    }

    /// Whether an entry need not be subscribed to, as the link takes up what was there.
    fn has_already(&self, number: usize, way: &Way) -> bool {
        matches!(&self.state, State::Live(live) if number < live.beat.kept) && !way.again
    }

    fn skip(&mut self) {
        if let State::Live(live) = &mut self.state {
            live.beat.subscribed += 1;
        }
    }

    /// Whether the next entry waits for the answer to this one.
    pub(super) fn awaits_answer(&mut self, number: usize, way: &Way, now: Now) -> bool {
        let until = now.mono.after(self.profile.limits.login);
        if let (State::Live(live), Some(_)) = (&mut self.state, &way.answer) {
            live.beat.answering = Some((number, until));
        }
        way.answer.is_some()
    }

    /// Looks for the answer that the next entry waits for.
    pub(super) fn answer_heard(&mut self, value: &Value, vars: &Vars, now: Now) {
        let State::Live(live) = &self.state else {
            return;
        };
        let Some((number, _)) = live.beat.answering else {
            return;
        };
        let Some((entry, way)) = self.entry(number, now) else {
            return;
        };
        let mut vars = vars.clone();
        vars.set("item", entry.clone());
        if way
            .answer
            .is_some_and(|answer| answer.matches(value, &vars))
        {
            self.scope.keep_for(&entry, &way.keep, value);
            self.answer_is_over(now);
        }
    }

    /// The answer does not come: the next entry has its turn.
    pub(super) fn give_answer_up(&mut self, now: Now) {
        let State::Live(live) = &self.state else {
            return;
        };
        let number = live.beat.answering.map_or(0, |(number, _)| number);
        if let Some(entry) = self.subscriptions().get(number).cloned() {
            self.not_subscribed(&entry, "there is no answer", now);
        }
        self.answer_is_over(now);
    }

    /// Goes on after an answer, or a refusal in its place.
    pub(super) fn answer_is_over(&mut self, now: Now) {
        if let State::Live(live) = &mut self.state
            && live.beat.answering.take().is_some()
        {
            self.subscribe_next(now);
        }
    }

    /// Goes on after a subscription that was made by a call.
    pub(super) fn subscribe_next(&mut self, now: Now) {
        if !self.pause(now) {
            self.subscribe_on(now);
        }
    }

    /// Waits before the next subscription; whether the dialect wants that.
    fn pause(&mut self, now: Now) -> bool {
        let pace = self
            .dialect
            .subscribe
            .as_ref()
            .map(|subscribe| subscribe.pace);
        let pace = pace.filter(|pace| !pace.is_zero());
        if let (State::Live(live), Some(pace)) = (&mut self.state, pace) {
            live.beat.subscribe_at = Some(now.mono.after(pace));
        }
        pace.is_some()
    }

    /// The entry of this number, and what is done for it.
    pub(super) fn entry(&mut self, number: usize, now: Now) -> Option<(Value, Way)> {
        let entry = self.subscriptions().get(number).cloned()?;
        let vars = self.vars(now);
        let subscribe = self.dialect.subscribe.as_ref()?;
        let way = subscribe.way(&entry, &vars).cloned().unwrap_or_default();
        Some((entry, way))
    }

    /// Sends the message for an entry.
    pub(super) fn send_for(&mut self, link: LinkId, way: &Way, entry: &Value, now: Now) {
        match &way.send {
            Some(send) => {
                let vars = self.vars_for(entry, now);
                self.send_filled(link, &send.fill(&vars), now);
            }
            None if way.call.is_none() => {
                self.not_subscribed(entry, "the dialect does not say how", now);
            }
            None => {}
        }
    }

    /// Sends the message for an entry after its call, if the answer had what the message wants.
    pub(super) fn send_signed(&mut self, link: LinkId, way: &Way, entry: &Value, now: Now) {
        let takes = way.call.iter().flat_map(|call| &call.takes.take);
        let wanted: Vec<_> = way.send.iter().flat_map(Template::names).collect();
        let missing =
            takes.filter(|(name, _)| wanted.contains(&name.as_str()) && !self.scope.link.has(name));
        let missing: Vec<_> = missing.map(|(_, place)| place.as_str()).collect();
        if missing.is_empty() {
            self.send_for(link, way, entry, now);
        } else {
            let why = format!("the answer has no {}", missing.join(", "));
            self.not_subscribed(entry, &why, now);
        }
    }

    fn not_subscribed(&mut self, entry: &Value, why: &str, now: Now) {
        self.note(format!("not subscribed to {}: {why}", text_of(entry)), now);
    }

    /// Offers a new token for every subscription, where the dialect wants that.
    pub(super) fn offer_for_each(&mut self, link: LinkId, token: &Secret, now: Now) {
        let dialect = self.dialect.clone();
        let Renew::InPlace {
            each: Some(each), ..
        } = &dialect.renew
        else {
            return;
        };
        for entry in self.subscriptions().to_vec() {
            let mut vars = self.vars(now);
            vars.set("token", Bound::Secret(token.clone()));
            vars.set("item", entry);
            self.send_filled(link, &each.fill(&vars), now);
        }
    }

    /// Whether anything is subscribed to on this link.
    pub(super) fn has_subscriptions(&self) -> bool {
        let count = self.subscriptions().len();
        let dialect = &self.dialect;
        let mut ways = dialect.subscribe.iter().flat_map(|how| &how.ways);
        self.subscribed_already() < count || count > 0 && ways.any(|way| way.again)
    }

    fn subscriptions(&self) -> &[Value] {
        let subscribe = self.dialect.subscribe.as_ref();
        match subscribe {
            Some(subscribe) if self.profile.subscribe.is_empty() => &subscribe.default,
            Some(_) => &self.profile.subscribe,
            None => &[],
        }
    }
}
