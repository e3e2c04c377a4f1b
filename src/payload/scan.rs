//! Steps over the parts of a JSON text. Nothing is built.
//!
//! Every step takes a place and returns the place behind what it stepped over, or `None` when that is not there. It
//! checks what RFC 8259 asks of the part; how parts may follow each other is the caller's business.

use super::{block::look, escape::is_unsafe};

/// A JSON text, and what was noticed on the way.
pub(super) struct Scan<'a> {
    pub(super) bytes: &'a [u8],
    /// Where the block starts that was looked at last, and where in it a string could end.
    start: usize,
    stops: u64,
    /// Whether white space other than spaces was met.
    untidy: bool,
    /// Where the first block starts in which a DEL or anything but ASCII was met. A character that begins before it
    /// would have made an earlier block odd: other than ASCII stands only in strings, and these are looked at whole.
    odd: Option<usize>,
}

impl<'a> Scan<'a> {
    #[inline]
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            start: usize::MAX,
            stops: 0,
            untidy: false,
            odd: None,
        }
    }

    /// Whether what was stepped over may stand in a line and before a terminal as it is; `None`: it is not UTF-8.
    #[inline]
    pub(super) fn is_plain(&self) -> Option<bool> {
        let safe = match self.odd {
            Some(start) => is_safe_text(&self.bytes[start..])?,
            None => true,
        };
        Some(safe && !self.untidy)
    }

    /// Over white space (section 2).
    #[inline]
    pub(super) fn blank(&mut self, at: usize) -> usize {
        match self.bytes.get(at) {
            Some(0..=b' ') => {
                let (at, untidy) = blanks(self.bytes, at);
                self.untidy |= untidy;
                at
            }
            _ => at,
        }
    }

    /// Over white space, to a byte that is there.
    #[inline]
    pub(super) fn next(&mut self, at: usize) -> Option<(usize, u8)> {
        let byte = *self.bytes.get(at)?;
        if byte > b' ' {
            return Some((at, byte));
        }
        let at = self.blank(at);
        Some((at, *self.bytes.get(at)?))
    }

    /// Over a string, a number or a word.
    pub(super) fn scalar(&mut self, at: usize) -> Option<usize> {
        match self.bytes.get(at)? {
            b'"' => self.string(at + 1),
            _ => self.bare(at),
        }
    }

    /// Over a number or a word.
    #[inline]
    pub(super) fn bare(&self, at: usize) -> Option<usize> {
        match self.bytes.get(at)? {
            b'a'..=b'z' => word(self.bytes, at),
            _ => number(self.bytes, at),
        }
    }

    /// Over a string whose first quote is behind us (section 7).
    #[inline]
    pub(super) fn string(&mut self, mut at: usize) -> Option<usize> {
        loop {
            at = self.stop(at);
            if *self.bytes.get(at)? == b'"' {
                return Some(at + 1);
            }
            at = self.escaped(at)?;
        }
    }

    /// Over strings with nothing but a colon or a comma between them, as they often stand in a container. The first
    /// quote is behind us; `key` says whether the string is the name of a member, first and last.
    #[inline]
    pub(super) fn strings(&mut self, mut at: usize, key: &mut bool, object: bool) -> Option<usize> {
        const AFTER_KEY: u32 = u32::from_le_bytes(*b"\":\"\0");
        const AFTER_VALUE: u32 = u32::from_le_bytes(*b"\",\"\0");
        let mut between = if *key { AFTER_KEY } else { AFTER_VALUE };
        let change = if object { AFTER_KEY ^ AFTER_VALUE } else { 0 };
        loop {
            at = self.stop(at);
            let four = self.bytes.get(at..).and_then(<[u8]>::first_chunk);
            if four.is_some_and(|four| u32::from_le_bytes(*four) & 0xff_ffff == between) {
                between ^= change;
                at += 3;
                continue;
            }
            if *self.bytes.get(at)? == b'"' {
                *key = between == AFTER_KEY;
                return Some(at + 1);
            }
            at = self.escaped(at)?;
        }
    }

    /// Over a backslash and what it began.
    fn escaped(&self, at: usize) -> Option<usize> {
        match self.bytes.get(at..at + 2)? {
            [
                b'\\',
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
            ] => Some(at + 2),
            b"\\u" => {
                let digits = self.bytes.get(at + 2..at + 6)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 6)
            }
            _ => None,
        }
    }

    /// The next quote, backslash or control from here on, or behind the end.
    #[inline]
    fn stop(&mut self, mut at: usize) -> usize {
        loop {
            if at ^ self.start >= 64 {
                self.start = at & !63;
                let block = look(self.bytes, self.start);
                self.stops = block.stops;
                if block.odd && self.odd.is_none() {
                    self.odd = Some(self.start);
                }
            }
            let stops = self.stops >> (at & 63);
            if stops != 0 {
                return at + stops.trailing_zeros() as usize;
            }
            at = (at | 63) + 1;
        }
    }

    /// Over any value without checking what is inside a container.
    pub(super) fn skip(&mut self, at: usize) -> Option<usize> {
        if !matches!(self.bytes.get(at)?, b'{' | b'[') {
            return self.scalar(at);
        }
        let (mut at, mut depth) = (at, 0_usize);
        loop {
            match self.bytes.get(at)? {
                b'"' => at = self.string(at + 1)?,
                b'{' | b'[' => (at, depth) = (at + 1, depth + 1),
                b'}' | b']' => (at, depth) = (at + 1, depth - 1),
                _ => at += 1,
            }
            if depth == 0 {
                return Some(at);
            }
        }
    }
}

