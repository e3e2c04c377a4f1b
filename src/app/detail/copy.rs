//! What is copied of the chosen event: its payload, or a value of it and where that stands. What is masked in the pane
//! is masked here.

use super::{Document, Form};
use crate::{
    app::{App, Clip, event_number},
    event::{Event, quoted},
    message,
    payload::{
        hex,
        tree::{Kind, Tree, unquoted},
    },
    store::{Body, Seq},
};

impl App {
    /// The chosen value, or where it stands; `None`: the pane shows no tree.
    pub(in crate::app) fn clip_value(&self, place: bool) -> Option<Clip> {
        let tree = self.tree()?;
        let path = self.detail.place()?.to_string();
        let document = self.detail.document.as_ref()?;
        if place {
            return Some(Clip::new(format!("path {path}"), path));
        }
        let clip = Clip::new(format!("value of {path}"), value(tree, self.detail.row)?);
        Some(document.tell_of_secrets(clip))
    }

    /// The payload of an event, in the form in which the pane shows it where `shown`.
    pub(in crate::app) fn clip_payload(&self, seq: Seq, shown: bool) -> Option<Clip> {
        let document = self.document_of(seq)?;
        let form = self.detail.form().filter(|_| shown);
        let what = format!("payload of event {}", event_number(seq));
        Some(document.tell_of_secrets(Clip::new(what, document.written(form))))
    }

    /// An event for an exporter, which masks what it can read: what only decoding tells is masked here. `None`: it was let
    /// go.
    pub(in crate::app) fn event_to_export(&self, seq: Seq, revealed: bool) -> Option<Event> {
        let row = self.store.row(seq)?;
        let payload = match row.body {
            Body::Message {
                data,
                kind: message::Kind::Text,
                ..
            } => data.to_vec(),
            Body::Message { .. } => Document::plain(self, seq, revealed)?.shown.to_vec(),
            Body::Lifecycle(_) => Vec::new(),
        };
        Some(row.event(payload.into()))
    }

    fn document_of(&self, seq: Seq) -> Option<Document> {
        Document::plain(self, seq, self.revealed == Some(seq))
    }
}

impl Document {
    fn tell_of_secrets(&self, clip: Clip) -> Clip {
        Clip {
            revealed: self.is_revealed(),
            masked: self.is_masked() && clip.text.expose().contains('*'),
            ..clip
        }
    }

    /// The payload as text in a form, or in the one that fits it best; in hexadecimal where it is no text there.
    fn written(&self, form: Option<Form>) -> String {
        let form = form.filter(|form| *form != Form::Difference);
        let text = std::str::from_utf8(&self.shown).ok();
        match form.or_else(|| self.best_form()) {
            Some(Form::Tree | Form::Text | Form::Raw) => text.map(harmless),
            _ => None,
        }
        .unwrap_or_else(|| hex::digits(&self.shown))
    }
}

/// A value as it is pasted: a text without quotes, anything else as JSON.
fn value(tree: &Tree, row: usize) -> Option<String> {
    let raw = tree.raw(row);
    match tree.nodes().get(row)?.kind {
        Kind::String => Some(harmless(&unquoted(raw))),
        _ => Some(String::from_utf8_lossy(raw).into_owned()),
    }
}

/// The text; what a terminal would obey when it is pasted there makes it a JSON string.
fn harmless(text: &str) -> String {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(obeyed) {
        quoted(text)
    } else {
        text.to_owned()
    }
}
