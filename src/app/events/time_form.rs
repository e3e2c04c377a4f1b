//! The ways in which the list tells when something happened.

use std::time::Duration;

use crate::{
    app::{App, time_of_day},
    store::Row,
    time::{Mono, Wall, show_span},
};

/// Columns that a distance takes.
pub(super) const DISTANCE: usize = 7;
/// Up to this many columns a list tells short times.
pub(super) const SHORT_TIMES: usize = LONG_TIMES - 1;
const LONG_TIMES: usize = 52;

/// How times are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// The time of day, and the distance to the message before.
    #[default]
    Clock,
    /// How long ago, in whole seconds.
    Age,
    /// The distance to the message that is listed before.
    Previous,
    /// The distance to the last mark before.
    Mark,
}

impl TimeForm {
    /// The next form.
    pub const fn next(self) -> Self {
        match self {
            Self::Clock => Self::Age,
            Self::Age => Self::Previous,
            Self::Previous => Self::Mark,
            Self::Mark => Self::Clock,
        }
    }

    /// What is told, in words; `None` for the time of day, which tells itself.
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::Clock => None,
            Self::Age => Some("age"),
            Self::Previous => Some("since previous"),
            Self::Mark => Some("since mark"),
        }
    }

    /// Columns that the time takes in a list of this width.
    pub(super) const fn width(self, width: usize) -> usize {
        match (self, width) {
            (_, 0..40) => 0,
            (Self::Clock, LONG_TIMES..) => 12,
            _ => 8,
        }
    }

    /// Columns for the distance beside the time, in a list of this width.
    pub(super) const fn distance_width(self, width: usize) -> usize {
        match (self, width) {
            (Self::Clock, LONG_TIMES..) => DISTANCE,
            _ => 0,
        }
    }

    /// The time of a row in so many columns. `earlier`: when the message listed before came.
    pub fn text(self, app: &App, row: &Row<'_>, earlier: Option<Mono>, room: usize) -> String {
        let text = match self {
            Self::Clock => {
                let clock = time_of_day(row.at.wall, &app.setup.zone);
                clock.get(..room).unwrap_or(&clock).to_owned()
            }
            Self::Age => age(app.now.wall, row.at.wall),
            Self::Previous => since(row, earlier),
            Self::Mark => {
                let mark = app.list.marks.up_to(row.seq);
                since(row, mark.and_then(|seq| Some(app.store.row(seq)?.at.mono)))
            }
        };
        format!("{text:>room$}")
    }
}

/// How long after that a row came; empty when there was nothing.
pub fn since(row: &Row<'_>, earlier: Option<Mono>) -> String {
    earlier.map_or_else(String::new, |from| distance(row.at.mono.since(from)))
}

/// `+12ms`, `+4.2s`, `+3m`.
fn distance(span: Duration) -> String {
    match span.as_secs() {
        0 => format!("+{}ms", span.as_millis()),
        1..=99 => format!("+{}.{}s", span.as_secs(), span.subsec_millis() / 100),
        _ => {
            let text = show_span(Duration::from_secs(span.as_secs()));
            format!("+{}", text.split(' ').take(2).collect::<String>())
        }
    }
}

/// How long ago something was, in whole seconds without spaces: `4s`, `1m05s`, `2h03m`.
pub fn age(now: Wall, at: Wall) -> String {
    let micros = now.micros_since(at).max(0).unsigned_abs();
    match micros / 1_000_000 {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds => show_span(Duration::from_secs(seconds)).replace(' ', ""),
    }
}
