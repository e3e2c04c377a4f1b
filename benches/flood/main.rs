//! What watching costs, as ratios of CPU time: `sockeye tail` and the monitor under a flood, over a bare
//! tokio-tungstenite loop that counts and drops; and the monitor on a silent stream.
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
//! is not measured. Ends with an error when a gate is not kept.

#[cfg(unix)]
mod baseline;
#[cfg(unix)]
mod contenders;
#[cfg(unix)]
mod cpu;
#[cfg(unix)]
mod report;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod terminal;

use std::{io::Write, process::ExitCode};

#[cfg(unix)]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments[..] {
        [baseline, url] if baseline == baseline::ARGUMENT => baseline::run(url).map(|()| true),
        _ => report::run(arguments.iter().any(|argument| argument == "--quick")),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody is left to tell when the standard error is gone.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    let _ = writeln!(
        std::io::stderr(),
        "error: this benchmark needs Unix, for the CPU time of its children"
    );
    ExitCode::FAILURE
}
