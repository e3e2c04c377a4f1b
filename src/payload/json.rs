//! JSON read only as far as needed, on the raw bytes: is a payload one JSON value, may it stand in a line as it is, what
//! type does it name. Nothing is built; values are parsed by the library when somebody looks at them.

use super::escape::is_unsafe;

/// Values nested deeper than this are treated as text (the JSON library's own limit).
const DEPTH: u32 = 127;

/// What a pass over a payload found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One JSON value (RFC 8259) that may stand in a line as it is: no line break, no character a terminal obeys.
    Plain,
    /// One JSON value, but with a line break or an unsafe character somewhere.
    Json,
    /// Not JSON, or nested too deep.
    Other,
}

/// Looks at a text once.
pub fn shape(text: &str) -> Shape {
    let scan = Scan {
        bytes: text.as_bytes(),
    };
    match scan.document() {
        None => Shape::Other,
        Some(()) if may_be_unsafe(text.as_bytes()) && text.chars().any(is_unsafe) => Shape::Json,
        Some(()) => Shape::Plain,
    }
}

/// Whether a byte stands there that begins an unsafe character: cheap, and seldom true.
fn may_be_unsafe(bytes: &[u8]) -> bool {
    let begins = |byte: u8| byte < 0x20 || matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef | 0xf3);
    // Without an early end the compiler looks at many bytes at once.
    bytes
        .iter()
        .fold(false, |found, byte| found | begins(*byte))
}

/// The value of a string member at the top level, without its quotes and as it was written (escapes not undone), for
/// the first of the names that is there. What follows the member is not checked.
pub fn top_level_string<'a>(bytes: &'a [u8], names: &[&str]) -> Option<&'a str> {
    let scan = Scan { bytes };
    let mut best: Option<(usize, &'a [u8])> = None;
    let mut at = scan.blank(0);
    if bytes.get(at) != Some(&b'{') {
        return None;
    }
    loop {
        let key = scan.blank(at + 1);
        let Some((colon, value)) = member(&scan, key) else {
            break;
        };
        let name = &bytes[key + 1..colon - 1];
        let rank = names.iter().position(|wanted| wanted.as_bytes() == name);
        let Some(end) = scan.skip(value) else { break };
        if let Some(rank) =
            rank.filter(|rank| bytes[value] == b'"' && best.is_none_or(|(best, _)| *rank < best))
        {
            best = Some((rank, &bytes[value + 1..end - 1]));
        }
        at = scan.blank(end);
        if best.is_some_and(|(rank, _)| rank == 0) || bytes.get(at) != Some(&b',') {
            break;
        }
    }
    best.and_then(|(_, value)| std::str::from_utf8(value).ok())
}

/// The end of a member's key and the start of its value.
fn member(scan: &Scan<'_>, key: usize) -> Option<(usize, usize)> {
    let end = scan.quoted(key)?;
    let colon = scan.blank(end);
    (scan.bytes.get(colon) == Some(&b':')).then(|| (end, scan.blank(colon + 1)))
}

/// Positions in a JSON text. Every step returns the place behind what it stepped over, or `None` when it is not there.
pub(super) struct Scan<'a> {
    pub(super) bytes: &'a [u8],
}

/// Bytes that end a run of ordinary ones inside a string.
static ENDS_RUN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

