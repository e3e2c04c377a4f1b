//! What keys and the mouse do in the detail pane.

use std::borrow::Cow;

use super::{
    super::{App, Overlay, take::SLICE},
    Document, Form, picture,
};
use crate::{
    keymap::Action,
    payload::{
        mask::masked_value,
        path::Path,
        tree::{Kind, Tree},
    },
};

/// Lines that can be scrolled to.
const MOST_LINES: usize = 20_000;
/// A longer value is not put into a filter.
const MOST_VALUE: usize = 512;

impl App {
    /// What the keys of the pane do wherever the focus is: the pane is opened first where it is not shown.
    pub(in crate::app) fn detail(&mut self, action: Action) {
        if self.panes().detail.is_empty() {
            self.open_event();
            self.settle_detail();
            if action == Action::Form {
                return;
            }
        }
        match action {
            Action::Form => self.turn_form(),
            Action::Difference => self.toggle_difference(),
            Action::FoldAll => self.fold_all(false),
            Action::UnfoldAll => self.fold_all(true),
            Action::FilterValue => self.filter_by_value(),
            Action::NextEvent => self.beside(1),
            Action::PreviousEvent => self.beside(-1),
            _ => {}
        }
    }

    /// Another event, looked at in the same place.
    fn beside(&mut self, by: isize) {
        self.list.step(by);
        self.detail.scroll = 0;
    }

    /// The next form of the payload.
    fn turn_form(&mut self) {
        let Some(next) = self.detail.next_form() else {
            return self.tell("choose a message first: its payload has several forms");
        };
        self.detail.form = next;
        self.detail.rewind();
        let detail = &mut self.detail;
        if let Some(document) = &mut detail.document {
            document.take(next, &detail.folds);
        }
    }

    /// Shows what is different from the message before, or no longer.
    fn toggle_difference(&mut self) {
        let detail = &mut self.detail;
        if detail.form == Form::Difference {
            detail.form = detail.before;
        } else {
            detail.before = std::mem::replace(&mut detail.form, Form::Difference);
        }
        detail.rewind();
        // It is made again when things settle.
        detail.document = None;
    }

    /// The tree that is shown.
    pub(super) fn tree(&self) -> Option<&Tree> {
        let document = self.detail.document.as_ref()?;
        document.tree.as_ref().filter(|_| self.detail.is_tree())
    }

    fn refold(&mut self) {
        let detail = &mut self.detail;
        if let Some(document) = &mut detail.document {
            document.fold(&detail.folds);
        }
    }

    fn fold_all(&mut self, open: bool) {
        if self.tree().is_none() {
            return self.tell("there is nothing to fold here");
        }
        self.detail.folds.set_all(open);
        self.refold();
    }

    /// Moves the choice in a tree, else what is in view.
    pub(in crate::app) fn step_detail(&mut self, rows: isize) {
        match self.tree() {
            Some(tree) => {
                let to = self.detail.row.saturating_add_signed(rows);
                let to = to.min(tree.nodes().len().saturating_sub(1));
                self.detail.wanted = tree.path(to);
                if to == 0 {
                    self.detail.top = 0;
                }
            }
            None => self.scroll_detail(rows),
        }
    }

    fn scroll_detail(&mut self, rows: isize) {
        let area = self.panes().detail_body();
        let height = usize::from(area.height);
        let wanted = self.detail.scroll.saturating_add_signed(rows);
        let limit = wanted.saturating_add(height).min(MOST_LINES);
        let lines = picture::flat(self, usize::from(area.width), limit).len();
        self.detail.scroll = wanted.min(lines.saturating_sub(height));
    }

    /// Left and right: folds and opens in a tree, else goes to the event before or after.
    pub(in crate::app) fn sideways_in_detail(&mut self, by: isize) {
        let row = self.detail.row;
        let Some(node) = self.tree().and_then(|tree| tree.nodes().get(row)) else {
            return self.beside(by);
        };
        let (open, parent) = (node.open, node.parent);
        match (by > 0, open) {
            (true, Some(false)) => self.set_open(row, true),
            (true, Some(true)) => self.step_detail(1),
            (false, Some(true)) => self.set_open(row, false),
            (false, _) => {
                let up = parent.map_or(0, |parent| row - parent);
                self.step_detail(-up.cast_signed());
            }
            (true, None) => {}
        }
    }

    /// Opens or folds the chosen row.
    pub(in crate::app) fn turn_fold(&mut self) {
        let row = self.detail.row;
        let open = self.tree().and_then(|tree| tree.nodes().get(row)?.open);
        if let Some(open) = open {
            self.set_open(row, !open);
        }
    }

    fn set_open(&mut self, row: usize, open: bool) {
        if let Some(path) = self.tree().map(|tree| tree.path(row)) {
            self.detail.folds.set(path.0.clone(), open);
            self.detail.wanted = path;
            self.refold();
        }
    }

    /// A row of the pane was clicked: it is chosen, and when it was already, opened or folded.
    pub(in crate::app) fn click_detail(&mut self, line: usize) {
        let area = self.panes().detail_body();
        let width = usize::from(area.width);
        let Some((event, document)) = self.shown_document() else {
            return;
        };
        let items = picture::Items::new(self, &event, document, width);
        let mut lines = 0;
        let found = (self.detail.top..items.len()).find(|item| {
            lines += items.lines(*item).len();
            lines > line
        });
        let Some(row) = found.and_then(|item| item.checked_sub(1)) else {
            return;
        };
        if row == self.detail.row {
            self.turn_fold();
        } else {
            self.step_detail(row.cast_signed() - self.detail.row.cast_signed());
        }
    }

    /// Opens the line of the filter on what the chosen value is.
    fn filter_by_value(&mut self) {
        match self.value_filter() {
            Ok(text) => {
                self.begin_search();
                self.typed(&text);
                self.list.advance(&self.store, SLICE);
                self.overlay = Overlay::Search;
            }
            Err(why) => self.tell(why),
        }
    }

    fn value_filter(&self) -> Result<String, &'static str> {
        let path = self.detail.path();
        let (Some(path), Some(tree)) = (path, self.tree()) else {
            return Err("filters compare values of JSON: choose one in a tree");
        };
        let Some(node) = tree.nodes().get(self.detail.row) else {
            return Err("choose a value first");
        };
        if matches!(node.kind, Kind::Object | Kind::Array) {
            return Ok(format!("{path} != null"));
        }
        let raw = String::from_utf8_lossy(tree.raw(self.detail.row));
        if raw.len() > MOST_VALUE {
            return Err("this value is too long for a filter");
        }
        if self.looks_secret(&path, &raw) {
            return Err("what looks like a secret is not put into a filter");
        }
        Ok(format!("{path} == {raw}"))
    }

    /// Whether a value is, or would be, masked.
    fn looks_secret(&self, path: &Path, raw: &str) -> bool {
        let hidden = self
            .detail
            .document
            .as_ref()
            .is_some_and(Document::is_masked);
        let would_be = masked_value(path.name().unwrap_or_default(), raw.as_bytes());
        matches!(would_be, Cow::Owned(_)) || (hidden && raw.contains('*'))
    }
}
