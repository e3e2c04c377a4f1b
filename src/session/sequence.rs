//! The numbers that messages bear: a hole in them is an event that was lost, and is told.

use std::collections::BTreeMap;

use serde_json::Value;

use super::machine::{Session, State};
use crate::{
    codec::Codec,
    dialect::{pointed, text_of},
    message::Message,
    payload::json::{scalar_at, steps},
    time::Now,
};

/// Channels beyond so many are not counted.
const MOST_CHANNELS: usize = 1024;

/// The last number of each channel of a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sequences(BTreeMap<String, u64>);

impl Sequences {
    /// Takes a number in; the one before it, if numbers are missing between them.
    fn hole(&mut self, channel: &str, number: u64) -> Option<u64> {
        if let Some(last) = self.0.get_mut(channel) {
            let before = std::mem::replace(last, number);
            return (before.checked_add(1)? < number).then_some(before);
        }
        if self.0.len() < MOST_CHANNELS {
            self.0.insert(channel.to_owned(), number);
        }
        None
    }
}

impl Session {
    /// Tells of a hole in the numbers that the messages of a link, or of each channel on it, bear; `values` is what the
    /// WebSocket message holds, or empty when it was not read.
    pub(super) fn count_sequence(&mut self, message: &Message, values: &[Value], now: Now) {
        let event = &self.dialect.event;
        let Some(place) = &event.sequence else {
            return;
        };
        let of = event.sequence_of.as_deref();
        let counted: Vec<_> = if event.codec == Codec::Json {
            let at = |pointer: &str| scalar_at(&message.data, &steps(pointer));
            let number = at(place).and_then(|number| number.parse().ok());
            let channel = of.and_then(at).unwrap_or_default();
            number
                .map(|number| (channel.into_owned(), number))
                .into_iter()
                .collect()
        } else {
            let counted = |value| {
                let number = pointed(value, place)?;
                let channel = of.and_then(|of| pointed(value, of));
                let channel = channel.map_or_else(String::new, |channel| text_of(&channel));
                Some((channel, text_of(&number).parse().ok()?))
            };
            values.iter().filter_map(counted).collect()
        };
        for (channel, number) in counted {
            self.count(&channel, number, now);
        }
    }

    fn count(&mut self, channel: &str, number: u64, now: Now) {
        let State::Live(live) = &mut self.state else {
            return;
        };
        let Some(last) = live.sequences.hole(channel, number) else {
            return;
        };
        let of = if channel.is_empty() {
            String::new()
        } else {
            format!(" of {channel}")
        };
        let missing = number - last - 1;
        self.note(
            format!("{missing}{of} missing: after {last} came {number}"),
            now,
        );
    }
}
