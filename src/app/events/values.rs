//! What stands in a column of values. Only rows in view are looked at.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::InView;
use crate::{
    app::{App, text},
    message::Kind,
    payload::{field::Held, mask::masked_value},
    places::Part,
    profile::Column,
    store::{Body, Row},
};

/// A name of an id or a channel is cut here, in bytes.
const NAME: usize = 256;
/// What is cut may be the end by which a secret is known: so much is looked at, in bytes.
const MASKED: usize = 1 << 14;

/// The value of a message in a column of values, safe to show; `None`: it has none; empty: nobody can tell.
pub fn value(app: &App, row: &Row<'_>, column: &Column) -> Option<String> {
    let Body::Message { data, .. } = row.body else {
        return Some(String::new());
    };
    let told = match column {
        Column::Type => type_word(row).to_owned(),
        Column::Id => part(app, row, Part::Id)?,
        Column::Channel => part(app, row, Part::Channel)?,
        Column::Path(field) => match field.of(data) {
            Held::Value(value) => field.text(&value, app.reveals(row.seq)),
            Held::Missing => return None,
            Held::Unread => String::new(),
        },
        _ => return None,
    };
    Some(text::tame(&told).into_owned())
}

/// The type that a message states, or else what it is made of; empty for a turn.
fn type_word<'r>(row: &Row<'r>) -> &'r str {
    match row.body {
        Body::Message {
            type_name: Some(name),
            ..
        } => name,
        Body::Message {
            kind: Kind::Text, ..
        } => "text",
        Body::Message { .. } => "binary",
        Body::Lifecycle(_) => "",
    }
}

/// A part as it was written, without its quotes.
pub(super) fn part(app: &App, row: &Row<'_>, part: Part) -> Option<String> {
    let found = app.store.part(row, part)?;
    let masked = masked_value("", &found[..found.len().min(MASKED)]);
    let shown = String::from_utf8_lossy(&masked[..masked.len().min(NAME)]);
    Some(shown.trim_matches('"').to_owned())
}

impl App {
    /// Makes columns as wide as what is in view of them.
    pub(in crate::app) fn settle_columns(&mut self, area: Rect) {
        if !self.list.columns.titled() {
            return;
        }
        let InView { start, end, .. } = self.in_view(area);
        let rows = (start..end).filter_map(|at| self.store.row(self.list.seq(at)?));
        let mut widths = Vec::new();
        for row in rows.filter(|row| matches!(row.body, Body::Message { .. })) {
            for (at, column) in self.list.columns.fitted() {
                widths.extend(value(self, &row, column).map(|value| (at, value.width())));
            }
        }
        for (at, width) in widths {
            self.list.columns.widen(at, width);
        }
    }
}
