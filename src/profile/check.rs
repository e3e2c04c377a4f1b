//! Rules for single texts: URLs, names, headers, templates. The file and the command line share them.

use url::{Host, Url};

pub use crate::document::{Fault, plain};
use crate::{
    codec::{Codec, Draft},
    document::suspect,
    payload::mask,
};

/// Headers that belong to the upgrade itself (RFC 6455 section 4.1) or to HTTP's framing.
const UPGRADE: [&str; 6] = [
    "connection",
    "content-length",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The safe ways to give a secret.
const WAYS: &str =
    "leave it out and say where the token goes with 'way', where it comes from with 'token'";

/// Checks the address of a stream: `ws:` or `wss:`, a host, nothing secret, no fragment (RFC 6455 section 3).
///
/// # Errors
/// Everything that is wrong.
pub fn address(text: &str) -> Result<Url, Vec<Fault>> {
    let url = parse_address(text).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    if !url.username().is_empty() || url.password().is_some() {
        let message = "a URL must not hold a user name or a password";
        faults.push(Fault::new(message, WAYS));
    }
    if url.fragment().is_some() {
        let help = "remove '#' and what follows";
        faults.push(Fault::new("a WebSocket URL has no fragment", help));
    }
    for (name, value) in url.query_pairs() {
        if suspect::is_secret(&name, &value) {
            let message = format!("the query parameter '{name}' would hold a secret");
            let help = format!("leave it out of the URL and write way = {{ query = \"{name}\" }}");
            faults.push(Fault::new(message, help));
        }
    }
    if faults.is_empty() {
        Ok(url)
    } else {
        Err(faults)
    }
}

fn parse_address(text: &str) -> Result<Url, Fault> {
    const FORM: &str = "write it as in wss://api.example.com/ws";
    plain(text)?;
    if text.contains(char::is_whitespace) {
        return Err(Fault::new("a URL has no spaces", "write %20 for a space"));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(Fault::new("this is not a URL", FORM));
    };
    let instead = match scheme.to_ascii_lowercase().as_str() {
        "ws" | "wss" => None,
        "http" => Some("ws"),
        "https" => Some("wss"),
        _ => {
            return Err(Fault::new(
                format!("'{scheme}' is not for WebSockets"),
                FORM,
            ));
        }
    };
    if let Some(instead) = instead {
        let message = format!("'{scheme}' is not for WebSockets");
        let help = format!("write '{instead}' in place of '{scheme}'");
        return Err(Fault::new(message, help));
    }
    if rest.is_empty() || rest.starts_with(['/', '\\', '?', '#', ':']) {
        return Err(Fault::new("the URL has no host", FORM));
    }
    Url::parse(text).map_err(|error| Fault::new(format!("this is not a URL: {error}"), FORM))
}

/// Whether an address is plain `ws:` to another machine, where anyone on the way can read the token.
pub fn is_exposed(url: &Url) -> bool {
    url.scheme() == "ws" && !url.host().is_some_and(|host| is_local(&host))
}

/// Whether a host is this machine (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3).
pub fn is_local(host: &Host<impl AsRef<str>>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.as_ref().trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
    }
}

/// Checks the name of a profile, which is typed on command lines beside URLs and options.
///
/// # Errors
/// What is wrong.
pub fn profile_name(name: &str) -> Result<(), Fault> {
    const FORM: &str = "a name may hold letters, digits, '-', '_', '.' and '@', at most 64";
    plain(name)?;
    let allowed = |c: char| c.is_alphanumeric() || "-_.@".contains(c);
    let message = if name.is_empty() {
        "the profile's name is empty"
    } else if name.starts_with('-') {
        "a profile's name must not begin with '-'"
    } else if name.chars().count() > 64 {
        "the profile's name is too long"
    } else if !name.chars().all(allowed) {
        "a profile's name cannot hold this"
    } else {
        return Ok(());
    };
    Err(Fault::new(message, FORM))
}

/// Checks the name of a filter, which is a key of the configuration.
///
/// # Errors
/// What is wrong.
pub fn filter_name(name: &str) -> Result<(), Fault> {
    key_name(name, "a filter")
}

/// Checks the name of a message, which is a key of the configuration.
///
/// # Errors
/// What is wrong.
pub fn message_name(name: &str) -> Result<(), Fault> {
    key_name(name, "a message")
}

fn key_name(name: &str, of: &str) -> Result<(), Fault> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if !name.is_empty() && name.len() <= 32 && name.chars().all(allowed) {
        return Ok(());
    }
    let help = "a name has letters, digits, '-' and '_', at most 32";
    Err(Fault::new(format!("this cannot be the name of {of}"), help))
}

/// Checks a message that is sent as it stands, in the form of this codec: nothing secret is in it and no place for a
/// token, and it is whole JSON when it looks like it.
///
/// # Errors
/// What is wrong.
pub fn message(text: &str, codec: Codec) -> Result<(), Fault> {
    if text.is_empty() {
        let help = "write what is to be sent";
        return Err(Fault::new("this message is empty", help));
    }
    if holds_secret(text) {
        let help =
            "leave it out; what is secret can be typed in the monitor, or given to 'tail --stdin'";
        return Err(Fault::new("this message would hold a secret", help));
    }
    if text.contains("{token}") {
        let message = "this message has a place for the token, but it is sent as it stands";
        let help = "leave {token} out: the token goes where 'way' or the dialect says";
        return Err(Fault::new(message, help));
    }
    match codec.draft(text) {
        Draft::NotJson(why) if text.trim_start().starts_with(['{', '[']) => {
            let help = "write it as in '{\"op\":\"ping\"}'";
            let message = format!("this message is not whole JSON: {why}");
            Err(Fault::new(message, help))
        }
        Draft::Wrong(why) => {
            let help = format!("write it as {}", codec.expects());
            Err(Fault::new(format!("this cannot be sent: {why}"), help))
        }
        Draft::NotJson(_) | Draft::Fits => Ok(()),
    }
}

