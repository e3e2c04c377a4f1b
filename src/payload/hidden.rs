//! Masks what looks like a secret in a message of any kind: text as it stands there, binary data also by the names of
//! the members that it decodes to.

use std::borrow::Cow;

use super::{
    cbor,
    decoded::Decoded,
    json::{Shape, shape},
    mask::masked,
    msgpack,
    protobuf::{self, Schema},
};
use crate::message::Kind;

/// What a payload decodes to wholly: protobuf by the schema, `MessagePack`, CBOR, protobuf without a schema.
pub fn decodings(data: &[u8], schema: Option<&Schema>) -> [Option<Decoded>; 4] {
    [
        schema.and_then(|schema| protobuf::decode(data, Some(schema))),
        msgpack::decode(data),
        cbor::decode(data),
        protobuf::decode(data, None),
    ]
}

/// Whether a payload is not decoded, as it is JSON or a text.
pub fn is_plain(data: &[u8], kind: Kind) -> bool {
    shape(data) != Shape::Other || kind == Kind::Text && std::str::from_utf8(data).is_ok()
}

/// The payload with stars in place of what looks like a secret, as it stands there and by what it decodes to.
pub fn hidden<'d, 'f>(
    data: &'d [u8],
    decoded: impl IntoIterator<Item = &'f Decoded>,
) -> Cow<'d, [u8]> {
    let mut hidden = masked(data);
    for decoded in decoded {
        if !decoded.secrets.is_empty() {
            decoded.hide(hidden.to_mut());
        }
    }
    hidden
}

/// The payload of a message with stars in place of what looks like a secret.
pub fn hidden_in<'d>(data: &'d [u8], kind: Kind, schema: Option<&Schema>) -> Cow<'d, [u8]> {
    if is_plain(data, kind) {
        return masked(data);
    }
    hidden(data, decodings(data, schema).iter().flatten())
}
