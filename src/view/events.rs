//! The list of events: the rows in view, one line each; of streams side by side a list for each.

use ratatui::layout::Rect;

use super::{canvas::Canvas, header, pins, text, turn};
use crate::{
    app::{
        App, Cell, Columns, InView, PageLine, Pane, Panes, Role, Rows, Sides, below, brief,
        grouped, inside_box, message_lines, preview, since, size, state_role, value, wrapped_turn,
    },
    event::{Lifecycle, StreamId},
    message::{Class, Direction},
    profile::Column,
    store::{Body, Row, Seq},
    time::{Mono, Now},
};

/// Columns of a stream's name above its column at most.
const NAME: usize = 20;

/// Draws the list, and those of the streams beside it.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, now: Now) {
    let focused = app.focus == Pane::Events;
    if panes.wide {
        let mut title = title(app, canvas, panes);
        title.parts.extend(header::standing(app).parts);
        frame(canvas, panes.events, &title, (focused, count(app, canvas)));
    }
    let area = app.rows_area(panes);
    pins::draw(app, canvas, app.pins_area(panes));
    let list = List {
        app,
        area,
        rows: app.list.rows(),
        view: app.in_view(area),
        columns: Columns::new(app, area.width.into()),
        focused,
    };
    list.draw(canvas, app.titles_area(panes));
    for stream in panes.sides.streams() {
        if app.list.stream() != Some(stream) {
            beside(app, canvas, panes, (stream, now));
        }
    }
}

/// What the list is called: of streams side by side its place among them and its name.
fn title(app: &App, canvas: &Canvas<'_>, panes: &Panes) -> PageLine {
    match app.list.stream() {
        Some(stream) if panes.sides != Sides::default() => name(app, canvas, stream),
        _ => PageLine::new(Role::Text, "events "),
    }
}

/// The place of a stream among those side by side, its state and its name.
fn name(app: &App, canvas: &Canvas<'_>, stream: StreamId) -> PageLine {
    let name = text::tame(app.stream_name(stream));
    let name = text::fit(&name, NAME, canvas.glyphs.cut);
    let place = format!("{}/{} ", stream.0 + 1, app.streams.len());
    let line = PageLine::new(Role::Text, place);
    let line = match app.stream(stream).map(|state| &state.status) {
        Some(status) => line.and(state_role(status), canvas.glyphs.state(status)),
        None => line,
    };
    line.and(Role::Text, format!(" {name}  "))
}

/// Draws the column of a stream that is not focused: its state, and what came until then.
fn beside(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, (stream, now): (StreamId, Now)) {
    let frame_area = panes.sides.column(stream.0);
    let rows = app.side_rows(stream, panes);
    let mut title = name(app, canvas, stream);
    if let Some(state) = app.stream(stream) {
        title.parts.extend(brief(state, now).parts);
    }
    let count = format!(" {} ", grouped(rows.count as u64));
    frame(canvas, frame_area, &title, (false, count));
    let inside = inside_box(frame_area);
    let titles = app.titles_in(inside);
    let area = below(inside, titles.height);
    let list = List {
        app,
        area,
        rows,
        view: app.newest_in_view(rows, area),
        columns: Columns::new(app, area.width.into()),
        focused: false,
    };
    list.draw(canvas, titles);
}

/// A box with a title, and how many events are listed at its other end.
fn frame(canvas: &mut Canvas<'_>, area: Rect, title: &PageLine, (focused, count): (bool, String)) {
    canvas.boxed(area, title, focused);
    let edge = Rect {
        width: area.width.saturating_sub(2),
        ..area
    };
    canvas.right(edge, 0, &PageLine::new(Role::Dim, count));
}

/// What all rows share.
struct List<'a> {
    app: &'a App,
    area: Rect,
    rows: Rows<'a>,
    view: InView,
    columns: Columns,
    focused: bool,
}

/// How many events are listed, and how many were let go before them.
fn count(app: &App, canvas: &Canvas<'_>) -> String {
    let listed = grouped(app.list.count() as u64);
    match app.let_go() {
        None => format!(" {listed} "),
        Some(gone) => format!(" {gone} {} {listed} ", canvas.glyphs.dot),
    }
}

/// What stands in the columns.
fn titles(canvas: &Canvas<'_>, columns: &Columns) -> PageLine {
    let title = |cell: &Cell| {
        let name = match cell.column {
            // They tell themselves.
            Column::Direction | Column::Distance => String::new(),
            _ => cell.column.name(),
        };
        // The end of a path tells more than its beginning.
        let name = text::end(&text::tame(&name), cell.width, canvas.glyphs.cut);
        fill(canvas, &name, cell) + " "
    };
    let mut names: String = columns.cells.iter().map(title).collect();
    if columns.holds_payload() {
        names += "payload";
    }
    PageLine::new(Role::Dim, format!(" {names}"))
}

