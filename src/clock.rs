//! The one place that reads the clock.
#![expect(clippy::disallowed_methods, reason = "this is the one place")]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::time::{Mono, Now, Wall};

/// The clocks of this process. Copies agree with each other.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// Starts the monotonic clock at zero.
    pub fn start() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    /// Reads both clocks.
    pub fn now(self) -> Now {
        let mono = Mono(u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX));
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_micros());
        Now {
            mono,
            wall: Wall(i64::try_from(wall).unwrap_or(i64::MAX)),
        }
    }

    /// The instant of a monotonic reading, for timers.
    pub fn instant(self, mono: Mono) -> Instant {
        self.start + std::time::Duration::from_micros(mono.0)
    }
}
