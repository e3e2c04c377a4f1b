//! The steps of opening a link: each is named and timed, and all are within one time limit.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::{
    cause::{Cause, Stage},
    clock::Clock,
    log::{Level, Log},
    time::show_span,
};

/// Runs the stages one by one, each for as long as the common limit allows, times them and logs them.
pub(super) struct Stages<'l> {
    pub(super) clock: Clock,
    until: Instant,
    /// Those that were taken, in order.
    pub(super) taken: Vec<(Stage, Duration)>,
    log: &'l Log,
}

impl<'l> Stages<'l> {
    pub(super) fn start(limit: Duration, clock: Clock, log: &'l Log) -> Self {
        let until = clock.instant(clock.now().mono.after(limit));
        Self {
            clock,
            until: until.into(),
            taken: Vec::new(),
            log,
        }
    }

    pub(super) async fn run<T>(
        &mut self,
        stage: Stage,
        work: impl Future<Output = Result<T, Cause>>,
    ) -> Result<T, Cause> {
        let start = self.clock.now().mono;
        let done = timeout_at(self.until, work).await;
        let done = done.unwrap_or(Err(Cause::Timeout(stage)));
        let took = self.clock.now().mono.since(start);
        self.tell(stage, took, done.as_ref().err());
        let done = done?;
        self.taken.push((stage, took));
        Ok(done)
    }

    fn tell(&self, stage: Stage, took: Duration, fault: Option<&Cause>) {
        let took = show_span(took);
        match fault {
            None => self
                .log
                .write(Level::Debug, format_args!("{stage} took {took}")),
            Some(cause) => self.log.write(
                Level::Debug,
                format_args!("{stage} failed after {took}: {cause}"),
            ),
        }
    }
}
