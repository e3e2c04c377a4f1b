//! One pass over raw bytes: is this one JSON value, and may it stand in a line of NDJSON as it is?

/// What a pass over a payload found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One JSON value (RFC 8259) that may stand in a line as it is: no line break, no character a terminal obeys.
    Plain,
    /// One JSON value, but with a line break or an unsafe character somewhere.
    Json,
    /// Not JSON.
    Other,
}

/// Looks at a payload once.
pub fn shape(bytes: &[u8]) -> Shape {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Shape::Other;
    };
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Err(_) => Shape::Other,
        Ok(_) if text.chars().any(super::escape::is_unsafe) => Shape::Json,
        Ok(_) => Shape::Plain,
    }
}

/// The value of a string member at the top level, without its quotes and as it was written (escapes not undone).
/// `None` when the payload is no object, has no such member, or the member is no string.
pub fn top_level_string<'a>(bytes: &'a [u8], name: &str) -> Option<&'a str> {
    let object: std::collections::HashMap<String, &'a serde_json::value::RawValue> =
        serde_json::from_slice(bytes).ok()?;
    object.get(name)?.get().strip_prefix('"')?.strip_suffix('"')
}
