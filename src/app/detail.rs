//! The detail pane: the chosen event in one of three forms, or the facts of the connection.

use super::{App, PageLine, Role, explain, words, wrap};
use crate::{
    event::StreamId,
    message::Direction,
    payload::{
        escape::escape,
        pretty::{self, Token},
    },
    store::{Body, Row},
    time::show_span,
};

/// The pane's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// How a payload is shown.
    pub form: Form,
    /// Whether the facts of the connection are shown in place of the event.
    pub connection: bool,
    /// Whether it was opened; on a wide screen it is always there.
    pub open: bool,
    /// Lines above the first one in view.
    pub scroll: usize,
}

/// How a payload is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// JSON laid out, one value a line; other text as it is.
    #[default]
    Pretty,
    /// As it was on the wire.
    Raw,
    /// Sixteen bytes a line.
    Hex,
}

impl Form {
    /// The next form.
    pub const fn next(self) -> Self {
        match self {
            Self::Pretty => Self::Raw,
            Self::Raw => Self::Hex,
            Self::Hex => Self::Pretty,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pretty => "pretty",
            Self::Raw => "raw",
            Self::Hex => "hex",
        }
    }
}

/// The lines of the pane, `limit` at most.
pub fn lines(app: &App, width: usize, limit: usize) -> Vec<PageLine> {
    let row = app.list.cursor().and_then(|seq| app.store.row(seq));
    let mut lines = match row {
        Some(row) if !app.detail.connection => event(app, &row, width, limit),
        _ => connection(app, app.target(), width),
    };
    lines.truncate(limit);
    lines
}

fn event(app: &App, row: &Row<'_>, width: usize, limit: usize) -> Vec<PageLine> {
    let time = words::time_of_day(row.at.wall, &app.setup.zone);
    let name = app.stream_name(row.stream);
    let head = PageLine::new(
        Role::Dim,
        format!("{time}  {name}  #{}", words::grouped(row.n)),
    );
    match &row.body {
        Body::Lifecycle(lifecycle) => [vec![head], explain::lines(lifecycle, width)].concat(),
        Body::Message {
            direction,
            type_name,
            data,
            ..
        } => {
            let way = match direction {
                Direction::In => "received",
                Direction::Out => "sent",
            };
            let kind = PageLine::new(Role::Accent, escape(type_name.unwrap_or("no type"))).and(
                Role::Dim,
                format!("  {way}  {}", words::size(data.len() as u64)),
            );
            let mut lines = wrap::fold(head, width, 0);
            lines.extend(wrap::fold(kind, width, 0));
            lines.push(PageLine::default());
            lines.extend(payload(app.detail.form, data, width, limit));
            lines
        }
    }
}

fn payload(form: Form, data: &[u8], width: usize, limit: usize) -> Vec<PageLine> {
    match form {
        Form::Pretty => pretty::lines(data, limit)
            .into_iter()
            .flat_map(|line| wrap::fold(pretty_line(line), width, 4))
            .collect(),
        Form::Raw => {
            let seen = &data[..data
                .len()
                .min(width.saturating_mul(limit).saturating_mul(4))];
            let text = String::from_utf8_lossy(seen);
            wrap::fold(PageLine::new(Role::Text, escape(&text)), width, 0)
        }
        Form::Hex => pretty::hex(data)
            .take(limit)
            .map(|line| PageLine::new(Role::Text, line))
            .collect(),
    }
}

fn pretty_line(line: pretty::PrettyLine) -> PageLine {
    let parts = line.into_iter().map(|(token, text)| {
        let role = match token {
            Token::Key => Role::Key,
            Token::String | Token::Number | Token::Word => Role::Value,
            Token::Punctuation => Role::Dim,
            Token::Text => Role::Text,
        };
        (role, text)
    });
    PageLine {
        parts: parts.collect(),
    }
}

fn connection(app: &App, stream: StreamId, width: usize) -> Vec<PageLine> {
    let Some(state) = app.stream(stream) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut row = |name: &str, role, text: &str| {
        if !text.is_empty() {
            lines.extend(wrap::row(name, role, &escape(text), width));
        }
    };
    row("stream", Role::Accent, &state.setup.name);
    row("address", Role::Text, &state.setup.address);
    row("state", Role::Text, &state.status.to_string());
    row("token in", Role::Text, &state.setup.way);
    row("token from", Role::Text, &state.setup.source);
    if let Some((facts, _)) = &state.credential {
        row("token", Role::Text, &facts.fingerprint.to_string());
        row(
            "subject",
            Role::Text,
            facts.subject.as_deref().unwrap_or("not stated"),
        );
        let expires = facts
            .expires
            .map(|at| words::clock_or_date(at, app.now.wall, &app.setup.zone));
        row(
            "expires",
            Role::Text,
            expires.as_deref().unwrap_or("not stated"),
        );
    }
    if state.setup.insecure {
        row("TLS", Role::Bad, "any certificate is accepted");
    }
    if let Some(facts) = &state.opened {
        row("peer", Role::Text, &facts.peer);
        row(
            "TLS",
            Role::Text,
            facts.tls.as_deref().unwrap_or("none: plain text"),
        );
        row(
            "protocol",
            Role::Text,
            facts.subprotocol.as_deref().unwrap_or_default(),
        );
        for (stage, took) in &facts.stages {
            row("", Role::Dim, &format!("{stage} {}", show_span(*took)));
        }
        for warning in &facts.warnings {
            row("warning", Role::Warn, warning);
        }
    }
    row(
        "clock",
        Role::Warn,
        &state.skew().map(skew_words).unwrap_or_default(),
    );
    row(
        "received",
        Role::Text,
        &format!("{} messages", words::grouped(state.received)),
    );
    row("on wire", Role::Text, &words::size(state.wire));
    row("sent", Role::Text, &words::grouped(state.sent));
    row("dropped", Role::Text, &words::grouped(state.dropped));
    row(
        "kept",
        Role::Text,
        &format!(
            "{} of {}",
            words::size(app.store.bytes() as u64),
            words::size(app.setup.budget as u64)
        ),
    );
    row("let go", Role::Text, &words::grouped(app.store.evicted()));
    lines
}

/// How the server's clock differs, in words.
pub fn skew_words(skew: i64) -> String {
    let span = show_span(std::time::Duration::from_micros(skew.unsigned_abs()));
    if skew > 0 {
        format!("the server's clock is {span} ahead")
    } else {
        format!("the server's clock is {span} behind")
    }
}
