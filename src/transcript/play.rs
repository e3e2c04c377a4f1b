//! Plays a case: the session takes the server's lines, and what it does is held against the client's.

use std::{collections::VecDeque, sync::Arc};

use url::{Position, Url};

use super::{Case, Line};
use crate::{
    auth::{Call, CallAnswer, Credential, Header, OpenRequest, Outgoing, Way},
    cause::{Cause, HttpRefusal},
    close_code::CloseCode,
    dialect::{Bound, Dialect},
    event::{Answer, EventKind, Lifecycle, OpenFacts, StreamId},
    profile::{Profile, Source},
    secret::Secret,
    session::{FetchFault, Input, LinkId, Output, Session},
    time::{Mono, Now, Wall},
};

/// 2026-11-24T12:00:00Z, when every case begins.
const NOON: i64 = 1_795_521_600;
const SEED: u64 = 7;

/// Something the session did.
#[derive(Debug, PartialEq)]
enum Seen {
    Open(String, Vec<String>),
    Call(String),
    Sign(String),
    Send(Vec<u8>),
    /// The same over the link before the present one.
    SendOld(Vec<u8>),
    Close(u16, String),
    Ping(Vec<u8>),
    /// A state or a verdict.
    Word(String),
}

struct Play {
    session: Session,
    clock: u64,
    tokens: VecDeque<String>,
    link: LinkId,
    /// The link before that one.
    before: LinkId,
    /// The number of the question that the signer was asked last.
    question: u64,
    seen: VecDeque<Seen>,
    /// The headers of the link opened last.
    headers: Vec<String>,
    /// The headers of the server's next answer.
    borne: Vec<(String, String)>,
}

/// The line that did not come true, from 0, and what came in its place.
pub(super) fn play(dialect: &Arc<Dialect>, case: &Case) -> Result<(), (usize, String)> {
    let first = case.lines.first().map_or(0, |(number, _)| *number);
    let profile = profile(dialect, case).map_err(|why| (first, why))?;
    let mut play = Play {
        session: Session::new(profile, StreamId(0), SEED),
        clock: 0,
        tokens: case.tokens.iter().cloned().collect(),
        link: LinkId(0),
        before: LinkId(0),
        question: 0,
        seen: VecDeque::new(),
        headers: Vec::new(),
        borne: Vec::new(),
    };
    play.tell(Input::Start);
    for (number, line) in &case.lines {
        play.line(line).map_err(|why| (*number, why))?;
    }
    Ok(())
}

fn profile(dialect: &Arc<Dialect>, case: &Case) -> Result<Profile, String> {
    let bound = |(name, text): &(String, String)| {
        let mut variables = dialect.variables.iter();
        let secret = variables.any(|variable| variable.name == *name && variable.secret);
        let secret = secret.then(|| Bound::Secret(Secret::new(text.clone())));
        (
            name.clone(),
            secret.unwrap_or_else(|| Bound::Plain(text.as_str().into())),
        )
    };
    let variables: Vec<_> = case.variables.iter().map(bound).collect();
    let own = || dialect.address(&dialect.given(&variables));
    let url = case
        .url
        .clone()
        .or_else(own)
        .unwrap_or_else(|| "wss://api.example.com/ws".into());
    let url = Url::parse(&url).map_err(|error| format!("{url}: {error}"))?;
    let (way, source) = if case.tokens.is_empty() {
        (Way::None, Source::Prompt)
    } else {
        (
            Way::Query {
                name: "token".into(),
            },
            Source::File("token".into()),
        )
    };
    Ok(Profile {
        variables,
        subscribe: case.subscribe.clone(),
        signer: case.signer.then(|| vec!["transcript".into()]),
        dialect: Some(dialect.clone()),
        ..Profile::new("transcript", url, way, source)
    })
}

