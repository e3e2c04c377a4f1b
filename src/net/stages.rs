//! The steps of opening a link: each is named and timed, and all are within one time limit.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::{
    cause::{Cause, Stage},
    clock::Clock,
};

/// Runs the stages one by one, each for as long as the common limit allows, and times them.
pub(super) struct Stages {
    pub(super) clock: Clock,
    until: Instant,
    /// Those that were taken, in order.
    pub(super) taken: Vec<(Stage, Duration)>,
}

impl Stages {
    pub(super) fn start(limit: Duration, clock: Clock) -> Self {
        let until = clock.instant(clock.now().mono.after(limit));
        Self {
            clock,
            until: until.into(),
            taken: Vec::new(),
        }
    }

    pub(super) async fn run<T>(
        &mut self,
        stage: Stage,
        work: impl Future<Output = Result<T, Cause>>,
    ) -> Result<T, Cause> {
        let start = self.clock.now().mono;
        let done = timeout_at(self.until, work)
            .await
            .map_err(|_| Cause::Timeout(stage))??;
        self.taken.push((stage, self.clock.now().mono.since(start)));
        Ok(done)
    }
}
