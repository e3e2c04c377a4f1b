//! What is asked of every payload on arrival, answered on the raw bytes: is it one JSON value, may it stand in a line as
//! it is, what type does it name. Values are parsed by the library when somebody looks at them.

use std::borrow::Cow;

use super::scan::Scan;

/// Values nested deeper than this are treated as text (the JSON library's own limit).
const DEPTH: u32 = 127;

/// Members in which services name the type of a message, the usual ones first.
const TYPE_NAMES: [&str; 5] = ["type", "event", "op", "method", "e"];

/// The type is looked for in this many bytes, so that a large payload without one costs no more than others.
const TYPE_WITHIN: usize = 4096;

/// What a pass over a payload found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One JSON value (RFC 8259) that may stand in a line as it is: no line break, no character a terminal obeys.
    Plain,
    /// One JSON value, but with a line break or an unsafe character somewhere.
    Json,
    /// Not JSON (not even UTF-8, perhaps), or nested too deep.
    Other,
}

/// Looks at a payload once.
pub fn shape(bytes: &[u8]) -> Shape {
    let mut scan = Scan::new(bytes);
    match document(&mut scan).and_then(|()| scan.is_plain()) {
        None => Shape::Other,
        Some(true) => Shape::Plain,
        Some(false) => Shape::Json,
    }
}

/// The type a payload states: its usual top-level members, if one of them is a string near the beginning.
pub fn type_name(bytes: &[u8]) -> Option<&str> {
    top_level_string(&bytes[..bytes.len().min(TYPE_WITHIN)], &TYPE_NAMES)
}

/// The type a payload states at a place of its own: the names and indices of a JSON pointer (RFC 6901), looked for near
/// the beginning. A string without its quotes and as it was written, or a number or word.
pub fn type_at<'a>(bytes: &'a [u8], path: &[String]) -> Option<Cow<'a, str>> {
    scalar_at(&bytes[..bytes.len().min(TYPE_WITHIN)], path)
}

/// The string, number or word at a place of a payload: the names and indices of a JSON pointer (RFC 6901). A string
/// without its quotes and as it was written.
pub fn scalar_at<'a>(bytes: &'a [u8], path: &[String]) -> Option<Cow<'a, str>> {
    Some(match found_at(bytes, path, Wanted::Scalar)? {
        Cow::Borrowed(found) => Cow::Borrowed(std::str::from_utf8(unquoted(found)).ok()?),
        Cow::Owned(found) => Cow::Owned(std::str::from_utf8(unquoted(&found)).ok()?.to_owned()),
    })
}

/// The value at a place of a payload, as it was written.
pub fn value_at<'a>(bytes: &'a [u8], path: &[String]) -> Option<Cow<'a, [u8]>> {
    found_at(bytes, path, Wanted::Value)
}

/// A string without its quotes, anything else as it is.
pub fn unquoted(value: &[u8]) -> &[u8] {
    let inside = value.strip_prefix(b"\"");
    inside
        .and_then(|text| text.strip_suffix(b"\""))
        .unwrap_or(value)
}

/// The JSON text that a string holds, where it holds an object or an array.
pub fn inner(string: &[u8]) -> Option<Vec<u8>> {
    let begins = string.strip_prefix(b"\"")?.trim_ascii_start().first()?;
    if !matches!(begins, b'{' | b'[') {
        return None;
    }
    let text: String = serde_json::from_slice(string).ok()?;
    Some(text.into_bytes())
}

/// What may stand at a place.
#[derive(Clone, Copy)]
enum Wanted {
    /// A string, a number or a word.
    Scalar,
    /// Anything.
    Value,
}

/// What stands at a place. A text that holds JSON is gone through: only then is
/// anything copied.
fn found_at<'a>(bytes: &'a [u8], path: &[String], wanted: Wanted) -> Option<Cow<'a, [u8]>> {
    let mut scan = Scan::new(bytes);
    let mut at = scan.blank(0);
    for (number, step) in path.iter().enumerate() {
        at = match bytes.get(at)? {
            b'{' => named(&mut scan, at, step)?,
            b'[' if step == "-1" => last(&mut scan, at)?,
            b'[' => indexed(&mut scan, at, step.parse().ok()?)?,
            b'"' => {
                let behind = scan.string(at + 1)?;
                let inner = inner(&bytes[at..behind])?;
                let found = found_at(&inner, &path[number..], wanted)?;
                return Some(Cow::Owned(found.into_owned()));
            }
            _ => return None,
        };
    }
    let end = match wanted {
        Wanted::Scalar => scan.scalar(at)?,
        Wanted::Value => scan.skip(at)?,
    };
    bytes.get(at..end).map(Cow::Borrowed)
}

/// The names and indices of a JSON pointer.
pub fn steps(pointer: &str) -> Vec<String> {
    let unescaped = |name: &str| name.replace("~1", "/").replace("~0", "~");
    pointer.split('/').skip(1).map(unescaped).collect()
}

