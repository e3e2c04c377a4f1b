//! Reads the text of a transcript.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{Case, Line, span_of};
use crate::{
    close_code::CloseCode,
    diagnostic::{Diagnostic, FileText},
    message::Message,
    session::Command,
    time::parse_span,
};

pub(super) fn cases(name: &str, text: &str) -> Result<Vec<Case>, Vec<Diagnostic>> {
    let file = FileText {
        name,
        text,
        hidden: Vec::new(),
    };
    let (mut cases, mut faults) = (Vec::<Case>::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let read = match (line.strip_prefix("== "), cases.last_mut()) {
            (Some(name), _) => {
                cases.push(Case {
                    name: name.trim().to_owned(),
                    ..Case::default()
                });
                Ok(())
            }
            (None, Some(case)) => case.add(number, line),
            (None, None) => Err("a case begins with '== NAME'".to_owned()),
        };
        if let Err(message) = read {
            faults.push(Diagnostic::at(&file, span_of(text, number), message));
        }
    }
    if faults.is_empty() {
        Ok(cases)
    } else {
        Err(faults)
    }
}

impl Case {
    fn add(&mut self, number: usize, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "url" => self.url = Some(rest.to_owned()),
            "var" => {
                let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
                self.variables.push((name.to_owned(), value.to_owned()));
            }
            "subscribe" => self
                .subscribe
                .push(serde_json::from_str(rest).unwrap_or_else(|_| Value::from(rest))),
            "signer" => self.signer = true,
            "needs" => self.needs = Some(rest.to_owned()),
            "token" => self.tokens.push(rest.to_owned()),
            _ => self.lines.push((number, action(word, rest)?)),
        }
        Ok(())
    }
}

fn action(word: &str, rest: &str) -> Result<Line, String> {
    match word {
        "!" => expected(rest),
        "<" => received(rest),
        "<old" => received(rest).map(|line| Line::Old(Box::new(line))),
        "<b" => Ok(Line::Receive(Message::binary(base64(rest)?))),
        ">" => sent(rest),
        ">old" => Ok(Line::SendOld(unescaped(rest).into_bytes())),
        ">b" => Ok(Line::Send(base64(rest)?)),
        "@" => wanted(rest).map(Line::User),
        "=" => Ok(Line::State(rest.trim().to_owned())),
        "+" => parse_span(rest).map(Line::Pass),
        _ => Err(format!("'{word}' begins no line of a transcript")),
    }
}

fn expected(rest: &str) -> Result<Line, String> {
    match rest.split_once(' ') {
        Some(("open", rest)) => Ok(Line::Open(rest.trim().to_owned())),
        Some(("get" | "post", _)) => Ok(Line::Call(rest.trim().to_owned())),
        Some(("sign", rest)) => Ok(Line::Sign(rest.trim().to_owned())),
        Some(("header", rest)) => Ok(Line::Header(rest.trim().to_owned())),
        Some(("ping", rest)) => Ok(Line::Ping(rest.to_owned())),
        _ => Err(
            "write '! open URL', '! get URL', '! post URL BODY', '! sign TEXT', '! ping TEXT' or '! header NAME: VALUE'"
                .into(),
        ),
    }
}

fn received(rest: &str) -> Result<Line, String> {
    let (word, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let (number, words) = more.split_once(' ').unwrap_or((more, ""));
    match word {
        "101" => Ok(Line::Accept),
        "eof" => Ok(Line::Eof),
        "header" => more
            .split_once(": ")
            .map(|(name, value)| Line::Bear(name.to_owned(), value.to_owned()))
            .ok_or_else(|| "write '< header NAME: VALUE'".to_owned()),
        "signed" => Ok(Line::Signed(Ok(more.to_owned()))),
        "unsigned" => Ok(Line::Signed(Err(more.to_owned()))),
        "close" => close(more).map(|(code, reason)| Line::Close(code, reason)),
        "answer" => number
            .parse()
            .map(|status| Line::Answer(status, words.to_owned()))
            .map_err(|_| no_number(number)),
        "http" => number
            .parse()
            .map(|status| Line::Http(status, words.to_owned()))
            .map_err(|_| no_number(number)),
        _ => Ok(Line::Receive(Message::text(unescaped(rest)))),
    }
}

fn sent(rest: &str) -> Result<Line, String> {
    match rest.split_once(' ') {
        Some(("close", rest)) => {
            let (code, reason) = close(rest)?;
            Ok(Line::CloseSent(code, reason))
        }
        _ => Ok(Line::Send(unescaped(rest).into_bytes())),
    }
}

/// `CODE REASON`.
fn close(rest: &str) -> Result<(u16, String), String> {
    let (number, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let code = number.parse().map_err(|_| no_number(number))?;
    Ok((code, reason.to_owned()))
}

fn wanted(rest: &str) -> Result<Command, String> {
    let (word, more) = rest.split_once(' ').unwrap_or((rest, ""));
    Ok(match word {
        "send" => Command::Send(Message::text(unescaped(more))),
        "say" => Command::Say(unescaped(more)),
        "ping" => Command::Ping(more.to_owned().into()),
        "close" => {
            let (code, reason) = close(more)?;
            let code = CloseCode(code);
            Command::Close { code, reason }
        }
        "reconnect" => Command::Reconnect,
        _ => {
            return Err(
                "write '@ send TEXT', '@ say TEXT', '@ ping TEXT', '@ close CODE REASON' or '@ reconnect'"
                    .into(),
            );
        }
    })
}

fn no_number(text: &str) -> String {
    format!("'{text}' is no number")
}

fn base64(text: &str) -> Result<Vec<u8>, String> {
    BASE64_STANDARD
        .decode(text.trim())
        .map_err(|error| format!("this is no base64: {error}"))
}

/// The text with its escapes undone: `\\n`, `\\r`, `\\t`, `\\0`, `\\xHH`, `\\\\`. Any other backslash stands for itself.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => unescape(&mut rest, &mut plain),
            c => plain.push(c),
        }
    }
    plain
}

fn unescape(rest: &mut std::str::Chars<'_>, plain: &mut String) {
    match rest.next() {
        Some('n') => plain.push('\n'),
        Some('r') => plain.push('\r'),
        Some('t') => plain.push('\t'),
        Some('0') => plain.push('\0'),
        Some('x') => {
            let digits: String = rest.take(2).collect();
            plain.extend(u8::from_str_radix(&digits, 16).ok().map(char::from));
        }
        Some('\\') => plain.push('\\'),
        other => plain.extend(['\\'].into_iter().chain(other)),
    }
}
