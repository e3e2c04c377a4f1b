//! How the program ends: exit codes, and the one place that prints an error.

use std::{fmt, io::Write, process::ExitCode};

use crate::payload::escape::escape;

/// The exit codes, which scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Ended as asked.
    Done,
    /// Something unexpected.
    Unexpected,
    /// The command line is wrong.
    Usage,
    /// A configuration or credential file is wrong.
    Configuration,
    /// The credential is expired, invalid or missing and nothing renews it.
    Unauthenticated,
    /// The user is known but not allowed.
    Forbidden,
    /// The network or the server gave no lasting connection.
    Network,
    /// The server or we broke the protocol, or the address is no WebSocket endpoint.
    Protocol,
    /// Ended by a signal of this number.
    Signal(u8),
}

impl Exit {
    /// The number the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::Unauthenticated => 4,
            Self::Forbidden => 5,
            Self::Network => 6,
            Self::Protocol => 7,
            Self::Signal(number) => 128 + number,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// An error that ends the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong: one sentence, or faults already laid out with their source lines.
    pub text: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Failure {
    /// An error without a remedy.
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self {
            exit,
            text: text.into(),
            help: None,
        }
    }

    /// Adds how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Prints the error and gives the exit code.
    pub fn report(&self) -> ExitCode {
        // Nobody is left to tell when the standard error is gone.
        let _ = writeln!(std::io::stderr().lock(), "{self}");
        self.exit.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = |text: &str| {
            text.lines()
                .map(|line| escape(line).into_owned())
                .collect::<Vec<_>>()
                .join("\n")
        };
        if self.text.starts_with("error:") {
            write!(f, "{}", lines(&self.text))?;
        } else {
            write!(f, "error: {}", lines(&self.text))?;
        }
        self.help
            .as_deref()
            .map_or(Ok(()), |help| write!(f, "\nhelp: {}", lines(help)))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Exit::Unexpected, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_escaped_line_by_line() {
        let failure = Failure::new(Exit::Network, "no \u{1b}[2J\nanswer").help("try\tagain");
        assert_eq!(
            failure.to_string(),
            "error: no \\e[2J\nanswer\nhelp: try\\tagain"
        );
        assert_eq!((failure.exit.code(), Exit::Signal(2).code()), (6, 130));
    }
}
