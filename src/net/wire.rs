//! The byte adaptor between the connection and the WebSocket library: it counts bytes and keeps the close frame as
//! it really came. The library reports every code outside its own list as 1002 and refuses a reason that is not
//! UTF-8; users must see what the server sent.
//!
//! It follows frame headers (RFC 6455 section 5.2) and jumps over payloads; it judges nothing, the library does.
//!
//! The library's machine reads and writes it as a non-blocking stream: what would block wakes the task that polls the
//! link. The library's own asynchronous wrapper wakes two tasks, one for each direction, and pays for it with every
//! message.

use std::{
    io::{self, Read, Write},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::deflate::Inflater;
use crate::{cause::Cause, close_code::CloseCode};

/// A close frame as it was on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawClose {
    /// The code, whatever its value; `None` when the frame was empty.
    pub code: Option<CloseCode>,
    /// The reason, at most 123 bytes, UTF-8 or not.
    pub reason: Vec<u8>,
}

impl RawClose {
    /// The end it stands for when the server sent it first. An empty one is 1005 (RFC 6455 section 7.1.5).
    pub fn cause(&self) -> Cause {
        Cause::Close {
            code: self.code.unwrap_or(CloseCode(1005)),
            reason: String::from_utf8_lossy(&self.reason).into_owned(),
            ours: false,
        }
    }

    fn read(payload: &[u8]) -> Self {
        match payload {
            [high, low, reason @ ..] => Self {
                code: Some(CloseCode(u16::from_be_bytes([*high, *low]))),
                reason: reason.to_vec(),
            },
            _ => Self {
                code: None,
                reason: Vec::new(),
            },
        }
    }
}

/// A connection whose bytes are counted and searched for a close frame.
#[derive(Debug)]
pub struct Wire<S> {
    inner: S,
    /// What was read ahead and is to be read first.
    tail: Vec<u8>,
    scanner: Scanner,
    written: u64,
    waker: Waker,
    /// Where compression was agreed.
    inflater: Option<Box<Inflater>>,
}

impl<S> Wire<S> {
    /// Wraps a connection just after its upgrade; `tail` is what was already read behind the upgrade's answer. It is
    /// read first.
    pub fn new(inner: S, tail: Vec<u8>) -> Self {
        Self {
            inner,
            tail,
            scanner: Scanner::default(),
            written: 0,
            waker: Waker::noop().clone(),
            inflater: None,
        }
    }

    /// Has compressed messages inflated.
    pub(super) fn inflate(&mut self, inflater: Inflater) {
        self.inflater = Some(Box::new(inflater));
    }

    /// Names the task to wake when what would block can go on.
    pub fn wake(&mut self, waker: &Waker) {
        self.waker.clone_from(waker);
    }

    /// The connection itself.
    pub const fn inner_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Bytes received since the upgrade, without those that TLS adds.
    pub const fn bytes_in(&self) -> u64 {
        self.scanner.total
    }

    /// Bytes sent since the upgrade, without those that TLS adds.
    pub const fn bytes_out(&self) -> u64 {
        self.written
    }

    /// The first well-formed close frame received so far; it may stand behind frames that are not yet taken.
    pub const fn raw_close(&self) -> Option<&RawClose> {
        self.scanner.close.as_ref()
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
    /// Reads what is on the wire.
    fn read_wire(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = if self.tail.is_empty() {
            let mut read = ReadBuf::new(buffer);
            let mut cx = Context::from_waker(&self.waker);
            unblocked(Pin::new(&mut self.inner).poll_read(&mut cx, &mut read))?;
            read.filled().len()
        } else {
            let count = buffer.len().min(self.tail.len());
            buffer[..count].copy_from_slice(&self.tail[..count]);
            self.tail.drain(..count);
            count
        };
        self.scanner.feed(&buffer[..count]);
        Ok(count)
    }
}

impl<S: AsyncRead + Unpin> Read for Wire<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let buffer = spared(buffer);
        let Some(mut inflater) = self.inflater.take() else {
            return self.read_wire(buffer);
        };
        let read = inflater.read(buffer, |raw| self.read_wire(raw));
        self.inflater = Some(inflater);
        read
    }
}

/// A large buffer without its end. The library moves what is unread to another buffer as soon as the next frame has no
/// room behind it: in a full buffer with the first frame, and so nearly all of what was just read.
fn spared(buffer: &mut [u8]) -> &mut [u8] {
    let spare = if buffer.len() > 4 * SPARE { SPARE } else { 0 };
    let end = buffer.len() - spare;
    &mut buffer[..end]
}

impl<S: AsyncWrite + Unpin> Write for Wire<S> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut cx = Context::from_waker(&self.waker);
        let count = unblocked(Pin::new(&mut self.inner).poll_write(&mut cx, buffer))?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut cx = Context::from_waker(&self.waker);
        unblocked(Pin::new(&mut self.inner).poll_flush(&mut cx))
    }
}

fn unblocked<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// Follows frames through a stream of bytes that is cut anywhere.
#[derive(Debug, Default, PartialEq, Eq)]
struct Scanner {
    total: u64,
    /// The beginning of a header that was cut.
    head: [u8; HEAD],
    have: usize,
    /// Bytes of the frame under way that are still to come.
    left: u64,
    /// The payload so far, when the frame under way is a close frame.
    payload: Option<Vec<u8>>,
    close: Option<RawClose>,
}

