//! JSON with every number exact, or said as a text.
//!
//! The library keeps integers from -2⁶³ to 2⁶⁴-1 as they are and would round others, or refuse them where they exceed a
//! double. Its feature for any precision is not the remedy: it changes how numbers reach every visitor in the program,
//! the one that checks a token's expiry among them. So an integer out of range, and a number no double can hold, is a
//! string of its digits here. Fractions are doubles.

use serde_json::Value;

use crate::payload::json::{Shape, shape};

use super::value::text;

/// Numerals with at most this many digits are in range.
const SHORT: usize = 18;

/// The value, or the bytes as a text where they are not one JSON value.
pub(super) fn value(bytes: &[u8]) -> Value {
    parse(bytes).unwrap_or_else(|| text(bytes))
}

/// The messages of an array, or the one value.
pub(super) fn array(bytes: &[u8]) -> Vec<Value> {
    match value(bytes) {
        Value::Array(messages) => messages,
        message => vec![message],
    }
}

/// The value, if this is one (RFC 8259).
pub(super) fn parse(bytes: &[u8]) -> Option<Value> {
    if !has_long_numeral(bytes)
        && let Ok(value) = serde_json::from_slice(bytes)
    {
        return Some(value);
    }
    // Quotes could make JSON of what is none, as in {1:2}: only what is JSON already gets them.
    if shape(bytes) == Shape::Other {
        return None;
    }
    serde_json::from_slice(&quoted(bytes)).ok()
}

/// Behind a quote there is a string and behind a point a fraction: identifiers that are strings, as many are, do not
/// make a message take the longer way.
fn has_long_numeral(bytes: &[u8]) -> bool {
    let (mut digits, mut before) = (0, b' ');
    bytes.iter().any(|byte| {
        if byte.is_ascii_digit() {
            digits += 1;
        } else {
            (digits, before) = (0, *byte);
        }
        digits > SHORT && !matches!(before, b'"' | b'.')
    })
}

/// A JSON text with quotes around the numerals that are out of range.
fn quoted(json: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(json.len() + 16);
    let mut rest = json;
    while let Some(first) = rest.first() {
        let (token, behind) = rest.split_at(token_length(*first, rest).min(rest.len()));
        let quote = matches!(first, b'-' | b'0'..=b'9') && !fits(token);
        quoted.extend(quote.then_some(b'"'));
        quoted.extend_from_slice(token);
        quoted.extend(quote.then_some(b'"'));
        rest = behind;
    }
    quoted
}

/// How long the string or number is that begins here; all else is taken byte by byte.
fn token_length(first: u8, rest: &[u8]) -> usize {
    match first {
        b'"' => string_length(rest),
        b'-' | b'0'..=b'9' => {
            let in_numeral =
                |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
            rest.iter().take_while(in_numeral).count()
        }
        _ => 1,
    }
}

fn string_length(rest: &[u8]) -> usize {
    let mut escaped = false;
    let is_end = |byte: &u8| {
        let end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        end
    };
    let inner = rest.iter().skip(1).position(is_end);
    inner.map_or(rest.len(), |inner| inner + 2)
}

fn fits(numeral: &[u8]) -> bool {
    let Ok(numeral) = str::from_utf8(numeral) else {
        return false;
    };
    if numeral.contains(['.', 'e', 'E']) {
        return numeral.parse().is_ok_and(f64::is_finite);
    }
    numeral.parse::<i64>().is_ok() || numeral.parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn integers_stay_exact() {
        let numbers = [
            ("9007199254740993", json!(9_007_199_254_740_993_u64)),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551616", json!("18446744073709551616")),
            ("-9223372036854775809", json!("-9223372036854775809")),
            ("0.12345678901234567890", json!(0.123_456_789_012_345_68)),
            ("1e999", json!("1e999")),
        ];
        for (numeral, expected) in numbers {
            assert_eq!(value(numeral.as_bytes()), expected);
            let nested = format!("{{\"a \\\" 1\": [{numeral} , \"{numeral}\"]}}");
            assert_eq!(
                value(nested.as_bytes()),
                json!({"a \" 1": [expected, numeral]})
            );
        }
        let long = "9".repeat(4000);
        assert_eq!(value(long.as_bytes()), json!(long));
    }

    #[test]
    fn long_identifiers_in_strings_take_the_short_way() {
        for short in [
            "{\"id\":\"1234567890123456789\"}",
            "[0.1234567890123456789]",
        ] {
            assert!(!has_long_numeral(short.as_bytes()));
        }
        for long in ["1234567890123456789", "[-1234567890123456789]"] {
            assert!(has_long_numeral(long.as_bytes()));
        }
    }

    #[test]
    fn what_is_not_one_json_value_is_text() {
        let others = [
            "",
            "hello",
            "{1234567890123456789012:1}",
            "[1,]",
            "1 2",
            "{\"a\":1",
            "[01234567890123456789]",
        ];
        for other in others {
            assert_eq!(value(other.as_bytes()), json!(other));
        }
        assert_eq!(value(b"\"\xff\""), json!("\"\u{fffd}\""));
        let deep = "[".repeat(100_000);
        assert_eq!(value(deep.as_bytes()), json!(deep));
    }

    #[test]
    fn an_array_is_several_messages() {
        assert_eq!(
            array(br#"[{"T":"success"},{"T":"q"}]"#),
            [json!({"T": "success"}), json!({"T": "q"})]
        );
        assert_eq!(array(br#"{"T":"error"}"#), [json!({"T": "error"})]);
        assert!(array(b"[]").is_empty());
        assert_eq!(array(b"[1"), [json!("[1")]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            value(&bytes);
            prop_assert!(array(&bytes).len() <= bytes.len().max(1));
        }

        #[test]
        fn quotes_change_no_other_value(text in r#"[\[\]{}:, "\\0-9.eE+-]{0,40}"#) {
            if let Ok(plain) = serde_json::from_str::<Value>(&text) {
                prop_assert!(has_long_numeral(text.as_bytes()) || parse(text.as_bytes()) == Some(plain));
            }
        }
    }
}
