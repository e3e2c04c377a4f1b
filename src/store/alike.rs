//! The message before a message that is of its kind.

use super::{Seq, Store, Tag};
use crate::places::Part;

/// So many events are looked at.
const MOST: u64 = 100_000;
/// So many messages of the type are asked for their channel.
const MOST_ASKED: usize = 2000;

/// What was found before a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The last message of its stream, direction and type, and of its channel where the dialect says that it has one.
    Found {
        /// Its arrival number.
        seq: Seq,
        /// Whether it was looked for by its channel too.
        channel: bool,
    },
    /// There is none among those that are held.
    Nothing,
    /// There is none among the last ones; further back nobody looked.
    NotNear,
}

impl Store {
    /// The last message before this one that is of its kind. At most 100 000 events are looked at.
    pub fn earlier(&self, seq: Seq) -> Earlier {
        let (Some((entry, data)), Some(row)) = (self.text(seq), self.row(seq)) else {
            return Earlier::Nothing;
        };
        let kind = |tag: Tag| (tag.message(), tag.type_id());
        let channel = self.part(&row, Part::Channel);
        let name = self.type_name(entry.stream, entry.tag, data);
        let start = self.first().0.max(seq.0.saturating_sub(MOST));
        let mut asked = 0;
        for (at, other, text) in self.texts(start..seq.0).rev() {
            if other.stream != entry.stream || kind(other.tag) != kind(entry.tag) {
                continue;
            }
            asked += 1;
            if asked > MOST_ASKED {
                return Earlier::NotNear;
            }
            // Types past the bound on types share a number.
            let same_type = self.type_name(other.stream, other.tag, text) == name;
            let there = || {
                self.row(Seq(at))
                    .and_then(|row| self.part(&row, Part::Channel))
            };
            if same_type && (channel.is_none() || there() == channel) {
                return Earlier::Found {
                    seq: Seq(at),
                    channel: channel.is_some(),
                };
            }
        }
        if start > self.first().0 {
            Earlier::NotNear
        } else {
            Earlier::Nothing
        }
    }
}
