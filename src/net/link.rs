//! One open link: a WebSocket that is polled, never awaited, so that nothing under way is lost when something else
//! comes first.
//!
//! It reads in batches, sends, and tells why the link ended as the server put it. What an end means, and when to
//! ping, the session decides.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};
use tokio_tungstenite::tungstenite::{
    self, WebSocket,
    error::{CapacityError, ProtocolError},
    protocol::{CloseFrame, Role, WebSocketConfig},
};

use super::{
    breach::Fault,
    deflate::Inflater,
    extension::Agreement,
    wire::{RawClose, Wire},
};
use crate::{
    auth::Outgoing,
    cause::Cause,
    close_code::CloseCode,
    message::{Kind, Message},
    profile::Limits,
};

/// What a WebSocket can run over: TCP, TLS, or a pipe in tests.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// Something received.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// A message.
    Message(Message),
    /// The answer to our last ping.
    Pong,
    /// The answer to the user's last ping.
    PongByHand,
    /// Another sign of life: a ping, or a pong nobody asked for.
    Heard,
}

/// An open link.
pub struct Link {
    socket: WebSocket<Wire<Box<dyn Socket>>>,
    /// Whether something may wait to be sent, be it an answer of the library's.
    unflushed: bool,
    /// How many pings were sent; each carries its number.
    pings: u32,
    /// The payload of the user's last ping, until it is answered.
    by_hand: Option<Bytes>,
    phase: Phase,
    close_limit: Duration,
}

enum Phase {
    Open,
    /// We sent a close frame and wait for the server's.
    Closing {
        code: CloseCode,
        reason: String,
        until: Pin<Box<Sleep>>,
        /// So many bytes of messages are still read: a server that floods on may never come to its close frame.
        left: usize,
    },
    /// The end is known; last words go out for so long.
    Leaving(Farewell),
    /// The end is known and nothing is left to do.
    Ended(Cause),
    Told,
}

struct Farewell {
    cause: Cause,
    until: Pin<Box<Sleep>>,
    /// Whether to wait for the server to hang up: with unread bytes on our side, hanging up first would reset the
    /// connection and destroy our close frame on its way.
    linger: bool,
}

