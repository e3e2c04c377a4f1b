//! Files of ours in TOML, read so that every fault in them is told at once, with its place and its remedy. Profiles and
//! dialects are read with it. It opens no file.

mod fault;
mod faults;
mod json;
mod scalar;
mod size;
mod suggest;
pub mod suspect;
mod table;

pub use fault::{Fault, plain};
pub use faults::Faults;
pub use json::{json, values};
pub use scalar::{any_text, count, duration, flag, size, text, texts, time_limit, word};
pub use size::parse_size;
pub use suggest::nearest;
pub use table::{Table, Value, check_keys, entries, table, wrong_type};
