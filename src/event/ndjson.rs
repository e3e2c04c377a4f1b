//! Events as NDJSON: one line an event, ASCII control characters and other unsafe ones only as `\u` escapes.
//!
//! A message: `{"n":7,"time":"2026-11-24T12:03:44.120Z","stream":"orders","dir":"in","payload":{…}}`. A text that is
//! not JSON stands under `text` in place of `payload`, JSON that would break the line stands there too, and binary
//! data stands under `base64`. What a dialect knows to be no event of its own has a `class`: `heartbeat`, `control`, or
//! `duplicate`, which came before. A lifecycle record has `event` and `message`, and what else its kind knows.

use std::fmt::Write as _;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{Answer, CredentialFacts, Event, EventKind, Lifecycle, Status, StreamId, Verification};
use crate::{
    cause::Cause,
    message::{Class, Direction, Kind, Message},
    payload::{escape::is_unsafe, json::Shape, mould::Moulds},
    time::Wall,
};

/// Writes events as lines. Keeps what a flood of them shares: the time stamp, and how the messages are made.
pub struct Encoder {
    stream: Vec<String>,
    shared: Shared,
    moulds: Moulds,
}

/// What stands between the number and the body, for the last event.
struct Shared {
    wall: Wall,
    stream: StreamId,
    mark: Option<(Direction, Class)>,
    text: Vec<u8>,
}

