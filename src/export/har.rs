//! HTTP Archive 1.2 as browsers write it for `WebSocket`s: an entry for each link, with its messages in
//! `_webSocketMessages` (`type`, `time` in seconds since 1970, `opcode` as in RFC 6455, `data`; binary data in base64).
//!
//! What is known of a link is there too: who answered, and how long the steps to it took. No header and no value of the
//! query is in it. Turns in the stream's life have no place there, but an end closes the
//! entry and is its comment.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

use super::{Origin, timings::Timings};
use crate::{
    event::{OpenFacts, Record, Recorded, quoted, safe_json},
    message::{Direction, Kind},
    redact::percent_encoded,
    time::Wall,
};

/// What stands before the entries.
pub(super) const HEAD: &[u8] = concat!(
    r#"{"log":{"version":"1.2","creator":{"name":"sockeye","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""},"pages":[],"entries":["#
)
.as_bytes();
/// What stands behind them.
pub(super) const FOOT: &[u8] = b"]}}\n";
/// What stands for a value of the query.
const LEFT_OUT: &str = "redacted";

/// The entries of a stream.
pub(super) struct Har {
    url: String,
    links: Vec<(Wall, OpenFacts)>,
    open: Option<Entry>,
    /// Whether an entry stands before the next one.
    follows: bool,
}

/// The entry that is open.
#[derive(Clone, Copy)]
struct Entry {
    /// When it began.
    start: Wall,
    /// Time of its last message.
    last: Wall,
    /// Which of the links it is.
    link: Option<usize>,
}

impl Har {
    pub(super) fn new(origin: &Origin) -> Self {
        let unknown = || {
            let mut url = "ws://recording.invalid/".to_owned();
            percent_encoded(&mut url, &origin.name);
            url
        };
        let url = origin.address.as_ref();
        Self {
            url: url.map_or_else(unknown, |url| url.replace('…', LEFT_OUT)),
            links: origin.links.clone(),
            open: None,
            follows: false,
        }
    }

    /// Appends a message, or closes the entry where the link ended.
    pub(super) fn put(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        match &record.body {
            Recorded::Message {
                direction,
                kind,
                data,
                ..
            } => {
                self.enter(record.time, out);
                message(record.time, *direction, (*kind, data), out);
            }
            Recorded::Turn { event, message } if event == "ended" => self.close(Some(message), out),
            Recorded::Turn { .. } => {}
        }
    }

    /// Goes on with the entry of the link that was the last to open before this time.
    fn enter(&mut self, at: Wall, out: &mut Vec<u8>) {
        let link = self.links.partition_point(|(open, _)| *open <= at);
        let link = link.checked_sub(1);
        if self.open.is_some_and(|entry| entry.link != link) {
            self.close(None, out);
        }
        match &mut self.open {
            Some(entry) => {
                entry.last = at;
                out.push(b',');
            }
            None => self.begin(at, link, out),
        }
    }

    fn begin(&mut self, at: Wall, link: Option<usize>, out: &mut Vec<u8>) {
        if self.follows {
            out.push(b',');
        }
        self.follows = true;
        let opened = link.and_then(|link| self.links.get(link));
        let start = opened.map_or(at, |(open, facts)| {
            open.shifted(-micros(Timings::of(facts).sum()))
        });
        self.open = Some(Entry {
            start,
            last: at,
            link,
        });
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let query: Vec<_> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        let request = json!({
            "method": "GET", "url": self.url, "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
            "queryString": query, "headersSize": -1, "bodySize": 0,
        });
        let response = json!({
            "status": 101, "statusText": "Switching Protocols", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [], "content": { "size": 0, "mimeType": "x-unknown" }, "redirectURL": "",
            "headersSize": -1, "bodySize": -1,
        });
        let (request, response) = (safe_json(&request), safe_json(&response));
        let peer = opened.and_then(|(_, facts)| facts.peer.rsplit_once(':'));
        let peer = peer.map_or_else(String::new, |(host, port)| {
            let host = quoted(host.trim_matches(['[', ']']));
            format!(r#""serverIPAddress":{host},"connection":{},"#, quoted(port))
        });
        let entry = format!(
            r#"{{"startedDateTime":"{start}","_resourceType":"websocket",{peer}"request":{request},"response":{response},"cache":{{}},"_webSocketMessages":["#
        );
        out.extend_from_slice(entry.as_bytes());
    }

    /// Closes the entry that is open, if one is.
    pub(super) fn close(&mut self, why: Option<&str>, out: &mut Vec<u8>) {
        let Some(Entry { start, last, link }) = self.open.take() else {
            return;
        };
        let opened = link.and_then(|link| self.links.get(link));
        let timings = opened.map_or_else(Timings::default, |(_, facts)| Timings::of(facts));
        let took = last.micros_since(start).max(0) as f64 / 1e3;
        let comment = why.map_or_else(String::new, |why| format!(r#","comment":{}"#, quoted(why)));
        let end = format!(
            r#"],"time":{took:.3},"timings":{{{}}}{comment}}}"#,
            timings.json(took)
        );
        out.extend_from_slice(end.as_bytes());
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

fn message(at: Wall, direction: Direction, (kind, data): (Kind, &[u8]), out: &mut Vec<u8>) {
    let way = match direction {
        Direction::In => "receive",
        Direction::Out => "send",
    };
    let (opcode, data) = match std::str::from_utf8(data) {
        Ok(text) if kind == Kind::Text => (1, quoted(text)),
        _ => (2, quoted(&BASE64_STANDARD.encode(data))),
    };
    let seconds = at.0 as f64 / 1e6;
    let message =
        format!(r#"{{"type":"{way}","time":{seconds:.6},"opcode":{opcode},"data":{data}}}"#);
    out.extend_from_slice(message.as_bytes());
}
