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
    let kind = error.kind();
    let unable = || format!("{path} cannot be written: {kind}");
    let (exit, text, help) = match kind {
        ErrorKind::AlreadyExists => (
            Exit::Usage,
            format!("{path} is there already"),
            "nothing is overwritten: give another name",
        ),
        ErrorKind::NotFound | ErrorKind::NotADirectory => (
            Exit::Unexpected,
            format!("{path} cannot be written: its folder is not there"),
            "make its folder first, or give another path",
        ),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => (
            Exit::Unexpected,
            unable(),
            "give a path where you may write, such as one in your home directory",
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (
            Exit::Unexpected,
            unable(),
            "make room, or give a path on another disk",
        ),
        _ => (
            Exit::Unexpected,
            format!("{path} cannot be written: {error}"),
            "give another path",
        ),
    };
    Failure::new(exit, text).help(help)
}