impl Link {
    /// A link over a connection just after its upgrade; `tail` is what was already read behind the answer.
    pub fn new(socket: Box<dyn Socket>, tail: Vec<u8>, limits: &Limits) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_write_buffer_size(limits.message.saturating_add(1 << 20))
            .max_message_size(Some(limits.message))
            .max_frame_size(Some(limits.message));
        // Not `from_partially_read`: with that, every read after the first would be no larger than a message.
        let wire = Wire::new(socket, tail);
        Self {
            socket: WebSocket::from_raw_socket(wire, Role::Client, Some(config)),
            unflushed: false,
            pings: 0,
            by_hand: None,
            phase: Phase::Open,
            close_limit: limits.close,
        }
    }

    /// Has compressed messages inflated, as was agreed with the server; to be called before anything is read.
    #[must_use]
    pub fn inflating(mut self, agreement: Agreement, limits: &Limits) -> Self {
        let inflater = Inflater::new(agreement, limits.message);
        self.socket.get_mut().inflate(inflater);
        self
    }

    /// Bytes received since the upgrade.
    pub fn bytes_in(&self) -> u64 {
        self.socket.get_ref().bytes_in()
    }

    /// Sends a message; it goes out with the next poll.
    pub fn send(&mut self, message: Outgoing) {
        match message {
            // The session has seen that it can be encoded.
            Outgoing::Login(codec, secret) => {
                if let Ok(message) = codec.encode(secret.expose()) {
                    self.put(outgoing(message));
                }
            }
            Outgoing::Plain(message) => self.put(outgoing(message)),
        }
    }

    /// Whether the server has not yet taken all that was sent.
    pub const fn is_behind(&self) -> bool {
        self.unflushed
    }

    /// Sends a ping; it goes out with the next poll.
    pub fn ping(&mut self) {
        self.pings = self.pings.wrapping_add(1);
        self.put(tungstenite::Message::Ping(self.ping_mark()));
    }

    /// Sends a ping with the user's payload; it goes out with the next poll.
    pub fn ping_by_hand(&mut self, payload: Bytes) {
        self.by_hand = Some(payload.clone());
        self.put(tungstenite::Message::Ping(payload));
    }

    fn ping_mark(&self) -> Bytes {
        Bytes::copy_from_slice(&self.pings.to_be_bytes())
    }

    /// Sends a close frame and waits for the server's for as long as the profile's limit says, and over as many bytes of
    /// other messages as are read at once.
    pub fn close(&mut self, code: CloseCode, reason: String) {
        if matches!(self.phase, Phase::Open) {
            self.put(close_frame(code, &reason));
            self.phase = Phase::Closing {
                code,
                reason,
                until: Box::pin(sleep(self.close_limit)),
                left: BATCH_BYTES,
            };
        }
    }

    fn put(&mut self, message: tungstenite::Message) {
        if !matches!(self.phase, Phase::Open) {
            return;
        }
        self.unflushed = true;
        // Any other failure shows when reading, with what the server said before.
        if let Err(tungstenite::Error::WriteBufferFull(_)) = self.socket.write(message) {
            let text = "the server does not take what we sent; too much waits";
            self.end(Cause::Broken(text.into()));
        }
    }

    /// Sends what waits and, if `read`, takes what has arrived: up to 512 messages or 64 KiB. Ready with `None` when
    /// something was put into `into`; ready with the cause when the link ended, after all that came before.
    pub fn poll(
        &mut self,
        cx: &mut Context<'_>,
        read: bool,
        into: &mut Vec<Received>,
    ) -> Poll<Option<Cause>> {
        let before = into.len();
        self.socket.get_mut().wake(cx.waker());
        if read && matches!(self.phase, Phase::Open | Phase::Closing { .. }) {
            self.take(into);
        }
        self.flush();
        match self.poll_end(cx) {
            Poll::Ready(cause) => Poll::Ready(Some(cause)),
            Poll::Pending if into.len() == before => Poll::Pending,
            Poll::Pending => Poll::Ready(None),
        }
    }

    fn take(&mut self, into: &mut Vec<Received>) {
        let (mut bytes, most) = (0, into.len() + BATCH_MESSAGES);
        while into.len() < most && bytes < BATCH_BYTES {
            let message = match self.socket.read() {
                Ok(tungstenite::Message::Close(_)) => return self.closed(),
                Ok(message) => message,
                Err(error) if is_pending(&error) => return,
                Err(error) => return self.failed(error),
            };
            let size = message.len();
            bytes += size;
            into.push(self.sort(message));
            if self.tires_of(size) {
                return self.leave(Cause::Eof, false);
            }
        }
    }

    /// Whether too much has come since our close frame, with so many bytes now.
    fn tires_of(&mut self, bytes: usize) -> bool {
        let Phase::Closing { left, .. } = &mut self.phase else {
            return false;
        };
        *left = left.saturating_sub(bytes);
        *left == 0
    }

    fn sort(&mut self, message: tungstenite::Message) -> Received {
        let (kind, data) = match message {
            tungstenite::Message::Text(text) => (Kind::Text, Bytes::from(text)),
            tungstenite::Message::Binary(data) => (Kind::Binary, data),
            tungstenite::Message::Pong(mark) if self.by_hand.as_ref() == Some(&mark) => {
                self.by_hand = None;
                return Received::PongByHand;
            }
            tungstenite::Message::Pong(mark) if mark == self.ping_mark() => return Received::Pong,
            _ => {
                // The library answers a ping with its next read or flush; there may be no next read for a while.
                self.unflushed = true;
                return Received::Heard;
            }
        };
        Received::Message(Message { kind, data })
    }

    fn flush(&mut self) {
        // A failure shows when reading, with what the server said before.
        if self.unflushed {
            self.unflushed = self.socket.flush().is_err_and(|error| is_pending(&error));
        }
    }

    /// The server's close frame, or the end of the stream behind one.
    fn closed(&mut self) {
        let raw = self.socket.get_ref().raw_close();
        let cause = raw.map_or(Cause::Eof, RawClose::cause);
        // The library has put its answer in line.
        self.unflushed = true;
        self.leave(cause, false);
    }

    fn failed(&mut self, error: tungstenite::Error) {
        let (code, text) = match error {
            tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                return self.end(Cause::Eof);
            }
            tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
                return self.closed();
            }
            tungstenite::Error::Io(error) => match fault_of(&error) {
                Some(fault) => (fault.code.0, fault.text.to_owned()),
                None => return self.end(broken(&error)),
            },
            tungstenite::Error::Capacity(error) => (1009, capacity_words(&error)),
            tungstenite::Error::Utf8(_) => return self.not_utf8(),
            tungstenite::Error::Protocol(error) => (1002, error.to_string()),
            other => (1002, other.to_string()),
        };
        let code = CloseCode(code);
        self.answer_fault(code, Cause::Protocol { code, text });
    }

    /// Text that is not UTF-8: a message's, or the reason of a close frame, whose code still counts.
    fn not_utf8(&mut self) {
        let code = CloseCode(1007);
        let raw = self.socket.get_ref().raw_close();
        let cause = match raw {
            Some(raw) if std::str::from_utf8(&raw.reason).is_err() => raw.cause(),
            _ => Cause::Protocol {
                code,
                text: "a text message is not UTF-8".into(),
            },
        };
        self.answer_fault(code, cause);
    }

    /// Says what is wrong before hanging up (RFC 6455 section 7.1.7); the library only hangs up.
    fn answer_fault(&mut self, code: CloseCode, cause: Cause) {
        self.put(close_frame(code, ""));
        self.leave(cause, true);
    }

    fn leave(&mut self, cause: Cause, linger: bool) {
        self.phase = Phase::Leaving(Farewell {
            cause: self.told(cause),
            until: Box::pin(sleep(LAST_WORDS)),
            linger,
        });
    }

    /// Ends without a word: there is nobody to hear it.
    fn end(&mut self, cause: Cause) {
        self.phase = Phase::Ended(self.told(cause));
    }

    /// Whatever follows our own close frame is the end we asked for.
    fn told(&self, cause: Cause) -> Cause {
        match &self.phase {
            Phase::Closing { code, reason, .. } => ours(*code, reason),
            _ => cause,
        }
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Cause> {
        let cause = match &mut self.phase {
            Phase::Open | Phase::Told => return Poll::Pending,
            Phase::Ended(cause) => cause.clone(),
            Phase::Closing {
                code,
                reason,
                until,
                ..
            } => {
                ready!(until.as_mut().poll(cx));
                ours(*code, reason)
            }
            Phase::Leaving(farewell) => {
                if farewell.until.as_mut().poll(cx).is_pending() {
                    if self.unflushed {
                        return Poll::Pending;
                    }
                    let connection = self.socket.get_mut().inner_mut();
                    ready!(hang_up(connection, farewell.linger, cx));
                }
                farewell.cause.clone()
            }
        };
        self.phase = Phase::Told;
        Poll::Ready(cause)
    }
}

