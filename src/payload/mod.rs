//! Payload bytes: made safe to show, and read only as far as needed.

mod block;
pub mod escape;
pub mod html;
pub mod json;
pub mod mask;
pub mod mould;
pub mod place;
pub mod pretty;
pub mod preview;
mod scan;
