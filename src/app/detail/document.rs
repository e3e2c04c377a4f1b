//! The chosen event's payload, made ready to be shown: once, not for each picture.

use std::{borrow::Cow, rc::Rc};

use super::{
    super::{App, PageLine},
    Form,
    difference::Compared,
    form::Forms,
};
use crate::{
    payload::{
        decoded::Decoded,
        hidden::hidden,
        tree::{Folds, Tree},
    },
    store::{Body, Seq},
};

/// A payload ready to be shown.
#[derive(Debug)]
pub(super) struct Document {
    seq: Seq,
    /// The forms that make sense for it.
    forms: Vec<Form>,
    /// What it decodes to in some of them, masked as it is.
    decoded: Vec<(Form, Decoded)>,
    /// The one in which it is shown.
    pub(super) form: Form,
    /// The payload, with what looks like a secret masked unless it was asked for.
    pub(super) shown: Rc<[u8]>,
    /// Whether something in it looks like a secret.
    secret: bool,
    /// Whether that is shown.
    revealed: bool,
    /// The rows, where it is shown as a tree.
    pub(super) tree: Option<Tree>,
    /// The difference, where that is shown.
    compared: Option<Compared>,
}

impl Document {
    /// Of an event that is a message and is held.
    pub(super) fn new(app: &App, seq: Seq) -> Option<Self> {
        let mut document = Self::plain(app, seq, app.revealed == Some(seq))?;
        document.take(app.detail.form, &app.detail.folds);
        if document.form == Form::Difference {
            document.compared = Some(Compared::new(app, seq, &document));
        }
        Some(document)
    }

    /// Of an event that is a message and is held, in no form yet.
    pub(super) fn plain(app: &App, seq: Seq, revealed: bool) -> Option<Self> {
        let row = app.store.row(seq)?;
        let Body::Message { data, kind, .. } = row.body else {
            return None;
        };
        let schema = app
            .stream(row.stream)
            .and_then(|stream| stream.setup.protobuf.as_ref());
        let mut forms = Forms::of(data, kind, schema);
        let hidden = hidden(data, forms.decoded.iter().map(|(_, decoded)| decoded));
        let secret = matches!(hidden, Cow::Owned(_));
        if secret && !revealed {
            // What one form knows by its name, another one would show without it.
            forms = Forms::of(&hidden, kind, schema);
        }
        if !revealed {
            forms.mask();
        }
        Some(Self {
            seq,
            forms: forms.all,
            decoded: forms.decoded,
            form: Form::default(),
            secret,
            shown: if revealed { data.into() } else { hidden.into() },
            revealed,
            tree: None,
            compared: None,
        })
    }

    /// Whether it is of this event as it stands.
    pub(super) fn is_of(&self, app: &App, seq: Seq) -> bool {
        self.seq == seq && self.revealed == (app.revealed == Some(seq))
    }

    /// Whether something in it is masked.
    pub(super) const fn is_masked(&self) -> bool {
        self.secret && !self.revealed
    }

    /// Whether something in this event looks like a secret; `None`: it is of another event.
    pub(super) fn has_secret(&self, seq: Seq) -> Option<bool> {
        (self.seq == seq).then_some(self.secret)
    }

    /// Shows it in a form, or in the one that fits it best when that makes no sense.
    pub(super) fn take(&mut self, wanted: Form, folds: &Folds) {
        let fits = wanted == Form::Difference || self.forms.contains(&wanted);
        self.form = match self.forms.first() {
            Some(best) if !fits => *best,
            _ => wanted,
        };
        self.fold(folds);
    }

    /// Opens and folds what is to be.
    pub(super) fn fold(&mut self, folds: &Folds) {
        let text = match (self.form, self.decoded()) {
            (Form::Tree, _) => Some(self.shown.clone()),
            (_, decoded) => decoded.map(|decoded| decoded.text.as_slice().into()),
        };
        self.tree = text.map(|text| Tree::new(&text, folds, !self.revealed));
    }

    /// The difference, in about so many lines.
    pub(super) fn differences(&self, width: usize, limit: usize) -> Vec<PageLine> {
        let compared = self.compared.as_ref();
        compared.map_or_else(Vec::new, |compared| compared.lines(width, limit))
    }

    /// Whether what looks like a secret is shown.
    pub(super) const fn is_revealed(&self) -> bool {
        self.revealed
    }

    /// What it says as JSON, in the form that fits it best.
    pub(super) fn json(&self) -> Option<(Form, &[u8])> {
        let best = self.best_form()?;
        if best == Form::Tree {
            return Some((best, &self.shown));
        }
        let found = self.decoded.iter().find(|(form, _)| *form == best);
        found.map(|(form, decoded)| (*form, &*decoded.text))
    }

    /// The form that fits it best.
    pub(super) fn best_form(&self) -> Option<Form> {
        self.forms.first().copied()
    }

    /// What it decodes to in its form.
    pub(super) fn decoded(&self) -> Option<&Decoded> {
        let found = self.decoded.iter().find(|(form, _)| *form == self.form);
        found.map(|(_, decoded)| decoded)
    }

    /// The form after the one in which it is shown.
    pub(super) fn next_form(&self) -> Form {
        let at = self.forms.iter().position(|form| *form == self.form);
        let next = at.map_or(0, |at| (at + 1) % self.forms.len());
        self.forms.get(next).copied().unwrap_or_default()
    }
}
