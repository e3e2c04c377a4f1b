//! What became of the authentications since the start, the newest first.

use std::collections::VecDeque;

use super::{App, PageLine, Role, words, wrap};
use crate::{
    audit::{Record, Watch},
    event::Event,
    payload::escape::escape,
    profile::Profile,
    time::read_time,
};

/// Records that are kept.
const KEPT: usize = 200;

/// The records of all streams.
#[derive(Default)]
pub(super) struct Audit {
    watches: Vec<Watch>,
    records: VecDeque<Record>,
}

impl Audit {
    /// Follows these streams.
    pub(super) fn new(watches: Vec<Watch>) -> Self {
        Self {
            watches,
            records: VecDeque::new(),
        }
    }

    /// Takes an event in.
    pub(super) fn note(&mut self, event: &Event) {
        let watch = self.watches.get_mut(usize::from(event.stream.0));
        if let Some(record) = watch.and_then(|watch| watch.note(event)) {
            self.records.truncate(KEPT - 1);
            self.records.push_front(record);
        }
    }
}

/// What follows the authentications of a profile.
pub(super) fn watch(profile: &Profile) -> Watch {
    Watch::new(
        &profile.name,
        profile.way_in_words(),
        profile.wants_credential(),
    )
}

/// The lines of the page.
pub(super) fn lines(app: &App, width: usize) -> Vec<PageLine> {
    if app.audit.records.is_empty() {
        return vec![PageLine::new(Role::Dim, "no token was used yet")];
    }
    let records = app.audit.records.iter();
    let mut lines: Vec<_> = records
        .flat_map(|record| record_lines(app, record, width))
        .collect();
    lines.push(PageLine::new(Role::Dim, "All of them: sockeye audit"));
    lines
}

fn record_lines(app: &App, record: &Record, width: usize) -> Vec<PageLine> {
    let role = if record.outcome.is_good() {
        Role::Good
    } else {
        Role::Bad
    };
    let at = read_time(&record.time).unwrap_or_default();
    let time = words::time_of_day(at, &app.setup.zone);
    let head = PageLine::new(Role::Dim, time.get(..8).unwrap_or_default())
        .and(role, format!("    {:<15}", record.outcome.word()))
        .and(Role::Text, escape(&record.profile).into_owned());
    let mut lines = wrap::fold(head, width, 10);
    lines.extend(wrap::row(
        "",
        Role::Text,
        &escape(&record.token_in_words()),
        width,
    ));
    if let Some(words) = &record.words {
        lines.extend(wrap::row("", Role::Text, &escape(words), width));
    }
    lines
}
