//! How many messages came in each of the last seconds.

use crate::time::Mono;

/// Seconds that are remembered.
const SECONDS: u64 = 64;

/// Counts by second of the monotonic clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    newest: u64,
    counts: [u32; SECONDS as usize],
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            newest: 0,
            counts: [0; SECONDS as usize],
        }
    }
}

impl Rate {
    /// Counts one message.
    pub fn add(&mut self, at: Mono) {
        let second = second(at);
        if second > self.newest {
            let stale = self.newest.max(second.saturating_sub(SECONDS));
            for skipped in stale + 1..=second {
                self.counts[slot(skipped)] = 0;
            }
            self.newest = second;
        }
        self.counts[slot(second)] += 1;
    }

    /// Messages in the last whole second.
    pub fn per_second(&self, now: Mono) -> u32 {
        second(now).checked_sub(1).map_or(0, |last| self.at(last))
    }

    /// Messages in each of the last `count` whole seconds, oldest first.
    pub fn history(&self, now: Mono, count: u64) -> impl Iterator<Item = u32> {
        let end = second(now);
        (0..count).map(move |back| end.checked_sub(count - back).map_or(0, |at| self.at(at)))
    }

    /// Whether nothing of what is shown can change without another message.
    pub fn is_quiet(&self, now: Mono) -> bool {
        self.counts == [0; SECONDS as usize] || second(now) > self.newest + SECONDS
    }

    fn at(&self, second: u64) -> u32 {
        if second > self.newest || second + SECONDS <= self.newest {
            0
        } else {
            self.counts[slot(second)]
        }
    }
}

const fn second(at: Mono) -> u64 {
    at.0 / 1_000_000
}

const fn slot(second: u64) -> usize {
    (second % SECONDS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Mono {
        Mono(millis * 1000)
    }

    #[test]
    fn whole_seconds_are_counted() {
        let mut rate = Rate::default();
        for millis in [10_100, 10_200, 10_999, 11_000, 13_500] {
            rate.add(at(millis));
        }
        assert_eq!(
            (rate.per_second(at(11_000)), rate.per_second(at(12_000))),
            (3, 1)
        );
        assert_eq!(
            rate.history(at(14_200), 5).collect::<Vec<_>>(),
            [0, 3, 1, 0, 1]
        );
        assert_eq!(rate.per_second(at(15_000)), 0);
    }

    #[test]
    fn old_seconds_are_forgotten() {
        let mut rate = Rate::default();
        rate.add(at(1_000));
        rate.add(at(65_000));
        assert_eq!(rate.history(at(66_000), 64).sum::<u32>(), 1);
        assert!(!rate.is_quiet(at(66_000)) && rate.is_quiet(at(130_000)));
    }
}
