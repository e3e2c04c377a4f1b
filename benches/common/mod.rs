//! What the benchmarks share that start whole processes: the servers, the terminal, the clocks, the gates.
#![allow(dead_code, reason = "each benchmark uses a part of it")]

#[cfg(unix)]
pub(crate) mod cpu;
pub(crate) mod report;
#[cfg(unix)]
pub(crate) mod server;
#[cfg(unix)]
pub(crate) mod terminal;

use std::{error::Error, io::Write, process::ExitCode, sync::LazyLock};

use report::Report;
use sockeye::{clock::Clock, time::Mono};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Time since the start, the same for all threads.
pub(crate) fn now() -> Mono {
    static CLOCK: LazyLock<Clock> = LazyLock::new(Clock::start);
    CLOCK.now().mono
}

/// Measures, tells of each gate whether it is kept, and fails when one is not. `--quick` asks for less of everything.
pub(crate) fn run(name: &str, measure: impl FnOnce(bool, &mut Report) -> Result<()>) -> ExitCode {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let mut report = Report::default();
    let outcome = measure(quick, &mut report).and_then(|()| {
        let kept = report.end()?;
        let quick = if quick { " -- --quick" } else { "" };
        report::line(format!("\nagain: cargo bench --bench {name}{quick}"))?;
        Ok(kept)
    });
    code(outcome)
}

/// What the process ends with; an error is told.
pub(crate) fn code(outcome: Result<bool>) -> ExitCode {
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
pub(crate) fn unsupported(_: bool, _: &mut Report) -> Result<()> {
    Err("this benchmark needs Unix, for terminals and for what its children cost".into())
}

/// The one in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    percentile(&Vec::from_iter(values), 0.5)
}

/// The value that this part of all are not above; not a number when there is none.
pub(crate) fn percentile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let count = (values.len() as f64 * part).ceil() as usize;
    let at = count.saturating_sub(1);
    values.get(at).copied().unwrap_or(f64::NAN)
}
