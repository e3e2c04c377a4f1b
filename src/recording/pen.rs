//! The thread that writes: it encodes what waits and writes it in large pieces, none older than a quarter of a second.
//!
//! A file never ends in half a line: where a write fails, what it left of a line is cut off again.

use std::{
    fs::File,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use tokio::sync::mpsc::UnboundedSender;

use super::recorder::{Report, Written, weight};
use crate::{clock::Clock, config::file::write_some, event::Event, export::Exporter, time::Mono};

/// A piece is written when it has so many bytes …
const PIECE: usize = 1 << 20;
/// … or when its first event has waited for so long.
const LONGEST: Duration = Duration::from_millis(250);

pub(super) struct Pen {
    pub(super) file: File,
    pub(super) exporter: Exporter,
    pub(super) inbox: Receiver<Vec<Event>>,
    /// The bytes that wait in the inbox.
    pub(super) queued: Arc<AtomicUsize>,
    pub(super) reports: UnboundedSender<Report>,
    pub(super) clock: Clock,
    pub(super) piece: Vec<u8>,
    pub(super) written: Written,
}

impl Pen {
    /// Writes until nobody has anything more, or it fails, and tells how it ended.
    pub(super) fn run(mut self) {
        let ended = self.write_all().and_then(|()| self.file.sync_all());
        let ended = ended.map_err(|error| error.to_string());
        // At the end of the program nobody may want to know.
        let _ = self.reports.send(Report::Ended(self.written, ended));
    }

    fn write_all(&mut self) -> io::Result<()> {
        let mut due = None;
        loop {
            match self.wait(due) {
                Ok(events) => {
                    self.encode(&events)?;
                    let next = || self.clock.now().mono.after(LONGEST);
                    due = (!self.piece.is_empty()).then(|| due.unwrap_or_else(next));
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.write()?;
                    due = None;
                }
                Err(RecvTimeoutError::Disconnected) => return self.write(),
            }
        }
    }

    fn wait(&self, due: Option<Mono>) -> Result<Vec<Event>, RecvTimeoutError> {
        match due {
            Some(due) => self.inbox.recv_timeout(due.since(self.clock.now().mono)),
            None => self
                .inbox
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn encode(&mut self, events: &[Event]) -> io::Result<()> {
        for event in events {
            self.exporter.event(event, &mut self.piece);
            if self.piece.len() >= PIECE {
                self.write()?;
            }
        }
        self.queued.fetch_sub(weight(events), Ordering::Relaxed);
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        let (done, result) = write_some(&mut self.file, &self.piece);
        let whole = memchr::memrchr(b'\n', &self.piece[..done]).map_or(0, |at| at + 1);
        self.written.bytes += whole as u64;
        self.written.events += memchr::memchr_iter(b'\n', &self.piece[..whole]).count() as u64;
        if whole < done {
            // The disk that has no room for more has room for less.
            let _ = self.file.set_len(self.written.bytes);
        }
        self.piece.clear();
        let _ = self.reports.send(Report::Wrote(self.written));
        result
    }
}
