//! Close codes: the number and what the registry says of it. The rules are data, in `assets/close-codes.toml`.

use std::fmt;

use crate::rulebook;

/// A close code as it was on the wire (RFC 6455 section 7.4), valid or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The registered name, or that of the range.
    pub fn name(self) -> &'static str {
        rulebook::close(self).name.as_str()
    }

    /// Whether a close frame may bear it (RFC 6455 section 7.4.2 and the registry of close codes).
    pub const fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

impl fmt::Display for CloseCode {
    /// The number and the name: `1012 Service Restart`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.name())
    }
}
