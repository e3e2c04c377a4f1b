//! `sockeye tail`: the same sessions without a screen. Events go to the standard output as NDJSON, and nothing else;
//! the stream's life goes to the standard error; the exit code tells how it ended.
//!
//! One thread runs the drivers and encodes, another writes. A slow reader of our output holds the sockets: nothing is
//! lost, and the server feels it. While it is held, its pings wait too.

mod alerts;
mod feed;
mod lines;
mod recorded;
mod sieve;

use std::{
    io::{self, Write},
    pin::pin,
    time::Duration,
};

use tokio::{sync::mpsc, task::JoinSet};

pub use alerts::Alerts;
use feed::Feed;
pub use feed::check_sends;
use lines::Lines;
use recorded::Recording;
pub use sieve::Sieve;

use crate::{
    announcing::Commands,
    cause::Cause,
    cli::{LifecycleFormat, TailFormat},
    clock::Clock,
    credential::Sources,
    error::{Exit, Failure},
    event::{Answer, Ended, Event, EventKind, Lifecycle, Status},
    export::{Exporter, Format, Origin},
    message::{Class, Direction, Message},
    net::{Batch, Ports, drive},
    payload::escape::escape,
    recording::Blank,
    session::{Command, Session},
    signals::{self, Signals},
};

/// Encoded lines are handed to the writer in pieces of about this size.
const PIECE: usize = 1 << 20;
/// Batches that wait to be encoded, and pieces that wait to be written.
const WAITING: usize = 4;
/// At the end the commands of alerts have so long to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `tail` is asked to do.
pub struct Order {
    /// End after this many messages from the server.
    pub count: Option<u64>,
    /// End after this long.
    pub duration: Option<Duration>,
    /// How messages are written.
    pub format: TailFormat,
    /// How the streams' life is told.
    pub lifecycle: LifecycleFormat,
    /// Which messages are written and counted.
    pub sieve: Sieve,
    /// What is announced, of all messages.
    pub alerts: Alerts,
    /// Whether what looks like a secret is masked in what is written and recorded.
    pub masks: bool,
    /// What every event is recorded in.
    pub recording: Option<Blank>,
    /// Whether each line of the standard input is sent to the first stream.
    pub stdin: bool,
}

/// Runs the sessions until the order is fulfilled, nothing goes on without a user, or a signal comes.
///
/// # Errors
/// When the standard output cannot be written, other than by being closed; when a recording is not whole.
pub async fn tail(
    sessions: Vec<Session>,
    sources: Sources,
    mut order: Order,
    clock: Clock,
) -> Result<Exit, Failure> {
    let names: Vec<String> = sessions
        .iter()
        .map(|session| session.profile().name.clone())
        .collect();
    let origin = |session: &Session| Origin {
        schema: session.profile().schema().cloned(),
        ..Origin::named(&session.profile().name)
    };
    let origins: Vec<_> = sessions.iter().map(origin).collect();
    let recording = Recording::start(order.recording.take(), &origins, order.masks, clock)?;
    let (events, mut batches) = mpsc::channel(WAITING);
    let mut drivers = JoinSet::new();
    let mut commands = Vec::new();
    for session in sessions {
        let (command, inbox) = mpsc::channel(4);
        commands.push(command);
        let ports = Ports {
            events: events.clone(),
            commands: inbox,
            sources: sources.clone(),
            clock,
        };
        drivers.spawn(drive(session, ports));
    }
    drop(events);
    let feed = commands.first().filter(|_| order.stdin);
    let feed = feed.cloned().map(Feed::start);
    let exporter = Exporter::new(Format::Ndjson, origins, order.masks);
    let alerting = Commands::new(sources.clone());
    let mut tail = Tail::new((names, exporter), order, (recording, feed, alerting));
    let mut signals = signals::listen()?;
    let exit = tail.run(&mut batches, &mut signals).await;
    // What was asked for is there at once, however long the goodbyes take.
    tail.flush_last(exit).await;
    let broken = tail.order.sieve.broken();
    for command in commands {
        // A driver that is gone needs no stop.
        let _ = command.send(Command::Stop).await;
    }
    // What still comes while the links are closed is read, so that no driver is held, and only recorded.
    while let Some(batch) = batches.recv().await {
        tail.recording.put(batch);
    }
    sources.settle().await;
    let tells = tail.order.lifecycle == LifecycleFormat::Text;
    let recording = std::mem::take(&mut tail.recording);
    let recorded = recording.finish(exit, tells).await;
    tail.finish_alerts(exit).await;
    tail.finish(exit)?;
    broken.map_or(recorded, Err)
}

