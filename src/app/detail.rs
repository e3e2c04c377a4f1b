//! The detail pane: the chosen event in one of three forms, or the facts of the connection.

use std::{borrow::Cow, time::Duration};

use super::{App, PageLine, Role, StreamState, explain, words, wrap};
use crate::{
    cause::Stage,
    event::{Status, StreamId},
    keymap::{Action, Mode},
    message::{Class, Direction},
    payload::{
        escape::escape,
        pretty::{self, Token},
    },
    places::Part,
    store::{Body, Row},
    time::{read_time, show_span},
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
            class,
            type_name,
            data,
            ..
        } => {
            let class = match class {
                Class::Event => String::new(),
                Class::Duplicate => "  came before".to_owned(),
                class => format!("  {}", class.word()),
            };
            let way = match direction {
                Direction::In => "received",
                Direction::Out => "sent",
            };
            let kind = PageLine::new(Role::Accent, escape(type_name.unwrap_or("no type"))).and(
                Role::Dim,
                format!("  {way}  {}{class}", words::size(data.len() as u64)),
            );
            let mut lines = wrap::fold(head, width, 0);
            lines.extend(wrap::fold(kind, width, 0));
            lines.extend(
                stated(app, row)
                    .into_iter()
                    .flat_map(|(name, text)| wrap::row(name, Role::Text, &text, width)),
            );
            lines.push(PageLine::default());
            let shown = app.shown_of(row.seq, data);
            if matches!(shown, Cow::Owned(_)) {
                let key = app.setup.keymap.key(Mode::Watch, Action::Reveal);
                let key = key.map_or_else(String::new, |key| format!("; {key} shows it"));
                let text = format!("what looks like a secret is masked{key}");
                lines.extend(wrap::fold(PageLine::new(Role::Warn, text), width, 0));
            }
            lines.extend(payload(app.detail.form, &shown, width, limit));
            lines
        }
    }
}

