//! Two servers: one that floods, one that is silent.
//!
//! Under the flood the client has to be the bottleneck: every frame is there before the first connection, each
//! connection has a thread of its own, and 256 KiB are written at a time.

use std::{
    io::{self, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use tokio_tungstenite::tungstenite::{WebSocket, accept};

const PIECE: usize = 256 << 10;
/// Reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
/// FIN and opcode 8, two bytes: 1000 (RFC 6455 section 5.5.1).
const CLOSE: [u8; 4] = [0x88, 2, 0x03, 0xe8];

/// Sends every message to each connection, then a close frame.
pub(crate) struct Flood {
    address: SocketAddr,
    /// Bytes of the messages without their frames.
    pub(crate) payload: usize,
    ended: Receiver<()>,
}

impl Flood {
    pub(crate) fn start(messages: u64, event: fn(u64) -> String) -> io::Result<Self> {
        let (frames, payload) = serialise(messages, event);
        let frames: Arc<[u8]> = frames.into();
        let (sender, ended) = mpsc::channel();
        let address = listen(move |mut socket| {
            // A client that has enough leaves early.
            let _ = flood(socket.get_mut(), &frames);
            until_left(&mut socket);
            let _ = sender.send(());
        })?;
        Ok(Self {
            address,
            payload,
            ended,
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Waits until the next connection has read everything and is gone.
    pub(crate) fn wait_for_end(&self) -> Result<(), RecvTimeoutError> {
        self.ended.recv_timeout(PATIENCE)
    }
}

/// Starts a server that says nothing but answers pings, and returns its URL.
pub(crate) fn silent() -> io::Result<String> {
    let address = listen(|mut socket| until_left(&mut socket))?;
    Ok(format!("ws://{address}"))
}

fn listen(serve: impl Fn(WebSocket<TcpStream>) + Send + Sync + 'static) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
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

/// Reads until the client is gone; pings are answered by the library.
fn until_left(socket: &mut WebSocket<TcpStream>) {
    while socket.read().is_ok() {}
}

/// All messages as unmasked text frames, and how many bytes they are without the frames.
fn serialise(messages: u64, event: fn(u64) -> String) -> (Vec<u8>, usize) {
    let mut frames = Vec::new();
    let mut payload = 0;
    for seq in 0..messages {
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
