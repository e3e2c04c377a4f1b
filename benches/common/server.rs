//! The servers: one that floods and closes, one that floods without end, one that is slow, one that sends what it is
//! given, one that is silent.
//!
//! Under a flood the client has to be the bottleneck: every frame is there before the first connection, each
//! connection has a thread of its own, and 256 KiB or more are written at a time.

use std::{
    io::{self, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    ops::Range,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::Duration,
};

use sockeye::time::Mono;
use tokio_tungstenite::tungstenite::{Error, WebSocket, accept};

use super::{Result, now};

const PIECE: usize = 256 << 10;
/// Messages of one piece of an endless flood.
const ROUND: u64 = 20_000;
/// Pieces that wait to be sent.
const WAITING: usize = 4;
/// Reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
/// FIN and opcode 8, two bytes: 1000 (RFC 6455 section 5.5.1).
const CLOSE: [u8; 4] = [0x88, 2, 0x03, 0xe8];

/// How long nothing but pings is looked for while there is nothing to send.
const IDLE: Duration = Duration::from_millis(10);

type Socket = WebSocket<TcpStream>;

/// Sends every message to each connection, then a close frame.
pub(crate) struct Flood {
    address: SocketAddr,
    /// Bytes of the messages without their frames.
    pub(crate) payload: usize,
    ended: Receiver<End>,
}

/// How a connection went.
pub(crate) struct End {
    /// When its first message was about to be sent.
    pub(crate) began: Mono,
    /// When the client was gone.
    pub(crate) left: Mono,
    /// Whether all was sent before.
    pub(crate) whole: bool,
}

impl Flood {
    pub(crate) fn start(messages: u64, event: fn(u64) -> String) -> io::Result<Self> {
        let (frames, payload) = serialise(0..messages, event);
        let frames: Arc<[u8]> = frames.into();
        let (sender, ended) = mpsc::channel();
        let address = listen(move |mut socket| {
            let began = now();
            // A client that has enough leaves early.
            let whole = flood(socket.get_mut(), &frames).is_ok();
            until_left(&mut socket);
            let left = now();
            let _ = sender.send(End { began, left, whole });
        })?;
        Ok(Self {
            address,
            payload,
            ended,
        })
    }

    pub(crate) fn url(&self) -> String {
        url(self.address)
    }

    /// Waits until the next connection has read everything and is gone.
    pub(crate) fn wait_for_end(&self) -> std::result::Result<End, RecvTimeoutError> {
        self.ended.recv_timeout(PATIENCE)
    }
}

/// Sends to the one client that it waits for what it is told to.
pub(crate) struct Feeder {
    address: SocketAddr,
    orders: SyncSender<Vec<u8>>,
    event: fn(u64) -> String,
    next: u64,
}

impl Feeder {
    pub(crate) fn start(event: fn(u64) -> String) -> io::Result<Self> {
        let (orders, inbox) = mpsc::sync_channel::<Vec<u8>>(WAITING);
        let inbox = Mutex::new(inbox);
        let address = listen(move |mut socket| {
            let inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
            // Ends when the client is gone.
            let _ = send(&mut socket, || match inbox.recv_timeout(IDLE) {
                Ok(frames) => Some(frames),
                Err(RecvTimeoutError::Timeout) => Some(Vec::new()),
                Err(RecvTimeoutError::Disconnected) => None,
            });
        })?;
        Ok(Self {
            address,
            orders,
            event,
            next: 0,
        })
    }

    pub(crate) fn url(&self) -> String {
        url(self.address)
    }

    /// Sends so many messages more, and returns how many bytes they have without their frames.
    pub(crate) fn send(&mut self, messages: u64) -> Result<u64> {
        let end = self.next + messages;
        let mut total = 0;
        while self.next < end {
            let piece = self.next..end.min(self.next + ROUND);
            self.next = piece.end;
            let (frames, payload) = serialise(piece, self.event);
            self.orders.send(frames)?;
            total += payload as u64;
        }
        Ok(total)
    }
}

/// Starts a server that floods each connection without end, and returns its URL.
pub(crate) fn endless() -> io::Result<String> {
    let (frames, _) = serialise(0..ROUND, event);
    let address = listen(move |mut socket| {
        // Ends when the client is gone.
        let _ = send(&mut socket, || Some(&frames));
    })?;
    Ok(url(address))
}

/// Starts a server that sends a message each time this span has passed, and returns its URL.
pub(crate) fn slow(span: Duration) -> io::Result<String> {
    let address = listen(move |mut socket| {
        let mut seq = 0..;
        let next = || {
            thread::sleep(span);
            let seq = seq.next()?;
            Some(serialise(seq..seq + 1, event).0)
        };
        // Ends when the client is gone.
        let _ = send(&mut socket, next);
    })?;
    Ok(url(address))
}

/// Starts a server that says nothing but answers pings, and returns its URL.
pub(crate) fn silent() -> io::Result<String> {
    let address = listen(|mut socket| until_left(&mut socket))?;
    Ok(url(address))
}

fn url(address: SocketAddr) -> String {
    format!("ws://{address}")
}

fn listen(serve: impl Fn(Socket) + Send + Sync + 'static) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(io::Result::ok) {
            let serve = Arc::clone(&serve);
            thread::spawn(move || {
                if let Ok(socket) = accept(stream) {
                    serve(socket);
                }
            });
        }
    });
    Ok(address)
}

