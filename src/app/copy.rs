//! What is copied: of the chosen event the payload or its line, in the detail pane a value or its place. What looks like
//! a secret is masked unless the event is revealed, and then that is told.

use super::{App, Output, Pane, StreamState, event_number};
use crate::{
    export::{Exporter, Format, Origin},
    payload::mask::masked,
    profile::Clipboard,
    secret::Secret,
    store::{Body, Seq},
};

/// Characters of what is copied that a notice repeats.
const WHAT: usize = 32;

/// A text for the clipboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// What it is, in words.
    pub what: String,
    /// The text. It is the user's to take out, so it may hold a secret that was revealed.
    pub text: Secret,
    /// Whether what looks like a secret was left in it.
    pub revealed: bool,
    /// Whether something in it was masked.
    pub masked: bool,
}

impl Clip {
    /// A text in which nothing looks like a secret.
    pub(super) fn new(what: String, text: String) -> Self {
        Self {
            what,
            text: Secret::new(text),
            revealed: false,
            masked: false,
        }
    }

    /// Tells that it was copied: `value of .data.id copied (14 bytes)`.
    pub fn told(&self) -> String {
        let mut what: String = self.what.chars().take(WHAT).collect();
        if what.len() < self.what.len() {
            what.push('…');
        }
        let how = match (self.revealed, self.masked) {
            (true, _) => " unmasked",
            (false, true) => " masked",
            (false, false) => "",
        };
        format!("{what} copied{how} ({} bytes)", self.text.expose().len())
    }
}

impl App {
    /// Copies the chosen event or value; `place`: where the value stands, or the event's whole line.
    pub(super) fn copy(&mut self, place: bool) {
        match self.clip(place) {
            Ok(clip) => self.outputs.push_back(Output::Copy(clip)),
            Err(why) => self.tell(why),
        }
    }

    fn clip(&self, place: bool) -> Result<Clip, &'static str> {
        if self.setup.clipboard == Clipboard::Off {
            return Err("copying is off: the configuration says clipboard = \"off\"");
        }
        let in_detail = self.focus == Pane::Detail;
        if let Some(clip) = self.clip_value(place).filter(|_| in_detail) {
            return Ok(clip);
        }
        if in_detail && self.detail.connection {
            return Err("the facts of the connection are not copied: choose an event");
        }
        if in_detail && place && self.list.cursor().is_some() {
            return Err("only what is shown as a tree has paths: change the form first");
        }
        if self.focus == Pane::Lifecycle {
            return self.clip_turn();
        }
        let clip = self.chosen_or_newest().and_then(|seq| {
            if place {
                self.clip_line(seq)
            } else {
                self.clip_event(seq, in_detail)
            }
        });
        clip.ok_or("there is no event to copy")
    }

    /// The chosen event; while none is chosen, the newest that is listed.
    pub(super) fn chosen_or_newest(&self) -> Option<Seq> {
        let newest = || self.list.seq(self.list.count().checked_sub(1)?);
        self.list.cursor().or_else(newest)
    }

    fn clip_turn(&self) -> Result<Clip, &'static str> {
        let turn = self.log.chosen().ok_or("choose a turn first")?;
        Ok(words("text of the turn", &turn.lifecycle.to_string()))
    }

    /// The payload of a message, or a turn in words.
    fn clip_event(&self, seq: Seq, in_detail: bool) -> Option<Clip> {
        match self.store.row(seq)?.body {
            Body::Message { .. } => self.clip_payload(seq, in_detail),
            Body::Lifecycle(lifecycle) => {
                let what = format!("text of event {}", event_number(seq));
                Some(words(&what, &lifecycle.to_string()))
            }
        }
    }

    /// The event as `tail` writes it.
    fn clip_line(&self, seq: Seq) -> Option<Clip> {
        let revealed = self.revealed == Some(seq);
        let event = self.event_to_export(seq, revealed)?;
        let mut line = Vec::new();
        Exporter::new(Format::Ndjson, self.origins(), !revealed).event(&event, &mut line);
        let line = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
        Some(Clip {
            revealed,
            masked: !revealed && self.hides_something(seq),
            ..Clip::new(format!("event {}", event_number(seq)), line)
        })
    }
}

impl App {
    /// Where the events come from, for exports and recordings.
    pub fn origins(&self) -> Vec<Origin> {
        let origin = |state: &StreamState| Origin {
            schema: state.setup.protobuf.clone(),
            name: state.setup.name.clone(),
            address: Some(state.setup.address.clone()),
            links: state.links.iter().cloned().collect(),
        };
        self.streams.iter().map(origin).collect()
    }
}

fn words(what: &str, text: &str) -> Clip {
    let shown = masked(text.as_bytes());
    let masked = *shown != *text.as_bytes();
    let text = String::from_utf8_lossy(&shown).into_owned();
    Clip {
        masked,
        ..Clip::new(what.to_owned(), text)
    }
}
