//! Puts events into a file of another format: that of `sockeye export`, and those of the monitor.
//!
//! A file appears under its name only when it is whole, and never in the place of another.

mod drain;
mod headless;

pub use drain::{Drain, NewFile};
pub use headless::export;
