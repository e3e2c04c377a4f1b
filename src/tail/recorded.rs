//! What `tail` records beside what it writes: every event, whatever the filters and the format. A disk that is slow
//! holds the sockets, as a slow reader does.

use std::io;

use crate::{
    clock::Clock,
    error::{Exit, Failure},
    export::Origin,
    net::Batch,
    recording::{Blank, Outcome, Recorder, Report},
};

/// A recording, or none.
#[derive(Default)]
pub(super) struct Recording {
    recorder: Option<Recorder>,
    /// How it came out, when it is over before the end.
    broken: Option<Outcome>,
}

impl Recording {
    /// Begins to record these streams, if there is something to record them in; with `masks` as [`Recorder::start`].
    pub(super) fn start(
        blank: Option<Blank>,
        streams: &[Origin],
        masks: bool,
        clock: Clock,
    ) -> io::Result<Self> {
        let start = |blank| Recorder::start(blank, streams.to_vec(), masks, clock);
        Ok(Self {
            recorder: blank.map(start).transpose()?,
            broken: None,
        })
    }

    /// Whether the next events find room.
    pub(super) fn has_room(&self) -> bool {
        self.recorder.as_ref().is_none_or(Recorder::has_room)
    }

    /// Waits for news of the recording; for ever when there is none.
    pub(super) async fn news(&mut self) -> Report {
        match &mut self.recorder {
            Some(recorder) => recorder.report().await,
            None => std::future::pending().await,
        }
    }

    /// Heeds what [`Recording::news`] told.
    pub(super) fn heed(&mut self, report: Report) {
        if let Report::Ended(written, how) = report {
            let recorder = self.recorder.take();
            self.broken = recorder.map(|recorder| recorder.outcome(written, how));
            self.broken.iter().for_each(Outcome::tell);
        }
    }

    /// Takes events. Those that find no room are counted as missing.
    pub(super) fn put(&mut self, batch: Batch) {
        if let Some(recorder) = &mut self.recorder {
            recorder.put(batch.stream, batch.events);
        }
    }

    /// Waits for the last of it, says how it came out, if that `tells` people anything, and gives the exit.
    ///
    /// # Errors
    /// When it is not whole, though all else went as it should.
    pub(super) async fn finish(self, exit: Exit, tells: bool) -> Result<Exit, Failure> {
        let outcome = match self.recorder {
            Some(recorder) => Some(recorder.finish().await),
            None => self.broken,
        };
        match outcome {
            Some(outcome) if !outcome.is_whole() && exit == Exit::Done => Err(outcome.failure()),
            Some(outcome) => {
                if tells || !outcome.is_whole() {
                    outcome.tell();
                }
                Ok(exit)
            }
            None => Ok(exit),
        }
    }
}
