//! When the next events are due. Time is passed in.

use std::time::Duration;

use crate::time::Mono;

/// Events that are put into one write.
const BATCH: u64 = 64;
/// Timers more often than this cost more than they give.
const SHORTEST: Duration = Duration::from_millis(20);

pub(super) struct Pace {
    rate: f64,
    /// Events due and not yet sent, in parts too.
    owed: f64,
    since: Mono,
}

impl Pace {
    pub(super) const fn new(rate: f64, now: Mono) -> Self {
        Self {
            rate,
            owed: 0.0,
            since: now,
        }
    }

    /// How long until it is worth to look again; `None`: no timer is needed.
    pub(super) fn wait(&self) -> Option<Duration> {
        let timed = self.rate > 0.0 && self.rate.is_finite();
        timed
            .then(|| Duration::try_from_secs_f64(1.0 / self.rate).unwrap_or(Duration::MAX))
            .map(|wait| wait.max(SHORTEST))
    }

    /// Counts what became due. A client that does not read owes itself a second's worth at most.
    pub(super) fn catch_up(&mut self, now: Mono) {
        let due = self.rate * now.since(self.since).as_secs_f64();
        self.since = now;
        self.owed = (self.owed + due).min(self.owed.max(self.rate.max(1.0)));
    }

    /// Adds events out of turn.
    pub(super) fn burst(&mut self, count: u32) {
        self.owed += f64::from(count);
    }

    /// How many to send now, at most one batch.
    pub(super) fn due(&self) -> u64 {
        if self.rate.is_infinite() {
            BATCH
        } else {
            (self.owed as u64).min(BATCH)
        }
    }

    /// That many were sent.
    pub(super) fn sent(&mut self, count: u64) {
        self.owed = (self.owed - count as f64).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_met_and_debt_is_bounded() {
        let mut pace = Pace::new(10.0, Mono(0));
        assert_eq!(pace.wait(), Some(Duration::from_millis(100)));
        pace.catch_up(Mono(250_000));
        assert_eq!(pace.due(), 2);
        pace.sent(2);
        pace.catch_up(Mono(300_000));
        assert_eq!(pace.due(), 1);
        pace.catch_up(Mono(90_000_000));
        assert_eq!(pace.due(), 10);
        pace.burst(1000);
        pace.catch_up(Mono(91_000_000));
        assert_eq!(pace.due(), BATCH, "a burst outlives the bound");
    }

    #[test]
    fn a_flood_is_always_due_and_rate_zero_never() {
        let mut flood = Pace::new(f64::INFINITY, Mono(0));
        flood.sent(64);
        assert_eq!((flood.due(), flood.wait()), (BATCH, None));
        let mut quiet = Pace::new(0.0, Mono(0));
        quiet.catch_up(Mono(60_000_000));
        assert_eq!((quiet.due(), quiet.wait()), (0, None));
    }
}
