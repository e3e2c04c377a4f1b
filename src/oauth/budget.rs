//! How often a server that gives no good answers is asked.

use std::{collections::VecDeque, time::Duration};

use crate::time::Mono;

/// The most requests without a good answer within [`WITHIN`].
pub const MOST: usize = 6;

/// The time over which they are counted.
pub const WITHIN: Duration = Duration::from_secs(60);

/// Requests that had no good answer yet.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    spent: VecDeque<Mono>,
}

impl Budget {
    /// Counts a request that is about to be made.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn spend(&mut self, now: Mono) -> Result<(), Duration> {
        while self
            .spent
            .front()
            .is_some_and(|at| now.since(*at) >= WITHIN)
        {
            self.spent.pop_front();
        }
        match self.spent.front() {
            Some(first) if self.spent.len() >= MOST => {
                Err(WITHIN.saturating_sub(now.since(*first)))
            }
            _ => {
                self.spent.push_back(now);
                Ok(())
            }
        }
    }

    /// A good answer came.
    pub fn settle(&mut self) {
        self.spent.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_not_asked_more_often() {
        let mut budget = Budget::default();
        let second = |n: u64| Mono(n * 1_000_000);
        for n in 0..6 {
            assert_eq!(budget.spend(second(n)), Ok(()));
        }
        assert_eq!(budget.spend(second(10)), Err(Duration::from_secs(50)));
        assert_eq!(budget.spend(second(60)), Ok(()));
        assert_eq!(budget.spend(second(60)), Err(Duration::from_secs(1)));
        budget.settle();
        assert_eq!(budget.spend(second(60)), Ok(()));
    }
}