struct Tail {
    exporter: Exporter,
    lines: Lines,
    names: Vec<String>,
    order: Order,
    feed: Option<Feed>,
    left: u64,
    /// How each stream stands: `None` while it goes on by itself.
    ends: Vec<Option<Exit>>,
    /// How the last link of each ended.
    last: Vec<Option<Ended>>,
    buffer: Vec<u8>,
    writer: Writer,
    recording: Recording,
    /// The commands of alerts.
    alerting: Commands,
}

impl Tail {
    fn new(
        (names, exporter): (Vec<String>, Exporter),
        order: Order,
        (recording, feed, alerting): (Recording, Option<Feed>, Commands),
    ) -> Self {
        Self {
            exporter,
            lines: Lines::new(order.format),
            left: order.count.unwrap_or(u64::MAX),
            ends: vec![None; names.len()],
            last: vec![None; names.len()],
            names,
            order,
            feed,
            buffer: Vec::with_capacity(PIECE + PIECE / 4),
            writer: Writer::start(),
            recording,
            alerting,
        }
    }

    async fn run(&mut self, batches: &mut mpsc::Receiver<Batch>, signals: &mut Signals) -> Exit {
        let duration = self.order.duration;
        let mut timer = pin!(async move {
            match duration {
                Some(duration) => tokio::time::sleep(duration).await,
                None => std::future::pending().await,
            }
        });
        loop {
            tokio::select! {
                biased;
                number = signals.next() => return Exit::Signal(number),
                () = &mut timer => return Exit::Done,
                () = self.writer.closed() => return Exit::Done,
                why = self.alerting.fault() => self.warn(&why),
                news = self.recording.news() => self.recording.heed(news),
                // Before what comes in, which may never end; there is no more than one line on its way.
                () = Feed::step(&mut self.feed) => {}
                batch = batches.recv(), if self.recording.has_room() => {
                    let Some(batch) = batch else { return Exit::Done };
                    let exit = self.take(&batch.events);
                    self.recording.put(batch);
                    if let Some(exit) = exit {
                        return exit;
                    }
                    if self.order.sieve.broken().is_some() {
                        return Exit::Usage;
                    }
                    self.flush_when_due(batches).await;
                }
            }
        }
    }

    /// Encodes events; an exit when nothing is left to do.
    fn take(&mut self, events: &[Event]) -> Option<Exit> {
        for event in events {
            match &event.kind {
                EventKind::Message(direction, class, message) => {
                    self.alert(event, (*direction, *class), message);
                    if !self.order.sieve.lets(event, (*direction, *class), message) {
                        continue;
                    }
                    let Self {
                        lines,
                        exporter,
                        buffer,
                        ..
                    } = self;
                    lines.write(exporter, event, message, buffer);
                    let counts = (*direction, *class) == (Direction::In, Class::Event);
                    self.left -= u64::from(counts);
                    if self.left == 0 {
                        return Some(Exit::Done);
                    }
                }
                EventKind::Lifecycle(lifecycle) => self.follow(event, lifecycle),
            }
        }
        self.ends.iter().all(Option::is_some).then(|| self.worst())
    }

