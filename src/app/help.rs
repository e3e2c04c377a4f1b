//! The help page: the chosen turn explained, or else what ails the stream that needs attention; then every key by group, from the table of keys.

use super::{App, PageLine, Role, attention, explain};
use crate::keymap::{Binding, Mode};

/// The groups in their order, with their titles.
const GROUPS: [(&str, &str); 7] = [
    ("events", "events"),
    ("find", "filters"),
    ("panes", "panes"),
    ("detail", "detail"),
    ("stream", "stream"),
    ("program", "program"),
    ("mouse", "mouse"),
];
/// What the mouse does while it is on; no table of keys says so.
const MOUSE: [(&str, &str); 3] = [
    ("wheel", "scroll"),
    ("click", "choose; again: open"),
    ("shift-drag", "select text"),
];
/// Columns for the keys.
const KEYS: usize = 16;

/// The lines of the page.
pub(super) fn lines(app: &App, width: usize) -> Vec<PageLine> {
    let mut lines = match app.chosen_lifecycle() {
        Some(lifecycle) => explain::lines(lifecycle, width),
        None => attention::explain(app, width),
    };
    if !lines.is_empty() {
        lines.push(PageLine::default());
    }
    let groups: Vec<_> = GROUPS
        .iter()
        .filter_map(|(group, title)| section(app, group, title))
        .collect();
    lines.extend(columns(groups, width));
    lines
}

fn section(app: &App, group: &str, title: &str) -> Option<Vec<PageLine>> {
    let bindings = app.setup.keymap.bindings(Mode::Watch).iter();
    let rows: Vec<_> = bindings
        .filter(|binding| binding.group == group && app.offers(Mode::Watch, binding.action))
        .map(|binding| row(&keys(binding), &binding.help))
        .collect();
    let mouse = MOUSE.iter().filter(|_| group == "mouse" && app.mouse);
    let mouse = mouse.map(|(gesture, help)| row(gesture, help)).collect();
    let head = vec![PageLine::new(Role::Accent, title)];
    (!rows.is_empty()).then(|| [head, rows, mouse, vec![PageLine::default()]].concat())
}

fn row(keys: &str, help: &str) -> PageLine {
    PageLine::new(Role::Key, format!("{keys:<KEYS$}")).and(Role::Text, help)
}

/// The keys of a line: `j down`, `1 … 9`.
pub(super) fn keys(binding: &Binding) -> String {
    match &binding.keys[..] {
        [first, _, _, .., last] => format!("{first} … {last}"),
        keys => keys
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// Sections in two columns of about the same height where there is room, else below each other.
fn columns(sections: Vec<Vec<PageLine>>, width: usize) -> Vec<PageLine> {
    if width < 76 {
        return sections.concat();
    }
    let total: usize = sections.iter().map(Vec::len).sum();
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for section in sections {
        let column = if right.is_empty() && (left.len() + section.len() / 2) * 2 <= total {
            &mut left
        } else {
            &mut right
        };
        column.extend(section);
    }
    let rows = left.len().max(right.len());
    left.resize(rows, PageLine::default());
    right.resize(rows, PageLine::default());
    left.into_iter()
        .zip(right)
        .map(|(left, right)| beside(left, right, width / 2))
        .collect()
}

fn beside(left: PageLine, right: PageLine, width: usize) -> PageLine {
    let fill = width.saturating_sub(left.width());
    let mut line = left.and(Role::Text, " ".repeat(fill));
    line.parts.extend(right.parts);
    line
}
