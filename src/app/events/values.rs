//! What stands in a column of values. Only rows in view are looked at.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::InView;
use crate::{
    app::{App, text},
    payload::{field::Held, mask::masked_value},
    places::Part,
    profile::Column,
    store::{Body, Row},
};

/// A name of an id or a channel is cut here, in bytes.
const NAME: usize = 256;

/// The value of a message in a column of values, safe to show; `None`: it has none; empty: nobody can tell.
pub fn value(app: &App, row: &Row<'_>, column: &Column) -> Option<String> {
    let Body::Message { data, .. } = row.body else {
        return Some(String::new());
    };
    let told = match column {
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

/// A part as it was written, without its quotes.
pub(super) fn part(app: &App, row: &Row<'_>, part: Part) -> Option<String> {
    let found = app.store.part(row, part)?;
    let found = masked_value("", &found[..found.len().min(NAME)]);
    Some(String::from_utf8_lossy(&found).trim_matches('"').to_owned())
}

impl App {
    /// Makes columns of values as wide as what is in view.
    pub(in crate::app) fn settle_columns(&mut self, area: Rect) {
        if self.list.columns.values().next().is_none() {
            return;
        }
        let InView { start, end, .. } = self.in_view(area);
        let rows = (start..end).filter_map(|at| self.store.row(self.list.seq(at)?));
        let mut widths = Vec::new();
        for row in rows {
            for (at, column) in self.list.columns.values() {
                widths.extend(value(self, &row, column).map(|value| (at, value.width())));
            }
        }
        for (at, width) in widths {
            self.list.columns.widen(at, width);
        }
    }
}
