//! How long the monitor lets its user wait: from a key that is written to its terminal until what it does is read back.
//!
//! ```text
//! cargo bench --bench keys               200 keys each, 1 000 000 events to filter
//! cargo bench --bench keys -- --quick    100 keys each,   200 000 events to filter
//! ```
//!
//! The control is a program of the same libraries that only shows how many keys were pressed. It stands in a terminal of
//! its own, and gets a key after each key of the monitor: what the machine and the terminal take stands beside what the
//! monitor takes. Ends with an error when a gate is not kept.

#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod control;
#[cfg(unix)]
mod gates;

use std::process::ExitCode;

#[cfg(not(unix))]
use common::unsupported as measure;
#[cfg(unix)]
use gates::measure;

fn main() -> ExitCode {
    #[cfg(unix)]
    if std::env::args().nth(1).as_deref() == Some(control::ARGUMENT) {
        return common::code(control::run().map(|()| true));
    }
    common::run("keys", measure)
}