impl Play {
    fn line(&mut self, line: &Line) -> Result<(), String> {
        if let Line::Bear(name, value) = line {
            self.borne.push((name.clone(), value.clone()));
            return Ok(());
        }
        let (id, from) = match line {
            Line::Old(line) => (self.before, &**line),
            line => (self.link, line),
        };
        let input = match (said(id, from, &mut self.borne), line) {
            (Some(input), _) => input,
            (None, Line::User(command)) => command.clone().into(),
            (None, Line::Signed(answer)) => {
                Input::Signed(self.question, answer.clone().map(Secret::new))
            }
            (None, Line::Pass(span)) => {
                self.nothing_else()?;
                self.pass(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
                return Ok(());
            }
            (None, expected) => return self.expect(expected),
        };
        self.nothing_else()?;
        self.tell(input);
        Ok(())
    }

    /// Whatever the client did must have been written.
    fn nothing_else(&self) -> Result<(), String> {
        let unwritten = self.seen.iter().find(|seen| !matches!(seen, Seen::Word(_)));
        unwritten.map_or(Ok(()), |seen| {
            Err(format!("before this the client did: {}", show(seen)))
        })
    }

    fn expect(&mut self, line: &Line) -> Result<(), String> {
        if let Line::Header(wanted) = line {
            let found = self.headers.iter().any(|header| header == wanted);
            return if found {
                Ok(())
            } else {
                Err(format!(
                    "the client's headers are: {}",
                    self.headers.join(", ")
                ))
            };
        }
        while let Some(seen) = self.seen.pop_front() {
            if fits(line, &seen) {
                return Ok(());
            }
            let skipped = matches!(seen, Seen::Word(_));
            if !skipped {
                return Err(format!("the client did: {}", show(&seen)));
            }
        }
        Err("the client did nothing of the kind".into())
    }

    fn pass(&mut self, millis: u64) {
        let end = self.clock + millis;
        while let Some(deadline) = self.session.deadline() {
            let due = deadline.0.div_ceil(1000);
            if due > end {
                break;
            }
            self.clock = self.clock.max(due);
            self.tell(Input::Tick);
        }
        self.clock = end;
    }

    fn now(&self) -> Now {
        let micros = self.clock * 1000;
        Now {
            mono: Mono(micros),
            wall: Wall(NOON * 1_000_000 + micros.cast_signed()),
        }
    }

    fn tell(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.session.handle(input, self.now());
            while let Some(output) = self.session.poll() {
                inputs.extend(self.take(output));
            }
        }
    }

    fn turn_to(&mut self, link: LinkId) {
        if self.link != link {
            self.before = std::mem::replace(&mut self.link, link);
        }
    }

    /// Writes down what the session wants, and what is answered at once.
    fn take(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Fetch => {
                let token = self.tokens.pop_front();
                let fetched = token.map(|token| Credential::new(&token, "transcript"));
                return Some(Input::Fetched(fetched.ok_or(FetchFault::AskUser)));
            }
            Output::Call(link, call) => {
                self.turn_to(link);
                self.headers = shown(&call.headers);
                self.seen.push_back(called(&call));
            }
            Output::Sign(question) => {
                self.question = question.number;
                let give = question.give.expose();
                self.seen.push_back(Seen::Sign(give.expose().to_owned()));
            }
            Output::Open(link, request) => {
                self.turn_to(link);
                self.headers = shown(&request.headers);
                self.seen.push_back(opened(&request));
            }
            Output::Send(link, outgoing) => {
                let data = sent(outgoing);
                self.seen.push_back(if link == self.link {
                    Seen::Send(data)
                } else {
                    Seen::SendOld(data)
                });
            }
            Output::Ping(link) => return Some(Input::Pong(link)),
            Output::PingByHand(link, payload) => {
                self.seen.push_back(Seen::Ping(payload.to_vec()));
                return Some(Input::PongByHand(link));
            }
            Output::Close(link, code, reason) => {
                self.seen.push_back(Seen::Close(code.0, reason.clone()));
                return Some(Input::Ended(
                    link,
                    Cause::Close {
                        code,
                        reason,
                        ours: true,
                    },
                ));
            }
            Output::Event(event) => self.seen.extend(words(&event.kind)),
            Output::Verify(_) | Output::Store(_) | Output::Drop(_) => {}
        }
        None
    }
}

/// What the session is told when the server does this, its answer with these headers; `None`: it is nothing that a server
/// does.
fn said(id: LinkId, line: &Line, borne: &mut Vec<(String, String)>) -> Option<Input> {
    let closed = |code, reason: &str| Cause::Close {
        code: CloseCode(code),
        reason: reason.into(),
        ours: false,
    };
    Some(match line {
        Line::Accept => Input::Opened(id, OpenFacts::default()),
        Line::Receive(message) => Input::Received(id, message.clone()),
        Line::Close(code, reason) => Input::Ended(id, closed(*code, reason)),
        Line::Answer(status, body) => {
            let answer = CallAnswer {
                status: *status,
                body: body.clone(),
                headers: std::mem::take(borne),
                ..CallAnswer::default()
            };
            Input::Answered(id, Ok(answer))
        }
        Line::Eof => Input::Ended(id, Cause::Eof),
        Line::Http(status, body) => {
            let refusal = HttpRefusal {
                status: *status,
                body: body.clone(),
                headers: std::mem::take(borne),
                ..HttpRefusal::default()
            };
            Input::Ended(id, Cause::Http(refusal))
        }
        _ => return None,
    })
}

