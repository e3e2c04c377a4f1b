//! Payload bytes: made safe to show, and read only as far as needed.

mod block;
pub mod cbor;
pub mod decoded;
pub mod diff;
pub mod escape;
pub mod field;
pub mod hex;
pub mod hidden;
pub mod html;
pub mod json;
pub mod mask;
pub mod mould;
pub mod msgpack;
pub mod path;
pub mod place;
pub mod preview;
pub mod protobuf;
mod scan;
pub mod tree;
