//! The near end of a recording: takes events, and tells how the writing goes.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Sender, channel},
    },
    time::Duration,
};

use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use super::{Blank, Outcome, outcome::shown, pen::Pen};
use crate::{
    clock::Clock,
    event::{Event, EventKind, Lifecycle, StreamId},
    export::{Exporter, Format, Origin},
};

/// So many bytes of events wait for the disk; the last batch may go beyond.
const MOST_WAITING: usize = 32 << 20;
/// A disk that takes nothing for so long at the end is not waited for.
const FAREWELL: Duration = Duration::from_secs(5);

/// How much is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Whole events.
    pub events: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What the thread that writes tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// So much is written by now.
    Wrote(Written),
    /// It is over: all is written, or only this much, for this reason.
    Ended(Written, Result<(), String>),
}

/// A recording under way.
pub struct Recorder {
    /// Its file, as it is shown.
    file: String,
    events: Option<Sender<Vec<Event>>>,
    queued: Arc<AtomicUsize>,
    reports: UnboundedReceiver<Report>,
    /// How many events found no room, in all.
    missed: u64,
    /// How many of each stream since the last that found room.
    missing: Vec<u64>,
}

impl Recorder {
    /// Begins to record these streams, in the order of their ids. With `masks`, what looks like a secret is masked.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        blank: Blank,
        streams: Vec<Origin>,
        masks: bool,
        clock: Clock,
    ) -> io::Result<Self> {
        let file = shown(&blank.path);
        let missing = vec![0; streams.len()];
        let (events, inbox) = channel();
        let (sender, reports) = unbounded_channel();
        let queued = Arc::new(AtomicUsize::new(0));
        let pen = Pen {
            file: blank.file,
            exporter: Exporter::new(Format::Ndjson, streams, masks),
            inbox,
            queued: Arc::clone(&queued),
            reports: sender,
            clock,
            piece: Vec::new(),
            written: Written::default(),
        };
        let thread = std::thread::Builder::new().name("recording".into());
        thread.spawn(move || pen.run())?;
        Ok(Self {
            file,
            events: Some(events),
            queued,
            reports,
            missed: 0,
            missing,
        })
    }

    /// Its file, as it is shown.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How many events found no room.
    pub const fn missed(&self) -> u64 {
        self.missed
    }

    /// Whether the next events find room.
    pub fn has_room(&self) -> bool {
        self.queued.load(Ordering::Relaxed) < MOST_WAITING
    }

    /// Takes events of one stream that came together. Where there is no room for them they are counted, and the
    /// recording says so at their place.
    pub fn put(&mut self, stream: StreamId, mut events: Vec<Event>) {
        let index = usize::from(stream.0);
        if !self.has_room() {
            let count = events.len() as u64;
            self.missed += count;
            if let Some(missing) = self.missing.get_mut(index) {
                *missing += count;
            }
            return;
        }
        let missing = self.missing.get_mut(index).map_or(0, std::mem::take);
        if let Some(first) = events.first().filter(|_| missing > 0) {
            events.insert(0, hole(first, missing));
        }
        let Some(sender) = &self.events else { return };
        self.queued.fetch_add(weight(&events), Ordering::Relaxed);
        // A thread that is gone has told why.
        let _ = sender.send(events);
    }

    /// Takes no more events; [`Report::Ended`] comes when what waits is written.
    pub fn stop(&mut self) {
        self.events = None;
    }

    /// The next report. After the last, and when the thread is gone, it is over.
    pub async fn report(&mut self) -> Report {
        let gone = || Report::Ended(Written::default(), Err("its thread ended".into()));
        self.reports.recv().await.unwrap_or_else(gone)
    }

    /// How it came out, as [`Report::Ended`] told.
    pub fn outcome(self, written: Written, how: Result<(), String>) -> Outcome {
        Outcome {
            file: self.file,
            written,
            missed: self.missed,
            fault: how.err(),
        }
    }

    /// Waits until what waits is written, as long as anything is.
    pub async fn finish(mut self) -> Outcome {
        self.stop();
        let mut written = Written::default();
        loop {
            match timeout(FAREWELL, self.report()).await {
                Ok(Report::Wrote(more)) => written = more,
                Ok(Report::Ended(all, how)) => return self.outcome(all, how),
                Err(_) => return self.outcome(written, Err("the disk does not answer".into())),
            }
        }
    }
}

/// What stands in a recording in the place of events that are missing before this one.
fn hole(next: &Event, count: u64) -> Event {
    let text = format!("events missing here, as the disk was too slow: {count}");
    Event {
        n: next.n.saturating_sub(1),
        kind: EventKind::Lifecycle(Box::new(Lifecycle::Note(text))),
        ..*next
    }
}

/// What events take while they wait, in bytes.
pub(super) fn weight(events: &[Event]) -> usize {
    let data = |event: &Event| match &event.kind {
        EventKind::Message(_, _, message) => message.data.len(),
        EventKind::Lifecycle(_) => size_of::<Lifecycle>(),
    };
    size_of_val(events) + events.iter().map(data).sum::<usize>()
}

#[cfg(all(test, unix))]
mod tests {
    use std::{io::Read, os::fd::OwnedFd, thread};

    use super::*;
    use crate::{
        message::{Class, Direction, Message},
        time::Now,
    };

    fn message(n: u64) -> Vec<Event> {
        let message = Message::binary(vec![0; 1 << 20]);
        vec![Event {
            n,
            at: Now::default(),
            stream: StreamId(0),
            kind: EventKind::Message(Direction::In, Class::Event, message),
        }]
    }

    /// A pipe that nobody reads yet stands in for a disk that takes nothing.
    #[tokio::test]
    async fn what_finds_no_room_is_counted_and_told_at_its_place() {
        let (mut reader, writer) = io::pipe().expect("a pipe");
        let blank = Blank {
            file: OwnedFd::from(writer).into(),
            path: "pipe".into(),
        };
        let streams = vec![Origin::named("a")];
        let recorder = Recorder::start(blank, streams, false, Clock::start());
        let mut recorder = recorder.expect("a thread");
        let mut n = 0;
        while recorder.has_room() {
            n += 1;
            recorder.put(StreamId(0), message(n));
        }
        recorder.put(StreamId(0), message(n + 1));
        recorder.put(StreamId(0), message(n + 2));
        assert_eq!(recorder.missed(), 2);
        let read = thread::spawn(move || {
            let mut text = String::new();
            reader.read_to_string(&mut text).expect("UTF-8");
            text
        });
        while !recorder.has_room() {
            let report = recorder.report().await;
            assert!(matches!(report, Report::Wrote(_)), "{report:?}");
        }
        recorder.put(StreamId(0), message(n + 3));
        let outcome = recorder.finish().await;
        assert_eq!((outcome.written.events, outcome.missed), (n + 2, 2));
        assert!(!outcome.is_whole());
        let text = read.join().expect("read");
        let last: Vec<_> = text.lines().skip(n as usize).collect();
        assert_eq!(last.len(), 2);
        assert!(
            last[0].starts_with(&format!("{{\"n\":{},", n + 2)),
            "{}",
            last[0]
        );
        assert!(last[0].contains("events missing here, as the disk was too slow: 2"));
        assert!(last[1].starts_with(&format!("{{\"n\":{},", n + 3)));
    }
}
