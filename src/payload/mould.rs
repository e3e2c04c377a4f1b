//! A stream repeats itself: most of its messages differ from an earlier one only in some letters and digits. Such an
//! earlier message, found plain, is kept as a mould, and a later one that fits into it is plain without being parsed.
//!
//! A mould has for each byte the range that may stand there: one byte for what gives the message its structure, all
//! printable ASCII within strings, all digits within numbers. Whatever does not fit is looked at in full, so moulds
//! change what an answer costs, never the answer.
//!
//! With a mould something may be kept that was learnt from its message and holds for all that fit, such as where a
//! member stands; then the names of members may not differ either.

use super::{
    json::{Shape, shape},
    scan::Scan,
};

/// Moulds of one length class, the one that fitted last in front.
const WAYS: usize = 4;
/// Length classes.
const SETS: usize = 64;
/// Longer messages are not kept.
const LONGEST: usize = 4096;
/// How many messages have to be asked about for each that is kept, and how much of that may be saved up: messages
/// that never repeat must not cost much more than without moulds.
const LESSON: u32 = 16;
const SAVED: u32 = 64 * LESSON;

/// What the messages so far looked like, and what was learnt from each that is kept.
#[derive(Debug)]
pub struct Moulds<T = ()> {
    sets: Vec<Vec<(Mould, T)>>,
    saved: u32,
}

impl<T> Default for Moulds<T> {
    fn default() -> Self {
        Self {
            sets: (0..SETS).map(|_| Vec::new()).collect(),
            saved: SAVED,
        }
    }
}

impl Moulds {
    /// The same as [`shape`], at less cost for a message that is much like an earlier one.
    pub fn shape(&mut self, bytes: &[u8]) -> Shape {
        if self.find(bytes).is_some() {
            return Shape::Plain;
        }
        let shape = shape(bytes);
        if shape == Shape::Plain && self.learns(bytes) {
            self.keep(Mould::of(bytes), ());
        }
        shape
    }
}

impl<T> Moulds<T> {
    /// What was learnt from an earlier message that this one is like.
    pub fn find(&mut self, bytes: &[u8]) -> Option<&T> {
        self.saved = (self.saved + 1).min(SAVED);
        let set = &mut self.sets[bytes.len() % SETS];
        let way = set.iter().position(|(mould, _)| mould.fits(bytes))?;
        set.swap(0, way);
        set.first().map(|(_, learnt)| learnt)
    }

    /// Whether a message that none was found for may be kept.
    pub const fn learns(&self, bytes: &[u8]) -> bool {
        self.saved >= LESSON && bytes.len() <= LONGEST
    }

    /// Keeps a message known to be plain, with what was learnt from it: that will be found for every message that has
    /// the same names of members, and values of the same kind and length at the same places.
    pub fn learn(&mut self, bytes: &[u8], learnt: T) {
        self.keep(Mould::with_names(bytes), learnt);
    }

    fn keep(&mut self, mould: Mould, learnt: T) {
        self.saved = self.saved.saturating_sub(LESSON);
        let set = &mut self.sets[mould.low.len() % SETS];
        set.truncate(WAYS - 1);
        set.push((mould, learnt));
    }
}

/// The lowest and the highest byte that may stand at each place.
#[derive(Debug)]
struct Mould {
    low: Vec<u8>,
    high: Vec<u8>,
}

impl Mould {
    /// The mould of a message that is known to be plain JSON.
    fn of(bytes: &[u8]) -> Self {
        let ranges = Ranges {
            bytes,
            at: 0,
            in_string: false,
            escape: 0,
        };
        let (low, high) = ranges.unzip();
        Self { low, high }
    }

    /// The same, but with these names of members only.
    fn with_names(bytes: &[u8]) -> Self {
        let mut mould = Self::of(bytes);
        let mut scan = Scan::new(bytes);
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let end = match byte {
                b'"' => scan.string(at + 1).unwrap_or(bytes.len()),
                _ => at + 1,
            };
            let colon = scan.blank(end);
            if *byte == b'"' && bytes.get(colon) == Some(&b':') {
                mould.low[at..end].copy_from_slice(&bytes[at..end]);
                mould.high[at..end].copy_from_slice(&bytes[at..end]);
            }
            at = end;
        }
        mould
    }

    fn fits(&self, bytes: &[u8]) -> bool {
        if bytes.len() != self.low.len() {
            return false;
        }
        let (Some(last), Some(low), Some(high)) = (
            bytes.last_chunk(),
            self.low.last_chunk(),
            self.high.last_chunk(),
        ) else {
            let places = bytes.iter().zip(&self.low).zip(&self.high);
            return places.fold(0, |wrong, ((byte, low), high)| {
                wrong | is_wrong(*byte, *low, *high)
            }) == 0;
        };
        let ranges = self.low.as_chunks().0.iter().zip(self.high.as_chunks().0);
        let mut blocks = bytes.as_chunks().0.iter().zip(ranges);
        blocks.all(|(bytes, (low, high))| block_fits(bytes, low, high))
            && block_fits(last, low, high)
    }
}

/// Without a branch for a byte, so that the compiler takes many at a time.
fn block_fits(bytes: &[u8; BLOCK], low: &[u8; BLOCK], high: &[u8; BLOCK]) -> bool {
    let places = bytes.iter().zip(low).zip(high);
    places.fold(0, |wrong, ((byte, low), high)| {
        wrong | is_wrong(*byte, *low, *high)
    }) == 0
}

/// One if a byte may not stand here, else zero.
const fn is_wrong(byte: u8, low: u8, high: u8) -> u8 {
    let ends = (byte == b'"') as u8 | (byte == b'\\') as u8;
    (byte < low) as u8 | (byte > high) as u8 | (ends & (byte != low) as u8)
}