/// Whether something in a message looks like a secret.
pub fn holds_secret(text: &str) -> bool {
    !suspect::find(text).is_empty() || mask::hides(text)
}

/// Checks the name of a request header (RFC 9110 section 5.1) that is not the upgrade's own.
///
/// # Errors
/// What is wrong.
pub fn header_name(name: &str) -> Result<(), Fault> {
    if !is_http_token(name) {
        let message = "this cannot be the name of a header";
        let help = "use letters, digits and '-', as in X-Client";
        return Err(Fault::new(message, help));
    }
    let lower = name.to_ascii_lowercase();
    if lower == "sec-websocket-protocol" {
        let help = "write subprotocols = [\"…\"]";
        return Err(Fault::new("subprotocols have a key of their own", help));
    }
    if UPGRADE.contains(&lower.as_str()) || lower.starts_with("sec-websocket-") {
        let message = format!("'{name}' belongs to the connection itself");
        return Err(Fault::new(message, "remove it"));
    }
    Ok(())
}

/// Checks the value of a request header: visible ASCII, spaces and nothing else.
///
/// # Errors
/// What is wrong.
pub fn header_value(value: &str) -> Result<(), Fault> {
    plain(value)?;
    if !value.is_ascii() {
        let message = "the value of a header must be ASCII";
        return Err(Fault::new(message, "remove the other characters"));
    }
    Ok(())
}

/// Checks a request header that is sent as it stands and so must not be secret.
///
/// # Errors
/// What is wrong.
pub fn header(name: &str, value: &str) -> Result<(), Fault> {
    header_name(name)?;
    if is_secret_header(name, value) {
        let message = format!("the header '{name}' would hold a secret");
        let help = format!(
            "leave it out and write way = {{ header = \"{name}\", prefix = \"…\" }}; the token comes from \
             token = \"stored\", \"prompt\", {{ env = \"NAME\" }} or {{ file = \"PATH\" }}"
        );
        return Err(Fault::new(message, help));
    }
    header_value(value)
}

/// Whether a header holds a secret by its name or value.
pub(super) fn is_secret_header(name: &str, value: &str) -> bool {
    suspect::is_secret(name, value) || !suspect::find(value).is_empty()
}

/// Checks a subprotocol's name: an HTTP token (RFC 6455 section 4.1, item 10).
///
/// # Errors
/// What is wrong.
pub fn subprotocol(name: &str) -> Result<(), Fault> {
    if suspect::is_token(name) {
        return Err(Fault::new("this subprotocol would hold a secret", WAYS));
    }
    if is_http_token(name) {
        return Ok(());
    }
    let message = "this cannot be the name of a subprotocol";
    let help = "use letters, digits, '-', '.' and '_', as in graphql-transport-ws";
    Err(Fault::new(message, help))
}

/// Checks the template of a login message: it names the token's place, and it is whole JSON when it looks like it.
///
/// # Errors
/// What is wrong.
pub fn template(text: &str) -> Result<(), Fault> {
    if !text.contains("{token}") {
        let message = "this message has no place for the token";
        return Err(Fault::new(message, "write {token} where the token goes"));
    }
    let looks_like_json =
        text.trim_start().starts_with('{') && !text.trim_start().starts_with("{token}");
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Err(error) if looks_like_json => {
            let message = format!("this message is not whole JSON: {error}");
            let help = "write it as in '{\"type\":\"auth\",\"token\":\"{token}\"}', with quotes around {token}";
            Err(Fault::new(message, help))
        }
        _ => Ok(()),
    }
}

/// Checks the name of an environment variable.
///
/// # Errors
/// What is wrong.
pub fn variable(name: &str) -> Result<(), Fault> {
    plain(name)?;
    let help = "write its name alone, as in { env = \"ORDERS_TOKEN\" }";
    let message = if suspect::is_token(name) {
        "this looks like a token, not like the name of a variable"
    } else if name.is_empty() || name.contains(|c: char| c == '=' || c.is_whitespace()) {
        "this cannot be the name of a variable"
    } else {
        return Ok(());
    };
    Err(Fault::new(message, help))
}

fn is_http_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_way_to_another_machine_is_exposed() {
        let exposed = |text: &str| is_exposed(&Url::parse(text).expect("a URL"));
        for safe in [
            "wss://a.example/",
            "ws://localhost:1/",
            "ws://127.1.2.3/",
            "ws://[::1]/",
            "ws://a.localhost/",
        ] {
            assert!(!exposed(safe), "{safe}");
        }
        for open in [
            "ws://a.example/",
            "ws://10.0.0.1/",
            "ws://localhost.example/",
            "ws://[2001:db8::1]/",
        ] {
            assert!(exposed(open), "{open}");
        }
    }

    #[test]
    fn addresses_that_only_look_right_are_refused() {
        for wrong in [
            "",
            "wss:",
            "wss://",
            "wss:///x",
            "wss://:80",
            "wss:\\\\h",
            "wss://h:99999",
            "wss://a b/",
            "wss://h/\n",
        ] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
        assert!(address("WSS://Example.com:8443/ws?stream=btc").is_ok());
    }
}
