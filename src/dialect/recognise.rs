//! Which dialect a service speaks: by its address before a link is opened, or by what the server says first.

use std::sync::Arc;

use super::{Decoder, Dialect, Library, Vars};
use crate::message::Message;

/// No service says hello in more bytes; a larger message is not looked at.
const LARGEST: usize = 64 << 10;

/// A dialect whose services begin with what was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Recognised {
    /// The dialect.
    pub dialect: Arc<Dialect>,
    /// By what: `its host gateway.discord.gg`, `its first message: /op = 10`.
    pub by: String,
}

/// What is known of a service before it is spoken to.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The host of the address.
    pub host: &'a str,
    /// The subprotocols that are offered.
    pub subprotocols: &'a [String],
}

/// The first dialect that has a sign of what was seen; the user's own go first.
pub fn recognise(library: &Library, seen: Seen<'_>) -> Option<Recognised> {
    library.all().into_iter().find_map(|dialect| {
        let signs = &dialect.recognise;
        let mut offered = seen.subprotocols.iter();
        let name = offered.find(|name| signs.subprotocols.contains(name));
        let by_name = name.map(|name| format!("the subprotocol {name}"));
        let mut hosts = signs.hosts.iter();
        let by_host = || {
            let fits = hosts.any(|pattern| host_fits(pattern, seen.host));
            fits.then(|| format!("its host {}", seen.host))
        };
        let by = by_name.or_else(by_host)?;
        Some(Recognised { dialect, by })
    })
}

/// The dialects whose services begin with this message, each reading it in its own form. More than one cannot be told
/// apart; but the user's own are preferred to the shipped ones.
pub fn by_first(library: &Library, message: &Message) -> Vec<Recognised> {
    if message.data.len() > LARGEST {
        return Vec::new();
    }
    let all = library.all().into_iter();
    let mut found: Vec<_> = all
        .filter_map(|dialect| {
            let by = first_words(&dialect, message)?;
            Some(Recognised { dialect, by })
        })
        .collect();
    let is_own = |found: &Recognised| library.is_own(&found.dialect.name);
    if found.iter().any(is_own) {
        found.retain(is_own);
    }
    found
}

fn first_words(dialect: &Dialect, message: &Message) -> Option<String> {
    let pattern = dialect.recognise.first.as_ref()?;
    let values = Decoder::new(dialect.codec, LARGEST).decode(message);
    let words = pattern.fulfilled(values.first()?, &Vars::default())?;
    Some(format!("its first message: {words}"))
}

/// Whether a host is meant: equal, or a subdomain where the pattern begins with `*.`.
pub fn host_fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
        None => pattern == host,
    }
}
