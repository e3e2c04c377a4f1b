//! The turns in the streams' lives, the newest thousand of them, for the lifecycle pane.

use std::collections::VecDeque;

use jiff::tz::TimeZone;

use super::{first_in_view, words};
use crate::{
    event::{Answer, CredentialFacts, Lifecycle, Status, StreamId},
    time::{Now, show_span},
};

/// Turns that are kept.
const KEPT: usize = 1000;

/// A bounded list of turns.
#[derive(Clone, Debug, Default)]
pub struct Log {
    turns: VecDeque<Turn>,
    next: u64,
    /// The chosen turn, by its number.
    pub cursor: Option<u64>,
}

/// One turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Its number.
    pub id: u64,
    /// When it was known.
    pub at: Now,
    /// Whose it is.
    pub stream: StreamId,
    /// What it is; of a link that was made, the last step worth explaining.
    pub lifecycle: Lifecycle,
    /// It in one line: the steps of making a link stand together. Not yet safe to show.
    pub text: String,
}

impl Log {
    /// Appends a turn, or joins it to the link or the fetch it belongs to. What another line or the status bar says
    /// already is left out. Times in it are those of `zone`.
    pub fn push(&mut self, at: Now, stream: StreamId, lifecycle: &Lifecycle, zone: &TimeZone) {
        let mut last = self.turns.iter_mut().rev().find(|turn| {
            turn.stream == stream && !matches!(turn.lifecycle, Lifecycle::Verified(_))
        });
        if is_said(lifecycle, last.as_deref()) {
            return;
        }
        if let Some(last) = &mut last
            && let Some(step) = step(lifecycle)
            && is_link(&last.lifecycle)
        {
            last.text.push_str(" · ");
            last.text.push_str(&step);
            last.lifecycle = lifecycle.clone();
            return;
        }
        let text = line(lifecycle, at, zone);
        if let Some(last) = last
            && answers(lifecycle, &last.lifecycle)
        {
            last.text = text;
            last.lifecycle = lifecycle.clone();
            return;
        }
        if self.turns.len() == KEPT {
            self.turns.pop_front();
        }
        self.turns.push_back(Turn {
            id: self.next,
            at,
            stream,
            lifecycle: lifecycle.clone(),
            text,
        });
        self.next += 1;
    }

    /// The turns of one stream, or of all, newest first.
    pub fn newest(&self, stream: Option<StreamId>) -> impl Iterator<Item = &Turn> {
        self.turns
            .iter()
            .rev()
            .filter(move |turn| stream.is_none_or(|stream| turn.stream == stream))
    }

    /// The turns in view in a pane of this height, oldest first: the newest ones or, where the keys go to the pane, those
    /// around the chosen one.
    pub fn in_view(&self, stream: Option<StreamId>, height: usize, focused: bool) -> Vec<&Turn> {
        let chosen = self.cursor.filter(|_| focused);
        let newest = || self.newest(stream);
        let at = chosen.and_then(|chosen| newest().position(|turn| turn.id <= chosen));
        let start = first_in_view(at.unwrap_or(0), height);
        let mut turns: Vec<_> = newest().skip(start).take(height).collect();
        turns.reverse();
        turns
    }

    /// The chosen turn, if it is still kept.
    pub fn chosen(&self) -> Option<&Turn> {
        let cursor = self.cursor?;
        self.turns.iter().find(|turn| turn.id == cursor)
    }

    /// Moves the choice by lines, towards the newest when positive. From no choice it starts at the newest.
    pub fn step(&mut self, stream: Option<StreamId>, lines: isize) {
        let ids: Vec<_> = self.newest(stream).map(|turn| turn.id).collect();
        let at = self
            .cursor
            .and_then(|cursor| ids.iter().position(|id| *id <= cursor))
            .unwrap_or(0);
        let last = ids.len().saturating_sub(1);
        let to = at.saturating_add_signed(lines.saturating_neg()).min(last);
        self.cursor = ids.get(to).copied();
    }
}

