//! What was found wrong with a compressed message, on its way through the library as an [`io::Error`].

use std::{error::Error, fmt, io};

use crate::close_code::CloseCode;

/// How a server broke the RFC, and the close code that says so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) code: CloseCode,
    pub(super) text: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl Error for Fault {}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}

pub(super) const fn broken(text: &'static str) -> Fault {
    Fault {
        code: CloseCode(1002),
        text,
    }
}

pub(super) const fn corrupt() -> Fault {
    Fault {
        code: CloseCode(1007),
        text: "a compressed message cannot be inflated",
    }
}
