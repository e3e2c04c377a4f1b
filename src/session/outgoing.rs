//! What goes out: filled templates, messages of the user's, and how many at a time.
//!
//! A dialect may say how many messages the server takes in a time. What keeps the link alive goes at once and counts;
//! subscriptions and messages of the user's wait for their turn.

use std::{collections::VecDeque, time::Duration};

use super::{LinkId, Output, hand::Said, machine::Session};
use crate::{
    auth::Outgoing,
    dialect::{Filled, Template},
    event::Answer,
    message::{Class, Direction, Message},
    time::{Mono, Now},
};

/// So many messages of the user's may wait.
const MOST_WAITING: usize = 1000;

/// How many messages were sent of late, and what waits for its turn.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    /// When the last messages were sent, as many as count.
    sent: VecDeque<Mono>,
    waiting: VecDeque<Said>,
    /// Whether it was told that subscriptions wait.
    told: bool,
}

impl Pacer {
    /// When the next message may be sent, by a rate; `None`: now.
    fn free_at(&self, rate: Option<(u32, Duration)>, now: Mono) -> Option<Mono> {
        let (most, within) = rate?;
        let full = self.sent.len() >= most as usize;
        let first = self.sent.front().filter(|_| full)?;
        Some(first.after(within)).filter(|at| *at > now)
    }

    /// How many messages of the user's wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes over what waits on another link.
    pub(super) fn take_over(&mut self, other: &mut Self) {
        self.waiting.append(&mut other.waiting);
    }

    fn count(&mut self, rate: Option<(u32, Duration)>, now: Mono) {
        if let Some((most, _)) = rate {
            self.sent.push_back(now);
            if self.sent.len() > most as usize {
                self.sent.pop_front();
            }
        }
    }
}

impl Session {
    /// Fills a template and sends it, with derived values made just now.
    pub(super) fn send_template(&mut self, link: LinkId, template: &Template, now: Now) {
        let vars = self.fresh_vars(now);
        self.send_filled(link, &template.fill(&vars), now);
    }

    /// Sends a filled template and shows it, its secrets masked.
    pub(super) fn send_filled(&mut self, link: LinkId, filled: &Filled, now: Now) {
        let codec = self.dialect.codec;
        let text = filled.expose();
        let encoded = match codec.encode(text.expose()) {
            Ok(encoded) => encoded,
            Err(why) => return self.note(format!("not sent: {why}"), now),
        };
        if let Some(why) = self.not_taken(&encoded) {
            return self.note(why, now);
        }
        self.scope.sent += 1;
        let (shown, outgoing) = if filled.is_secret() {
            (Message::text(filled.shown()), Outgoing::Login(codec, text))
        } else {
            (encoded.clone(), Outgoing::Plain(encoded))
        };
        self.transmit(link, (shown, outgoing), now);
    }

    fn transmit(&mut self, link: LinkId, (shown, outgoing): (Message, Outgoing), now: Now) {
        self.scope.pacer.count(self.dialect.outgoing.rate, now.mono);
        self.show(Direction::Out, Class::Event, shown, now);
        self.push(Output::Send(link, outgoing));
    }

    /// Why the service does not take such a message, if it does not.
    fn not_taken(&self, message: &Message) -> Option<&'static str> {
        let outgoing = self.dialect.outgoing;
        if outgoing.never {
            Some("not sent: this service ends links that send anything")
        } else if outgoing.bytes.is_some_and(|most| message.data.len() > most) {
            Some("not sent: this service ends links that send a message so large")
        } else {
            None
        }
    }

    fn transmit_by_hand(&mut self, link: LinkId, said: Said, now: Now) {
        let Said { message, answered } = said;
        let bytes = message.data.len();
        self.transmit(link, (message.clone(), Outgoing::Plain(message)), now);
        if answered {
            self.reply(Answer::Sent(bytes), now);
        }
    }

    /// Sends a message of the user's, now or when the server takes more.
    pub(super) fn send_in_turn(&mut self, link: LinkId, said: Said, now: Now) {
        if let Some(why) = self.not_taken(&said.message) {
            return self.refuse(why, now);
        }
        let waiting = self.scope.pacer.waiting.len();
        if waiting == 0 && self.turn_at(now).is_none() {
            return self.transmit_by_hand(link, said, now);
        }
        if waiting >= MOST_WAITING {
            return self.refuse("not sent: too many messages wait to be sent", now);
        }
        self.scope.pacer.waiting.push_back(said);
        if waiting == 0 {
            let told =
                "the server takes no more messages just now: what is sent waits for its turn";
            self.reply(Answer::Told(told.into()), now);
        }
    }

    /// Tells, once a link, that subscriptions wait.
    pub(super) fn tell_of_waiting(&mut self, now: Now) {
        if !std::mem::replace(&mut self.scope.pacer.told, true) {
            self.note(
                "the server takes no more messages just now: the other subscriptions wait for their turn",
                now,
            );
        }
    }

    /// When the server takes another message; `None`: now.
    pub(super) fn turn_at(&self, now: Now) -> Option<Mono> {
        self.scope
            .pacer
            .free_at(self.dialect.outgoing.rate, now.mono)
    }

    /// When the first message that waits may be sent.
    pub(super) fn waiting_at(&self) -> Option<Mono> {
        let pacer = &self.scope.pacer;
        pacer.waiting.front()?;
        let at = pacer.free_at(self.dialect.outgoing.rate, Mono(0));
        Some(at.unwrap_or_default())
    }

    /// Sends what waited for its turn.
    pub(super) fn send_waiting(&mut self, link: LinkId, now: Now) {
        while self.turn_at(now).is_none() {
            let Some(said) = self.scope.pacer.waiting.pop_front() else {
                return;
            };
            self.transmit_by_hand(link, said, now);
        }
    }

    /// What still waits when another link is opened is not sent.
    pub(super) fn drop_waiting(&mut self, now: Now) {
        let waiting = self.scope.pacer.waiting.len();
        self.tell_unsent(waiting, now);
    }

    /// Tells of messages that waited and are not sent.
    pub(super) fn tell_unsent(&mut self, waiting: usize, now: Now) {
        if waiting > 0 {
            let word = if waiting == 1 { "message" } else { "messages" };
            let told = format!("not sent: {waiting} {word} still waited when the link ended");
            self.reply(Answer::Unsent(told), now);
        }
    }
}
