//! The table of types over the panes: how often each comes, how much it is, when the last one came.

use std::borrow::Cow;

use ratatui::layout::Rect;

use super::{canvas::Canvas, more, palette::choose, text};
use crate::{
    app::{App, Order, PageLine, Panes, Role, age, first_in_view, grouped, size},
    store::{RECENT, Stated, TypeCount},
    time::Now,
};

/// Seconds of the sparkline.
const HISTORY: u64 = 30;
/// Steps of the bar beside a share.
const BAR: u64 = 10;

/// What stands beside the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Events,
    Rate,
    Bytes,
    Share,
    Bar,
    Last,
    Spark,
}

/// The fields that have room, with their columns, and the space before each.
struct Plan {
    fields: &'static [(Field, usize)],
    gap: usize,
    name: usize,
}

const WIDE: &[(Field, usize)] = &[
    (Field::Events, 10),
    (Field::Rate, 9),
    (Field::Bytes, 8),
    (Field::Share, 7),
    (Field::Bar, BAR as usize),
    (Field::Last, 7),
    (Field::Spark, HISTORY as usize),
];
const MIDDLE: &[(Field, usize)] = &[
    (Field::Events, 8),
    (Field::Rate, 8),
    (Field::Bytes, 8),
    (Field::Share, 6),
    (Field::Last, 6),
    (Field::Spark, 10),
];
const SMALL: &[(Field, usize)] = &[(Field::Events, 8), (Field::Rate, 8)];

impl Plan {
    fn new(width: usize) -> Self {
        let (fields, gap) = match width {
            0..66 => (SMALL, 1),
            66..116 => (MIDDLE, 1),
            _ => (WIDE, 2),
        };
        let taken: usize = fields.iter().map(|(_, wide)| wide + gap).sum();
        Self {
            fields,
            gap,
            name: width.saturating_sub(taken + 3),
        }
    }

    /// A name and what stands beside it.
    fn line(
        &self,
        (role, name): (Role, &str),
        cut: &str,
        cell: impl Fn(Field, usize) -> (Role, String),
    ) -> PageLine {
        let name = text::left(name, self.name, cut);
        let mut line = PageLine::new(Role::Text, "  ").and(role, name);
        for (field, wide) in self.fields {
            let (role, text) = cell(*field, *wide);
            let gap = " ".repeat(self.gap);
            line = line
                .and(Role::Text, gap)
                .and(role, format!("{text:>wide$}"));
        }
        line
    }
}

/// Draws the table.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, area: Rect, now: Now) {
    let rows = app.type_rows();
    let (frame, body, list) = Panes::types(area, rows.len().max(1));
    title(app, canvas, frame, &rows);
    let table = Table {
        app,
        plan: Plan::new(body.width.into()),
        all: rows.iter().map(|row| row.events).sum(),
        now,
    };
    canvas.line(body, 0, &table.titles(canvas));
    if rows.is_empty() {
        canvas.line(list, 0, &PageLine::new(Role::Dim, "  no messages yet"));
    }
    let (chosen, height) = (app.type_row(&rows), usize::from(list.height));
    let start = first_in_view(chosen, height);
    for (line, (at, row)) in rows.iter().enumerate().skip(start).take(height).enumerate() {
        canvas.line(list, line, &table.row(canvas, row));
        if at == chosen {
            choose(canvas, list, line);
        }
    }
    more(canvas, frame, rows.len().saturating_sub(start + height));
}

/// Whose types they are and their order; on the right how many there are.
fn title(app: &App, canvas: &mut Canvas<'_>, frame: Rect, rows: &[TypeCount<'_>]) {
    let whose = match app.shown() {
        Some(stream) => app.stream_name(stream),
        None => "all streams",
    };
    canvas.clear(frame);
    let dot = canvas.glyphs.dot;
    let title = PageLine::new(Role::Accent, "types ")
        .and(Role::Text, format!("{dot} {whose} {dot} "))
        .and(Role::Text, format!("by {}", app.types.order.word()));
    canvas.boxed(frame, &title, true);
    let edge = Rect {
        width: frame.width.saturating_sub(2),
        ..frame
    };
    let count = format!(" {} ", grouped(rows.len() as u64));
    canvas.right(edge, 0, &PageLine::new(Role::Dim, count));
}