/// Ends our side of the connection; if `linger`, waits for the other side to end too.
fn hang_up(connection: &mut dyn Socket, linger: bool, cx: &mut Context<'_>) -> Poll<()> {
    // The link is over either way.
    let _ = ready!(Pin::new(&mut *connection).poll_shutdown(cx));
    let mut scrap = [0; 4096];
    loop {
        if !linger {
            return Poll::Ready(());
        }
        let mut scrap = ReadBuf::new(&mut scrap);
        let read = ready!(Pin::new(&mut *connection).poll_read(cx, &mut scrap));
        if read.is_err() || scrap.filled().is_empty() {
            return Poll::Ready(());
        }
    }
}

fn is_pending(error: &tungstenite::Error) -> bool {
    matches!(error, tungstenite::Error::Io(error) if error.kind() == io::ErrorKind::WouldBlock)
}

fn outgoing(message: Message) -> tungstenite::Message {
    match message.kind {
        Kind::Binary => tungstenite::Message::Binary(message.data),
        // A text message is made from a String, so this changes nothing.
        Kind::Text => {
            tungstenite::Message::text(String::from_utf8_lossy(&message.data).into_owned())
        }
    }
}

fn close_frame(code: CloseCode, reason: &str) -> tungstenite::Message {
    tungstenite::Message::Close(Some(CloseFrame {
        code: code.0.into(),
        reason: reason.into(),
    }))
}

fn ours(code: CloseCode, reason: &str) -> Cause {
    Cause::Close {
        code,
        reason: reason.to_owned(),
        ours: true,
    }
}

/// What was found wrong with a compressed message.
fn fault_of(error: &io::Error) -> Option<&Fault> {
    error.get_ref()?.downcast_ref()
}

fn broken(error: &io::Error) -> Cause {
    match error.kind() {
        // TLS without its own goodbye: the same as TCP without a close frame.
        io::ErrorKind::UnexpectedEof => Cause::Eof,
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            Cause::Broken("reset by the server".into())
        }
        _ => Cause::Broken(error.to_string()),
    }
}

fn capacity_words(error: &CapacityError) -> String {
    match error {
        CapacityError::MessageTooLong { size, max_size } => {
            format!("a message of {size} bytes is larger than the limit of {max_size}")
        }
        CapacityError::TooManyHeaders => error.to_string(),
    }
}

/// Larger batches gain nothing under a flood; smaller ones cost a wake-up each.
const BATCH_MESSAGES: usize = 512;
const BATCH_BYTES: usize = 64 << 10;
/// What one read may bring.
const READ_BUFFER: usize = 256 << 10;
const LAST_WORDS: Duration = Duration::from_secs(1);
