//! The list of events: the rows in view, one line each.

use std::{borrow::Cow, time::Duration};

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{
    canvas::{Canvas, columns},
    header, preview, text, turn,
};
use crate::{
    app::{App, PageLine, Pane, Panes, Role, grouped, size, time_of_day},
    event::{Gap, Lifecycle},
    message::{Class, Direction, Kind},
    places::Part,
    store::{Body, Row, Seq},
    time::{Mono, show_span},
};

/// Columns of the message type.
const TYPE: usize = 14;
/// So much of a payload may come into view, in bytes.
const LOOKED_AT: usize = 1 << 16;
/// Below this many columns a payload is not worth showing.
const PAYLOAD: usize = 24;

/// Draws the list.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, panes: &Panes) {
    let focused = app.focus == Pane::Events;
    if panes.wide {
        let mut title = PageLine::new(Role::Text, "events ");
        title.parts.extend(header::standing(app).parts);
        canvas.boxed(panes.events, &title, focused);
        let count = PageLine::new(Role::Dim, count(app, canvas));
        let edge = Rect {
            width: panes.events.width.saturating_sub(2),
            ..panes.events
        };
        canvas.right(edge, 0, &count);
    }
    let area = panes.inside(Pane::Events);
    if app.list.count() == 0 {
        empty(app, canvas, area);
        return;
    }
    let list = List { app, area, focused };
    let mut earlier = None;
    for (row, index) in app.list.window(area.height.into()).enumerate() {
        let Some(event) = app.list.seq(index).and_then(|seq| app.store.row(seq)) else {
            continue;
        };
        if row == 0 {
            earlier = index.checked_sub(1).and_then(|index| moment(app, index));
        }
        list.row(canvas, row, &event, earlier);
        list.choose(canvas, row, event.seq);
        earlier = follows(&event);
    }
}

/// What all rows share.
struct List<'a> {
    app: &'a App,
    area: Rect,
    focused: bool,
}

/// How many events are listed, and how many were let go before them.
fn count(app: &App, canvas: &Canvas<'_>) -> String {
    let listed = grouped(app.list.count() as u64);
    match app.store.evicted() {
        0 => format!(" {listed} "),
        gone => format!(" {} let go {} {listed} ", grouped(gone), canvas.glyphs.dot),
    }
}

fn empty(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    let listed = app.list.hits().filter(|_| app.list.shows_only_hits());
    let text = match (listed, &app.list.needles()[..]) {
        (Some(hits), _) if hits.left() > 0 => " looking …".into(),
        (Some(_), [needle]) => format!(" no event holds '{}'", text::tame(needle)),
        (Some(_), _) => " no event passes the filter".into(),
        (None, _) => " no events yet".into(),
    };
    canvas.line(area, 0, &PageLine::new(Role::Dim, text));
}

impl List<'_> {
    fn choose(&self, canvas: &mut Canvas<'_>, row: usize, seq: Seq) {
        if self.app.list.cursor() != Some(seq) {
            return;
        }
        if self.focused {
            canvas.choose(self.area, row);
        }
        canvas.piece(self.area, (row, 0), Role::Accent, canvas.glyphs.cursor);
    }

    fn row(&self, canvas: &mut Canvas<'_>, row: usize, event: &Row<'_>, earlier: Option<Mono>) {
        let Self { app, area, .. } = *self;
        if let Body::Lifecycle(Lifecycle::Gap(gap)) = event.body {
            return draw_gap(canvas, area, row, gap);
        }
        let mut line = lead(app, canvas, area, event, earlier);
        let room = usize::from(area.width).saturating_sub(columns(&line));
        match event.body {
            Body::Lifecycle(lifecycle) => {
                let (sign, role) = sign(canvas, lifecycle);
                let room = room.saturating_sub(2);
                let text = turn::fit(lifecycle, &lifecycle.to_string(), room, canvas.glyphs.cut);
                line = line.and(role, format!("{sign} {text}"));
            }
            Body::Message {
                direction, class, ..
            } => {
                mark(canvas, &mut line, direction, class);
                message(app, canvas, &mut line, room.saturating_sub(2), event);
            }
        }
        canvas.line(area, row, &line);
    }
}

fn draw_gap(canvas: &mut Canvas<'_>, area: Rect, row: usize, gap: &Gap) {
    let rule = canvas
        .glyphs
        .rule
        .repeat(usize::from(area.width.saturating_sub(1)));
    canvas.piece(area, (row, 1), Role::Warn, &rule);
    let inner = Rect {
        x: area.x + area.width.min(3),
        width: area.width.saturating_sub(4),
        ..area
    };
    let room = usize::from(inner.width).saturating_sub(2);
    let turn = Lifecycle::Gap(gap.clone());
    let text = turn::fit(&turn, &gap.to_string(), room, canvas.glyphs.cut);
    canvas.piece(inner, (row, 0), Role::Warn, &format!(" {text} "));
}

