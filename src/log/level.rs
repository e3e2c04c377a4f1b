//! How much a line of the log matters.

use crate::event::{Lifecycle, Status};

/// How much a line matters, and so how much of `-v` it takes: none up to [`Level::Info`], one, or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Why the program ends before its time.
    Error,
    /// What the user may not want.
    Warn,
    /// What happens to a stream.
    Info,
    /// The steps that lead there.
    Debug,
    /// Every frame.
    Trace,
}

impl Level {
    /// The highest that is written when `-v` was given so often.
    pub const fn of(verbose: u8) -> Self {
        match verbose {
            0 => Self::Info,
            1 => Self::Debug,
            _ => Self::Trace,
        }
    }

    /// The level of a turn in a stream's life.
    pub const fn of_turn(turn: &Lifecycle) -> Self {
        match turn {
            Lifecycle::Ended(_)
            | Lifecycle::Gap(_)
            | Lifecycle::Unrenewed { .. }
            | Lifecycle::Dropped(_)
            | Lifecycle::Status(
                Status::SignInNeeded { .. } | Status::Forbidden { .. } | Status::Silent,
            ) => Self::Warn,
            Lifecycle::Pong(_) => Self::Debug,
            _ => Self::Info,
        }
    }

    /// The word for it, as wide as the others.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warn => "WARN ",
            Self::Info => "INFO ",
            Self::Debug => "DEBUG",
            Self::Trace => "TRACE",
        }
    }
}
