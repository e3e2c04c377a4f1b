//! How a recording came out, for people.

use std::{
    fmt,
    io::{self, Write},
    path::Path,
};

use super::Written;
use crate::{
    app::{grouped, size},
    error::{Exit, Failure},
    payload::escape::escape,
};

/// How a recording came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its file, as it is shown.
    pub file: String,
    /// How much it holds.
    pub written: Written,
    /// How many events are missing in it, because the disk was too slow.
    pub missed: u64,
    /// What ended it before its time.
    pub fault: Option<String>,
}

impl Outcome {
    /// Whether it holds every event from its start to its end.
    pub const fn is_whole(&self) -> bool {
        self.missed == 0 && self.fault.is_none()
    }

    /// Says it on the standard error.
    pub fn tell(&self) {
        // Nobody is left to tell when the standard error is gone.
        let _ = writeln!(io::stderr(), "{}", escape(&self.to_string()));
    }

    /// The error of a recording that is not whole.
    pub fn failure(&self) -> Failure {
        Failure::new(Exit::Unexpected, self.to_string())
            .help("see that the disk has room and keeps up, then record to another file")
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, missed, .. } = self;
        let events = grouped(self.written.events);
        let held = format!("{events} events, {}", size(self.written.bytes));
        match &self.fault {
            None => write!(f, "recorded in {file}: {held}")?,
            Some(fault) => write!(f, "the recording broke off: {fault}; {file} holds {held}")?,
        }
        if *missed > 0 {
            let missed = grouped(*missed);
            write!(f, "; events missing, as the disk was too slow: {missed}")?;
        }
        Ok(())
    }
}

/// A path as it is shown: `~` for the home directory.
pub(super) fn shown(path: &Path) -> String {
    let home = directories::BaseDirs::new();
    let below = home.and_then(|home| Some(path.strip_prefix(home.home_dir()).ok()?.to_owned()));
    let short = below.map(|below| Path::new("~").join(below));
    short.as_deref().unwrap_or(path).display().to_string()
}
