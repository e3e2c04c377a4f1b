//! What stands above the payload of an event: when, whose, what kind, and what the dialect finds in it.

use super::{
    super::{App, PageLine, Role, words, wrap},
    Document,
};
use crate::{
    keymap::{Action, Mode},
    message::{Class, Direction},
    payload::escape::escape,
    places::Part,
    store::{Body, Row},
    time::read_time,
};

/// The lines above a message's payload.
pub(super) fn head(app: &App, row: &Row<'_>, document: &Document, width: usize) -> Vec<PageLine> {
    let mut lines = wrap::fold(first(app, row), width, 0);
    lines.extend(wrap::fold(kind(row), width, 0));
    lines.extend(
        stated(app, row)
            .into_iter()
            .flat_map(|(name, text)| wrap::row(name, Role::Text, &text, width)),
    );
    lines.push(PageLine::default());
    if document.is_masked() {
        let key = app.setup.keymap.key(Mode::Watch, Action::Reveal);
        let key = key.map_or_else(String::new, |key| format!("; {key} shows it"));
        let text = format!("what looks like a secret is masked{key}");
        lines.extend(wrap::fold(PageLine::new(Role::Warn, text), width, 0));
    }
    lines
}

/// When it was, whose it is, and its number in the stream.
pub(super) fn first(app: &App, row: &Row<'_>) -> PageLine {
    let time = words::time_of_day(row.at.wall, &app.setup.zone);
    let name = app.stream_name(row.stream);
    PageLine::new(
        Role::Dim,
        format!("{time}  {name}  #{}", words::grouped(row.n)),
    )
}

fn kind(row: &Row<'_>) -> PageLine {
    let Body::Message {
        direction,
        class,
        type_name,
        data,
        ..
    } = &row.body
    else {
        return PageLine::default();
    };
    let class = match class {
        Class::Event => String::new(),
        Class::Duplicate => "  came before".to_owned(),
        class => format!("  {}", class.word()),
    };
    let way = match direction {
        Direction::In => "received",
        Direction::Out => "sent",
    };
    PageLine::new(Role::Accent, escape(type_name.unwrap_or("no type"))).and(
        Role::Dim,
        format!("  {way}  {}{class}", words::size(data.len() as u64)),
    )
}

/// What the dialect finds in a message besides its type: name and text.
fn stated(app: &App, row: &Row<'_>) -> Vec<(&'static str, String)> {
    let text = |part| {
        let bytes = app.store.part(row, part)?;
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
        Some(escape(text.trim_matches('"')).into_owned())
    };
    let time = text(Part::Time).map(|text| match read_time(&text) {
        Some(time) => {
            let shown = words::time_of_day(time, &app.setup.zone);
            let after = row.at.wall.micros_since(time) as f64 / 1e6;
            format!("{shown}, {after:.1} s before it came")
        }
        None => text,
    });
    let parts = [
        ("channel", text(Part::Channel)),
        ("id", text(Part::Id)),
        ("time", time),
    ];
    parts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}