/// What all rows share.
struct Table<'a> {
    app: &'a App,
    plan: Plan,
    /// Events of all rows.
    all: u64,
    now: Now,
}

impl Table<'_> {
    fn titles(&self, canvas: &Canvas<'_>) -> PageLine {
        let order = self.app.types.order;
        let role = |of: Order| {
            if of == order { Role::Accent } else { Role::Dim }
        };
        let name = (role(Order::Name), "type");
        self.plan
            .line(name, canvas.glyphs.cut, |field, wide| match field {
                Field::Events => (role(Order::Events), "events".into()),
                Field::Rate => (role(Order::Rate), "rate".into()),
                Field::Bytes => (role(Order::Bytes), "bytes".into()),
                Field::Share => (Role::Dim, "share".into()),
                Field::Bar => (Role::Dim, String::new()),
                Field::Last => (role(Order::Last), "seen".into()),
                Field::Spark => (Role::Dim, format!("{:<wide$}", format!("last {HISTORY} s"))),
            })
    }

    fn row(&self, canvas: &Canvas<'_>, row: &TypeCount<'_>) -> PageLine {
        let role = match row.stated {
            Stated::Name(_) => Role::Text,
            Stated::Other | Stated::Nothing => Role::Dim,
        };
        let name = name(row.stated);
        self.plan
            .line((role, &name), canvas.glyphs.cut, |field, wide| {
                self.cell(canvas, row, (field, wide))
            })
    }

    fn cell(
        &self,
        canvas: &Canvas<'_>,
        row: &TypeCount<'_>,
        (field, wide): (Field, usize),
    ) -> (Role, String) {
        match field {
            Field::Events => (Role::Text, grouped(row.events)),
            Field::Rate if row.recent == 0 => (Role::Dim, "0/s".into()),
            Field::Rate => (Role::Text, rate(row.recent)),
            Field::Bytes => (Role::Text, size(row.bytes)),
            Field::Share => (Role::Text, share(row.events, self.all)),
            Field::Bar => (Role::Accent, bar(canvas, row.events, self.all)),
            Field::Last => (Role::Dim, age(self.now.wall, row.last.wall)),
            Field::Spark => (Role::Accent, self.spark(canvas, row, wide)),
        }
    }

    /// How often it came, each column for as many seconds as there is room for. Columns begin at whole multiples of them,
    /// so that what stands keeps its shape while it moves on.
    fn spark(&self, canvas: &Canvas<'_>, row: &TypeCount<'_>, wide: usize) -> String {
        let span = (HISTORY / wide as u64).max(1);
        let begun = self.now.mono.0 / 1_000_000 % span;
        let seconds = match begun {
            0 => HISTORY,
            begun => HISTORY - span + begun,
        };
        let (store, shown) = (&self.app.store, self.app.shown());
        let counts = store.type_history(row.id, shown, (self.now.mono, seconds));
        let columns = counts.chunks(span as usize);
        let sums: Vec<u64> = columns.map(|some| some.iter().sum()).collect();
        canvas.glyphs.sparkline(&sums)
    }
}

/// `2.4/s`, `812/s`.
fn rate(recent: u64) -> String {
    match recent / RECENT {
        0..10 => format!("{}.{}/s", recent / RECENT, recent % RECENT * 10 / RECENT),
        many => format!("{}/s", grouped(many)),
    }
}

/// `34.1 %`; what is not nothing is never told as nothing.
fn share(part: u64, all: u64) -> String {
    match part.saturating_mul(1000) / all.max(1) {
        0 if part > 0 => "<0.1 %".into(),
        1000 => "100 %".into(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

fn bar(canvas: &Canvas<'_>, part: u64, all: u64) -> String {
    let full = part.saturating_mul(BAR).div_ceil(all.max(1)).min(BAR) as usize;
    canvas.glyphs.full.repeat(full) + &canvas.glyphs.empty.repeat(BAR as usize - full)
}

/// A type in words.
pub(super) fn name(stated: Stated<'_>) -> Cow<'_, str> {
    match stated {
        Stated::Name(name) => text::tame(name),
        Stated::Other => "(other types)".into(),
        Stated::Nothing => "(no type)".into(),
    }
}