fn flood(stream: &mut TcpStream, frames: &[u8]) -> io::Result<()> {
    for piece in frames.chunks(PIECE) {
        stream.write_all(piece)?;
    }
    stream.write_all(&CLOSE)
}

/// Sends whole frames as they are given, and answers the client's pings between them.
fn send<T: AsRef<[u8]>>(
    socket: &mut Socket,
    mut next: impl FnMut() -> Option<T>,
) -> std::result::Result<(), Error> {
    while let Some(frames) = next() {
        socket.get_mut().write_all(frames.as_ref())?;
        answer(socket)?;
    }
    Ok(())
}

/// Answers a ping that has come, without waiting for one.
fn answer(socket: &mut Socket) -> std::result::Result<(), Error> {
    socket.get_mut().set_nonblocking(true)?;
    let read = socket.read();
    socket.get_mut().set_nonblocking(false)?;
    match read {
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        Err(error) => Err(error),
        // Written while it may block, so that no other frame comes within.
        Ok(_) => socket.flush(),
    }
}

/// Reads until the client is gone; pings are answered by the library.
fn until_left(socket: &mut Socket) {
    while socket.read().is_ok() {}
}

/// Messages as unmasked text frames, and how many bytes they are without the frames.
fn serialise(seqs: Range<u64>, event: fn(u64) -> String) -> (Vec<u8>, usize) {
    let mut frames = Vec::new();
    let mut payload = 0;
    for seq in seqs {
        let text = event(seq);
        let length = text.len() as u16;
        frames.extend_from_slice(&[0x81, 126]);
        frames.extend_from_slice(&length.to_be_bytes());
        frames.extend_from_slice(text.as_bytes());
        payload += text.len();
    }
    (frames, payload)
}

/// The event of the measurements: about 211 bytes, always over 125 so that its length takes two bytes.
pub(crate) fn event(seq: u64) -> String {
    with_text(seq, "crème ✓")
}

/// The same with a longer text: about 1 KB.
pub(crate) fn long(seq: u64) -> String {
    with_text(seq, &"crème ✓ ".repeat(75))
}

/// The same with a text of another length and other accents each time, so that hardly two are alike: the worst that
/// can happen to what knows messages by their likeness.
pub(crate) fn varied(seq: u64) -> String {
    const WORDS: [&str; 8] = ["crème", "the", "✓", "stock", "is", "über", "low", "again"];
    let mut random = fastrand::Rng::with_seed(seq);
    let words: Vec<_> = (0..random.usize(..8))
        .map(|_| WORDS[random.usize(..8)])
        .collect();
    with_text(seq, &words.join(" "))
}

fn with_text(seq: u64, text: &str) -> String {
    let kind = ["order.created", "order.paid", "alert", "heartbeat"][seq as usize % 4];
    let (user, tier) = (seq % 1000, ["free", "gold"][seq as usize % 2]);
    let (region, cents) = (["eu-west", "us-east"][seq as usize / 2 % 2], seq % 10_000);
    format!(
        r#"{{"type":"{kind}","seq":{seq},"ts":1795521824120,"sent_ns":1795521824120123456,"data":{{"id":"o-{seq}","user":{{"id":{user},"tier":"{tier}"}},"region":"{region}","amount":{cents}.90,"items":[3,17],"msg":"{text}"}}}}"#
    )
}
