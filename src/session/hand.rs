//! What the user does by hand on a live link: messages, pings, a close. They go over the link that carries the stream,
//! even while the next one is in the making.

use bytes::Bytes;

use super::{
    LinkId, Output,
    machine::{Session, State, Then},
};
use crate::{
    cause::{Cause, Verdict},
    close_code::{CloseCode, MOST_IN_REASON},
    event::{Answer, Ended, Lifecycle, Status},
    message::Message,
    retry,
    rulebook::Rule,
    time::{Mono, Now, show_span},
};

/// The most that a ping holds (RFC 6455 section 5.5).
const MOST_IN_PING: usize = 125;

/// A ping of the user's whose pong is awaited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    link: LinkId,
    at: Mono,
}

/// A message of the user's.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) message: Message,
    /// Whether it is told that it was sent.
    pub(super) answered: bool,
}

impl Session {
    /// Sends a message of the user's over the link that carries the stream, now or when the server takes more.
    pub(super) fn send_by_hand(&mut self, said: Said, now: Now) {
        match self.carrier() {
            None => self.reply(
                Answer::Unsent("not sent: the stream is not live".into()),
                now,
            ),
            Some(link) if self.older_is_used() => {
                self.with_older_vars(|session| session.send_in_turn(link, said, now));
            }
            Some(link) => self.send_in_turn(link, said, now),
        }
    }

    /// Sends what the user wrote in the form of the service's messages.
    pub(super) fn say(&mut self, text: &str, answered: bool, now: Now) {
        match self.dialect.codec.encode(text) {
            Ok(message) => self.send_by_hand(Said { message, answered }, now),
            Err(why) => self.refuse(format!("not sent: {why}"), now),
        }
    }

    /// Sends a ping of the user's. It may come while our own is unanswered, so it is known by its payload.
    pub(super) fn ping_by_hand(&mut self, payload: Bytes, now: Now) {
        let Some(link) = self.carrier() else {
            return self.refuse("no ping sent: the stream is not live", now);
        };
        if payload.len() > MOST_IN_PING {
            let why = format!("no ping sent: it holds {MOST_IN_PING} bytes at most");
            return self.refuse(why, now);
        }
        self.asked = Some(Asked { link, at: now.mono });
        let bytes = payload.len();
        self.push(Output::PingByHand(link, payload));
        let told = format!("a ping of {bytes} bytes was sent");
        self.reply(Answer::Told(told), now);
    }

    /// The pong to a ping of the user's.
    pub(super) fn pong_by_hand(&mut self, link: LinkId, now: Now) {
        self.heard(link, now);
        if let Some(asked) = self.asked.take_if(|asked| asked.link == link) {
            let took = now.mono.since(asked.at);
            self.tell(Lifecycle::Pong(took), now);
            let took = show_span(took);
            let told = format!("the ping was answered after {took}");
            self.reply(Answer::Told(told), now);
        }
    }

    /// Ends the link with a close frame of the user's, and nothing before it. Then the stream stands until the user
    /// reconnects.
    pub(super) fn close_by_hand(&mut self, code: CloseCode, reason: String, now: Now) {
        if !code.may_be_sent() {
            let why = "not closed: a client may send the codes 1000 to 1003, 1007 to 1014 and 3000 to 4999";
            return self.refuse(why, now);
        }
        if reason.len() > MOST_IN_REASON {
            let why = format!("not closed: a reason holds {MOST_IN_REASON} bytes at most");
            return self.refuse(why, now);
        }
        self.back_to_older();
        self.close_older(now);
        let (State::AwaitLogin { live, .. } | State::Live(live)) = &self.state else {
            return self.refuse("not closed: there is no connection", now);
        };
        let link = live.link;
        let cause = Cause::Close {
            code,
            reason: reason.clone(),
            ours: true,
        };
        self.begin_outage(cause.clone(), now);
        self.push(Output::Close(link, code, reason));
        let until = now.mono.after(self.profile.limits.close);
        let then = Then::Stand(cause);
        self.state = State::AwaitClose { link, until, then };
    }

    /// The link that the user closed is gone.
    pub(super) fn stand(&mut self, cause: Cause, now: Now) {
        let cause = cause.redacted(&self.guard.redactor);
        let words = retry::words(&cause, &self.profile);
        let ended = Ended {
            cause,
            words: words.clone(),
            verdict: Verdict::Stop,
            decision: "as you asked; it stands until you reconnect".to_owned(),
            rule: Box::new(closed_by_hand()),
        };
        self.tell(Lifecycle::Ended(ended), now);
        self.state = State::AwaitUser;
        self.status(Status::Stopped { why: words }, now);
    }

    /// Says these after each login, in the form of the service's messages. They are answered only where they cannot be
    /// sent.
    pub fn say_after_login(&mut self, texts: Vec<String>) {
        self.greeting = texts;
    }

    /// Says what was asked for after each login.
    pub(super) fn greet(&mut self, now: Now) {
        for text in self.greeting.clone() {
            self.say(&text, false, now);
        }
    }

    /// Answers what the user did by hand.
    pub(super) fn reply(&mut self, answer: Answer, now: Now) {
        let clean = |words: String| self.guard.redactor.text(words);
        let answer = match answer {
            Answer::Sent(bytes) => Answer::Sent(bytes),
            Answer::Unsent(words) => Answer::Unsent(clean(words)),
            Answer::Refused(words) => Answer::Refused(clean(words)),
            Answer::Told(words) => Answer::Told(clean(words)),
        };
        self.tell(Lifecycle::Answer(answer), now);
    }

    /// Refuses what the user did by hand.
    pub(super) fn refuse(&mut self, why: impl Into<String>, now: Now) {
        self.reply(Answer::Refused(why.into()), now);
    }

    /// The link that carries the stream.
    fn carrier(&self) -> Option<LinkId> {
        match (&self.state, &self.older) {
            (_, Some(older)) if self.older_is_used() => Some(older.link),
            (State::Live(live), _) => Some(live.link),
            _ => None,
        }
    }
}

fn closed_by_hand() -> Rule {
    Rule {
        verdict: Verdict::Stop,
        refuses_token: false,
        forbidden: false,
        limit: None,
        delay: None,
        advice: "You closed the connection by hand. Reconnect when you want to go on.".to_owned(),
    }
}