/// A message that does not fit mostly shows it early.
const BLOCK: usize = 32;

/// Walks over plain JSON and tells for each byte what may stand there.
struct Ranges<'a> {
    bytes: &'a [u8],
    at: usize,
    in_string: bool,
    /// How many more bytes belong to an escape.
    escape: usize,
}

impl Iterator for Ranges<'_> {
    type Item = (u8, u8);

    fn next(&mut self) -> Option<(u8, u8)> {
        let byte = *self.bytes.get(self.at)?;
        let range = if self.in_string {
            self.letter(byte)
        } else {
            self.in_string = byte == b'"';
            self.digit(byte)
        };
        self.at += 1;
        Some(range)
    }
}

impl Ranges<'_> {
    fn letter(&mut self, byte: u8) -> (u8, u8) {
        if self.escape > 0 {
            self.escape -= 1;
            return (byte, byte);
        }
        match byte {
            b'"' => self.in_string = false,
            b'\\' => self.escape = if self.peek(1) == b'u' { 5 } else { 1 },
            b' '..=b'~' => return (b' ', b'~'),
            _ => {}
        }
        (byte, byte)
    }

    /// Outside strings digits may change, but a number must not begin with a zero and go on (RFC 8259 section 6).
    fn digit(&self, byte: u8) -> (u8, u8) {
        if !byte.is_ascii_digit() {
            return (byte, byte);
        }
        let goes_on = self.peek(1).is_ascii_digit();
        let is_first = !matches!(
            self.bytes[..self.at],
            [.., b'0'..=b'9' | b'.' | b'e' | b'E' | b'+'] | [.., b'e' | b'E', b'-']
        );
        (if is_first && goes_on { b'1' } else { b'0' }, b'9')
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(b' ')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether the second text fits into the mould of the first.
    fn fits(first: &str, second: &str) -> bool {
        assert_eq!(shape(first.as_bytes()), Shape::Plain);
        Mould::of(first.as_bytes()).fits(second.as_bytes())
    }

    #[test]
    fn letters_and_digits_may_change() {
        let first = r#"{"type":"order.paid","n":10,"x":[-1.50e-07,0,true],"m":"caf\u00e9 ✓ \" b"}"#;
        let second =
            r#"{"kind":"order-late","m":99,"y":[-9.99e-99,8,true],"n":"tea\u00e9 ✓ \" !"}"#;
        assert!(fits(first, first) && fits(first, second));
        for (first, second) in [
            ("10", "01"),
            ("-10", "-01"),
            ("1", "x"),
            ("1", "1 "),
            ("[1]", "{1}"),
            ("\"a\"", "\"\"\""),
            ("\"a\"", "\"\\\""),
            ("\"a\"", "\"\u{7f}\""),
            ("\"a\"", "\"\n\""),
            ("\"\\n\"", "\"\\x\""),
            ("\"é\"", "\"\u{9b}\""),
            ("true", "tree"),
            ("[1,2]", "[1 2]"),
        ] {
            assert!(!fits(first, second), "{second} into the mould of {first}");
        }
        assert!(fits("0.01", "9.90") && fits("0", "7") && fits("[1]", "[0]"));
    }

    #[test]
    fn with_what_was_learnt_names_may_not_change() {
        let learnt = |first: &str, second: &str| {
            let mut moulds = Moulds::default();
            moulds.learn(first.as_bytes(), 7);
            moulds.find(second.as_bytes()).is_some()
        };
        let first = r#"{"a":{"b" :"x"},"c":["d",1]}"#;
        assert!(learnt(first, first));
        assert!(learnt(first, r#"{"a":{"b" :"y"},"c":["e",2]}"#));
        for second in [
            r#"{"A":{"b" :"x"},"c":["d",1]}"#,
            r#"{"a":{"B" :"x"},"c":["d",1]}"#,
            r#"{"a":{"b" :"x"},"C":["d",1]}"#,
        ] {
            assert!(!learnt(first, second), "{second}");
        }
    }

    #[test]
    fn a_stream_that_repeats_itself_is_seldom_parsed() {
        let mut moulds = Moulds::<()>::default();
        let learnt = (0..1000).filter(|n| {
            let saved = moulds.saved;
            let text = format!(r#"{{"type":"tick","seq":{n},"even":"{}"}}"#, n % 2 == 0);
            assert_eq!(moulds.shape(text.as_bytes()), Shape::Plain);
            moulds.saved < saved
        });
        assert_eq!(
            learnt.count(),
            6,
            "one for each pair of lengths of the two members"
        );
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut moulds = Moulds::<()>::default();
        for length in 0..20_000 {
            let text = format!("\"{}\"", "a".repeat(length));
            assert_eq!(moulds.shape(text.as_bytes()), Shape::Plain);
        }
        let kept = || moulds.sets.iter().flatten();
        assert!(kept().count() <= SETS * WAYS);
        assert!(kept().all(|(mould, ())| mould.low.len() <= LONGEST));
    }

    proptest! {
        #[test]
        fn moulds_never_change_the_answer(
            first in crate::payload::json::nearly_json(),
            changes in prop::collection::vec((any::<prop::sample::Index>(), "[ -~é\u{7f}\u{202e}]"), 0..4),
        ) {
            let mut moulds = Moulds::<()>::default();
            prop_assert_eq!(moulds.shape(first.as_bytes()), shape(first.as_bytes()));
            let mut second = first.into_bytes();
            for (at, with) in changes {
                let at = at.index(second.len() + 1);
                let end = (at + with.len()).min(second.len());
                second.splice(at..end, with.bytes());
            }
            prop_assert_eq!(moulds.shape(&second), shape(&second), "{}", String::from_utf8_lossy(&second));
        }
    }
}
