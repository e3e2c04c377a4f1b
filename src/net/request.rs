//! The upgrade request (RFC 6455 section 4.1) as bytes, secrets included.
//!
//! Names and values are checked first: nothing a profile or a token holds can add a header or a second request.

use http::{HeaderName, HeaderValue};
use url::{Position, Url};

use super::extension::OFFER;
use crate::{
    auth::{Header, OpenRequest},
    cause::Cause,
    dialect::Filled,
    redact::percent_encoded,
    secret::Secret,
};

/// The whole request head for a fresh `Sec-WebSocket-Key`. It holds the secrets: drop it when it is sent.
///
/// # Errors
/// [`Cause::Handshake`] that names the header at fault, never its value.
pub(super) fn write(request: &OpenRequest, key: &str) -> Result<Secret, Cause> {
    let mut head = String::with_capacity(1024 + secret_size(request));
    let host = &request.url[Position::BeforeHost..Position::AfterPort];
    head.push_str("GET ");
    head.push_str(request.target().expose());
    head.push_str(" HTTP/1.1\r\n");
    if !has(request, "host") {
        put(&mut head, &["Host: ", host, "\r\n"]);
    }
    put(
        &mut head,
        &[
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ",
            key,
            "\r\nSec-WebSocket-Version: 13\r\n",
        ],
    );
    if !has(request, "user-agent") {
        put(&mut head, &[USER_AGENT]);
    }
    if !request.subprotocols.is_empty() {
        let offered = subprotocols(&request.subprotocols)?;
        put(
            &mut head,
            &["Sec-WebSocket-Protocol: ", offered.expose(), "\r\n"],
        );
    }
    if request.compression {
        put(&mut head, &["Sec-WebSocket-Extensions: ", OFFER, "\r\n"]);
    }
    for header in &request.headers {
        check_header(header)?;
        let value = header.value.expose();
        put(&mut head, &[&header.name, ": ", value.expose(), "\r\n"]);
    }
    head.push_str("\r\n");
    Ok(Secret::new(head))
}

/// Every secret of a request, as it may come back in an answer.
pub(super) fn secrets(request: &OpenRequest) -> Vec<Secret> {
    let headers = request.headers.iter().map(|header| &header.value);
    let plain = headers.chain(&request.subprotocols);
    let plain = plain.flat_map(Filled::secrets).cloned();
    let query = request.query.iter().flat_map(|(_, value)| value.secrets());
    let query = query.flat_map(|secret| {
        let mut encoded = String::with_capacity(secret.expose().len() * 3);
        percent_encoded(&mut encoded, secret.expose());
        [secret.clone(), Secret::new(encoded)]
    });
    plain
        .chain(query)
        .filter(|secret| !secret.expose().is_empty())
        .collect()
}

fn secret_size(request: &OpenRequest) -> usize {
    // Enough that the text never moves and leaves a copy behind.
    let size = |filled: &Filled| filled.expose().expose().len();
    let headers = request.headers.iter();
    let headers = headers.map(|header| header.name.len() + size(&header.value) + 4);
    let query = request.query.iter();
    let query = query.map(|(name, value)| (name.len() + size(value)) * 3 + 2);
    let subprotocols = request.subprotocols.iter().map(|name| size(name) + 2);
    headers.chain(query).chain(subprotocols).sum::<usize>() + request.url.as_str().len() * 2
}

fn subprotocols(offered: &[Filled]) -> Result<Secret, Cause> {
    let mut line = String::with_capacity(
        offered
            .iter()
            .map(|name| name.expose().expose().len() + 2)
            .sum(),
    );
    for name in offered {
        let exposed = name.expose();
        // A subprotocol is a token, as a header name is (RFC 6455 section 4.1, RFC 9110 section 5.6.2).
        if HeaderName::from_bytes(exposed.expose().as_bytes()).is_err() {
            return Err(Cause::Handshake(format!(
                "'{}' cannot be a subprotocol; use letters, digits and -._~",
                name.shown()
            )));
        }
        line.push_str(if line.is_empty() { "" } else { ", " });
        line.push_str(exposed.expose());
    }
    Ok(Secret::new(line))
}

fn check_header(header: &Header) -> Result<(), Cause> {
    let name = &header.name;
    let wrong = |what: &str| Err(Cause::Handshake(format!("the header '{name}' {what}")));
    if HeaderName::from_bytes(name.as_bytes()).is_err() {
        return wrong("has a name that HTTP does not allow");
    }
    if OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return wrong("belongs to the upgrade itself; remove it from the profile");
    }
    if name.eq_ignore_ascii_case("sec-websocket-protocol") {
        return wrong("is written from the profile's `subprotocols`; list them there");
    }
    if HeaderValue::from_str(&header.value.shown()).is_err() {
        return wrong("holds a character that a header cannot carry, such as a line break");
    }
    if HeaderValue::from_str(header.value.expose().expose()).is_err() {
        return wrong("cannot carry the token: it holds a character such as a line break");
    }
    Ok(())
}

