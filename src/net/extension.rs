//! What is agreed about compression: our offer, and the server's answer, which is read strictly (RFC 7692 section 7.1).

/// What is offered: the server may compress as it likes.
pub(super) const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// What a server agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Whether each message is compressed by itself (`server_no_context_takeover`).
    pub each_alone: bool,
}

impl Agreement {
    /// Reads the server's answer to [`OFFER`] (RFC 7692 section 7.1).
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(answer: &str) -> Result<Self, String> {
        let mut parts = answer.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        if !name.eq_ignore_ascii_case("permessage-deflate") {
            return Err(format!("'{name}' was not offered"));
        }
        let mut seen: Vec<String> = Vec::new();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(value.trim())),
                None => (part, None),
            };
            check_parameter(name, value)?;
            if seen.iter().any(|other| other == name) {
                return Err(format!("the parameter '{name}' is there twice"));
            }
            seen.push(name.to_owned());
        }
        Ok(Self {
            each_alone: seen.iter().any(|name| name == "server_no_context_takeover"),
        })
    }
}

/// The window of the server never matters to us: ours is the largest there is.
fn check_parameter(name: &str, value: Option<&str>) -> Result<(), String> {
    match (name, value) {
        ("server_no_context_takeover" | "client_no_context_takeover", None) => Ok(()),
        ("server_no_context_takeover" | "client_no_context_takeover", Some(_)) => {
            Err(format!("the parameter '{name}' takes no value"))
        }
        ("server_max_window_bits" | "client_max_window_bits", value) => {
            let bits = value.map_or("", |value| value.trim_matches('"'));
            let known = ["8", "9", "10", "11", "12", "13", "14", "15"];
            if known.contains(&bits) {
                return Ok(());
            }
            Err(format!("the parameter '{name}' must be from 8 to 15"))
        }
        _ => Err(format!("the parameter '{name}' is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_strictly() {
        let good = |answer: &str| Agreement::read(answer).map(|agreement| agreement.each_alone);
        assert_eq!(good("permessage-deflate"), Ok(false));
        assert_eq!(
            good("permessage-deflate; client_max_window_bits=15"),
            Ok(false)
        );
        assert_eq!(
            good("Permessage-Deflate;server_no_context_takeover ; server_max_window_bits=\"8\""),
            Ok(true)
        );
        for (answer, words) in [
            ("x-webkit-deflate-frame", "not offered"),
            ("permessage-deflate; turbo", "'turbo' is not known"),
            (
                "permessage-deflate; server_max_window_bits=7",
                "from 8 to 15",
            ),
            (
                "permessage-deflate; server_max_window_bits=010",
                "from 8 to 15",
            ),
            ("permessage-deflate; client_max_window_bits", "from 8 to 15"),
            (
                "permessage-deflate; server_no_context_takeover=1",
                "no value",
            ),
            (
                "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
                "twice",
            ),
            ("permessage-deflate;", "'' is not known"),
        ] {
            let why = Agreement::read(answer).unwrap_err();
            assert!(why.contains(words), "{answer}: {why}");
        }
    }
}
