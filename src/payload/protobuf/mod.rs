//! Protocol Buffers written as JSON: by the names of a descriptor, or by the numbers that are on the wire.

mod schema;
mod typed;
mod wire;

use super::decoded::{Decoded, Writer};

pub use schema::Schema;

/// A larger payload is not decoded.
const MOST_BYTES: usize = 1 << 20;
/// Messages nested deeper than this are not decoded.
const DEPTH: usize = 32;

/// A payload that is one message and nothing else; `None`: it is not. Without a schema, what a field with a length
/// holds is guessed: text, a message, or bytes.
pub fn decode(payload: &[u8], schema: Option<&Schema>) -> Option<Decoded> {
    if payload.is_empty() || payload.len() > MOST_BYTES {
        return None;
    }
    let mut reader = Reader {
        payload,
        writer: Writer::default(),
    };
    let message = schema.map(Schema::message);
    reader.message(0..payload.len(), message, 0)?;
    Some(reader.writer.decoded)
}

/// Reads a payload and writes it.
struct Reader<'a> {
    payload: &'a [u8],
    writer: Writer,
}

#[cfg(test)]
mod tests;