fn blanks(bytes: &[u8], mut at: usize) -> (usize, bool) {
    let mut untidy = false;
    while let Some(byte @ (b' ' | b'\n' | b'\r' | b'\t')) = bytes.get(at) {
        untidy |= *byte != b' ';
        at += 1;
    }
    (at, untidy)
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let words: [&[u8]; 3] = [b"true", b"false", b"null"];
    let word = words.into_iter().find(|word| rest.starts_with(word))?;
    Some(at + word.len())
}

/// Over a number (section 6).
#[inline]
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let at = at + usize::from(*bytes.get(at)? == b'-');
    let end = digits(bytes, at)?;
    if bytes[at] == b'0' && end > at + 1 {
        return None;
    }
    match bytes.get(end) {
        Some(b'.' | b'e' | b'E') => fraction(bytes, end),
        _ => Some(end),
    }
}

fn fraction(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    if bytes.get(end) == Some(&b'.') {
        end = digits(bytes, end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = digits(bytes, end + 1 + usize::from(sign))?;
    }
    Some(end)
}

/// Over one digit or more, eight at a time.
#[inline]
fn digits(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    loop {
        let Some(eight) = bytes.get(end..).and_then(<[u8]>::first_chunk) else {
            return last_digits(bytes, at, end);
        };
        let value = u64::from_le_bytes(*eight) ^ (ONES * u64::from(b'0'));
        // The high bit of the first byte above 9, and perhaps of later ones.
        let others = (value.wrapping_add(ONES * (0x80 - 10)) | value) & (ONES << 7);
        end += others.trailing_zeros() as usize / 8;
        if others != 0 {
            return (end > at).then_some(end);
        }
    }
}

/// Near the end of the text, one at a time.
#[inline(never)]
fn last_digits(bytes: &[u8], at: usize, mut end: usize) -> Option<usize> {
    while bytes.get(end).is_some_and(u8::is_ascii_digit) {
        end += 1;
    }
    (end > at).then_some(end)
}

/// A one in each byte.
const ONES: u64 = u64::MAX / 255;

/// Whether nothing from DEL on is unsafe; `None`: it is no text.
fn is_safe_text(bytes: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(bytes).ok()?;
    // Without an early end the compiler looks at many bytes at once.
    let suspect = bytes.iter().fold(false, |found, byte| {
        found | matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef | 0xf3)
    });
    Some(!suspect || !text.chars().any(is_unsafe))
}
