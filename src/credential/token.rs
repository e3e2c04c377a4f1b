//! Tokens from outside: read, and refused when they cannot be right.

use std::path::Path;

use crate::{config::file, payload::escape::is_unsafe, secret::Secret};

/// The largest token, in bytes.
pub(super) const LARGEST: usize = 64 << 10;

/// The token, or another secret of this name, in an environment variable.
pub(super) fn from_variable(name: &str, what: &str) -> Result<Secret, String> {
    let origin = format!("the environment variable {name}");
    let Some(value) = std::env::var_os(name) else {
        return Err(format!(
            "{origin} is not set; set it to the {what} before starting"
        ));
    };
    let value = value
        .into_string()
        .map_err(|_| format!("{origin} is not UTF-8; set it to the {what} alone"))?;
    checked(Secret::new(value), &origin)
}

/// The same in a file; a link to a file will do, as containers mount tokens so.
pub(super) fn from_file(path: &Path, what: &str) -> Result<Secret, String> {
    let origin = format!("the {what} file {}", path.display());
    let bytes = file::read(path, LARGEST).map_err(|error| {
        let fault = error.fault();
        format!("{origin}: {}; {}", fault.message, fault.help)
    })?;
    let text = Secret::from_utf8(bytes)
        .ok_or_else(|| format!("{origin} is not UTF-8; it must hold the {what} alone"))?;
    checked(text, &origin)
}

/// Checks a token, once white space around it is cut off.
pub(super) fn check(token: &str) -> Result<(), &'static str> {
    if token.is_empty() {
        Err("is empty; it must hold the token alone")
    } else if token.len() > LARGEST {
        Err("holds more than 64 KiB; this cannot be a token")
    } else if token.contains(['\n', '\r']) {
        Err("holds more than one line; it must hold the token alone")
    } else if token.chars().any(is_unsafe) {
        Err("holds a control or invisible character; copy the token again")
    } else {
        Ok(())
    }
}

fn checked(text: Secret, origin: &str) -> Result<Secret, String> {
    let checked = check(text.expose().trim());
    checked
        .map(|()| text)
        .map_err(|fault| format!("{origin} {fault}"))
}