impl Scan<'_> {
    /// One value and nothing else but white space.
    fn document(&self) -> Option<()> {
        // One bit for each open container, the innermost last: whether it is an object.
        let (mut objects, mut depth) = (0_u128, 0_u32);
        let mut at = self.blank(0);
        loop {
            match self.bytes.get(at)? {
                open @ (b'{' | b'[') => {
                    let object = *open == b'{';
                    at = self.blank(at + 1);
                    if *self.bytes.get(at)? == open + 2 {
                        at += 1;
                    } else if depth == DEPTH {
                        return None;
                    } else {
                        (objects, depth) = (objects << 1 | u128::from(object), depth + 1);
                        at = if object { member(self, at)?.1 } else { at };
                        continue;
                    }
                }
                _ => at = self.scalar(at)?,
            }
            loop {
                at = self.blank(at);
                if depth == 0 {
                    return (at == self.bytes.len()).then_some(());
                }
                let object = objects & 1 == 1;
                match (self.bytes.get(at)?, object) {
                    (b',', true) => at = member(self, self.blank(at + 1))?.1,
                    (b',', false) => at = self.blank(at + 1),
                    (b'}', true) | (b']', false) => {
                        (objects, depth, at) = (objects >> 1, depth - 1, at + 1);
                        continue;
                    }
                    _ => return None,
                }
                break;
            }
        }
    }

    /// Over white space (RFC 8259 section 2).
    pub(super) fn blank(&self, mut at: usize) -> usize {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(at) {
            at += 1;
        }
        at
    }

    /// Over a string, a number or a word.
    pub(super) fn scalar(&self, at: usize) -> Option<usize> {
        match self.bytes.get(at)? {
            b'"' => self.quoted(at),
            b't' => self.word(at, b"true"),
            b'f' => self.word(at, b"false"),
            b'n' => self.word(at, b"null"),
            _ => self.number(at),
        }
    }

    fn word(&self, at: usize, word: &[u8]) -> Option<usize> {
        self.bytes[at..]
            .starts_with(word)
            .then_some(at + word.len())
    }

    /// Over a string with its quotes (RFC 8259 section 7).
    pub(super) fn quoted(&self, at: usize) -> Option<usize> {
        if self.bytes.get(at) != Some(&b'"') {
            return None;
        }
        let mut at = at + 1;
        loop {
            at += self
                .bytes
                .get(at..)?
                .iter()
                .position(|byte| ENDS_RUN[usize::from(*byte)])?;
            match self.bytes[at] {
                b'"' => return Some(at + 1),
                b'\\' => at = self.escaped(at + 1)?,
                _ => return None,
            }
        }
    }

    fn escaped(&self, at: usize) -> Option<usize> {
        match self.bytes.get(at)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
            b'u' => {
                let digits = self.bytes.get(at + 1..at + 5)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 5)
            }
            _ => None,
        }
    }

    /// Over a number (RFC 8259 section 6).
    fn number(&self, at: usize) -> Option<usize> {
        let at = at + usize::from(self.bytes.get(at) == Some(&b'-'));
        let mut end = match self.bytes.get(at)? {
            b'0' => at + 1,
            b'1'..=b'9' => self.digits(at)?,
            _ => return None,
        };
        if self.bytes.get(end) == Some(&b'.') {
            end = self.digits(end + 1)?;
        }
        if let Some(b'e' | b'E') = self.bytes.get(end) {
            let sign = matches!(self.bytes.get(end + 1), Some(b'+' | b'-'));
            end = self.digits(end + 1 + usize::from(sign))?;
        }
        Some(end)
    }

    /// Over one digit or more.
    fn digits(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let count = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len());
        (count > 0).then_some(at + count)
    }

    /// Over any value without checking what is inside a container.
    fn skip(&self, at: usize) -> Option<usize> {
        if !matches!(self.bytes.get(at)?, b'{' | b'[') {
            return self.scalar(at);
        }
        let (mut at, mut depth) = (at, 0_usize);
        loop {
            match self.bytes.get(at)? {
                b'"' => at = self.quoted(at)?,
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_json(text: &str) -> bool {
        serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    }

    #[test]
    fn shapes_are_told_apart() {
        for plain in [
            "1",
            " {} ",
            r#"{"a":[1,-0.5e+3,"\u00e9\"",true,null,{}]}"#,
            "\"Grüße aus Köln\"",
            "[[],[]]",
        ] {
            assert_eq!(shape(plain), Shape::Plain, "{plain}");
        }
        for json in [
            "[1,\n2]",
            "\"\u{7f}\"",
            "\"\u{9b}31m\"",
            "\"\u{202e}\"",
            "{\t}",
        ] {
            assert_eq!(shape(json), Shape::Json, "{json}");
        }
        for other in [
            "", "hi", "01", "1.", "-", "[1,]", "{,}", "{\"a\"}", "{} {}", "\"\n\"", "\"\\x\"",
            "[}", "[1", "nul", "+1",
        ] {
            assert_eq!(shape(other), Shape::Other, "{other}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(
            (shape(&nested(127)), shape(&nested(129))),
            (Shape::Plain, Shape::Other)
        );
        assert_eq!(shape(&"[".repeat(1 << 20)), Shape::Other);
    }

    #[test]
    fn the_first_name_that_is_there_counts() {
        let found = |text: &'static str| top_level_string(text.as_bytes(), &["type", "event"]);
        assert_eq!(found(r#"{"event":"e","type":"t"}"#), Some("t"));
        assert_eq!(
            found(r#" { "a" : {"type":"x","b":["}"]} , "event" : "e" , "#),
            Some("e")
        );
        assert_eq!(
            found(r#"{"type":"order.created","broken"#),
            Some("order.created")
        );
        for none in [
            r#"["type","t"]"#,
            r#"{"type":7}"#,
            r#"{"atype":"t"}"#,
            "",
            "{",
            r#"{"type""#,
            r#"{"a":{"type":"t"}}"#,
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }

    /// Texts that are JSON or nearly so.
    fn nearly_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,2})?([eE][+-]?[0-9]{1,2})?",
            "\"[a-z \\\\nu0-9\"é\u{202e}\u{7f}]{0,6}\"",
            "[0-9truefalsn.+-]{1,4}",
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4)
                    .prop_map(|items| format!("[{}]", items.join(", "))),
                prop::collection::vec(("[a-z]{0,3}", inner), 0..4).prop_map(|members| {
                    let members: Vec<_> = members
                        .iter()
                        .map(|(name, value)| format!("\"{name}\":{value}"))
                        .collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_library_agrees(text in nearly_json(), cut in any::<prop::sample::Index>(), with in "[ -~]?") {
            let mut broken = text.clone();
            let at = cut.index(text.len() + 1);
            if text.is_char_boundary(at) {
                broken.insert_str(at, &with);
            }
            for text in [text, broken] {
                let found = shape(&text);
                prop_assert_eq!(found != Shape::Other, is_json(&text), "{}", text);
                prop_assert!(found != Shape::Plain || !text.chars().any(is_unsafe), "{}", text);
            }
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'{'), Just(b'\\')], 0..60)) {
            top_level_string(&bytes, &["type"]);
            shape(&String::from_utf8_lossy(&bytes));
        }
    }
}
