//! What keeping costs: the memory of the monitor over the payload that it keeps, and its growth when it keeps no more.
//!
//! ```text
//! cargo bench --bench memory               1 000 000 messages of 211 bytes, 100 000 of 1 KB; a budget of 64 MiB
//! cargo bench --bench memory -- --quick    the same; a budget of 16 MiB
//! ```
//!
//! Memory is the resident set (`VmRSS` of `/proc/PID/status`, so Linux alone), read when the monitor is live and has
//! received nothing yet, and again when its screen shows that it has received all. Nothing is dropped: the socket is
//! held when the monitor is behind.

#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod gates;

use std::process::ExitCode;

#[cfg(unix)]
use gates::measure;

#[cfg(not(unix))]
use common::unsupported as measure;

fn main() -> ExitCode {
    common::run("memory", measure)
}
