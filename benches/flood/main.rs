//! What watching costs: `sockeye tail` and the monitor under a flood, over a bare tokio-tungstenite loop that counts
//! and drops, and over `websocat` where it is; and the monitor's screen, idle and busy.
//!
//! ```text
//! cargo bench --bench flood               1 000 000 messages of about 211 bytes, 5 rounds, 60 s of silence
//! cargo bench --bench flood -- --quick      200 000 messages, 3 rounds, 10 s of silence
//! ```
//!
//! The contenders run in turn within each round, each as a process of its own, and are compared pair by pair, so a
//! busy machine slows both sides of a ratio; the median of the rounds counts. CPU time is user and system time of the
//! whole process, all threads, from `getrusage(RUSAGE_CHILDREN)` before and after the one child that ends in between:
//! it counts in microseconds, while `/proc/PID/stat` counts in ticks of 10 ms, too coarse for runs of 0.2 s. Wall time
//! is measured for G8 alone. Ends with an error when a gate is not kept.
//!
//! `websocat` is the program of that name, or the one that `$WEBSOCAT` names; the gates are meant for 1.14.

#[cfg(unix)]
mod baseline;
#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod contenders;
#[cfg(unix)]
mod rounds;
#[cfg(unix)]
mod screen;

use std::process::ExitCode;

#[cfg(not(unix))]
use common::unsupported as measure;

#[cfg(unix)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [baseline, url] if baseline == baseline::ARGUMENT => {
            common::code(baseline::run(url).map(|()| true))
        }
        _ => common::run("flood", measure),
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    common::run("flood", measure)
}

#[cfg(unix)]
fn measure(quick: bool, report: &mut common::report::Report) -> common::Result<()> {
    rounds::measure(quick, report)?;
    screen::measure(quick, report)
}
