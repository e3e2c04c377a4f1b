//! What is printed: lines on the way, and at the end each gate with what was found. Gates have numbers, G1 to G19, over all
//! benchmarks.

use std::{
    fmt::Display,
    io::{self, Write},
};

/// The gates so far.
#[derive(Default)]
pub(crate) struct Report {
    verdicts: Vec<String>,
    missed: bool,
}

impl Report {
    /// A gate, named by its number, that is kept by what is not above `most`.
    pub(crate) fn at_most(&mut self, gate: &str, found: f64, most: f64, unit: &str) {
        self.verdict(
            found <= most,
            gate,
            &format!("{found:.3}, at most {most}{unit}"),
        );
    }

    /// A gate that is kept by what is not below `least`.
    pub(crate) fn at_least(&mut self, gate: &str, found: f64, least: f64, unit: &str) {
        self.verdict(
            found >= least,
            gate,
            &format!("{found:.3}, at least {least}{unit}"),
        );
    }

    /// A gate that is kept or not, with the figures in words.
    pub(crate) fn verdict(&mut self, kept: bool, gate: &str, figures: &str) {
        let word = if kept { "PASS" } else { "FAIL" };
        self.missed |= !kept;
        self.verdicts.push(format!("{word}  {gate:<52} {figures}"));
    }

    /// A gate that cannot be measured here.
    pub(crate) fn skipped(&mut self, gate: &str, why: &str) {
        self.verdicts.push(format!("skip  {gate:<52} {why}"));
    }

    /// Prints the gates; whether all that were measured are kept.
    pub(crate) fn end(&self) -> io::Result<bool> {
        line("")?;
        for verdict in &self.verdicts {
            line(verdict)?;
        }
        Ok(!self.missed)
    }
}

/// Prints a line now.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}
