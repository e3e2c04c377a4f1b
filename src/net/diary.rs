//! What a driver writes into the log: the turns of its stream, what the session wants of it, and of frames their kind
//! and size, never what is in them.

use std::{borrow::Cow, sync::Arc};

use super::link::Received;
use crate::{
    auth::{OpenRequest, Outgoing, shown},
    cause::Cause,
    event::{Event, EventKind},
    log::{Level, Log},
    message::{Kind, Message},
    profile::{Profile, Proxy, Tls},
    redact::Redactor,
    session::{Command, LinkId, Output, Session},
};

/// The log of one stream.
pub(super) struct Diary {
    pub(super) log: Log,
    /// The secrets that are taken out of it.
    hidden: Arc<Redactor>,
    /// Where the stream's token comes from.
    source: String,
}

impl Diary {
    /// Begins with what is known of the stream.
    pub(super) fn begin(log: Log, session: &Session) -> Self {
        let hidden = session.secrets().clone();
        log.hide(&hidden);
        log.write(Level::Info, about(session.profile()));
        Self {
            log,
            hidden,
            source: session.profile().source.to_string(),
        }
    }

    /// Keeps up with the secrets that the session uses.
    pub(super) fn keep_up(&mut self, session: &Session) {
        if !Arc::ptr_eq(&self.hidden, session.secrets()) {
            self.hidden = session.secrets().clone();
            self.log.hide(&self.hidden);
        }
    }

    /// A turn in the stream's life.
    pub(super) fn happened(&self, event: &Event) {
        if let EventKind::Lifecycle(turn) = &event.kind {
            self.log.write(Level::of_turn(turn), turn);
        }
    }

    /// What the session wants, but for what is told elsewhere.
    pub(super) fn wanted(&self, output: &Output) {
        let (level, text) = match output {
            _ if !self.log.takes(Level::Debug) => return,
            Output::Send(link, message) if self.log.takes(Level::Trace) => (
                Level::Trace,
                format!("{} → {}", named(*link), outgoing(message)),
            ),
            Output::Ping(link) => (Level::Trace, format!("{} → ping", named(*link))),
            Output::PingByHand(link, _) => {
                (Level::Trace, format!("{} → ping by hand", named(*link)))
            }
            Output::Open(link, request) => (
                Level::Debug,
                format!("{}: dials {}", named(*link), dialed(request)),
            ),
            Output::Close(link, code, reason) => (
                Level::Debug,
                format!("{}: closes with {code} '{reason}'", named(*link)),
            ),
            Output::Drop(link) => (Level::Debug, format!("{}: is let go", named(*link))),
            Output::Fetch => (Level::Debug, format!("asks {} for a token", self.source)),
            Output::Verify(_) => (
                Level::Debug,
                "asks whether the token is what it says".into(),
            ),
            Output::Store(_) => (Level::Debug, "keeps the token".into()),
            Output::Sign(_) => (Level::Debug, "asks the signer".into()),
            Output::Call(..) | Output::Event(_) | Output::Send(..) => return,
        };
        self.log.write(level, text);
    }

    /// What the user wants.
    pub(super) fn commanded(&self, command: &Command) {
        let words = match command {
            Command::Stop => "stop",
            Command::Reconnect => "reconnect",
            Command::Hold => "hold the next attempt",
            Command::SignIn(_) => "sign in with another token",
            Command::Fetch => "fetch another token",
            Command::Send(_) | Command::Say(_) => "send a message",
            Command::Ping(_) => "send a ping",
            Command::Close { .. } => "send a close frame",
        };
        self.log
            .write(Level::Debug, format_args!("the user wants: {words}"));
    }

    /// A link is gone, be it one that the stream no longer needs.
    pub(super) fn ended(&self, link: LinkId, cause: &Cause) {
        if self.log.takes(Level::Debug) {
            // Before it is put in words, which are cut off where they are long, be it within a secret.
            let cause = cause.clone().redacted(&self.hidden);
            let link = named(link);
            self.log
                .write(Level::Debug, format_args!("{link}: {cause}"));
        }
    }

    /// What came over a link.
    pub(super) fn received(&self, link: LinkId, inbox: &[Received]) {
        if self.log.takes(Level::Trace) {
            let told = |received| format!("{} ← {}", named(link), incoming(received));
            self.log.write_all(Level::Trace, inbox.iter().map(told));
        }
    }
}

/// Where and how a stream is connected.
fn about(profile: &Profile) -> String {
    let mut facts = vec![
        shown(&profile.url),
        format!("by {}", profile.way_in_words()),
    ];
    if profile.wants_credential() {
        facts.push(format!("from {}", profile.source));
    }
    facts.extend(proxy(&profile.proxy));
    facts.extend(trust(&profile.tls));
    facts.join(", ")
}

fn proxy(proxy: &Proxy) -> Option<String> {
    match proxy {
        Proxy::Environment => None,
        Proxy::Direct => Some("no proxy".into()),
        Proxy::At { address, .. } => Some(format!("proxy {address}")),
    }
}

/// What differs from the usual of TLS.
fn trust(tls: &Tls) -> Vec<String> {
    let ca = tls
        .ca
        .iter()
        .map(|file| format!("authorities of {}", file.display()));
    let identity = tls.identity.iter();
    let identity = identity.map(|identity| format!("our certificate {}", identity.cert.display()));
    let name = tls
        .server_name
        .iter()
        .map(|name| format!("server name {name}"));
    let insecure = tls.insecure.then(|| "any certificate is accepted".into());
    ca.chain(identity).chain(name).chain(insecure).collect()
}

/// Where a link is opened, and the names of what is sent along.
fn dialed(request: &OpenRequest) -> String {
    let mut facts = vec![shown(&request.url)];
    let query = request
        .query
        .iter()
        .map(|(name, _)| format!("query {name}"));
    facts.extend(query);
    let headers = request.headers.iter();
    facts.extend(headers.map(|header| format!("header {}", header.name)));
    match request.subprotocols.len() {
        0 => {}
        count => facts.push(format!("subprotocols {count}")),
    }
    facts.join(", ")
}

fn outgoing(message: &Outgoing) -> Cow<'static, str> {
    match message {
        Outgoing::Plain(message) => sized(message).into(),
        // Its size would tell that of the token.
        Outgoing::Login(..) => "a message with a secret".into(),
    }
}

fn named(LinkId(number): LinkId) -> String {
    format!("link {number}")
}

fn incoming(received: &Received) -> Cow<'static, str> {
    match received {
        Received::Message(message) => sized(message).into(),
        Received::Pong => "pong".into(),
        Received::PongByHand => "pong by hand".into(),
        Received::Heard => "ping, or a pong that nobody asked for".into(),
    }
}

fn sized(message: &Message) -> String {
    let kind = match message.kind {
        Kind::Text => "text",
        Kind::Binary => "binary",
    };
    format!("{kind}, {} bytes", message.data.len())
}