/// Whether the turn before, or the status bar, says it already.
fn is_said(lifecycle: &Lifecycle, last: Option<&Turn>) -> bool {
    let ended = || matches!(last, Some(turn) if matches!(turn.lifecycle, Lifecycle::Ended(_)));
    let renewed = || matches!(last, Some(turn) if turn.lifecycle == Lifecycle::Renewed);
    let gap = || matches!(last, Some(turn) if matches!(turn.lifecycle, Lifecycle::Gap(_)));
    match lifecycle {
        Lifecycle::Pong(_)
        | Lifecycle::Answer(Answer::Sent(_))
        | Lifecycle::Status(Status::Authenticating) => true,
        Lifecycle::Status(Status::Waiting(wait)) => wait.until.is_some() && ended(),
        Lifecycle::Status(Status::Live) => gap() || renewed(),
        _ => false,
    }
}

/// Whether a turn says how the fetch before it ended, and so stands in its place.
const fn answers(lifecycle: &Lifecycle, last: &Lifecycle) -> bool {
    let fetched = matches!(
        lifecycle,
        Lifecycle::Credential(_) | Lifecycle::Status(Status::SignInNeeded { .. })
    );
    fetched && matches!(last, Lifecycle::Status(Status::Fetching { .. }))
}

/// A step of making a link, in short.
fn step(lifecycle: &Lifecycle) -> Option<String> {
    match lifecycle {
        Lifecycle::Opened(facts) => {
            let took = facts.stages.iter().map(|(_, took)| *took).sum();
            Some(format!("connected {}", show_span(took)))
        }
        Lifecycle::Authenticated(_) => Some(lifecycle.to_string()),
        Lifecycle::Status(Status::Live) => Some("live".into()),
        _ => None,
    }
}

/// Whether a link is being made.
const fn is_link(lifecycle: &Lifecycle) -> bool {
    matches!(
        lifecycle,
        Lifecycle::Status(Status::Connecting { .. })
            | Lifecycle::Opened(_)
            | Lifecycle::Authenticated(_)
    )
}

fn line(lifecycle: &Lifecycle, at: Now, zone: &TimeZone) -> String {
    match lifecycle {
        Lifecycle::Status(Status::Connecting { attempt }) => format!("attempt {attempt}"),
        Lifecycle::Credential(facts) => token(facts, at, zone),
        Lifecycle::Verified(facts) => verified(facts),
        other => other.to_string(),
    }
}

/// A token in a line, what matters most first.
fn token(facts: &CredentialFacts, at: Now, zone: &TimeZone) -> String {
    let mut text = format!("token {}", facts.fingerprint);
    if let Some(subject) = &facts.subject {
        text.extend([" for ", subject]);
    }
    match facts.expires {
        Some(expires) => {
            text.push_str(" · expires ");
            text.push_str(&words::clock_or_date(expires, at.wall, zone));
        }
        None => text.push_str(" · no expiry stated"),
    }
    text.extend([" · from ", &facts.source]);
    text
}

/// What became of verifying a token; the status bar and the connection's page say the rest.
fn verified(facts: &CredentialFacts) -> String {
    let verification = facts.verification.as_ref();
    let words = verification.map(ToString::to_string).unwrap_or_default();
    format!("token {} {words}", facts.fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_the_choice_stays() {
        let mut log = Log::default();
        let note = |text: &str| Lifecycle::Note(text.into());
        for at in 0..10 {
            log.push(Now::default(), StreamId(at % 2), &note("x"), &TimeZone::UTC);
        }
        log.push(
            Now::default(),
            StreamId(0),
            &Lifecycle::Pong(std::time::Duration::ZERO),
            &TimeZone::UTC,
        );
        log.step(Some(StreamId(1)), -2);
        assert_eq!(log.chosen().map(|turn| turn.id), Some(5));
        for _ in 0..KEPT {
            log.push(Now::default(), StreamId(0), &note("y"), &TimeZone::UTC);
        }
        assert_eq!((log.newest(None).count(), log.chosen()), (KEPT, None));
    }
}
