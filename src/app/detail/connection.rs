//! The facts of a connection.

use std::time::Duration;

use super::super::{App, PageLine, Role, StreamState, brief::verified_role, words, wrap};
use crate::{
    cause::Stage,
    event::{Status, StreamId},
    payload::escape::escape,
    time::show_span,
};

/// The lines.
pub(super) fn lines(app: &App, stream: StreamId, width: usize) -> Vec<PageLine> {
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
        .chain(recording(app))
        .chain(log(app))
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
    if let Some(name) = &setup.server_name {
        rows.push(("server name", Role::Text, name.clone()));
    }
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
    let verification = facts.verification.as_ref();
    let mut rows = vec![("token", Role::Text, facts.fingerprint.to_string())];
    rows.extend(verification.map(|told| ("checked", verified_role(told), told.to_string())));
    rows.push(("subject", Role::Text, stated(facts.subject.clone())));
    rows.extend(
        facts
            .scopes
            .clone()
            .map(|scopes| ("scopes", Role::Text, scopes)),
    );
    rows.push(("issued", Role::Text, stated(facts.issued.map(date))));
    rows.push(("expires", Role::Text, stated(facts.expires.map(date))));
    rows
}

fn link(state: &StreamState) -> Vec<(&'static str, Role, String)> {
    let Some(facts) = state.opened() else {
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
    let proxy = facts.proxy.iter();
    rows.splice(
        1..1,
        proxy.map(|proxy| ("via proxy", Role::Text, proxy.clone())),
    );
    rows.extend(
        facts
            .subprotocol
            .clone()
            .map(|name| ("subprotocol", Role::Text, name)),
    );
    if facts.compression {
        rows.push(("compression", Role::Text, "permessage-deflate".into()));
    }
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
        ("kept", Role::Text, kept(app)),
        ("let go", Role::Text, let_go(app)),
    ]
}

fn kept(app: &App) -> String {
    let bytes = format!(
        "{} of {}",
        words::size(app.store.bytes() as u64),
        words::size(app.setup.budget as u64)
    );
    let Some(most) = app.setup.most_events else {
        return bytes;
    };
    let held = words::grouped(app.store.end().0 - app.store.first().0);
    format!("{bytes}, {held} of {} events", words::grouped(most.into()))
}

fn let_go(app: &App) -> String {
    let (gone, recorded) = (app.store.evicted(), app.recorded());
    let count = format!("{} events", words::grouped(gone));
    match recorded {
        0 => count,
        _ if recorded == gone => format!("{count}, recorded"),
        _ => format!("{count}, {} of them recorded", words::grouped(recorded)),
    }
}

/// Where events are recorded, or how the last recording came out.
fn recording(app: &App) -> Option<(&'static str, Role, String)> {
    let recordings = &app.recordings;
    let text = match &recordings.current {
        Some(current) => current.file.clone(),
        None => recordings.last.clone()?,
    };
    let role = if recordings.broken {
        Role::Bad
    } else {
        Role::Text
    };
    Some(("recording", role, text))
}

/// Where the log is written.
fn log(app: &App) -> Option<(&'static str, Role, String)> {
    let file = app.setup.log.clone()?;
    Some(("log", Role::Text, file))
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