impl Encoder {
    /// For streams with these names, in the order of their ids.
    pub fn new<'a>(streams: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            stream: streams.into_iter().map(quoted).collect(),
            shared: Shared {
                wall: Wall(i64::MIN),
                stream: StreamId(0),
                mark: None,
                text: Vec::new(),
            },
            moulds: Moulds::default(),
        }
    }

    /// Appends the event's line to `out`, with its line feed.
    pub fn encode(&mut self, event: &Event, out: &mut Vec<u8>) {
        match &event.kind {
            EventKind::Message(direction, class, message) => {
                self.head(event, Some((*direction, *class)), out);
                self.body(message, out);
            }
            EventKind::Lifecycle(lifecycle) => {
                self.head(event, None, out);
                fields(&record(lifecycle), out);
            }
        }
        out.extend_from_slice(b"}\n");
    }

    fn head(&mut self, event: &Event, mark: Option<(Direction, Class)>, out: &mut Vec<u8>) {
        let shared = &self.shared;
        if (event.at.wall, event.stream, mark) != (shared.wall, shared.stream, shared.mark) {
            self.share(event, mark);
        }
        out.extend_from_slice(br#"{"n":"#);
        digits(event.n, out);
        out.extend_from_slice(&self.shared.text);
    }

    fn share(&mut self, event: &Event, mark: Option<(Direction, Class)>) {
        let name = self
            .stream
            .get(usize::from(event.stream.0))
            .map_or("null", String::as_str);
        let dir = match mark {
            Some((Direction::In, _)) => r#","dir":"in""#,
            Some((Direction::Out, _)) => r#","dir":"out""#,
            None => "",
        };
        let class = match mark {
            None | Some((_, Class::Event)) => String::new(),
            Some((_, class)) => format!(r#","class":"{}""#, class.word()),
        };
        let text = format!(r#","time":"{}","stream":{name}{dir}{class}"#, event.at.wall);
        self.shared = Shared {
            wall: event.at.wall,
            stream: event.stream,
            mark,
            text: text.into(),
        };
    }

    fn body(&mut self, message: &Message, out: &mut Vec<u8>) {
        let data = &*message.data;
        let text = message.kind == Kind::Text;
        if text && self.moulds.shape(data) == Shape::Plain {
            out.extend_from_slice(br#","payload":"#);
            out.extend_from_slice(data);
        } else if let Some(text) = std::str::from_utf8(data).ok().filter(|_| text) {
            out.extend_from_slice(br#","text":"#);
            out.extend_from_slice(quoted(text).as_bytes());
        } else {
            out.extend_from_slice(br#","base64":""#);
            out.extend_from_slice(BASE64_STANDARD.encode(data).as_bytes());
            out.push(b'"');
        }
    }
}

fn digits(number: u64, out: &mut Vec<u8>) {
    let mut buffer = [0; 20];
    let mut at = buffer.len();
    let mut rest = number;
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&buffer[at..]);
}

/// A JSON string in which every unsafe character is an escape. The JSON library leaves DEL, C1 and bidi as they are.
pub(crate) fn quoted(text: &str) -> String {
    escape_in_json(&Value::from(text).to_string())
}

/// JSON in which every unsafe character is an escape.
pub(crate) fn safe_json(value: &Value) -> String {
    escape_in_json(&value.to_string())
}

/// Turns unsafe characters, which in JSON can only stand inside strings, into `\u` escapes.
fn escape_in_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unsafe(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Appends the members of an object after a comma.
fn fields(object: &Value, out: &mut Vec<u8>) {
    let text = escape_in_json(&object.to_string());
    out.push(b',');
    out.extend_from_slice(
        text.trim_start_matches('{')
            .trim_end_matches('\n')
            .strip_suffix('}')
            .unwrap_or(&text)
            .as_bytes(),
    );
}

fn record(lifecycle: &Lifecycle) -> Value {
    let mut record = json!({ "event": name(lifecycle), "message": lifecycle.to_string() });
    let more = match lifecycle {
        Lifecycle::Status(status) => status_facts(status),
        Lifecycle::Credential(facts) => credential_facts(facts),
        Lifecycle::Verified(facts) => {
            let mut value = credential_facts(facts);
            let verification = facts.verification.as_ref();
            let verified = matches!(verification, Some(Verification::Verified(_)));
            let words = verification.map(ToString::to_string);
            merge(
                &mut value,
                json!({ "verified": verified, "verification": words, "scopes": facts.scopes }),
            );
            value
        }
        Lifecycle::Opened(facts) => json!({
            "peer": facts.peer, "proxy": facts.proxy, "tls": facts.tls, "subprotocol": facts.subprotocol,
            "compression": facts.compression,
            "skew_s": facts.skew.map(|skew| skew / 1_000_000),
            "stages_ms": facts.stages.iter().map(|(stage, took)| (stage.to_string(), millis(*took))).collect::<serde_json::Map<_, _>>(),
        }),
        Lifecycle::Recognised(recognised) => {
            json!({ "dialect": recognised.dialect, "by": recognised.by, "reopens": recognised.reopens })
        }
        Lifecycle::Authenticated(took) => json!({ "took_ms": took.map(millis) }),
        Lifecycle::Ended(ended) => {
            let mut value = cause_facts(&ended.cause);
            merge(
                &mut value,
                json!({ "verdict": ended.verdict.to_string(), "decision": ended.decision, "advice": ended.rule.advice }),
            );
            value
        }
        Lifecycle::Gap(gap) => {
            json!({ "span_ms": millis(gap.span), "attempts": gap.attempts, "cause": gap.words, "resumed": gap.resumed })
        }
        Lifecycle::Pong(took) => json!({ "rtt_ms": millis(*took) }),
        Lifecycle::Dropped(count) => json!({ "count": count }),
        Lifecycle::Unrenewed { refused, .. } => {
            json!({ "refused": refused.map(|token| token.to_string()) })
        }
        Lifecycle::Answer(Answer::Sent(bytes)) => json!({ "bytes": bytes }),
        Lifecycle::Renewed | Lifecycle::Answer(_) | Lifecycle::Note(_) => json!({}),
    };
    merge(&mut record, more);
    record
}

pub(super) const fn name(lifecycle: &Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Status(_) => "status",
        Lifecycle::Credential(_) => "credential",
        Lifecycle::Verified(_) => "verified",
        Lifecycle::Opened(_) => "opened",
        Lifecycle::Recognised(_) => "recognised",
        Lifecycle::Authenticated(_) => "authenticated",
        Lifecycle::Renewed => "renewed",
        Lifecycle::Ended(_) => "ended",
        Lifecycle::Gap(_) => "gap",
        Lifecycle::Pong(_) => "pong",
        Lifecycle::Dropped(_) => "dropped",
        Lifecycle::Unrenewed { .. } => "unrenewed",
        Lifecycle::Answer(answer) => answer.name(),
        Lifecycle::Note(_) => "note",
    }
}

fn credential_facts(facts: &CredentialFacts) -> Value {
    json!({
        "fingerprint": facts.fingerprint.to_string(), "source": facts.source, "subject": facts.subject,
        "expires": facts.expires.map(|at| at.to_string()), "renews_itself": facts.renews_itself,
        "skew_s": facts.skew.map(|skew| skew / 1_000_000),
    })
}

fn status_facts(status: &Status) -> Value {
    let mut value = json!({ "status": status.word() });
    match status {
        Status::Connecting { attempt } => merge(&mut value, json!({ "attempt": attempt })),
        Status::Waiting(wait) => merge(
            &mut value,
            json!({ "attempt": wait.attempt, "delay_ms": millis(wait.delay), "range_ms": [millis(wait.range.0), millis(wait.range.1)] }),
        ),
        _ => {}
    }
    value
}

fn cause_facts(cause: &Cause) -> Value {
    match cause {
        Cause::Close { code, reason, ours } => {
            json!({ "code": code.0, "reason": reason, "by": if *ours { "client" } else { "server" } })
        }
        Cause::Eof => json!({ "code": 1006 }),
        Cause::Protocol { code, .. } => json!({ "sent_code": code.0 }),
        Cause::Proxy { proxy, .. } => json!({ "proxy": proxy }),
        Cause::Http(refusal) => json!({
            "status": refusal.status, "retry_after_ms": refusal.retry_after.map(millis),
            "challenge": refusal.challenge, "body": refusal.body,
        }),
        _ => json!({}),
    }
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn millis(span: std::time::Duration) -> Value {
    Value::from(u64::try_from(span.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Now;

    fn line(kind: EventKind) -> String {
        let event = Event {
            n: 7,
            at: Now {
                wall: Wall(1_795_521_824_120_000),
                ..Now::default()
            },
            stream: StreamId(0),
            kind,
        };
        let mut out = Vec::new();
        Encoder::new(["orders"]).encode(&event, &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    fn message(message: Message) -> String {
        line(EventKind::Message(Direction::In, Class::Event, message))
    }

    #[test]
    fn messages_keep_their_payload() {
        let head = r#"{"n":7,"time":"2026-11-24T12:03:44.120Z","stream":"orders","dir":"in""#;
        assert_eq!(
            message(Message::text(r#"{"id": 12345678901234567890}"#)),
            format!("{head},\"payload\":{{\"id\": 12345678901234567890}}}}\n")
        );
        assert_eq!(
            message(Message::text("hi \u{1b}[2J\u{9b}\u{202e}")),
            format!("{head},\"text\":\"hi \\u001b[2J\\u009b\\u202e\"}}\n")
        );
        assert_eq!(
            message(Message::text("[1,\n2]")),
            format!("{head},\"text\":\"[1,\\n2]\"}}\n")
        );
        assert_eq!(
            message(Message::binary(&b"\0\xff"[..])),
            format!("{head},\"base64\":\"AP8=\"}}\n")
        );
    }

    #[test]
    fn lifecycle_records_are_whole_objects() {
        let ended = Lifecycle::Ended(super::super::Ended {
            cause: Cause::Close {
                code: crate::close_code::CloseCode(4001),
                reason: "Token expired".into(),
                ours: false,
            },
            words: "closed 4001 Token Expired".into(),
            verdict: crate::cause::Verdict::Renew,
            decision: "another token is fetched".into(),
            rule: Box::new(crate::rulebook::Rule {
                advice: "…}".into(),
                ..crate::rulebook::close(crate::close_code::CloseCode(4001))
                    .rule
                    .clone()
            }),
        });
        let line = line(EventKind::Lifecycle(Box::new(ended)));
        let value: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(
            value["message"],
            "closed 4001 Token Expired → renew: another token is fetched"
        );
        assert_eq!(
            (&value["code"], &value["verdict"], &value["advice"]),
            (&json!(4001), &json!("renew"), &json!("…}"))
        );
    }
}