/// Why there are no rows.
fn empty(app: &App, rows: Rows<'_>) -> PageLine {
    let filtered = app.list.hits().is_some() && app.list.shows_only_hits();
    let text = match &app.list.needles()[..] {
        _ if !filtered => " no events yet".into(),
        _ if rows.is_behind() => " looking …".into(),
        [needle] => format!(" no event holds '{}'", text::tame(needle)),
        _ => " no event passes the filter".into(),
    };
    PageLine::new(Role::Dim, text)
}

impl List<'_> {
    fn draw(&self, canvas: &mut Canvas<'_>, above: Rect) {
        canvas.lines(above, [&titles(canvas, &self.columns)]);
        if self.rows.count == 0 {
            canvas.line(self.area, 0, &empty(self.app, self.rows));
        }
        let view = self.view;
        let first = view.start.checked_sub(1);
        let mut earlier = first.and_then(|index| self.moment(index));
        let (mut row, mut skip) = (0, view.skip);
        for index in view.start..view.end {
            let seq = self.rows.seq(index);
            let Some(event) = seq.and_then(|seq| self.app.store.row(seq)) else {
                continue;
            };
            let lines = self.lines(canvas, &event, earlier);
            let end = row + lines.len().saturating_sub(skip);
            for (at, line) in lines.iter().skip(skip).enumerate() {
                canvas.line(self.area, row + at, line);
                self.choose(canvas, row + at, event.seq);
            }
            if skip == 0 {
                self.mark(canvas, row, &event);
            }
            (row, skip) = (end, 0);
            earlier = follows(&event);
        }
    }

    fn moment(&self, index: usize) -> Option<Mono> {
        follows(&self.app.store.row(self.rows.seq(index)?)?)
    }

    fn choose(&self, canvas: &mut Canvas<'_>, row: usize, seq: Seq) {
        if self.app.list.cursor() != Some(seq) {
            return;
        }
        if self.focused {
            canvas.choose(self.area, row);
        }
        canvas.piece(self.area, (row, 0), Role::Accent, canvas.glyphs.cursor);
    }

    /// The sign of an event that is marked or that an alert is on, right before its direction.
    fn mark(&self, canvas: &mut Canvas<'_>, row: usize, event: &Row<'_>) {
        let (role, sign) = if self.app.list.marks.has(event.seq) {
            (Role::Accent, canvas.glyphs.mark)
        } else if self.app.alerts.has(event.seq) {
            (Role::Bad, canvas.glyphs.alert)
        } else {
            return;
        };
        let column = match event.body {
            Body::Lifecycle(Lifecycle::Gap(_)) => 0,
            _ => self.columns.sign() - 1,
        };
        canvas.piece(self.area, (row, column), role, sign);
    }

    /// The lines of an event: one, or more when lines are wrapped.
    fn lines(&self, canvas: &Canvas<'_>, event: &Row<'_>, earlier: Option<Mono>) -> Vec<PageLine> {
        match event.body {
            Body::Lifecycle(turn @ Lifecycle::Gap(_)) => self.gap(canvas, turn),
            Body::Lifecycle(turn) => self.turn(canvas, event, turn),
            Body::Message { .. } => self.message(canvas, event, earlier),
        }
    }

    fn gap(&self, canvas: &Canvas<'_>, turn: &Lifecycle) -> Vec<PageLine> {
        let width = self.columns.width;
        let texts = self.words(canvas, turn, width.saturating_sub(6));
        let rule = |columns: usize| canvas.glyphs.rule.repeat(columns);
        let ruled = |(at, text): (usize, String)| {
            if at > 0 {
                return PageLine::new(Role::Warn, format!("    {text}"));
            }
            let left = width.saturating_sub(text::width(&text) + 5);
            let line = format!(" {} {text} {}", rule(2), rule(left));
            PageLine::new(Role::Warn, line)
        };
        texts.into_iter().enumerate().map(ruled).collect()
    }

    fn turn(&self, canvas: &Canvas<'_>, event: &Row<'_>, turn: &Lifecycle) -> Vec<PageLine> {
        let (sign, role) = sign(canvas, turn);
        let column = self.columns.sign();
        let texts = self.words(canvas, turn, self.columns.width.saturating_sub(column + 2));
        let line = |(at, text)| match at {
            0 => {
                let mut line = PageLine::new(Role::Text, " ");
                for cell in self.columns.lead() {
                    line.parts.extend(self.cell(canvas, event, (cell, None)));
                }
                line.and(role, format!("{sign} {text}"))
            }
            _ => PageLine::new(role, format!("{:1$}{text}", "", column + 2)),
        };
        texts.into_iter().enumerate().map(line).collect()
    }

    /// A turn in words: all of them when lines are wrapped, else what has room.
    fn words(&self, canvas: &Canvas<'_>, turn: &Lifecycle, room: usize) -> Vec<String> {
        if self.app.list.wraps() {
            return wrapped_turn(turn, &self.columns);
        }
        let whole = turn.to_string();
        vec![turn::fit(turn, &whole, room, canvas.glyphs.cut)]
    }

    /// What stands in a column, with the space after it. `earlier`: when the message listed before came.
    fn cell(
        &self,
        canvas: &Canvas<'_>,
        row: &Row<'_>,
        (cell, earlier): (&Cell, Option<Mono>),
    ) -> Vec<(Role, String)> {
        let app = self.app;
        let time = || app.list.time.text(app, row, earlier, cell.width);
        let stream = || header::which(app, row.stream).unwrap_or_default();
        let (role, told) = match &cell.column {
            Column::Time => (Role::Dim, time()),
            Column::Distance => (Role::Dim, since(row, earlier)),
            Column::Stream => (Role::Text, stream().to_owned()),
            Column::Direction => direction(canvas, row),
            Column::Size => (Role::Dim, length(row)),
            column => match value(app, row, column) {
                Some(value) if *column == Column::Type => (type_role(row), value),
                Some(value) => (Role::Value, value),
                None => (Role::Dim, canvas.glyphs.dot.to_owned()),
            },
        };
        let parts = vec![(role, fill(canvas, &told, cell))];
        let mut parts = match cell.column {
            Column::Type | Column::Path(_) | Column::Id | Column::Channel => {
                preview::mark(parts, &app.list.needles())
            }
            _ => parts,
        };
        parts.push((Role::Text, " ".to_owned()));
        parts
    }

    /// The columns, and the payload or its size, as far as there is room.
    fn message(&self, canvas: &Canvas<'_>, row: &Row<'_>, earlier: Option<Mono>) -> Vec<PageLine> {
        let Self { app, columns, .. } = self;
        let mut head = PageLine::new(Role::Text, " ");
        for cell in &columns.cells {
            head.parts.extend(self.cell(canvas, row, (cell, earlier)));
        }
        if columns.holds_payload() {
            return message_lines(app, row, columns, head);
        }
        if let room @ 8.. = columns.payload
            && !columns.titled
        {
            let (size, room) = (length(row) + " ", room - 1);
            head.parts.push((Role::Dim, format!("{size:>room$}")));
        }
        vec![head]
    }
}

