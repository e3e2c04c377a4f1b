//! The values that every codec makes: text, bytes, objects. Nothing here can fail.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// A text; what is not UTF-8 in it is replaced.
pub(super) fn text(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into()
}

/// A payload: a text where the bytes are UTF-8, else as [`base64`].
pub(super) fn payload(bytes: &[u8]) -> Value {
    str::from_utf8(bytes).map_or_else(|_| base64(bytes), Value::from)
}

/// `{"base64":"…"}`, with padding (RFC 4648 section 4).
pub(super) fn base64(bytes: &[u8]) -> Value {
    object([("base64", STANDARD.encode(bytes).into())])
}

/// The bytes that [`payload`] shows so.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    if let Some(text) = value.as_str() {
        return Some(text.into());
    }
    STANDARD.decode(value.get("base64")?.as_str()?).ok()
}

/// An object of these members, in this order.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let named = members.map(|(name, value)| (name.to_owned(), value));
    Value::Object(named.into_iter().collect())
}

/// Adds a member; one that is there already becomes an array of all its values.
pub(super) fn add(object: &mut Map<String, Value>, name: &str, value: Value) {
    match object.get_mut(name) {
        None => {
            object.insert(name.to_owned(), value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn payloads_are_text_or_base64_and_back() {
        let shown = [
            (&b""[..], json!("")),
            (b"{\"a\":1}", json!("{\"a\":1}")),
            ("é\0".as_bytes(), json!("é\0")),
            (b"\xff\x00", json!({"base64": "/wA="})),
        ];
        for (wire, value) in shown {
            assert_eq!(payload(wire), value);
            assert_eq!(bytes(&value).as_deref(), Some(wire));
        }
        for wrong in [
            json!(1),
            json!({}),
            json!({"base64": 1}),
            json!({"base64": "?"}),
        ] {
            assert_eq!(bytes(&wrong), None);
        }
    }

    #[test]
    fn repeated_members_become_an_array_in_order() {
        let mut object = Map::new();
        for (name, value) in [("a", 1), ("b", 2), ("a", 3), ("a", 4)] {
            add(&mut object, name, value.into());
        }
        assert_eq!(Value::from(object), json!({"a": [1, 3, 4], "b": 2}));
    }
}