/// The bytes of a message that is sent.
fn sent(outgoing: Outgoing) -> Vec<u8> {
    match outgoing {
        Outgoing::Plain(message) => message.data.to_vec(),
        Outgoing::Login(codec, text) => {
            let message = codec.encode(text.expose());
            message.map_or_else(String::into_bytes, |message| message.data.to_vec())
        }
    }
}

fn opened(request: &OpenRequest) -> Seen {
    let url = format!(
        "{}{}",
        &request.url[..Position::BeforePath],
        request.target().expose()
    );
    let offered = request
        .subprotocols
        .iter()
        .map(|name| name.expose().expose().to_owned());
    Seen::Open(url, offered.collect())
}

fn shown(headers: &[Header]) -> Vec<String> {
    let line = |header: &Header| format!("{}: {}", header.name, header.value.expose().expose());
    headers.iter().map(line).collect()
}

fn called(call: &Call) -> Seen {
    let method = if call.post { "post" } else { "get" };
    let body = call.body.as_ref();
    let body = body.map(|(_, body)| format!(" {}", body.expose().expose()));
    Seen::Call(format!(
        "{method} {}{}",
        call.url.expose().expose(),
        body.unwrap_or_default()
    ))
}

/// States and verdicts, notes, and the words of an end.
fn words(kind: &EventKind) -> Vec<Seen> {
    let EventKind::Lifecycle(lifecycle) = kind else {
        return Vec::new();
    };
    let words = match &**lifecycle {
        Lifecycle::Status(status) => vec![status.word().to_owned()],
        Lifecycle::Ended(ended) => {
            vec![format!("said {}", ended.words), ended.verdict.to_string()]
        }
        Lifecycle::Unrenewed { .. } => vec!["unrenewed".to_owned()],
        Lifecycle::Answer(Answer::Sent(_)) => Vec::new(),
        Lifecycle::Answer(answer) => vec![format!("note {answer}")],
        Lifecycle::Note(text) => vec![format!("note {text}")],
        _ => Vec::new(),
    };
    words.into_iter().map(Seen::Word).collect()
}

fn fits(line: &Line, seen: &Seen) -> bool {
    match (line, seen) {
        (Line::Open(wanted), seen @ Seen::Open(..)) => *wanted == show(seen)["open ".len()..],
        (Line::Call(wanted), Seen::Call(call)) => wanted == call,
        (Line::Sign(wanted), Seen::Sign(given)) => wanted == given,
        (Line::Send(wanted), Seen::Send(sent)) | (Line::SendOld(wanted), Seen::SendOld(sent)) => {
            wanted == sent
        }
        (Line::CloseSent(wanted, why), Seen::Close(code, reason)) => {
            wanted == code && why == reason
        }
        (Line::Ping(wanted), Seen::Ping(payload)) => wanted.as_bytes() == payload,
        (Line::State(wanted), Seen::Word(word)) => {
            let told = ["note ", "said "].iter().any(|kind| word.starts_with(kind));
            let behind = wanted.strip_prefix(word.as_str());
            told && word.starts_with(wanted)
                || behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        }
        _ => false,
    }
}

fn show(seen: &Seen) -> String {
    match seen {
        Seen::Open(url, offered) if offered.is_empty() => format!("open {url}"),
        Seen::Open(url, offered) => format!("open {url} [{}]", offered.join(", ")),
        Seen::Call(call) => call.clone(),
        Seen::Sign(given) => format!("sign {given}"),
        Seen::Send(data) => format!("> {}", String::from_utf8_lossy(data)),
        Seen::SendOld(data) => format!(">old {}", String::from_utf8_lossy(data)),
        Seen::Close(code, reason) => format!("> close {code} {reason}").trim_end().to_owned(),
        Seen::Ping(payload) => format!("ping {}", String::from_utf8_lossy(payload)),
        Seen::Word(word) => format!("= {word}"),
    }
}
