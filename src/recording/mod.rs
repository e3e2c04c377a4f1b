//! Recordings: every event of a run, written to a new file as it happens, as `sockeye export` reads it again.
//!
//! A thread of its own writes, so that no disk holds up the screen. What waits for it is bounded; whoever has events
//! either waits for room, as `tail` does, or goes on, as the monitor does, and what found no room is counted.

mod outcome;
mod pen;
mod place;
mod recorder;

pub use outcome::Outcome;
pub use place::Blank;
pub use recorder::{Recorder, Report, Written};
