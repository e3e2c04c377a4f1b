//! Puts events into a file of another format: that of `sockeye export`, and those of the monitor.
//!
//! A file appears under its name only when it is whole, and never in the place of another.

use std::io::{self, ErrorKind};

use crate::error::{Exit, Failure};

mod beside;
mod drain;
mod headless;

pub use beside::Beside;
pub use drain::{Drain, NewFile};
pub use headless::export;

/// Why a file cannot be written, and what helps.
fn refused(path: &str, error: &io::Error) -> Failure {
    let exit = match error.kind() {
        ErrorKind::AlreadyExists => Exit::Usage,
        _ => Exit::Unexpected,
    };
    let text = match error.kind() {
        ErrorKind::AlreadyExists => format!("{path} is there already"),
        _ => format!("{path} cannot be written: {error}"),
    };
    Failure::new(exit, text).help(match error.kind() {
        ErrorKind::AlreadyExists => "nothing is overwritten: give another name",
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            "make the folder first, or give another path"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "give a path where you may write, such as one in your home directory"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room, or give a path on another disk"
        }
        _ => "give another path",
    })
}
