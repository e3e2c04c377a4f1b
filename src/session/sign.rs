//! Questions to the profile's signer: before a link is opened, as a step of the login, and in answer to a message.
//!
//! One question is asked at a time, so a server that sends challenges without end starts no more than one command.

use std::collections::VecDeque;

use serde_json::Value;

use super::{
    LinkId, Output,
    live::Live,
    machine::{Session, State},
};
use crate::{
    auth::Question,
    cause::Cause,
    dialect::{Act, Ask, Bound, Filled},
    event::Status,
    secret::Secret,
    time::{Mono, Now},
};

/// The signer keeps its own time limit; this long the session waits for it where it has to.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(33);
const NO_SIGNER: &str = "the dialect wants a signature, and the profile has no signer; write signer = { command = [\"PROGRAM\"] }";

/// Questions to the signer.
#[derive(Debug, Default)]
pub(super) struct Signing {
    number: u64,
    asked: Option<Asked>,
    waiting: VecDeque<(Asked, Filled)>,
}

#[derive(Debug)]
struct Asked {
    link: LinkId,
    into: String,
    then: Next,
}

/// What goes on with the answer.
#[derive(Debug, PartialEq)]
enum Next {
    /// The steps before opening, behind this one.
    Prepare(usize),
    /// The login, behind this step; and when it began.
    LogIn(usize, Mono),
    /// The row of this number answers this message.
    Answer(usize, Value),
}

impl Session {
    /// Asks as a step before opening.
    pub(super) fn sign_before(&mut self, link: LinkId, step: usize, ask: &Ask, now: Now) {
        if self.profile.signer.is_none() {
            return self.link_lost(Cause::Unsigned(NO_SIGNER.into()), now);
        }
        let until = now.mono.after(LIMIT);
        self.state = State::AwaitAnswer { link, step, until };
        self.ask_signer(link, ask, Next::Prepare(step), now);
    }

    /// Asks as a step of the login, which waits for the answer.
    pub(super) fn sign_step(
        &mut self,
        live: Live,
        ask: &Ask,
        (step, since): (usize, Mono),
        now: Now,
    ) {
        let link = live.link;
        self.state = State::AwaitLogin {
            live,
            step,
            since,
            until: now.mono.after(LIMIT),
        };
        self.status(Status::Authenticating, now);
        if self.profile.signer.is_none() {
            return self.end_by(Cause::Unsigned(NO_SIGNER.into()), now);
        }
        self.ask_signer(link, ask, Next::LogIn(step, since), now);
    }

    /// Asks what a row wants signed before it answers a message. Without a signer there is no answer.
    pub(super) fn sign_answer(&mut self, link: LinkId, row: usize, value: &Value, now: Now) {
        let dialect = self.dialect.clone();
        let ask = dialect.on.get(row).and_then(|on| on.sign.as_ref());
        let Some(ask) = ask.filter(|_| self.profile.signer.is_some()) else {
            return;
        };
        // Of several challenges only the newest is worth an answer.
        let older = |next: &Next| matches!(next, Next::Answer(other, _) if *other == row);
        self.signing
            .waiting
            .retain(|(asked, _)| !older(&asked.then));
        self.ask_signer(link, ask, Next::Answer(row, value.clone()), now);
    }

    fn ask_signer(&mut self, link: LinkId, ask: &Ask, then: Next, now: Now) {
        self.derive(now);
        let mut vars = self.vars(now);
        if let Next::Answer(_, value) = &then {
            vars.set("it", value.clone());
        }
        let asked = Asked {
            link,
            into: ask.into.clone(),
            then,
        };
        let signing = &mut self.signing;
        signing.waiting.retain(|(other, _)| other.link == link);
        signing.asked = signing.asked.take().filter(|other| other.link == link);
        signing.waiting.push_back((asked, ask.give.fill(&vars)));
        self.ask_next();
    }

    /// Asks the next question, unless one is unanswered.
    fn ask_next(&mut self) {
        if self.signing.asked.is_some() {
            return;
        }
        if let Some((asked, give)) = self.signing.waiting.pop_front() {
            self.signing.number += 1;
            self.signing.asked = Some(asked);
            let number = self.signing.number;
            self.push(Output::Sign(Box::new(Question { number, give })));
        }
    }

    /// The signer answered the question of this number.
    pub(super) fn signed(&mut self, number: u64, answer: Result<Secret, String>, now: Now) {
        if number != self.signing.number {
            return;
        }
        let Some(asked) = self.signing.asked.take() else {
            return;
        };
        if self.current_link() == Some(asked.link) {
            match answer {
                Ok(text) => {
                    self.scope.link.set(&asked.into, Bound::Secret(text));
                    self.go_on(asked, now);
                }
                Err(why) => self.not_signed(&asked.then, why, now),
            }
        }
        self.ask_next();
    }

    fn go_on(&mut self, asked: Asked, now: Now) {
        match (asked.then, &self.state) {
            (Next::Prepare(step), State::AwaitAnswer { step: awaited, .. }) if step == *awaited => {
                self.call(asked.link, step + 1, now);
            }
            (Next::LogIn(step, since), State::AwaitLogin { live, .. }) if self.signs_at(step) => {
                let live = live.clone();
                self.log_in(live, step + 1, since, now);
            }
            (Next::Answer(row, value), State::AwaitLogin { .. } | State::Live(_)) => {
                let dialect = self.dialect.clone();
                if let Some(send) = dialect.on.get(row).and_then(|on| on.send.as_ref()) {
                    self.answer(asked.link, send, &value, now);
                }
            }
            _ => {}
        }
    }

    /// Whether the login waits at this step, for the signer.
    fn signs_at(&self, step: usize) -> bool {
        let waits =
            matches!(self.state, State::AwaitLogin { step: awaited, .. } if awaited == step);
        let step = self.steps().get(step);
        waits && step.is_some_and(|step| matches!(step.act, Act::Sign(_)))
    }

    fn not_signed(&mut self, then: &Next, why: String, now: Now) {
        match then {
            Next::Prepare(_) => self.link_lost(Cause::Unsigned(why), now),
            Next::LogIn(..) => self.end_by(Cause::Unsigned(why), now),
            Next::Answer(..) => self.note(why, now),
        }
    }
}
