//! permessage-deflate (RFC 7692), for what servers send: compressed messages are inflated and framed anew, plain, for
//! the WebSocket library, which knows no extension. We send uncompressed, which the RFC always allows (section 6).
//!
//! Nothing is inflated ahead: a message goes on in fragments of at most [`CHUNK`] bytes, and the library stops at the
//! first that would make it larger than the limit. A small message that inflates to gigabytes takes no more memory
//! than any other that is too large.

use std::{error::Error, fmt, io};

use flate2::{Decompress, FlushDecompress, Status};

use crate::close_code::CloseCode;

/// What is offered: the server may compress as it likes.
pub(super) const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// What a server agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Whether each message is compressed by itself (`server_no_context_takeover`).
    pub each_alone: bool,
}

impl Agreement {
    /// Reads the server's answer to [`OFFER`] (RFC 7692 section 7.1).
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(answer: &str) -> Result<Self, String> {
        let mut parts = answer.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        if !name.eq_ignore_ascii_case("permessage-deflate") {
            return Err(format!("'{name}' was not offered"));
        }
        let mut seen: Vec<String> = Vec::new();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (part, None),
            };
            check_parameter(name, value)?;
            if seen.iter().any(|other| other == name) {
                return Err(format!("the parameter '{name}' is there twice"));
            }
            seen.push(name.to_owned());
        }
        Ok(Self {
            each_alone: seen.iter().any(|name| name == "server_no_context_takeover"),
        })
    }
}

/// The window of the server never matters to us: ours is the largest there is.
fn check_parameter(name: &str, value: Option<&str>) -> Result<(), String> {
    match (name, value) {
        ("server_no_context_takeover" | "client_no_context_takeover", None) => Ok(()),
        ("server_no_context_takeover" | "client_no_context_takeover", Some(_)) => {
            Err(format!("the parameter '{name}' takes no value"))
        }
        ("server_max_window_bits" | "client_max_window_bits", value) => {
            let bits = value.map_or("", |value| value.trim_matches('"'));
            let known = ["8", "9", "10", "11", "12", "13", "14", "15"];
            if known.contains(&bits) {
                return Ok(());
            }
            Err(format!("the parameter '{name}' must be from 8 to 15"))
        }
        _ => Err(format!("the parameter '{name}' is not known")),
    }
}

/// How a server broke the RFC, and the close code that says so.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: CloseCode,
    pub(super) text: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl Error for Fault {}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}

/// Turns a stream of frames, some of them compressed, into one of plain frames. It may be cut anywhere.
#[derive(Debug)]
pub(super) struct Inflater {
    agreement: Agreement,
    /// The most compressed bytes of a message.
    most: u64,
    stream: Decompress,
    /// What was read from the wire, and how much of it is done.
    raw: Vec<u8>,
    done: usize,
    /// What is ready for the library, and how much of it is taken.
    ready: Vec<u8>,
    taken: usize,
    /// The beginning of a header that was cut.
    head: Vec<u8>,
    part: Part,
    message: Option<Compressed>,
    /// Inflated bytes of the message that are not yet in a frame.
    chunk: Vec<u8>,
}

/// Where in the stream of frames we are.
#[derive(Debug, Clone, Copy)]
enum Part {
    Header,
    /// In a frame that is handed on as it is.
    Plain { left: u64 },
    /// In a frame of a compressed message, perhaps its last.
    Packed { left: u64, last: bool },
    /// In the four bytes that the sender left out at the end of a message (section 7.2.1).
    Tail { done: usize },
}

/// A compressed message under way.
#[derive(Debug)]
struct Compressed {
    /// The opcode of the next frame made of it: its own, then 0.
    opcode: u8,
    /// Compressed bytes so far.
    size: u64,
    /// Whether the sender marked a block as the last of all.
    ended: bool,
}

impl Inflater {
    /// For messages of at most `limit` inflated bytes.
    pub(super) fn new(agreement: Agreement, limit: usize) -> Self {
        // What cannot be compressed grows by five bytes in each block of 64 KiB at worst.
        let most = (limit as u64).saturating_add(limit as u64 / 1000 + 1024);
        Self {
            agreement,
            most,
            stream: Decompress::new(false),
            raw: vec![0; RAW],
            done: RAW,
            ready: Vec::with_capacity(CHUNK + HEAD),
            taken: 0,
            head: Vec::with_capacity(HEAD),
            part: Part::Header,
            message: None,
            chunk: Vec::with_capacity(CHUNK),
        }
    }

    /// Fills a buffer with plain frames; what is wanted for that is read with `more`, as [`io::Read`] does.
    pub(super) fn read(
        &mut self,
        buffer: &mut [u8],
        mut more: impl FnMut(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let mut filled = self.hand_over(buffer);
        while filled < buffer.len() {
            if !self.wants_more() {
                self.step()?;
            } else if filled > 0 {
                break;
            } else {
                // All of it is done until there is something in it, also when there is nothing to read yet.
                self.raw.resize(RAW, 0);
                self.done = RAW;
                let count = more(&mut self.raw)?;
                self.raw.truncate(count);
                self.done = 0;
                if count == 0 {
                    break;
                }
            }
            filled += self.hand_over(&mut buffer[filled..]);
        }
        Ok(filled)
    }

    fn hand_over(&mut self, buffer: &mut [u8]) -> usize {
        let rest = &self.ready[self.taken..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.taken += count;
        if self.taken == self.ready.len() {
            self.ready.clear();
            self.taken = 0;
        }
        count
    }

    fn wants_more(&self) -> bool {
        let all_done = self.done >= self.raw.len();
        let idle = matches!(
            self.part,
            Part::Header | Part::Plain { .. } | Part::Packed { left: 1.., .. }
        );
        all_done && idle
    }

    /// Goes on a little; makes one frame at most.
    fn step(&mut self) -> Result<(), Fault> {
        match self.part {
            Part::Header => self.take_header(),
            Part::Plain { left } => {
                let rest = &self.raw[self.done..];
                let count = within(left, rest.len()).min(CHUNK);
                self.ready.extend_from_slice(&rest[..count]);
                self.done += count;
                self.part = plain(left - count as u64);
                Ok(())
            }
            Part::Packed { left, last } => self.take_packed(left, last),
            Part::Tail { done } => self.take_tail(done),
        }
    }

    fn take_header(&mut self) -> Result<(), Fault> {
        self.head.push(self.raw[self.done]);
        self.done += 1;
        let [first, second, long @ ..] = &self.head[..] else {
            return Ok(());
        };
        let wanted = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if long.len() < wanted {
            return Ok(());
        }
        let length = match wanted {
            0 => u64::from(second & 0x7f),
            _ => long.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)),
        };
        let (first, masked) = (*first, second & 0x80 != 0);
        self.begin(first, masked, length)?;
        self.head.clear();
        Ok(())
    }

