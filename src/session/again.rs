//! What a message is before it is shown: an event, a heartbeat, part of the protocol, or one that came before. And
//! showing it, without the secrets that the dialect knows of.

use std::{
    borrow::Cow,
    collections::{HashSet, VecDeque},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use memchr::memmem;
use serde_json::Value;

use super::machine::Session;
use crate::{
    dialect::{Codec, pointed, text_of},
    message::{Class, Direction, Message},
    payload::json::{self, steps},
    time::Now,
};

/// How many ids are remembered: what a service sends again after an interruption is newer.
const REMEMBERED: usize = 4096;
/// A text shorter than this is no secret, and would be found where it is none.
const LEAST_SECRET: usize = 4;
/// What stands in the place of a secret.
const MARK: &[u8] = b"***";

/// The ids of the latest events, by their hashes.
#[derive(Debug, Default)]
pub(super) struct Ids {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Ids {
    /// Remembers an id; whether it was known.
    fn knew(&mut self, id: &str) -> bool {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(id);
        if !self.known.insert(hash) {
            return true;
        }
        self.order.push_back(hash);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        false
    }
}

impl Session {
    /// What a received message is; `values` is what it holds, or empty when it was not read.
    pub(super) fn class_of(&mut self, message: &Message, values: &[Value], now: Now) -> Class {
        if self.came_before(message, values) {
            return Class::Duplicate;
        }
        let Some(value) = values.first() else {
            return Class::Event;
        };
        let vars = self.vars(now);
        let mut rows = self.dialect.on.iter();
        rows.find(|on| on.is_about(value, &vars))
            .map_or(Class::Event, |on| on.class)
    }

    fn came_before(&mut self, message: &Message, values: &[Value]) -> bool {
        let Some(pointer) = &self.dialect.event.id else {
            return false;
        };
        let Some(id) = id_of(self.dialect.codec, pointer, message, values) else {
            return false;
        };
        self.ids.knew(&id)
    }

    /// Shows a received message, unless both links brought it; `values` is what it holds, or empty when it was not read.
    pub(super) fn show_received(
        &mut self,
        class: Class,
        message: Message,
        values: &[Value],
        now: Now,
    ) {
        if class == Class::Duplicate && self.count_duplicate() {
            return;
        }
        let message = self.masked(message, values);
        self.show(Direction::In, class, message, now);
    }

    /// The message without what the dialect calls secret.
    fn masked(&self, message: Message, values: &[Value]) -> Message {
        let secrets = &self.dialect.event.secrets;
        let texts = secrets
            .iter()
            .flat_map(|pointer| texts_at(self.dialect.codec, pointer, &message, values));
        let texts: Vec<_> = texts.filter(|text| text.len() >= LEAST_SECRET).collect();
        if texts.is_empty() {
            return message;
        }
        let data = texts.iter().fold(message.data.to_vec(), |data, text| {
            without(&data, text.as_bytes())
        });
        Message {
            data: data.into(),
            ..message
        }
    }
}

/// The id that a message bears, if it bears one alone.
fn id_of(codec: Codec, pointer: &str, message: &Message, values: &[Value]) -> Option<String> {
    let mut texts = texts_at(codec, pointer, message, values);
    texts.pop().filter(|_| texts.is_empty())
}

/// The texts at a place of a message. A message that is one JSON value need not have been read for that.
fn texts_at(codec: Codec, pointer: &str, message: &Message, values: &[Value]) -> Vec<String> {
    if codec == Codec::Json {
        let text = json::scalar_at(&message.data, &steps(pointer));
        return text.map(Cow::into_owned).into_iter().collect();
    }
    let found = values.iter().filter_map(|value| pointed(value, pointer));
    found
        .filter(|value| !value.is_null())
        .map(|value| text_of(&value))
        .collect()
}

/// The bytes with a mark in place of every occurrence of a secret.
fn without(bytes: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut masked = Vec::with_capacity(bytes.len());
    let mut from = 0;
    for at in memmem::find_iter(bytes, secret) {
        masked.extend_from_slice(&bytes[from..at]);
        masked.extend_from_slice(MARK);
        from = at + secret.len();
    }
    masked.extend_from_slice(&bytes[from..]);
    masked
}
