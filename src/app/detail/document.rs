//! The chosen event's payload, made ready to be shown: once, not for each picture.

use std::{borrow::Cow, rc::Rc};

use super::{super::App, Form};
use crate::{
    payload::tree::{Folds, Tree},
    store::{Body, Seq},
};

/// A payload ready to be shown.
#[derive(Debug)]
pub(super) struct Document {
    seq: Seq,
    revealed: bool,
    /// The forms that make sense for it.
    forms: Vec<Form>,
    /// The one in which it is shown.
    pub(super) form: Form,
    /// The payload, with what looks like a secret masked unless it was asked for.
    pub(super) shown: Rc<[u8]>,
    masked: bool,
    /// The rows, where it is shown as a tree.
    pub(super) tree: Option<Tree>,
}

impl Document {
    /// Of an event that is a message and is held.
    pub(super) fn new(app: &App, seq: Seq) -> Option<Self> {
        let Body::Message { data, .. } = app.store.row(seq)?.body else {
            return None;
        };
        let shown = app.shown_of(seq, data);
        let masked = matches!(shown, Cow::Owned(_));
        let mut document = Self {
            seq,
            revealed: app.revealed == Some(seq),
            forms: Form::offered(data),
            form: Form::default(),
            shown: shown.into(),
            masked,
            tree: None,
        };
        document.take(app.detail.form, &app.detail.folds);
        Some(document)
    }

    /// Whether it is of this event as it stands.
    pub(super) fn is_of(&self, app: &App, seq: Seq) -> bool {
        self.seq == seq && self.revealed == (app.revealed == Some(seq))
    }

    /// Whether something in it is masked.
    pub(super) const fn is_masked(&self) -> bool {
        self.masked
    }

    /// Shows it in a form, or in the one that fits it best when that makes no sense.
    pub(super) fn take(&mut self, wanted: Form, folds: &Folds) {
        let fits = self.forms.contains(&wanted);
        self.form = match self.forms.first() {
            Some(best) if !fits => *best,
            _ => wanted,
        };
        self.fold(folds);
    }

    /// Opens and folds what is to be.
    pub(super) fn fold(&mut self, folds: &Folds) {
        let is_tree = self.form == Form::Tree;
        self.tree = is_tree.then(|| Tree::new(self.shown.clone(), folds, !self.revealed));
    }

    /// The form after the one in which it is shown.
    pub(super) fn next_form(&self) -> Form {
        let at = self.forms.iter().position(|form| *form == self.form);
        let next = at.map_or(0, |at| (at + 1) % self.forms.len());
        self.forms.get(next).copied().unwrap_or_default()
    }
}