/// What the dialect finds in a message besides its type: name and text.
fn stated(app: &App, row: &Row<'_>) -> Vec<(&'static str, String)> {
    let text = |part| {
        let bytes = app.store.part(row, part)?;
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
        Some(escape(text.trim_matches('"')).into_owned())
    };
    let time = text(Part::Time).map(|text| match read_time(&text) {
        Some(time) => {
            let shown = words::time_of_day(time, &app.setup.zone);
            let after = row.at.wall.micros_since(time) as f64 / 1e6;
            format!("{shown}, {after:.1} s before it came")
        }
        None => text,
    });
    let parts = [
        ("channel", text(Part::Channel)),
        ("id", text(Part::Id)),
        ("time", time),
    ];
    parts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

fn payload(form: Form, data: &[u8], width: usize, limit: usize) -> Vec<PageLine> {
    match form {
        Form::Pretty if std::str::from_utf8(data).is_err() => hex(data, width, limit),
        Form::Pretty => pretty::lines(data, limit)
            .into_iter()
            .flat_map(|line| {
                let indent = if matches!(&line[..], [(Token::Text, _)]) {
                    0
                } else {
                    4
                };
                wrap::fold(pretty_line(line), width, indent)
            })
            .collect(),
        Form::Raw => {
            let seen = &data[..data
                .len()
                .min(width.saturating_mul(limit).saturating_mul(4))];
            let text = String::from_utf8_lossy(seen);
            wrap::fold(PageLine::new(Role::Text, escape(&text)), width, 0)
        }
        Form::Hex => hex(data, width, limit),
    }
}

/// Hexadecimal in rows of 16, 8 or 4 bytes, whatever fits.
fn hex(data: &[u8], width: usize, limit: usize) -> Vec<PageLine> {
    let fits = |per_row: &&usize| 10 + **per_row * 4 <= width + 1;
    let per_row = [16, 8].iter().find(fits).copied().unwrap_or(4);
    pretty::hex_rows(data, per_row)
        .take(limit)
        .map(|line| PageLine::new(Role::Text, line))
        .collect()
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
    let facts = [
        profile(state),
        token(app, state),
        link(state),
        counts(app, state),
    ];
    facts
        .into_iter()
        .flatten()
        .flat_map(|(name, role, text)| wrap::row(name, role, &escape(&text), width))
        .collect()
}

fn profile(state: &StreamState) -> Vec<(&'static str, Role, String)> {
    let setup = &state.setup;
    let source = setup.source.clone().unwrap_or_else(|| "the user".into());
    let mut rows = vec![
        ("stream", Role::Accent, setup.name.clone()),
        ("address", Role::Text, setup.address.clone()),
        ("state", Role::Text, standing(&state.status)),
        ("token in", Role::Text, setup.way.clone()),
        ("token from", Role::Text, source),
    ];
    if setup.insecure {
        rows.push(("TLS", Role::Bad, "any certificate is accepted".into()));
    }
    rows
}

/// The state, with nothing in it that grows old.
fn standing(status: &Status) -> String {
    match status {
        Status::Waiting(wait) => format!("waiting for attempt {}: {}", wait.attempt, wait.why),
        other => other.to_string(),
    }
}

fn token(app: &App, state: &StreamState) -> Vec<(&'static str, Role, String)> {
    let Some((facts, _)) = &state.credential else {
        return Vec::new();
    };
    let date = |at| words::clock_or_date(at, app.now.wall, &app.setup.zone);
    let stated = |text: Option<String>| text.unwrap_or_else(|| "not stated".into());
    vec![
        ("token", Role::Text, facts.fingerprint.to_string()),
        ("subject", Role::Text, stated(facts.subject.clone())),
        ("issued", Role::Text, stated(facts.issued.map(date))),
        ("expires", Role::Text, stated(facts.expires.map(date))),
    ]
}

fn link(state: &StreamState) -> Vec<(&'static str, Role, String)> {
    let Some(facts) = &state.opened else {
        return Vec::new();
    };
    let tls = facts
        .tls
        .clone()
        .unwrap_or_else(|| "none: plain text".into());
    let mut rows = vec![
        ("peer", Role::Text, facts.peer.clone()),
        ("TLS", Role::Text, tls),
    ];
    rows.extend(
        facts
            .subprotocol
            .clone()
            .map(|name| ("subprotocol", Role::Text, name)),
    );
    let step = |(stage, took): &(Stage, Duration)| {
        ("", Role::Dim, format!("{stage} {}", show_span(*took)))
    };
    rows.extend(facts.stages.iter().map(step));
    rows.extend(
        facts
            .warnings
            .iter()
            .map(|warning| ("warning", Role::Warn, warning.clone())),
    );
    rows.extend(
        state
            .skew()
            .map(|skew| ("clock", Role::Warn, skew_words(skew))),
    );
    rows
}

fn counts(app: &App, state: &StreamState) -> Vec<(&'static str, Role, String)> {
    let kept = format!(
        "{} of {}",
        words::size(app.store.bytes() as u64),
        words::size(app.setup.budget as u64)
    );
    vec![
        (
            "received",
            Role::Text,
            format!("{} messages", words::grouped(state.received)),
        ),
        ("on the wire", Role::Text, words::size(state.wire)),
        (
            "sent",
            Role::Text,
            format!("{} messages", words::grouped(state.sent)),
        ),
        (
            "dropped",
            Role::Text,
            format!("{} messages", words::grouped(state.dropped)),
        ),
        ("kept", Role::Text, kept),
        (
            "let go",
            Role::Text,
            format!("{} events", words::grouped(app.store.evicted())),
        ),
    ]
}

/// How the server's clock differs, in words.
fn skew_words(skew: i64) -> String {
    let span = show_span(Duration::from_micros(skew.unsigned_abs()));
    if skew > 0 {
        format!("the server's clock is {span} ahead")
    } else {
        format!("the server's clock is {span} behind")
    }
}
