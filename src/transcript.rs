//! Transcripts: what a server says and what the client has to do, as text, played against the session with a dialect.
//! They show that a dialect does what it promises, without a server; `docs/dialects.md` tells their form.

mod play;
mod read;

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    diagnostic::{Diagnostic, FileText},
    dialect::Dialect,
    message::Message,
    session::Command,
};

/// A case of a transcript.
#[derive(Clone, Debug, Default, PartialEq)]
struct Case {
    name: String,
    /// The address, where it is not the dialect's own.
    url: Option<String>,
    variables: Vec<(String, String)>,
    subscribe: Vec<Value>,
    /// Whether the profile has a signer.
    signer: bool,
    /// A feature of the program without which it cannot be played.
    needs: Option<String>,
    /// What the source gives, one after another.
    tokens: Vec<String>,
    lines: Vec<(usize, Line)>,
}

/// A line of a case.
#[derive(Clone, Debug, PartialEq)]
enum Line {
    /// `! open URL [SUBPROTOCOL, …]`: the client opens a link.
    Open(String),
    /// `! get URL`, `! post URL BODY`: the client makes an HTTP call.
    Call(String),
    /// `< answer STATUS BODY`: it is answered.
    Answer(u16, String),
    /// `! sign TEXT`: the signer is asked.
    Sign(String),
    /// `< signed TEXT`, `< unsigned WHY`: it answers.
    Signed(Result<String, String>),
    /// `! header NAME: VALUE`: with this header.
    Header(String),
    /// `< header NAME: VALUE`: the next answer of the server bears this header.
    Bear(String, String),
    /// `< 101`: the server accepts it.
    Accept,
    /// `< TEXT`, `<b BASE64`: the server sends a message.
    Receive(Message),
    /// `< close CODE REASON`.
    Close(u16, String),
    /// `< eof`: the connection ends without a close frame.
    Eof,
    /// `< http STATUS BODY`: the server refuses the upgrade.
    Http(u16, String),
    /// `> TEXT`, `>b BASE64`: the client sends a message.
    Send(Vec<u8>),
    /// `>old TEXT`: it sends one over the link before the present one.
    SendOld(Vec<u8>),
    /// `> close CODE REASON`: the client sends a close frame.
    CloseSent(u16, String),
    /// `! ping TEXT`: the client sends a ping of the user's.
    Ping(String),
    /// `@ send TEXT`, `@ say TEXT`, `@ ping TEXT`, `@ close CODE REASON`, `@ reconnect`: the user wants this.
    User(Command),
    /// `<old …`: the same over the link before the present one.
    Old(Box<Self>),
    /// `= WORD`: a state or a verdict; `= note TEXT`, `= said TEXT`: how a note or the words of an end begin.
    State(String),
    /// `+ SPAN`: time passes.
    Pass(Duration),
}

impl Case {
    fn is_playable(&self) -> bool {
        let missing = if cfg!(feature = "sigv4") { "" } else { "sigv4" };
        self.needs.as_deref().is_none_or(|needs| needs != missing)
    }
}

/// Plays every case of a transcript; how many there are. Those that need a feature this program is built without are
/// only read.
///
/// # Errors
/// What cannot be read, or the first line of each case that did not come true.
pub fn check(
    dialect: &Arc<Dialect>,
    file_name: &str,
    text: &str,
) -> Result<usize, Vec<Diagnostic>> {
    let cases = read::cases(file_name, text)?;
    let file = FileText {
        name: file_name,
        text,
        hidden: Vec::new(),
    };
    let playable = cases.iter().filter(|case| case.is_playable());
    let failed = playable.filter_map(|case| {
        let (line, message) = play::play(dialect, case).err()?;
        let span = span_of(text, line);
        Some(Diagnostic::at(
            &file,
            span,
            format!("{}: {message}", case.name),
        ))
    });
    let failed: Vec<_> = failed.collect();
    if failed.is_empty() {
        Ok(cases.len())
    } else {
        Err(failed)
    }
}

/// The bytes of a line, counted from 0.
fn span_of(text: &str, line: usize) -> std::ops::Range<usize> {
    let before = text.split_inclusive('\n').take(line).map(str::len).sum();
    let length = text[before..].lines().next().map_or(0, str::len);
    before..before + length
}
