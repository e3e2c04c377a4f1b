//! The head of the answer to an upgrade request: read within bounds, then checked by RFC 6455 section 4.1.
//!
//! Where the RFC is broken without harm, the answer is accepted and a warning is kept.

use std::{io, time::SystemTime};

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::extension::Agreement;
use crate::{auth::OpenRequest, cause::Cause, dialect::Filled};

/// A parsed head and the bytes that came behind it.
#[derive(Debug)]
pub(super) struct Head {
    /// The status, as sent.
    pub(super) status: u16,
    /// Bytes behind the head.
    pub(super) tail: Vec<u8>,
    headers: Vec<(String, String)>,
}

impl Head {
    /// The values of a header in order; bytes that are not UTF-8 are U+FFFD.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a header.
    pub(super) fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// Its headers, as far as they are kept.
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        kept(self.headers.iter().cloned())
    }

    /// The server's clock by its `Date` (RFC 9110 section 6.6.1).
    pub(super) fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.one("date")?).ok()
    }

    /// Whether a comma-separated header has this member, in whatever case.
    pub(super) fn lists(&self, name: &str, member: &str) -> bool {
        self.members(name)
            .any(|other| other.eq_ignore_ascii_case(member))
    }

    fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|member| !member.is_empty())
    }
}

/// What is kept of headers: 8 KiB at most, and no cookies, which are secrets.
pub(super) fn kept(headers: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    const MOST: usize = 8 << 10;
    let mut size = 0;
    let shown = headers.filter(|(name, _)| !name.to_ascii_lowercase().starts_with("set-cookie"));
    let fits = |(name, value): &(String, String)| {
        size += name.len() + value.len();
        size <= MOST
    };
    shown.take_while(fits).collect()
}

/// Who answers, in words.
#[derive(Debug)]
pub(super) struct Speaker {
    name: &'static str,
    /// What it answers to.
    request: &'static str,
    /// What to write where it speaks TLS.
    instead: &'static str,
}

/// The server, to an upgrade.
pub(super) const SERVER: Speaker = Speaker {
    name: "the server",
    request: "the upgrade",
    instead: "write wss: in place of ws:",
};

/// A proxy, to CONNECT.
pub(super) const PROXY: Speaker = Speaker {
    name: "it",
    request: "CONNECT",
    instead: "write https:// in place of http://",
};

/// Reads a head of at most 64 KiB and 124 headers.
pub(super) async fn read(
    socket: &mut (impl AsyncRead + Unpin),
    speaker: &Speaker,
) -> Result<Head, Cause> {
    let mut bytes = Vec::with_capacity(4096);
    let end = loop {
        let from = bytes.len();
        let count = socket
            .read_buf(&mut bytes)
            .await
            .map_err(|error| broken(&error, speaker))?;
        check_beginning(&bytes, count == 0, speaker)?;
        if count == 0 {
            return Err(Cause::Broken(format!(
                "{} closed the connection without a whole answer to {}",
                speaker.name, speaker.request
            )));
        }
        if let Some(end) = head_end(&bytes, from.saturating_sub(2)) {
            break end;
        }
        if bytes.len() > MOST_BYTES {
            return Err(Cause::Handshake(
                "the head of the answer is larger than 64 KiB".into(),
            ));
        }
    };
    let tail = bytes.split_off(end);
    parse(&bytes, tail)
}

/// The cause for a connection that failed before the answer.
pub(super) fn broken(error: &io::Error, speaker: &Speaker) -> Cause {
    Cause::Broken(match error.kind() {
        io::ErrorKind::ConnectionReset => {
            format!(
                "{} reset the connection during {}",
                speaker.name, speaker.request
            )
        }
        _ => error.to_string(),
    })
}

/// Refuses what is not HTTP as soon as it shows.
fn check_beginning(bytes: &[u8], ended: bool, speaker: &Speaker) -> Result<(), Cause> {
    let compared = bytes.len().min(HTTP.len());
    if bytes[..compared] == HTTP[..compared] {
        return Ok(());
    }
    // A TLS alert or handshake record (RFC 8446 section 5.1).
    if matches!(bytes, [0x15 | 0x16, 3, ..]) {
        let instead = speaker.instead;
        return Err(Cause::Handshake(format!("the port speaks TLS; {instead}")));
    }
    if bytes.len() < HTTP.len() && !ended {
        return Ok(());
    }
    // Enough to know a protocol by, and too little of a token that is repeated; a whole one is masked later.
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(8)]);
    Err(Cause::Handshake(format!(
        "{} does not speak HTTP; it began with '{shown}'",
        speaker.name
    )))
}

/// Where the empty line behind the head ends, searched from `from` on.
fn head_end(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr_iter(b'\n', &bytes[from..]).find_map(|at| {
        let next = from + at + 1;
        match bytes.get(next..)? {
            [b'\n', ..] => Some(next + 1),
            [b'\r', b'\n', ..] => Some(next + 2),
            _ => None,
        }
    })
}

fn parse(bytes: &[u8], tail: Vec<u8>) -> Result<Head, Cause> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => {
            return Err(Cause::Handshake("the answer has no whole head".into()));
        }
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Cause::Handshake(format!(
                "the answer has more than {MOST_HEADERS} headers"
            )));
        }
        Err(error) => {
            return Err(Cause::Handshake(format!("the answer is not HTTP: {error}")));
        }
    }
    Ok(Head {
        status: response.code.unwrap_or_default(),
        tail,
        headers: response
            .headers
            .iter()
            .map(|header| {
                let value = String::from_utf8_lossy(header.value).into_owned();
                (header.name.to_owned(), value)
            })
            .collect(),
    })
}

