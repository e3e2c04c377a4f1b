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

/// The most that the reason of a close holds, in bytes: a control frame holds 125, and two of those are the code (RFC 6455
/// section 5.5).
pub const MOST_IN_REASON: usize = 123;

/// The code and the reason of a close by hand, as they are typed: `1000 done`. The code is one that an application may
/// use for itself: 1000, or one from 3000 to 4999 (RFC 6455 section 7.4).
///
/// # Errors
/// What is wrong, in words.
pub fn read_close(text: &str) -> Result<(CloseCode, String), String> {
    let text = text.trim();
    let (code, reason) = text.split_once(' ').unwrap_or((text, ""));
    if code.is_empty() {
        return Err("write a code, and a reason if there is one: 1000 done".into());
    }
    let reason = reason.trim_start();
    let known = code.parse().ok();
    let Some(code) = known.filter(|code| matches!(code, 1000 | 3000..=4999)) else {
        return Err(format!(
            "'{code}' is no code to close with: write 1000, or one from 3000 to 4999"
        ));
    };
    match reason.len() {
        0..=MOST_IN_REASON => Ok((CloseCode(code), reason.to_owned())),
        bytes => Err(format!(
            "the reason takes {bytes} bytes; there is room for {MOST_IN_REASON}"
        )),
    }
}

impl fmt::Display for CloseCode {
    /// The number and the name: `1012 Service Restart`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_is_read_as_it_is_typed() {
        let read = |text: &str| read_close(text).map(|(code, reason)| (code.0, reason));
        assert_eq!(read(" 1000 "), Ok((1000, String::new())));
        assert_eq!(
            read("4001  all done "),
            Ok((4001, "all done".into())),
            "spaces within the reason stay"
        );
        for wrong in ["", "done", "999", "1001", "1006 x", "2999", "5000", "70000"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let reason =
            |bytes: usize| format!("3000 {}", "é".repeat(bytes / 2) + &"e".repeat(bytes % 2));
        assert!(read(&reason(123)).is_ok());
        let told = read(&reason(124)).expect_err("a fault");
        assert_eq!(told, "the reason takes 124 bytes; there is room for 123");
    }
}
