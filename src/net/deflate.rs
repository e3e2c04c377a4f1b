//! permessage-deflate (RFC 7692), for what servers send: compressed messages are inflated and framed anew, plain, for
//! the WebSocket library, which knows no extension. We send uncompressed, which the RFC always allows (section 6).
//!
//! Nothing is inflated ahead: a message goes on in fragments of at most [`CHUNK`] bytes, and the library stops at the
//! first that would make it larger than the limit. A small message that inflates to gigabytes takes no more memory
//! than any other that is too large.

use std::io;

use flate2::{Decompress, FlushDecompress, Status};

use super::{
    breach::{Fault, broken, corrupt},
    extension::Agreement,
};
use crate::close_code::CloseCode;

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
    /// What is wrong with all that follows.
    fault: Option<Fault>,
    /// Inflated bytes of the message that are not yet in a frame.
    chunk: Vec<u8>,
}

/// Where in the stream of frames we are.
#[derive(Debug, Clone, Copy)]
enum Part {
    Header,
    /// In a frame that is handed on as it is.
    Plain {
        left: u64,
    },
    /// In a frame of a compressed message, perhaps its last.
    Packed {
        left: u64,
        last: bool,
    },
    /// In the four bytes that the sender left out at the end of a message (section 7.2.1).
    Tail {
        done: usize,
    },
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
            fault: None,
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
            if let Some(fault) = self.fault {
                // What came before it counts.
                if filled > 0 {
                    break;
                }
                return Err(fault.into());
            }
            if !self.wants_more() {
                self.fault = self.step().err();
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

const RSV1: u8 = 0x40;
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// What is inflated at once; a frame's length of 16 bits holds it.
const CHUNK: usize = 32 << 10;
/// What is read at once.
const RAW: usize = 64 << 10;
/// The longest header without a mask.
const HEAD: usize = 10;

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};
    use proptest::prelude::*;

    use super::*;

    fn read(parts: &[&[u8]], each_alone: bool, most: usize) -> Result<Vec<u8>, CloseCode> {
        let mut inflater = Inflater::new(Agreement { each_alone }, most);
        let mut parts = parts.iter();
        let mut all = Vec::new();
        let mut buffer = [0; 777];
        loop {
            let read = inflater.read(&mut buffer, |raw| {
                let part: &[u8] = parts.find(|part| !part.is_empty()).map_or(&[], |part| part);
                raw[..part.len()].copy_from_slice(part);
                Ok(part.len())
            });
            match read {
                Ok(0) => return Ok(all),
                Ok(count) => all.extend_from_slice(&buffer[..count]),
                Err(error) => {
                    let fault = error.get_ref().and_then(|error| error.downcast_ref());
                    return Err(fault.map(|fault: &Fault| fault.code).unwrap());
                }
            }
        }
    }

    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first, 127];
        frame.extend((payload.len() as u64).to_be_bytes());
        frame.extend(payload);
        frame
    }

    /// What the frames say: messages by opcode, and control frames where they stand.
    fn messages(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let (mut all, mut under_way) = (Vec::new(), None);
        while let [first, second, rest @ ..] = bytes {
            let (length, rest) = match second {
                126 => (
                    usize::from(u16::from_be_bytes([rest[0], rest[1]])),
                    &rest[2..],
                ),
                127 => (rest[7].into(), &rest[8..]),
                short => (usize::from(*short), rest),
            };
            let payload = &rest[..length];
            bytes = &rest[length..];
            if first & 8 != 0 {
                all.push((first & 15, payload.to_vec()));
                continue;
            }
            let (_, text) = under_way.get_or_insert_with(|| (first & 15, Vec::new()));
            text.extend_from_slice(payload);
            if first & 0x80 != 0 {
                all.extend(under_way.take());
            }
        }
        all
    }

    fn compressed(stream: &mut Compress, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 1024);
        stream
            .compress_vec(text, &mut out, FlushCompress::Sync)
            .unwrap();
        assert!(out.ends_with(&TAIL));
        out.truncate(out.len() - TAIL.len());
        out
    }

    /// RFC 7692 sections 7.2.3.1, 7.2.3.2, 7.2.3.3 and 7.2.3.5.
    #[test]
    fn the_examples_of_the_rfc_are_understood() {
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
        let stored = [0, 5, 0, 0xfa, 0xff, b'H', b'e', b'l', b'l', b'o', 0];
        let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
        let two = [
            &[0xf2, 0x48, 0x05, 0, 0, 0, 0xff, 0xff][..],
            &[0xca, 0xc9, 0xc9, 0x07, 0x00],
        ]
        .concat();
        let all = [
            frame(0x41, &hello[..3]),
            frame(0x89, b"ping"),
            frame(0x80, &hello[3..]),
            frame(0xc1, &again),
            frame(0xc1, &stored),
            frame(0xc1, &last),
            frame(0xc1, &two),
        ]
        .concat();
        let all = messages(&read(&[&all], false, 99).unwrap());
        assert_eq!(all[0], (9, b"ping".to_vec()));
        assert_eq!(&all[1..], vec![(1, b"Hello".to_vec()); 5]);
    }

    #[test]
    fn faults_have_their_codes() {
        let begun = frame(0x41, &[0xf2]);
        for (bytes, code) in [
            ([begun.clone(), frame(0xc1, b"")].concat(), 1002),
            ([begun, frame(0x81, b"")].concat(), 1002),
            (frame(0xc1, &[0xff; 9]), 1007),
            (frame(0xc1, &[3, 0, 3, 0]), 1007),
            (frame(0xc2, &[0; 9000]), 1009),
        ] {
            assert_eq!(
                read(&[&bytes], false, 100),
                Err(CloseCode(code)),
                "{bytes:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_cut_and_any_fragments_give_the_same(
            texts in prop::collection::vec((0_usize..90_000, 1_usize..50), 1..5),
            pieces in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
            each_alone in any::<bool>(),
        ) {
            let mut stream = Compress::new(Compression::fast(), false);
            let (mut bytes, mut wanted) = (Vec::new(), Vec::new());
            for (size, step) in texts {
                let text: Vec<u8> = (0..size).map(|at| ((at * at) / step) as u8).collect();
                let packed = compressed(&mut stream, &text);
                let mut ends: Vec<_> = pieces.iter().map(|at| at.index(packed.len() + 1)).collect();
                ends.push(0);
                ends.sort_unstable();
                let mut first = 0x42;
                for pair in ends.windows(2) {
                    bytes.extend(frame(first, &packed[pair[0]..pair[1]]));
                    bytes.extend(frame(0x8a, b"mark"));
                    wanted.push((10, b"mark".to_vec()));
                    first = 0;
                }
                let rest = &packed[ends.last().copied().unwrap_or(0)..];
                bytes.extend(frame(0x80 | first, rest));
                bytes.extend(frame(0x81, b"plain"));
                wanted.extend([(2, text), (1, b"plain".to_vec())]);
                if each_alone {
                    stream.reset();
                }
            }
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
            cuts.extend((0..bytes.len()).step_by(RAW));
            cuts.push(bytes.len());
            cuts.sort_unstable();
            let parts: Vec<_> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            let plain = read(&parts, each_alone, 1 << 20).unwrap();
            prop_assert_eq!(messages(&plain), wanted);
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..300), alone in any::<bool>()) {
            let packed = [frame(0xc1, &bytes), bytes.clone()].concat();
            for bytes in [bytes, packed] {
                let once = read(&[&bytes], alone, 1000);
                let parts: Vec<_> = bytes.chunks(1).collect();
                prop_assert_eq!(once, read(&parts, alone, 1000));
            }
        }
    }
}