    /// Announces a message that the alert of its profile is on.
    fn alert(&mut self, event: &Event, mark: (Direction, Class), message: &Message) {
        let Order { alerts, sieve, .. } = &mut self.order;
        if !sieve.alerts(event, mark, message) {
            return;
        }
        let name = &self.names[usize::from(event.stream.0)];
        if let Some(announced) = alerts.announced((event, message), name, sieve) {
            alerts::announce(&announced, &mut self.alerting);
            self.warn(&announced.words());
        }
    }

    /// Tells what is no event, where the life of the streams is told to people.
    fn warn(&self, text: &str) {
        if self.order.lifecycle == LifecycleFormat::Text {
            // Nobody is left to tell when the standard error is gone.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    fn follow(&mut self, event: &Event, lifecycle: &Lifecycle) {
        let stream = usize::from(event.stream.0);
        if let Some(feed) = &mut self.feed {
            feed.follow(lifecycle);
        }
        match lifecycle {
            // From now on it is known where its messages hold what.
            Lifecycle::Recognised(recognised) => {
                self.order.sieve.map(event.stream, &recognised.map);
            }
            Lifecycle::Ended(ended) => self.last[stream] = Some(ended.clone()),
            Lifecycle::Status(status) => {
                self.ends[stream] = exit_of(status, self.last[stream].as_ref());
            }
            _ => {}
        }
        // Nobody is left to tell when the standard error is gone.
        let _ = self.tell(event, lifecycle);
    }

    fn tell(&mut self, event: &Event, lifecycle: &Lifecycle) -> io::Result<()> {
        let mut stderr = io::stderr().lock();
        match (self.order.lifecycle, lifecycle) {
            (LifecycleFormat::None, _)
            | (LifecycleFormat::Text, Lifecycle::Pong(_) | Lifecycle::Answer(Answer::Sent(_))) => {
                Ok(())
            }
            (LifecycleFormat::Json, _) => {
                let mut line = Vec::new();
                self.exporter.event(event, &mut line);
                stderr.write_all(&line)
            }
            (LifecycleFormat::Text, _) => {
                let name = &self.names[usize::from(event.stream.0)];
                writeln!(
                    stderr,
                    "{} {}: {}",
                    event.at.wall,
                    escape(name),
                    escape(&self.exporter.text(lifecycle.to_string()))
                )
            }
        }
    }

    /// The first stream that did not end well decides.
    fn worst(&self) -> Exit {
        let bad = self.ends.iter().flatten().find(|exit| **exit != Exit::Done);
        bad.copied().unwrap_or(Exit::Done)
    }

    /// Hands a piece on when it is large, or when the drivers, given their turn, have nothing more.
    async fn flush_when_due(&mut self, batches: &mpsc::Receiver<Batch>) {
        if self.buffer.len() < PIECE {
            if batches.is_empty() {
                tokio::task::yield_now().await;
            }
            if !batches.is_empty() {
                return;
            }
        }
        self.flush().await;
    }

    async fn flush(&mut self) {
        if !self.buffer.is_empty() {
            let empty = self.writer.empty_piece();
            let piece = std::mem::replace(&mut self.buffer, empty);
            self.writer.write(piece).await;
        }
    }

    /// A signal does not wait for a reader that is stuck.
    async fn flush_last(&mut self, exit: Exit) {
        if !matches!(exit, Exit::Signal(_)) || !self.writer.is_full() {
            self.flush().await;
        }
    }

    /// Commands that run are waited for, unless a signal asked us to go.
    async fn finish_alerts(&mut self, exit: Exit) {
        let limit = match exit {
            Exit::Signal(_) => Duration::ZERO,
            _ => PATIENCE,
        };
        for why in self.alerting.finish(limit).await {
            self.warn(&why);
        }
    }

    fn finish(self, exit: Exit) -> Result<Exit, Failure> {
        match self.writer.finish(matches!(exit, Exit::Signal(_))) {
            Ok(()) => Ok(exit),
            Err(error) => Err(Failure::new(
                Exit::Unexpected,
                format!("the standard output cannot be written: {error}"),
            )),
        }
    }
}

/// The exit code of a stream that only a user could move on; `None` while it goes on by itself.
fn exit_of(status: &Status, last: Option<&Ended>) -> Option<Exit> {
    match status {
        Status::SignInNeeded { .. } => Some(Exit::Unauthenticated),
        Status::Forbidden { .. } => Some(Exit::Forbidden),
        Status::Stopped { .. } => Some(last.map_or(Exit::Done, exit_of_end)),
        _ => None,
    }
}

fn exit_of_end(ended: &Ended) -> Exit {
    match exit_of_cause(&ended.cause) {
        // What may happen only so often in a row is no good end, whatever its code.
        Exit::Done if ended.rule.limit.is_some() => Exit::Network,
        exit => exit,
    }
}

fn exit_of_cause(cause: &Cause) -> Exit {
    match cause {
        Cause::Close { code, .. } => match code.0 {
            1000 | 1001 => Exit::Done,
            1008 | 3000 | 4001 => Exit::Unauthenticated,
            3003 | 4003 => Exit::Forbidden,
            1002 | 1003 | 1007 | 1009 | 1010 => Exit::Protocol,
            _ => Exit::Network,
        },
        Cause::Http(refusal) => match refusal.status {
            401 => Exit::Unauthenticated,
            403 => Exit::Forbidden,
            408 | 429 | 500..=599 => Exit::Network,
            _ => Exit::Protocol,
        },
        Cause::LoginRefused(_) | Cause::Credential(_) | Cause::Unsigned(_) => Exit::Unauthenticated,
        Cause::Told { rule, .. } if rule.forbidden => Exit::Forbidden,
        Cause::Told { rule, .. } if rule.refuses_token => Exit::Unauthenticated,
        Cause::Protocol { .. } | Cause::Handshake(_) => Exit::Protocol,
        _ => Exit::Network,
    }
}

/// The standard output, written by a thread of its own.
struct Writer {
    pieces: Option<mpsc::Sender<Vec<u8>>>,
    /// Written pieces come back empty, to be filled again.
    empty: mpsc::UnboundedReceiver<Vec<u8>>,
    thread: std::thread::JoinHandle<io::Result<()>>,
}

impl Writer {
    fn start() -> Self {
        let (pieces, mut inbox) = mpsc::channel::<Vec<u8>>(WAITING);
        let (back, empty) = mpsc::unbounded_channel();
        let thread = std::thread::spawn(move || {
            let mut stdout = io::stdout().lock();
            while let Some(mut piece) = inbox.blocking_recv() {
                stdout.write_all(&piece)?;
                stdout.flush()?;
                piece.clear();
                // At the end nobody fills it again.
                let _ = back.send(piece);
            }
            Ok(())
        });
        Self {
            pieces: Some(pieces),
            empty,
            thread,
        }
    }

    fn empty_piece(&mut self) -> Vec<u8> {
        let written = self.empty.try_recv();
        written.unwrap_or_else(|_| Vec::with_capacity(PIECE + PIECE / 4))
    }

    /// Waits until the thread has ended, which it does when the standard output is closed.
    async fn closed(&self) {
        match &self.pieces {
            Some(pieces) => pieces.closed().await,
            None => std::future::pending().await,
        }
    }

    async fn write(&self, piece: Vec<u8>) {
        if let Some(pieces) = &self.pieces {
            // The loop sees `closed` when nobody reads any more.
            let _ = pieces.send(piece).await;
        }
    }

    fn is_full(&self) -> bool {
        self.pieces
            .as_ref()
            .is_none_or(|pieces| pieces.capacity() == 0)
    }

    /// Waits for the last piece, unless a signal asked us to go and the reader is stuck.
    fn finish(mut self, hurry: bool) -> io::Result<()> {
        let stuck = hurry && self.is_full();
        self.pieces = None;
        if stuck {
            return Ok(());
        }
        match self.thread.join() {
            Ok(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }
}