    /// Judges what the library cannot; whatever else is wrong it sees in the header that is handed on.
    fn begin(&mut self, first: u8, masked: bool, length: u64) -> Result<(), Fault> {
        let (reserved, opcode, last) = (first & 0x70, first & 0x0f, first & 0x80 != 0);
        let starts = matches!(opcode, 1 | 2);
        if starts && self.message.is_some() {
            return Err(broken("a message begins before the last one is whole"));
        }
        let packed = match &self.message {
            Some(_) => opcode == 0 && reserved == 0,
            None => starts && reserved == RSV1,
        };
        if !packed || masked {
            self.ready.extend_from_slice(&self.head);
            self.part = plain(length);
            return Ok(());
        }
        let message = self.message.get_or_insert(Compressed {
            opcode,
            size: 0,
            ended: false,
        });
        message.size = message.size.saturating_add(length);
        if message.size > self.most {
            return Err(Fault {
                code: CloseCode(1009),
                text: "a compressed message is larger than the limit",
            });
        }
        self.part = Part::Packed { left: length, last };
        Ok(())
    }

    fn take_packed(&mut self, left: u64, last: bool) -> Result<(), Fault> {
        let end = self.done + within(left, self.raw.len() - self.done);
        let raw = std::mem::take(&mut self.raw);
        let used = self.inflate(&raw[self.done..end]);
        self.raw = raw;
        let used = used?;
        self.done += used;
        let left = left - used as u64;
        self.part = match (left, last) {
            // There may be more to come of what is used up.
            _ if self.emit_full() => Part::Packed { left, last },
            (0, true) => Part::Tail { done: 0 },
            (0, false) => Part::Header,
            _ => Part::Packed { left, last },
        };
        Ok(())
    }

    fn take_tail(&mut self, done: usize) -> Result<(), Fault> {
        let done = done + self.inflate(&TAIL[done..])?;
        self.part = Part::Tail { done };
        if !self.emit_full() && done == TAIL.len() {
            self.emit(true);
            let ended = self.message.take().is_some_and(|message| message.ended);
            if self.agreement.each_alone && !ended {
                self.stream.reset(false);
            }
            self.part = Part::Header;
        }
        Ok(())
    }

    /// Inflates into what is free of the chunk; how much of the input was used.
    fn inflate(&mut self, input: &[u8]) -> Result<usize, Fault> {
        let (before, had) = (self.stream.total_in(), self.chunk.len());
        let status = self
            .stream
            .decompress_vec(input, &mut self.chunk, FlushDecompress::Sync)
            .map_err(|_| corrupt())?;
        let used = (self.stream.total_in() - before) as usize;
        if status == Status::StreamEnd {
            // Nothing but an empty block follows (section 7.2.3.5); the next message begins anew.
            let message = self.message.as_mut();
            if message.is_some_and(|message| std::mem::replace(&mut message.ended, true)) {
                return Err(corrupt());
            }
            self.stream.reset(false);
        } else if used == 0 && self.chunk.len() == had && !input.is_empty() {
            return Err(corrupt());
        }
        Ok(used)
    }

    /// Makes a frame of the chunk when it is full, and tells whether it was.
    fn emit_full(&mut self) -> bool {
        let full = self.chunk.len() == self.chunk.capacity();
        if full {
            self.emit(false);
        }
        full
    }

    fn emit(&mut self, last: bool) {
        let Some(message) = &mut self.message else {
            return;
        };
        let opcode = std::mem::take(&mut message.opcode);
        self.ready.push(if last { 0x80 | opcode } else { opcode });
        match self.chunk.len() {
            short @ 0..=125 => self.ready.push(short as u8),
            long => {
                self.ready.push(126);
                self.ready.extend((long as u16).to_be_bytes());
            }
        }
        self.ready.append(&mut self.chunk);
    }
}

const fn plain(left: u64) -> Part {
    match left {
        0 => Part::Header,
        left => Part::Plain { left },
    }
}

fn within(left: u64, have: usize) -> usize {
    usize::try_from(left).map_or(have, |left| left.min(have))
}

const fn broken(text: &'static str) -> Fault {
    Fault {
        code: CloseCode(1002),
        text,
    }
}

const fn corrupt() -> Fault {
    Fault {
        code: CloseCode(1007),
        text: "a compressed message cannot be inflated",
    }
}

const RSV1: u8 = 0x40;
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// What is inflated at once; a frame's length of 16 bits holds it.
const CHUNK: usize = 32 << 10;
/// What is read at once.
const RAW: usize = 64 << 10;
/// The longest header without a mask.
const HEAD: usize = 10;
