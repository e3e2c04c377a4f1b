//! The types of messages: found once at arrival, named once, counted.

use std::collections::HashMap;

use crate::{
    message::{Kind, Message},
    payload::json::top_level_string,
};

/// Members in which services name the type of a message, the usual ones first.
const NAMES: [&str; 5] = ["type", "event", "op", "method", "e"];
/// So many types are told apart; a stream with more has no types worth a name.
const MOST: usize = 1024;

/// Every type that was seen.
#[derive(Default)]
pub(super) struct Types {
    ids: HashMap<Box<str>, u16>,
    seen: Vec<(Box<str>, u64)>,
}

impl Types {
    /// The type of a message, counted.
    pub(super) fn find(&mut self, message: &Message) -> Option<u16> {
        if message.kind != Kind::Text {
            return None;
        }
        let name = top_level_string(&message.data, &NAMES)?;
        let id = match self.ids.get(name) {
            Some(id) => *id,
            None if self.seen.len() < MOST => self.add(name),
            None => return None,
        };
        self.seen[usize::from(id)].1 += 1;
        Some(id)
    }

    fn add(&mut self, name: &str) -> u16 {
        let id = self.seen.len() as u16;
        self.ids.insert(name.into(), id);
        self.seen.push((name.into(), 0));
        id
    }

    pub(super) fn name(&self, id: u16) -> Option<&str> {
        self.seen.get(usize::from(id)).map(|(name, _)| &**name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.seen.iter().map(|(name, count)| (&**name, *count))
    }
}
