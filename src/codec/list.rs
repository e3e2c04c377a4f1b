//! Several JSON values in one WebSocket message: one a line, or each ended by 0x1E. A value never goes on in the next
//! WebSocket message. A piece that is not JSON is a text by itself; empty pieces are none.

use serde_json::Value;

use super::{decoder::at_most, json};

/// Ends a record (`SignalR` hub protocol, section "JSON Encoding").
const RECORD_SEPARATOR: char = '\u{1e}';

/// JSON values, one a line; a value alone may have line breaks within.
pub(super) fn lines(bytes: &[u8]) -> Vec<Value> {
    match json::parse(bytes) {
        Some(value) => vec![value],
        None => pieces(bytes, b'\n'),
    }
}

/// Records; the last may lack its end.
pub(super) fn delimited(bytes: &[u8]) -> Vec<Value> {
    pieces(bytes, 0x1e)
}

/// The text as a record.
pub(super) fn ended(text: &str) -> String {
    let mut record = text.to_owned();
    if !record.ends_with(RECORD_SEPARATOR) {
        record.push(RECORD_SEPARATOR);
    }
    record
}

fn pieces(bytes: &[u8], separator: u8) -> Vec<Value> {
    let pieces = bytes.split(|byte| *byte == separator);
    let pieces = pieces.map(<[u8]>::trim_ascii);
    at_most(pieces.filter(|piece| !piece.is_empty()).map(json::value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_line_is_a_value() {
        let two = b"{\"id\":1,\"connect\":{}}\n{\"push\":{}}\r\n\n";
        assert_eq!(
            lines(two),
            [json!({"id": 1, "connect": {}}), json!({"push": {}})]
        );
        assert_eq!(lines(b"{}"), [json!({})]);
        assert_eq!(lines(b"{\n\"a\":\n1}\n"), [json!({"a": 1})]);
        assert_eq!(
            lines(b"{}\nhello\n{"),
            [json!({}), json!("hello"), json!("{")]
        );
        assert!(lines(b"\n\n").is_empty());
    }

    #[test]
    fn each_record_is_a_value() {
        let two = b"{}\x1e{\"type\":1,\"target\":\"Send\",\"arguments\":[42]}\x1e";
        assert_eq!(
            delimited(two),
            [
                json!({}),
                json!({"type": 1, "target": "Send", "arguments": [42]})
            ]
        );
        assert_eq!(delimited(b"{\"type\":6}"), [json!({"type": 6})]);
        assert!(delimited(b"\x1e\x1e").is_empty());
        assert_eq!(delimited(b"{\"type\x1e"), [json!("{\"type")]);
    }

    #[test]
    fn a_flood_of_values_is_cut_and_told() {
        let values = lines(&b"1\n".repeat(100_000));
        assert!(values.len() < 70_000);
        assert!(values.last().is_some_and(Value::is_string));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(lines(&bytes).len() <= bytes.len().max(1));
            prop_assert!(delimited(&bytes).len() <= bytes.len());
        }

        #[test]
        fn what_is_sent_is_read_again(numbers in prop::collection::vec(any::<i64>(), 1..9)) {
            let sent: String = numbers.iter().map(|number| ended(&number.to_string())).collect();
            prop_assert_eq!(delimited(sent.as_bytes()), numbers.into_iter().map(Value::from).collect::<Vec<_>>());
        }
    }
}