impl Scanner {
    fn feed(&mut self, mut bytes: &[u8]) {
        self.total += bytes.len() as u64;
        while !bytes.is_empty() && self.close.is_none() {
            bytes = if self.left == 0 {
                let bytes = if self.have == 0 {
                    behind_whole(bytes)
                } else {
                    bytes
                };
                self.take_header(bytes)
            } else {
                self.take_payload(bytes)
            };
        }
    }

    fn take_header<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.have == 0
            && let Some(head) = bytes.first_chunk::<HEAD>()
        {
            self.begin(head);
            return &bytes[header_size(head[1])..];
        }
        for (used, byte) in bytes.iter().enumerate() {
            self.head[self.have] = *byte;
            self.have += 1;
            if self.have >= 2 && self.have == header_size(self.head[1]) {
                self.have = 0;
                let head = self.head;
                self.begin(&head);
                return &bytes[used + 1..];
            }
        }
        &[]
    }

    fn begin(&mut self, head: &[u8; HEAD]) {
        let [first, second, ..] = *head;
        let length = length(head);
        let masked = second & MASKED != 0;
        self.left = length.saturating_add(if masked { 4 } else { 0 });
        let whole_close = first == FINAL_CLOSE && !masked && length <= 125 && length != 1;
        self.payload = whole_close.then(Vec::new);
        self.finish();
    }

    fn take_payload<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let count = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let (part, rest) = bytes.split_at(count);
        self.left -= count as u64;
        if let Some(payload) = &mut self.payload {
            payload.extend_from_slice(part);
        }
        self.finish();
        rest
    }

    fn finish(&mut self) {
        if self.left == 0
            && let Some(payload) = self.payload.take()
        {
            self.close = Some(RawClose::read(&payload));
        }
    }
}

/// What follows the frames that are whole and of no interest. A flood is little else.
fn behind_whole(mut bytes: &[u8]) -> &[u8] {
    while let Some(head) = bytes.first_chunk::<HEAD>()
        && head[0] != FINAL_CLOSE
        && head[1] & MASKED == 0
        && let Some(end) = usize::try_from(length(head))
            .ok()
            .and_then(|length| length.checked_add(header_size(head[1])))
        && let Some(rest) = bytes.get(end..)
    {
        bytes = rest;
    }
    bytes
}

/// The bytes of a frame behind its header and mask.
fn length(head: &[u8; HEAD]) -> u64 {
    let [_, second, rest @ ..] = *head;
    match second & LENGTH {
        126 => u64::from(u16::from_be_bytes([rest[0], rest[1]])),
        127 => u64::from_be_bytes(rest),
        short => u64::from(short),
    }
}

/// The bytes of a header by its second byte, without the mask.
const fn header_size(second: u8) -> usize {
    match second & LENGTH {
        126 => 4,
        127 => HEAD,
        _ => 2,
    }
}

/// Room for the next frame, unless it is larger.
const SPARE: usize = 4 << 10;
/// The longest header without a mask.
const HEAD: usize = 10;
const LENGTH: u8 = 0x7f;
const MASKED: u8 = 0x80;
const FINAL_CLOSE: u8 = 0x88;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        match payload.len() {
            short @ 0..=125 => frame.push(short as u8),
            middle @ 126..=65535 => {
                frame.push(126);
                frame.extend((middle as u16).to_be_bytes());
            }
            long => {
                frame.push(127);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        frame.extend(payload);
        frame
    }

    fn scan<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Scanner {
        let mut scanner = Scanner::default();
        parts.into_iter().for_each(|part| scanner.feed(part));
        scanner
    }

    #[test]
    fn every_code_is_seen_as_it_was_sent() {
        for code in [0_u16, 999, 1005, 1006, 1014, 1015, 2500, 4001, 5000, 65535] {
            let payload = [&code.to_be_bytes()[..], b"bye \xff"].concat();
            let close = scan([&frame(0x88, &payload)[..]]).close;
            let seen = close.as_ref().map(RawClose::cause);
            let wanted = Cause::Close {
                code: CloseCode(code),
                reason: "bye \u{fffd}".into(),
                ours: false,
            };
            assert_eq!(seen, Some(wanted));
        }
    }

    #[test]
    fn what_is_no_close_frame_is_not_taken_for_one() {
        let inside = frame(0x82, &frame(0x88, &4001_u16.to_be_bytes()));
        let masked = [&[0x88, 0x82, 0, 0, 0, 0][..], &4001_u16.to_be_bytes()].concat();
        let not_final = frame(0x08, &4001_u16.to_be_bytes());
        let one_byte = frame(0x88, &[4]);
        let too_long = frame(0x88, &[4; 126]);
        for bytes in [inside, masked, not_final, one_byte, too_long] {
            assert_eq!(scan([&bytes[..]]).close, None);
        }
        assert_eq!(
            scan([&frame(0x88, b"")[..]]).close.map(|close| close.code),
            Some(None)
        );
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same(
            payloads in prop::collection::vec((0_usize..3, 0_usize..70_000), 0..6),
            close in prop::collection::vec(any::<u8>(), 2..126),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        ) {
            let sizes = payloads.iter().map(|(class, size)| match class { 0 => size % 126, 1 => size % 300, _ => *size });
            let mut bytes: Vec<u8> = sizes.flat_map(|size| frame(0x82, &vec![0x88; size])).collect();
            bytes.extend(frame(0x88, &close));
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let cut = scan(cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]));
            let single = scan(bytes.chunks(1));
            prop_assert_eq!(cut.close.as_ref(), Some(&RawClose::read(&close)));
            prop_assert_eq!(&cut.close, &single.close);
            prop_assert_eq!(cut.total, bytes.len() as u64);
        }
    }
}