/// What a good answer agreed to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Agreed {
    /// The subprotocol the server chose.
    pub(super) subprotocol: Option<String>,
    /// How the server compresses, if it does.
    pub(super) compression: Option<Agreement>,
    /// Where the RFC is broken without harm.
    pub(super) warnings: Vec<String>,
}

/// Checks a 101 answer to a request that was sent with `key`.
pub(super) fn check(head: &Head, request: &OpenRequest, key: &str) -> Result<Agreed, Cause> {
    let wrong = |text: &str| Err(Cause::Handshake(text.to_owned()));
    if !head.lists("upgrade", "websocket") {
        return wrong("the answer's Upgrade header does not say 'websocket'");
    }
    if !head.lists("connection", "upgrade") {
        return wrong("the answer's Connection header does not list 'upgrade'");
    }
    match head.one("sec-websocket-accept") {
        None => return wrong("the answer has no Sec-WebSocket-Accept header"),
        Some(accept) if accept != derive_accept_key(key.as_bytes()) => {
            return wrong(
                "the answer's Sec-WebSocket-Accept does not fit our key; something between us may answer from a cache",
            );
        }
        Some(_) => {}
    }
    let compression = check_extensions(head, request.compression)?;
    let (subprotocol, warnings) = check_subprotocol(head, &request.subprotocols)?;
    Ok(Agreed {
        subprotocol,
        compression,
        warnings,
    })
}

fn check_extensions(head: &Head, offered: bool) -> Result<Option<Agreement>, Cause> {
    let mut turned_on = head.members("sec-websocket-extensions");
    let Some(extension) = turned_on.next() else {
        return Ok(None);
    };
    if !offered {
        return Err(Cause::Handshake(format!(
            "the server turned on the extension '{extension}', which nobody asked for"
        )));
    }
    let agreement = match turned_on.next() {
        None => Agreement::read(extension),
        Some(second) => Err(format!("'{second}' came on top of the only one offered")),
    };
    agreement.map(Some).map_err(|why| {
        Cause::Handshake(format!(
            "the server's Sec-WebSocket-Extensions is wrong: {why}; compression = false connects without it"
        ))
    })
}

type Chosen = (Option<String>, Vec<String>);

fn check_subprotocol(head: &Head, offered: &[Filled]) -> Result<Chosen, Cause> {
    let mut chosen = head.members("sec-websocket-protocol");
    let subprotocol = chosen.next().map(str::to_owned);
    if chosen.next().is_some() {
        return Err(Cause::Handshake(
            "the server chose more than one subprotocol".into(),
        ));
    }
    let warnings = match &subprotocol {
        Some(chosen) if !offered.iter().any(|name| name.expose().expose() == chosen) => {
            return Err(Cause::Handshake(format!(
                "the server chose the subprotocol '{chosen}', which was not offered"
            )));
        }
        None if !offered.is_empty() => {
            vec!["the server chose none of the offered subprotocols".into()]
        }
        _ => Vec::new(),
    };
    Ok((subprotocol, warnings))
}

const HTTP: &[u8] = b"HTTP/";
const MOST_BYTES: usize = 64 << 10;
const MOST_HEADERS: usize = 124;

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(mut bytes: &[u8]) -> Result<Head, Cause> {
        read(&mut bytes, &SERVER).await
    }

    fn words(result: Result<impl std::fmt::Debug, Cause>) -> String {
        result.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn heads_are_read_up_to_the_empty_line() {
        let head =
            read_all(b"HTTP/1.1 101 Yes\r\nConnection: keep-alive, Upgrade\r\n\r\nrest").await;
        let head = head.unwrap();
        assert_eq!((head.status, &head.tail[..]), (101, &b"rest"[..]));
        assert!(head.lists("connection", "upgrade") && !head.lists("connection", "keep"));
        let bare = read_all(b"HTTP/1.1 401\nA: b\n\n").await.unwrap();
        assert_eq!((bare.status, bare.one("a")), (401, Some("b")));
    }

    #[tokio::test]
    async fn what_is_not_http_is_said_at_once() {
        for (bytes, said) in [
            (&b"\x15\x03\x01\x00\x02\x02\x46"[..], "write wss:"),
            (b"SSH-2.0-OpenSSH_9", "it began with 'SSH-2.0-'"),
            (b"220", "it began with '220'"),
            (b"HTTP/1.1 101 Yes\r\nA: b", "without a whole answer"),
            (b"", "without a whole answer"),
            (b"HTTP/9 x\r\n\r\n", "not HTTP"),
        ] {
            let words = words(read_all(bytes).await);
            assert!(words.contains(said), "{words}");
        }
    }

    #[tokio::test]
    async fn heads_are_bounded() {
        let many = format!("HTTP/1.1 101 Yes\r\n{}\r\n", "A: b\r\n".repeat(125));
        assert!(words(read_all(many.as_bytes()).await).contains("more than 124"));
        let endless = format!("HTTP/1.1 101 Yes\r\nA: {}", "b".repeat(1 << 20));
        assert!(words(read_all(endless.as_bytes()).await).contains("larger than 64 KiB"));
    }
}
