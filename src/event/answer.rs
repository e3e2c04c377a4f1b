//! What became of something the user did by hand: a message, a ping, a close.

use std::fmt;

/// The answer to what the user did by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A message went out; its size in bytes.
    Sent(usize),
    /// Messages were not sent because nothing carries the stream; they may be sent again. In words.
    Unsent(String),
    /// It was not done, and would not be done another time either; in words.
    Refused(String),
    /// What happened, in words.
    Told(String),
}

impl Answer {
    /// Its kind in records.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sent(_) => "sent",
            Self::Unsent(_) => "unsent",
            Self::Refused(_) => "refused",
            Self::Told(_) => "note",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent(1) => f.write_str("sent, 1 byte"),
            Self::Sent(bytes) => write!(f, "sent, {bytes} bytes"),
            Self::Unsent(words) | Self::Refused(words) | Self::Told(words) => f.write_str(words),
        }
    }
}
