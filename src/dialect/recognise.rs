//! Which dialect a service speaks, by what is seen of it.

use super::{Dialect, Vars};

/// Why a dialect was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The dialect's name.
    pub name: String,
    /// By what: `host ws.example.com`, `subprotocol phoenix`, `its first message`.
    pub by: String,
}

/// What is known of a service.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The host of the address.
    pub host: &'a str,
    /// The subprotocols that are offered or were chosen.
    pub subprotocols: &'a [String],
    /// The first message.
    pub first: Option<&'a serde_json::Value>,
}

/// The first dialect that has a sign of what was seen.
pub fn recognise<'d>(
    dialects: impl IntoIterator<Item = &'d Dialect>,
    seen: Seen<'_>,
) -> Option<Recognised> {
    dialects.into_iter().find_map(|dialect| {
        let by = sign(dialect, seen)?;
        Some(Recognised {
            name: dialect.name.clone(),
            by,
        })
    })
}

fn sign(dialect: &Dialect, seen: Seen<'_>) -> Option<String> {
    let signs = &dialect.recognise;
    let subprotocol = seen
        .subprotocols
        .iter()
        .find(|offered| signs.subprotocols.contains(offered));
    let host = signs
        .hosts
        .iter()
        .any(|pattern| host_fits(pattern, seen.host));
    let first = signs.first.as_ref().zip(seen.first);
    let first = first.is_some_and(|(pattern, message)| pattern.matches(message, &Vars::default()));
    match (subprotocol, host, first) {
        (Some(subprotocol), _, _) => Some(format!("subprotocol {subprotocol}")),
        (_, true, _) => Some(format!("host {}", seen.host)),
        (_, _, true) => Some("its first message".into()),
        _ => None,
    }
}

/// Whether a host is meant: equal, or a subdomain where the pattern begins with `*.`.
pub fn host_fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
        None => pattern == host,
    }
}