fn moment(app: &App, index: usize) -> Option<Mono> {
    follows(&app.store.row(app.list.seq(index)?)?)
}

const fn is_message(row: &Row<'_>) -> bool {
    matches!(row.body, Body::Message { .. })
}

/// A channel as it was written, without its quotes.
fn channel_name(canvas: &Canvas<'_>, channel: &[u8], room: usize) -> String {
    let text = String::from_utf8_lossy(&channel[..channel.len().min(256)]);
    text::fit(&text::tame(text.trim_matches('"')), room, canvas.glyphs.cut).into_owned()
}

/// The moment that the next row's distance is counted from; none after a turn, where it would say nothing.
fn follows(row: &Row<'_>) -> Option<Mono> {
    is_message(row).then_some(row.at.mono)
}

/// Time, distance to the row before, and the stream, as far as there is room.
fn lead(
    app: &App,
    canvas: &Canvas<'_>,
    area: Rect,
    event: &Row<'_>,
    earlier: Option<Mono>,
) -> PageLine {
    let time = time_of_day(event.at.wall, &app.setup.zone);
    let width = usize::from(area.width);
    let mut line = PageLine::new(Role::Text, " ");
    if width >= 52 {
        let earlier = earlier.filter(|_| is_message(event));
        let since = earlier.map_or_else(String::new, |earlier| {
            distance(event.at.mono.since(earlier))
        });
        line = line.and(Role::Dim, format!("{time} {since:>7} "));
    } else if width >= 40 {
        line = line.and(Role::Dim, format!("{} ", time.get(..8).unwrap_or_default()));
    }
    match header::which(app, event.stream) {
        Some(name) if width >= 64 => line.and(
            Role::Text,
            text::left(&text::tame(name), app.name_width(), canvas.glyphs.cut) + " ",
        ),
        _ => line,
    }
}

/// `+12ms`, `+4.2s`, `+3m`.
fn distance(span: Duration) -> String {
    match span.as_secs() {
        0 => format!("+{}ms", span.as_millis()),
        1..=99 => format!("+{}.{}s", span.as_secs(), span.subsec_millis() / 100),
        _ => format!(
            "+{}",
            show_span(Duration::from_secs(span.as_secs()))
                .split(' ')
                .take(2)
                .collect::<String>()
        ),
    }
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
fn mark(canvas: &Canvas<'_>, line: &mut PageLine, direction: Direction, class: Class) {
    let (sign, role) = match (direction, class) {
        (_, Class::Duplicate) => (canvas.glyphs.again, Role::Warn),
        (Direction::In, _) => (canvas.glyphs.received, Role::Dim),
        (Direction::Out, _) => (canvas.glyphs.sent, Role::Accent),
    };
    line.parts.push((role, format!("{sign} ")));
}

/// The type, the channel and what it is about, without the envelope.
fn message(app: &App, canvas: &Canvas<'_>, line: &mut PageLine, room: usize, row: &Row<'_>) {
    let Body::Message {
        kind,
        class,
        type_name,
        data,
        ..
    } = row.body
    else {
        return;
    };
    let needles = app.list.needles();
    let needle = &needles[..];
    let wide = if room >= TYPE + 8 {
        TYPE
    } else {
        room.min(TYPE)
    };
    let (role, name) = match (type_name, kind) {
        (Some(name), _) if class == Class::Event => (Role::Text, name),
        (Some(name), _) => (Role::Dim, name),
        (None, Kind::Text) => (Role::Dim, "text"),
        (None, Kind::Binary) => (Role::Dim, "binary"),
    };
    let name = text::left(&text::tame(name), wide, canvas.glyphs.cut);
    line.parts.extend(preview::mark(vec![(role, name)], needle));
    let mut room = room.saturating_sub(wide + 1);
    if room >= PAYLOAD {
        line.parts.push((Role::Text, " ".into()));
        if let Some(channel) = app
            .store
            .part(row, Part::Channel)
            .filter(|_| app.list.shift == 0)
        {
            let channel = channel_name(canvas, &channel, room / 3) + " ";
            room = room.saturating_sub(channel.width());
            line.parts
                .extend(preview::mark(vec![(Role::Key, channel)], needle));
        }
        let payload = app.store.part(row, Part::Payload);
        // What a codec has taken out of a binary message is a text.
        let kind = match payload {
            Some(Cow::Owned(_)) => Kind::Text,
            _ => kind,
        };
        let payload = payload.unwrap_or(Cow::Borrowed(data));
        line.parts.extend(preview::parts(
            &app.shown_of(row.seq, &payload[..payload.len().min(LOOKED_AT)]),
            (kind, type_name),
            (app.list.shift, room),
            needle,
        ));
    } else if room >= 8 {
        line.parts.push((
            Role::Dim,
            format!("{:>room$}", size(data.len() as u64) + " "),
        ));
    }
}