/// Where the value of a member of the object here begins.
fn named(scan: &mut Scan<'_>, mut at: usize, wanted: &str) -> Option<usize> {
    loop {
        let key = scan.blank(at + 1);
        let (name, value) = member(scan, key)?;
        if name == wanted.as_bytes() {
            return Some(value);
        }
        let end = scan.skip(value)?;
        at = scan.blank(end);
        if *scan.bytes.get(at)? != b',' {
            return None;
        }
    }
}

/// Where an item of the array here begins.
fn indexed(scan: &mut Scan<'_>, mut at: usize, wanted: usize) -> Option<usize> {
    for _ in 0..wanted {
        let item = scan.blank(at + 1);
        let end = scan.skip(item)?;
        at = scan.blank(end);
        if *scan.bytes.get(at)? != b',' {
            return None;
        }
    }
    Some(scan.blank(at + 1))
}

/// Where the last item of the array here begins.
fn last(scan: &mut Scan<'_>, mut at: usize) -> Option<usize> {
    loop {
        let item = scan.blank(at + 1);
        let end = scan.skip(item)?;
        at = scan.blank(end);
        if *scan.bytes.get(at)? != b',' {
            return Some(item);
        }
    }
}

/// The value of a string member at the top level, without its quotes and as it was written (escapes not undone), for
/// the first of the names that is there. What follows the member is not checked.
pub fn top_level_string<'a>(bytes: &'a [u8], names: &[&str]) -> Option<&'a str> {
    let mut scan = Scan::new(bytes);
    let mut best: Option<(usize, &'a [u8])> = None;
    let mut at = scan.blank(0);
    if *bytes.get(at)? != b'{' {
        return None;
    }
    loop {
        let key = scan.blank(at + 1);
        let Some((name, value)) = member(&mut scan, key) else {
            break;
        };
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

/// The name of a member and where its value is.
fn member<'a>(scan: &mut Scan<'a>, key: usize) -> Option<(&'a [u8], usize)> {
    if *scan.bytes.get(key)? != b'"' {
        return None;
    }
    let end = scan.string(key + 1)?;
    let colon = scan.blank(end);
    let name = &scan.bytes[key + 1..end - 1];
    (*scan.bytes.get(colon)? == b':').then(|| (name, scan.blank(colon + 1)))
}

/// Steps over one value and nothing else but white space.
fn document(scan: &mut Scan<'_>) -> Option<()> {
    let mut open = Open::default();
    let mut key = false;
    let (mut at, mut byte) = scan.next(0)?;
    loop {
        // A value starts at `at`, or the name of a member.
        let end = match byte {
            b'"' => {
                let end = if open.depth == 0 {
                    scan.string(at + 1)?
                } else {
                    scan.strings(at + 1, &mut key, open.in_object())?
                };
                if key {
                    let (colon, byte_there) = scan.next(end)?;
                    if byte_there != b':' {
                        return None;
                    }
                    (at, byte) = scan.next(colon + 1)?;
                    key = false;
                    continue;
                }
                end
            }
            _ if key => return None,
            b'{' | b'[' => {
                let object = byte == b'{';
                let close = byte + 2;
                (at, byte) = scan.next(at + 1)?;
                if byte != close {
                    open.push(object)?;
                    key = object;
                    continue;
                }
                at + 1
            }
            _ => scan.bare(at)?,
        };
        let comma = open.closed(scan, end)?;
        if comma == scan.bytes.len() {
            return Some(());
        }
        (at, byte) = scan.next(comma + 1)?;
        key = open.in_object();
    }
}

/// The containers that are open: a bit for each, the innermost last, set for an object.
#[derive(Default)]
struct Open {
    objects: u128,
    depth: u32,
}

impl Open {
    fn push(&mut self, object: bool) -> Option<()> {
        self.objects = self.objects << 1 | u128::from(object);
        self.depth += 1;
        (self.depth <= DEPTH).then_some(())
    }

    /// Closes what ends behind a value; returns where the comma then is, or the end of the text.
    fn closed(&mut self, scan: &mut Scan<'_>, mut at: usize) -> Option<usize> {
        while self.depth > 0 {
            let (place, byte) = scan.next(at)?;
            if byte == b',' {
                return Some(place);
            }
            if byte != if self.in_object() { b'}' } else { b']' } {
                return None;
            }
            self.objects >>= 1;
            self.depth -= 1;
            at = place + 1;
        }
        at = scan.blank(at);
        (at == scan.bytes.len()).then_some(at)
    }

    const fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

/// Texts that are JSON or nearly so.
#[cfg(test)]
pub(super) fn nearly_json() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let string = "\"([a-z \\\\nu0-9\"é\u{202e}\u{7f}\u{9b}\u{fffd}]|[a-z]{0,9}){0,6}\"";
    let blank = "( |\n|\t)?";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?",
        string,
        "\"[a-z]{0,70}\"",
        "[0-9truefalsn.+-]{1,4}",
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let comma = prop_oneof![Just(",".to_owned()), "[ \n]?,[ \r]?"];
        let member = ("\"[a-z]{0,9}\"", blank, inner.clone());
        let member = member.prop_map(|(name, blank, value)| format!("{name}{blank}:{value}"));
        prop_oneof![
            (prop::collection::vec(inner, 0..6), comma.clone())
                .prop_map(|(items, comma)| format!("[{}]", items.join(&comma))),
            (prop::collection::vec(member, 0..6), comma)
                .prop_map(|(members, comma)| format!("{{{}}}", members.join(&comma))),
        ]
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::escape::is_unsafe, *};

    #[test]
    fn shapes_are_told_apart() {
        for plain in [
            "1",
            " {} ",
            r#"{"a":[1,-0.5e+3,"\u00e9\"",true,null,{}]}"#,
            "\"Grüße aus Köln\"",
            "[[],[]]",
        ] {
            assert_eq!(shape(plain.as_bytes()), Shape::Plain, "{plain}");
        }
        for json in [
            "[1,\n2]",
            "\"\u{7f}\"",
            "\"\u{9b}31m\"",
            "\"\u{202e}\"",
            "{\t}",
        ] {
            assert_eq!(shape(json.as_bytes()), Shape::Json, "{json}");
        }
        for other in [
            "", "hi", "01", "1.", "-", "[1,]", "{,}", "{\"a\"}", "{} {}", "\"\n\"", "\"\\x\"",
            "[}", "[1", "nul", "+1",
        ] {
            assert_eq!(shape(other.as_bytes()), Shape::Other, "{other}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(
            (shape(nested(127).as_bytes()), shape(nested(129).as_bytes())),
            (Shape::Plain, Shape::Other)
        );
        assert_eq!(shape("[".repeat(1 << 20).as_bytes()), Shape::Other);
    }

    #[test]
    fn a_type_is_found_at_its_place() {
        let found = |text: &'static str, pointer: &str| {
            let found = type_at(text.as_bytes(), &steps(pointer));
            found.map(Cow::into_owned)
        };
        let text = r#"{"a":{"type":"no","b":["}"]},"payload":{"event":{"type":"message"}},"op":7,"#;
        assert_eq!(
            found(text, "/payload/event/type").as_deref(),
            Some("message")
        );
        assert_eq!(found(text, "/op").as_deref(), Some("7"));
        assert_eq!(
            found(r#"["1",null,"room:x","new_msg",{}]"#, "/3").as_deref(),
            Some("new_msg")
        );
        for (text, pointer) in [
            (text, "/b"),
            (text, "/op/x"),
            (text, "/a"),
            ("[1]", "/1"),
            ("[]", "/0"),
            ("7", "/0"),
            ("", "/a"),
        ] {
            assert_eq!(found(text, pointer), None, "{pointer} of {text}");
        }
    }

    #[test]
    fn places_lie_within_texts_and_at_the_end_of_lists() {
        let text = br#"{"data":" {\"id\":\"1.2\",\"in\":\"[7,{\\\"a\\\":\\\"\\u00e9\\\"}]\"}","no":"{x","list":[1,[2, 3] ]}"#;
        let at = |pointer: &str| scalar_at(text, &steps(pointer)).map(Cow::into_owned);
        assert_eq!(at("/data/id").as_deref(), Some("1.2"));
        assert_eq!(at("/data/in/0").as_deref(), Some("7"));
        assert_eq!(at("/data/in/-1/a").as_deref(), Some("é"));
        assert_eq!(at("/list/-1/-1").as_deref(), Some("3"));
        let value = |pointer: &str| value_at(text, &steps(pointer));
        assert_eq!(value("/list/-1").as_deref(), Some(&b"[2, 3]"[..]));
        assert!(matches!(value("/data"), Some(Cow::Borrowed(_))));
        for none in ["/data/x", "/no/x", "/data/in/9", "/list/-2", "/data/id/0"] {
            assert_eq!(at(none), None, "{none}");
        }
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

    fn plainly(text: &str) -> Shape {
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Err(_) => Shape::Other,
            Ok(_) if text.chars().any(is_unsafe) => Shape::Json,
            Ok(_) => Shape::Plain,
        }
    }

    proptest! {
        #[test]
        fn the_library_agrees(text in nearly_json(), cut in any::<prop::sample::Index>(), with in "[ -~\n\u{80}-\u{ff}]?") {
            prop_assert_eq!(shape(text.as_bytes()), plainly(&text), "{}", text);
            let places: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
            let at = *cut.get(&places);
            for end in [at, (at + 1).min(text.len())].into_iter().filter(|end| text.is_char_boundary(*end)) {
                let broken = format!("{}{with}{}", &text[..at], &text[end..]);
                prop_assert_eq!(shape(broken.as_bytes()), plainly(&broken), "{}", broken);
            }
        }

        #[test]
        fn bytes_that_are_no_text_are_other(text in nearly_json(), at in any::<prop::sample::Index>(), byte: u8) {
            let mut bytes = text.into_bytes();
            *at.get_mut(&mut bytes) = byte;
            let wanted = std::str::from_utf8(&bytes).map_or(Shape::Other, plainly);
            prop_assert_eq!(shape(&bytes), wanted);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'"'), Just(b'{'), Just(b'\\')], 0..150)) {
            type_name(&bytes);
            type_at(&bytes, &["0".to_owned(), "a".to_owned()]);
            shape(&bytes);
        }
    }
}
