//! The monitor's recording: one that was asked for on the command line, or by key into the data directory.

use std::path::PathBuf;

use super::Monitor;
use crate::{
    app::{Input, RecordingNews},
    config,
    error::{Exit, Failure},
    net::Batch,
    recording::{Blank, Outcome, Recorder, Report},
};

/// The files that the monitor may write.
#[derive(Debug, Default)]
pub struct Files {
    /// Where filters are saved; `None`: nowhere.
    pub config: Option<config::Paths>,
    /// The directory of recordings that begin by key.
    pub recordings: Option<PathBuf>,
    /// What is recorded in from the start.
    pub recording: Option<Blank>,
    /// Whether what looks like a secret is masked in recordings.
    pub masks: bool,
}

/// The recording under way, and how those before it came out.
#[derive(Default)]
pub(super) struct Recordings {
    current: Option<Recorder>,
    over: Vec<Outcome>,
}

impl Recordings {
    /// Waits for news of the recording; for ever when there is none.
    pub(super) async fn news(&mut self) -> Report {
        match &mut self.current {
            Some(recorder) => recorder.report().await,
            None => std::future::pending().await,
        }
    }

    /// Takes a copy of what came, if it is recorded; the payloads are shared.
    fn put(&mut self, batch: &Batch) {
        if let Some(recorder) = &mut self.current {
            recorder.put(batch.stream, batch.events.clone());
        }
    }

    /// Waits for the last of it and says how each came out.
    ///
    /// # Errors
    /// When one is not whole, though all else went as it should.
    pub(super) async fn finish(mut self, exit: Exit) -> Result<Exit, Failure> {
        if let Some(recorder) = self.current {
            self.over.push(recorder.finish().await);
        }
        let (whole, broken): (Vec<_>, _) = self.over.iter().partition(|one| one.is_whole());
        whole.into_iter().for_each(Outcome::tell);
        match broken[..] {
            [ref before @ .., last] if exit == Exit::Done => {
                before.iter().copied().for_each(Outcome::tell);
                Err(last.failure())
            }
            _ => {
                broken.into_iter().for_each(Outcome::tell);
                Ok(exit)
            }
        }
    }
}

impl Monitor {
    /// Begins to record in a file, if there is one.
    pub(super) fn begin_recording(&mut self, blank: Option<Blank>) -> Result<(), Failure> {
        let Some(blank) = blank else { return Ok(()) };
        let (streams, masks) = (self.app.origins(), self.files.masks);
        let recorder = Recorder::start(blank, streams, masks, self.clock)?;
        let began = RecordingNews::Began(recorder.file().to_owned());
        self.recordings.current = Some(recorder);
        self.tell(Input::Recording(began));
        Ok(())
    }

    /// Begins a recording or ends it, as a key wants it.
    pub(super) fn record(&mut self, on: bool) {
        if let (Some(recorder), false) = (&mut self.recordings.current, on) {
            recorder.stop();
        } else if let Err(failure) = self.record_by_key() {
            self.tell(Input::Notice(format!("not recording: {}", failure.text)));
        }
    }

    fn record_by_key(&mut self) -> Result<(), Failure> {
        let nowhere = || Failure::new(Exit::Usage, "there is no home directory to record in");
        let directory = self.files.recordings.as_ref().ok_or_else(nowhere)?;
        let blank = Blank::in_own(directory, &self.names(), self.clock.now().wall)?;
        self.begin_recording(Some(blank))
    }

    fn names(&self) -> Vec<&str> {
        let streams = self.app.setup.streams.iter();
        streams.map(|stream| &*stream.name).collect()
    }

    /// Records what came, if that is wanted. The screen never waits: what finds no room is counted.
    pub(super) fn recorded(&mut self, batch: &Batch) {
        let missed = |recordings: &Recordings| recordings.current.as_ref().map(Recorder::missed);
        let before = missed(&self.recordings);
        self.recordings.put(batch);
        if let Some(missed) = missed(&self.recordings).filter(|missed| Some(*missed) != before) {
            self.tell(Input::Recording(RecordingNews::Missed(missed)));
        }
    }

    /// Shows news of the recording.
    pub(super) fn recording_news(&mut self, report: Report) {
        match (report, self.recordings.current.take()) {
            (Report::Wrote(written), recorder) => {
                self.recordings.current = recorder;
                self.tell(Input::Recording(RecordingNews::Wrote(written.bytes)));
            }
            (Report::Ended(written, how), Some(recorder)) => {
                let outcome = recorder.outcome(written, how);
                self.tell(Input::Recording(RecordingNews::Ended {
                    told: outcome.to_string(),
                    whole: outcome.is_whole(),
                    broken: outcome.fault.is_some(),
                }));
                self.recordings.over.push(outcome);
            }
            (Report::Ended(..), None) => {}
        }
    }

    /// Closes the links and records what is still said while they are closed.
    pub(super) async fn close(&mut self) {
        self.network.close();
        while let Some(batch) = self.network.batches.recv().await {
            self.recordings.put(&batch);
        }
    }
}
