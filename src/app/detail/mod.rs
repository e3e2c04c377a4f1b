//! The detail pane: the chosen event as a tree or in another form, or the facts of the connection.
//!
//! What is shown of an event is made once, when it is chosen; a picture costs what is in view. Where the pane looks is
//! remembered as a path, so the same place of the next event comes into view.

mod connection;
mod copy;
mod difference;
mod document;
mod event;
mod form;
mod keys;
mod lines;
mod picture;
mod rows;

use super::App;
use crate::{
    payload::{path::Path, tree::Folds},
    store::{Row, Seq},
};

use document::Document;
pub use form::Form;
use picture::Items;
pub use picture::{Picture, picture};

/// The pane's state.
#[derive(Debug, Default)]
pub struct Detail {
    /// The form that is wanted, where a payload has it.
    form: Form,
    /// The one that was wanted before the difference.
    before: Form,
    /// Whether the facts of the connection are shown in place of the event.
    pub connection: bool,
    /// Whether it was opened; on a wide screen it is always there.
    pub open: bool,
    /// Lines above the first one in view, where it is no tree.
    pub(super) scroll: usize,
    /// What of trees is open.
    folds: Folds,
    /// Where in trees it looks.
    wanted: Path,
    /// The row that is there, or leads there.
    row: usize,
    /// The first thing in view of a tree: its head, or one past a row.
    top: usize,
    document: Option<Document>,
}

impl Detail {
    /// The form in which the event is shown; `None`: none is.
    pub fn form(&self) -> Option<Form> {
        self.document.as_ref().map(|document| document.form)
    }

    /// The form that comes next.
    pub fn next_form(&self) -> Option<Form> {
        self.document.as_ref().map(Document::next_form)
    }

    /// Whether it shows a tree.
    pub fn is_tree(&self) -> bool {
        let tree = self.document.as_ref().map(|document| &document.tree);
        matches!(tree, Some(Some(_))) && !self.connection
    }

    /// Where the chosen row of a tree stands.
    pub fn place(&self) -> Option<Path> {
        let tree = self.document.as_ref()?.tree.as_ref()?;
        (!self.connection).then(|| tree.path(self.row))
    }

    /// Where the chosen row of the tree stands in the payload; `None`: there is no tree of the payload as it came.
    pub fn path(&self) -> Option<Path> {
        self.place().filter(|_| self.form() == Some(Form::Tree))
    }

    /// Whether something in this event looks like a secret; `None`: it is not in the pane.
    pub(super) fn has_secret(&self, seq: Seq) -> Option<bool> {
        self.document.as_ref()?.has_secret(seq)
    }

    /// Looks from the top again.
    pub(super) fn rewind(&mut self) {
        self.scroll = 0;
        self.top = 0;
    }
}

impl App {
    /// The chosen message, ready to be shown.
    fn shown_document(&self) -> Option<(Row<'_>, &Document)> {
        let document = self.detail.document.as_ref()?;
        let seq = self.list.cursor().filter(|_| !self.detail.connection)?;
        let row = self.store.row(seq)?;
        document.is_of(self, seq).then_some((row, document))
    }

    /// Makes the chosen event ready, if the pane shows one, and brings the chosen row into view.
    pub(super) fn settle_detail(&mut self) {
        let shown = !self.panes().detail.is_empty() && !self.detail.connection;
        let Some(seq) = self.list.cursor().filter(|_| shown) else {
            self.detail.document = None;
            return;
        };
        let known = self.detail.document.as_ref();
        if !known.is_some_and(|document| document.is_of(self, seq)) {
            self.detail.document = Document::new(self, seq);
        }
        self.settle_row();
    }

    fn settle_row(&mut self) {
        let detail = &self.detail;
        let document = detail.document.as_ref();
        let Some(tree) = document.and_then(|document| document.tree.as_ref()) else {
            return;
        };
        let row = if tree.path(detail.row) == detail.wanted {
            detail.row
        } else {
            tree.find(&detail.wanted)
        };
        self.detail.row = row;
        let area = self.panes().detail_body();
        let Some((event, document)) = self.shown_document() else {
            return;
        };
        let items = Items::new(self, &event, document, area.width.into());
        let shown = items.shown_with(row);
        let first = items.first_before(shown, area.height.into());
        // The first row has the head above it.
        let last = if row == 0 { first } else { row + 1 };
        self.detail.top = self.detail.top.clamp(first, last.max(first));
    }
}
