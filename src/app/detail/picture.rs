//! What is in view of the pane. It costs what is in view: of a tree only the rows that are there are laid out.

use std::ops::Range;

use super::{
    super::{App, PageLine, Pane, explain, wrap},
    Document, connection, event, lines, rows,
};
use crate::store::{Body, Row};

/// The pane's lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// The lines in view.
    pub lines: Vec<PageLine>,
    /// Which of them are the chosen row.
    pub chosen: Range<usize>,
    /// Whether there is more below.
    pub more: bool,
}

/// What is in view of the pane in so many columns and lines.
pub fn picture(app: &App, width: usize, height: usize) -> Picture {
    if let Some((row, document)) = app.shown_document()
        && document.tree.is_some()
    {
        return tree(app, &row, document, (width, height));
    }
    let limit = app.detail.scroll + height;
    // One line more than there is room for tells that there is more.
    let mut lines = flat(app, width, limit + 1);
    Picture {
        more: lines.len() > limit,
        chosen: 0..0,
        lines: {
            lines.truncate(limit);
            lines.split_off(app.detail.scroll.min(lines.len()))
        },
    }
}

/// The lines of everything but a tree, `limit` at most.
pub(super) fn flat(app: &App, width: usize, limit: usize) -> Vec<PageLine> {
    let row = app.list.cursor().and_then(|seq| app.store.row(seq));
    let mut lines = match row.filter(|_| !app.detail.connection) {
        Some(row) => match (row.body, &app.detail.document) {
            (Body::Lifecycle(lifecycle), _) => [
                vec![event::first(app, &row)],
                explain::lines(lifecycle, width),
            ]
            .concat(),
            (Body::Message { .. }, Some(document)) => {
                let mut lines = event::head(app, &row, document, width);
                lines.extend(lines::lines(document, width, limit));
                lines
            }
            (Body::Message { .. }, None) => Vec::new(),
        },
        None => connection::lines(app, app.target(), width),
    };
    lines.truncate(limit);
    lines
}

fn tree(app: &App, row: &Row<'_>, document: &Document, (width, height): (usize, usize)) -> Picture {
    let mut picture = Picture::default();
    let items = Items::new(app, row, document, width);
    for item in app.detail.top..items.len() {
        let found = items.lines(item);
        let start = picture.lines.len();
        picture.lines.extend(found);
        if item == app.detail.row + 1 && app.focus == Pane::Detail {
            picture.chosen = start..picture.lines.len().min(height);
        }
        if picture.lines.len() > height {
            break;
        }
    }
    picture.more = picture.lines.len() > height;
    picture.lines.truncate(height);
    picture
}

/// What a tree's pane scrolls over: the head, the rows, and a last word when there would be more of them.
pub(super) struct Items<'a> {
    app: &'a App,
    row: &'a Row<'a>,
    document: &'a Document,
    width: usize,
}

impl<'a> Items<'a> {
    pub(super) const fn new(
        app: &'a App,
        row: &'a Row<'a>,
        document: &'a Document,
        width: usize,
    ) -> Self {
        Self {
            app,
            row,
            document,
            width,
        }
    }

    pub(super) fn len(&self) -> usize {
        let tree = self.document.tree.as_ref();
        tree.map_or(1, |tree| {
            1 + tree.nodes().len() + usize::from(tree.is_cut())
        })
    }

    /// The item that is to be in view with a row: itself; with the last row, what is said behind it.
    pub(super) fn shown_with(&self, row: usize) -> usize {
        let tree = self.document.tree.as_ref();
        let is_last = tree.is_some_and(|tree| row + 1 == tree.nodes().len());
        if is_last { self.len() - 1 } else { row + 1 }
    }

    /// The lines of an item; the head is item 0.
    pub(super) fn lines(&self, item: usize) -> Vec<PageLine> {
        let Some(row) = item.checked_sub(1) else {
            return event::head(self.app, self.row, self.document, self.width);
        };
        match &self.document.tree {
            Some(tree) if row < tree.nodes().len() => rows::lines(
                (tree, self.document.decoded()),
                row,
                self.app.glyphs(),
                self.width,
            ),
            _ => wrap::words(
                "no more rows are made: fold something, or see it raw",
                self.width,
            )
            .into_iter()
            .map(|line| PageLine::new(super::super::Role::Warn, line))
            .collect(),
        }
    }

    /// The first item in view when the last one in view is to be this one.
    pub(super) fn first_before(&self, item: usize, height: usize) -> usize {
        let mut left = height;
        let mut first = item;
        for at in (0..=item).rev() {
            let lines = self.lines(at).len();
            if lines > left {
                break;
            }
            left -= lines;
            first = at;
        }
        first
    }
}
