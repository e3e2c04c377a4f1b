//! A fault in a value: what is wrong with it and how to mend it.

use crate::payload::escape::is_unsafe;

use super::suspect;

/// What is wrong with a value, and how to mend it. It never holds the value of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl Fault {
    /// From its two sentences. What looks like a secret in them is masked.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: suspect::mask(message.into()),
            help: suspect::mask(help.into()),
        }
    }
}

/// Checks that nothing in a text is obeyed by a terminal or a protocol, or hides.
pub fn plain(text: &str) -> Result<(), Fault> {
    let Some(c) = text.chars().find(|c| is_unsafe(*c)) else {
        return Ok(());
    };
    let kind = if c.is_control() {
        "a control character"
    } else {
        "an invisible character"
    };
    let message = format!("{kind}, U+{:04X}, stands in this text", u32::from(c));
    Err(Fault::new(message, "remove it"))
}
