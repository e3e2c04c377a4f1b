//! The recording as the screen knows it: whether events are written to a file, how much, and which of those that were
//! let go stand in one.

use super::{App, Output, words};

/// News of the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingNews {
    /// From the next event on all are written to this file.
    Began(String),
    /// So many bytes are written.
    Wrote(u64),
    /// So many events found no room, because the disk was too slow.
    Missed(u64),
    /// It is over.
    Ended {
        /// How it came out, in words.
        told: String,
        /// Whether every event since its start stands in it.
        whole: bool,
        /// Whether it was ended by a fault.
        broken: bool,
    },
}

/// A recording under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Its file, as it is shown.
    pub file: String,
    /// How many bytes are written.
    pub bytes: u64,
    /// How many events are missing in it.
    pub missed: u64,
    /// The arrival number of its first event in the store.
    since: u64,
    /// One past that of its last, once no more are taken and what waits is written.
    until: Option<u64>,
}

impl Recording {
    /// The arrival numbers of its events: from and to.
    fn span(&self) -> (u64, u64) {
        (self.since, self.until.unwrap_or(u64::MAX))
    }
}

/// What was and is recorded.
#[derive(Debug, Default)]
pub struct Recordings {
    /// The one under way.
    pub current: Option<Recording>,
    /// How the last one came out, in words.
    pub last: Option<String>,
    /// Whether a fault ended it.
    pub broken: bool,
    /// The arrival numbers that stand in those that ended well: from and to.
    spans: Vec<(u64, u64)>,
}

impl Recordings {
    /// How many events before this arrival number stand in a whole recording.
    fn hold(&self, before: u64) -> u64 {
        let current = self.current.iter().filter(|current| current.missed == 0);
        let spans = self.spans.iter().copied();
        let spans = spans.chain(current.map(Recording::span));
        spans
            .map(|(from, to)| to.min(before).saturating_sub(from))
            .sum()
    }
}

impl App {
    /// How many events were let go, and whether they stand in a recording: `1 204 let go, recorded`. `None`: none were.
    pub fn let_go(&self) -> Option<String> {
        let gone = self.store.evicted();
        let count = words::grouped(gone);
        match self.recorded() {
            _ if gone == 0 => None,
            0 => Some(format!("{count} let go")),
            held if held == gone => Some(format!("{count} let go, recorded")),
            held => Some(format!("{count} let go, {} recorded", words::grouped(held))),
        }
    }

    /// How many of the events that were let go stand in a recording.
    pub fn recorded(&self) -> u64 {
        self.recordings.hold(self.store.evicted())
    }

    pub(super) fn toggle_recording(&mut self) {
        match &mut self.recordings.current {
            None => self.outputs.push_back(Output::Record(true)),
            Some(current) if current.until.is_some() => {
                self.tell("the last events are still being written");
            }
            Some(current) => {
                current.until = Some(self.store.end().0);
                self.outputs.push_back(Output::Record(false));
            }
        }
    }

    pub(super) fn heed_recording(&mut self, news: RecordingNews) {
        match (news, &mut self.recordings.current) {
            (RecordingNews::Began(file), _) => self.begin_recording(file),
            (RecordingNews::Wrote(bytes), Some(current)) => current.bytes = bytes,
            (RecordingNews::Missed(missed), Some(current)) => current.missed = missed,
            (RecordingNews::Wrote(_) | RecordingNews::Missed(_), None) => {}
            (
                RecordingNews::Ended {
                    told,
                    whole,
                    broken,
                },
                current,
            ) => {
                let ended = current.take().filter(|_| whole);
                self.recordings
                    .spans
                    .extend(ended.as_ref().map(Recording::span));
                self.recordings.broken = broken;
                self.recordings.last = Some(told.clone());
                self.tell(told);
            }
        }
    }

    fn begin_recording(&mut self, file: String) {
        self.tell(format!("recording to {file}"));
        self.recordings.broken = false;
        self.recordings.current = Some(Recording {
            file,
            bytes: 0,
            missed: 0,
            since: self.store.end().0,
            until: None,
        });
    }
}
