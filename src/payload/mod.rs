//! Payload bytes: made safe to show, and read only as far as needed.

mod block;
pub mod escape;
pub mod hex;
pub mod html;
pub mod json;
pub mod mask;
pub mod mould;
pub mod path;
pub mod place;
pub mod preview;
mod scan;
pub mod tree;
