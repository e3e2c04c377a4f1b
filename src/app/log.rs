//! The turns in the streams' lives, the newest thousand of them, for the lifecycle pane.

use std::collections::VecDeque;

use crate::{
    event::{Lifecycle, Status, StreamId},
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
    /// Appends a turn, or joins it to the link it belongs to. What another line or the status bar says already is
    /// left out.
    pub fn push(&mut self, at: Now, stream: StreamId, lifecycle: &Lifecycle) {
        let last = self
            .turns
            .iter_mut()
            .rev()
            .find(|turn| turn.stream == stream);
        if is_said(lifecycle, last.as_deref()) {
            return;
        }
        if let Some(last) = last
            && let Some(step) = step(lifecycle)
            && is_link(&last.lifecycle)
        {
            last.text.push_str(" · ");
            last.text.push_str(&step);
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
            text: line(lifecycle),
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
    let gap = || matches!(last, Some(turn) if matches!(turn.lifecycle, Lifecycle::Gap(_)));
    match lifecycle {
        Lifecycle::Pong(_) | Lifecycle::Status(Status::Authenticating) => true,
        Lifecycle::Status(Status::Waiting(wait)) => wait.until.is_some() && ended(),
        Lifecycle::Status(Status::Live) => gap(),
        _ => false,
    }
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

fn line(lifecycle: &Lifecycle) -> String {
    match lifecycle {
        Lifecycle::Status(Status::Connecting { attempt }) => format!("attempt {attempt}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_the_choice_stays() {
        let mut log = Log::default();
        let note = |text: &str| Lifecycle::Note(text.into());
        for at in 0..10 {
            log.push(Now::default(), StreamId(at % 2), &note("x"));
        }
        log.push(
            Now::default(),
            StreamId(0),
            &Lifecycle::Pong(std::time::Duration::ZERO),
        );
        log.step(Some(StreamId(1)), -2);
        assert_eq!(log.chosen().map(|turn| turn.id), Some(5));
        for _ in 0..KEPT {
            log.push(Now::default(), StreamId(0), &note("y"));
        }
        assert_eq!((log.newest(None).count(), log.chosen()), (KEPT, None));
    }
}