const fn is_message(row: &Row<'_>) -> bool {
    matches!(row.body, Body::Message { .. })
}

/// The moment that the next row's distance is counted from; none after a turn, where it would say nothing.
fn follows(row: &Row<'_>) -> Option<Mono> {
    is_message(row).then_some(row.at.mono)
}

const fn sign(canvas: &Canvas<'_>, lifecycle: &Lifecycle) -> (&'static str, Role) {
    match lifecycle {
        Lifecycle::Ended(_) => (canvas.glyphs.ended, Role::Bad),
        Lifecycle::Renewed => (canvas.glyphs.renewed, Role::Good),
        Lifecycle::Dropped(_) => (canvas.glyphs.lost, Role::Warn),
        _ => (canvas.glyphs.dot, Role::Dim),
    }
}

/// Which way a message went; one that came before is marked.
fn direction(canvas: &Canvas<'_>, row: &Row<'_>) -> (Role, String) {
    let (sign, role) = match row.body {
        Body::Message {
            class: Class::Duplicate,
            ..
        } => (canvas.glyphs.again, Role::Warn),
        Body::Message {
            direction: Direction::Out,
            ..
        } => (canvas.glyphs.sent, Role::Accent),
        _ => (canvas.glyphs.received, Role::Dim),
    };
    (role, sign.into())
}

/// What is no event of the service stands back.
const fn type_role(row: &Row<'_>) -> Role {
    match row.body {
        Body::Message {
            class: Class::Event,
            type_name: Some(_),
            ..
        } => Role::Text,
        _ => Role::Dim,
    }
}

/// How long a payload is, in words.
fn length(row: &Row<'_>) -> String {
    match row.body {
        Body::Message { data, .. } => size(data.len() as u64),
        Body::Lifecycle(_) => String::new(),
    }
}

/// A text in exactly the width of a column.
fn fill(canvas: &Canvas<'_>, told: &str, cell: &Cell) -> String {
    let shown = text::left(&text::tame(told), cell.width, canvas.glyphs.cut);
    match cell.column {
        // They end where the column does.
        Column::Distance | Column::Size => {
            let told = shown.trim_end();
            let space = cell.width.saturating_sub(text::width(told));
            format!("{:space$}{told}", "")
        }
        _ => shown,
    }
}