fn has(request: &OpenRequest, name: &str) -> bool {
    request
        .headers
        .iter()
        .any(|header| header.name.eq_ignore_ascii_case(name))
}

fn put(head: &mut String, parts: &[&str]) {
    for part in parts {
        head.push_str(part);
    }
}

/// Whether anything in the request is a secret.
pub(super) fn carries_secret(request: &OpenRequest) -> bool {
    let headers = request.headers.iter().map(|header| &header.value);
    let query = request.query.iter().map(|(_, value)| value);
    let mut all = headers.chain(query).chain(&request.subprotocols);
    all.any(Filled::is_secret)
}

/// The host of an address, for people.
pub(super) fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("?")
}

/// The line that says who we are.
pub(super) const USER_AGENT: &str =
    concat!("User-Agent: sockeye/", env!("CARGO_PKG_VERSION"), "\r\n");

/// Headers that only the upgrade itself may write.
const OWN: [&str; 8] = [
    "connection",
    "content-length",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-version",
    "transfer-encoding",
    "upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str) -> OpenRequest {
        OpenRequest {
            compression: false,
            url: Url::parse(url).unwrap(),
            query: Vec::new(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
        }
    }

    fn header(name: &str, value: &str, secret: Option<&str>) -> Header {
        let mut vars = crate::dialect::Vars::default();
        if let Some(secret) = secret {
            vars.set(
                "token",
                crate::dialect::Bound::Secret(Secret::new(secret.into())),
            );
        }
        // What a template takes no control characters of, a header checks once more.
        let value = match secret {
            Some(secret) if secret.contains('\n') => Filled::secret(Secret::new(secret.into())),
            Some(_) => crate::dialect::Template::parse(&format!("{value}{{token}}"))
                .unwrap()
                .fill(&vars),
            None => Filled::plain(value),
        };
        Header {
            name: name.into(),
            value,
        }
    }

    #[test]
    fn the_request_is_whole() {
        let mut request = request("wss://feed.test:8443/a%20b?x=1");
        let secret = |text: &str| Filled::secret(Secret::new(text.into()));
        request.query = vec![("to ken".into(), secret("a+b/ c="))];
        request.headers = vec![
            header("Authorization", "Bearer ", Some("t0k")),
            header("Origin", "https://x.test", None),
        ];
        request.subprotocols = vec![Filled::plain("v1"), Filled::plain("v2")];
        request.compression = true;
        let written = write(&request, "KEY").unwrap();
        let lines: Vec<_> = written.expose().split("\r\n").collect();
        let wanted = [
            "GET /a%20b?x=1&to%20ken=a%2Bb%2F%20c%3D HTTP/1.1",
            "Host: feed.test:8443",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: KEY",
            "Sec-WebSocket-Version: 13",
            concat!("User-Agent: sockeye/", env!("CARGO_PKG_VERSION")),
            "Sec-WebSocket-Protocol: v1, v2",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            "Authorization: Bearer t0k",
            "Origin: https://x.test",
            "",
            "",
        ];
        assert_eq!(lines, wanted);
    }

    #[test]
    fn default_ports_are_left_out_and_a_bare_question_mark_is_used() {
        let mut request = request("ws://[::1]:80/?");
        request.query = vec![("t".into(), Filled::plain("1"))];
        let written = write(&request, "KEY").unwrap();
        assert!(
            written
                .expose()
                .starts_with("GET /?t=1 HTTP/1.1\r\nHost: [::1]\r\n")
        );
    }

    #[test]
    fn nothing_can_split_the_request() {
        let wrong = [
            (header("X-A\r\nEvil", "", None), "name that HTTP"),
            (header("X-A", "1\r\nEvil: 1", None), "'X-A' holds"),
            (header("X-A", "", Some("tok\nen")), "cannot carry the token"),
            (header("Upgrade", "h2c", None), "the upgrade itself"),
            (
                header("Sec-WebSocket-Protocol", "a", None),
                "`subprotocols`",
            ),
        ];
        for (header, words) in wrong {
            let mut request = request("ws://feed.test/");
            request.headers.push(header);
            let cause = write(&request, "KEY").unwrap_err();
            assert!(cause.to_string().contains(words), "{cause}");
            assert!(!cause.to_string().contains("tok\n"));
        }
        let mut request = request("ws://feed.test/");
        request.subprotocols.push(Filled::plain("a,b"));
        assert!(matches!(write(&request, "KEY"), Err(Cause::Handshake(_))));
    }
}
