//! A row of the tree as lines: a sign, the name, and the value in a column beside it.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::super::{Glyphs, PageLine, Role, words, wrap};
use crate::payload::{
    decoded::Decoded,
    escape::escape,
    tree::{Kind, Name, Node, Tree},
};

/// Columns by which a part stands to the right of what it is part of.
const INDENT: usize = 2;
/// Names beside each other are filled to the longest of them, or to so many columns.
const NAMES: usize = 20;
/// Columns between a name and its value.
const GAP: usize = 2;
/// Values with less room beside their name stand below it.
const ROOM: usize = 16;
/// A value takes this many lines at most.
const MOST_LINES: usize = 4;

/// The lines of a row.
pub(super) fn lines(
    (tree, decoded): (&Tree, Option<&Decoded>),
    row: usize,
    glyphs: &Glyphs,
    width: usize,
) -> Vec<PageLine> {
    let Some(node) = tree.nodes().get(row) else {
        return Vec::new();
    };
    let sign = match node.open {
        Some(true) => glyphs.open,
        Some(false) => glyphs.folded,
        None => " ",
    };
    // Deep rows are not pushed out of the pane.
    let indent = (node.depth * INDENT).min(width / 2);
    let (role, name) = name(tree, row, node);
    let name_width = name.width();
    let line = PageLine::new(Role::Dim, format!("{:indent$}{sign} ", "")).and(role, name);
    let names = tree.names_beside(row).min(NAMES);
    let beside = indent + 2 + names.max(name_width) + GAP;
    let column = if beside + ROOM <= width {
        beside
    } else {
        indent + 2 + name_width + GAP
    };
    let column = if node.name == Name::Whole { 2 } else { column };
    let fill = column.saturating_sub(line.width());
    let below = if column + ROOM <= width {
        column
    } else {
        indent + 4
    };
    let room =
        (width.saturating_sub(column) + (MOST_LINES - 1) * width.saturating_sub(below)).max(1);
    let mut line = line.and(Role::Text, " ".repeat(fill));
    line.parts.extend(value(tree, row, node, room));
    let mut lines = wrap::fold(line, width, below);
    let outer = decoded.filter(|_| tree.is_outer(row));
    if let Some(told) = outer.and_then(|decoded| decoded.note(node.value.start)) {
        add_note(&mut lines, told, width, below);
    }
    lines
}

/// A note stands behind a value, or below it where there is no room.
fn add_note(lines: &mut Vec<PageLine>, note: &str, width: usize, below: usize) {
    match lines.last_mut() {
        Some(last) if last.width() + GAP + note.width() <= width => {
            last.parts.push((Role::Dim, format!("{:GAP$}{note}", "")));
        }
        _ => lines.push(PageLine::new(Role::Dim, format!("{:below$}{note}", ""))),
    }
}

fn name(tree: &Tree, row: usize, node: &Node) -> (Role, String) {
    match &node.name {
        Name::Whole => (Role::Text, String::new()),
        Name::Item(number) => (Role::Dim, number.to_string()),
        Name::Key(_) => {
            let key = String::from_utf8_lossy(tree.key(row).unwrap_or_default());
            let plain = !key.is_empty() && key.trim() == key;
            let key = escape(&key);
            (
                Role::Key,
                if plain {
                    key.into()
                } else {
                    format!("\"{key}\"")
                },
            )
        }
    }
}

/// The value, in so many columns.
fn value(tree: &Tree, row: usize, node: &Node, room: usize) -> Vec<(Role, String)> {
    let raw = tree.raw(row);
    match (node.kind, node.open) {
        (Kind::Object | Kind::Array, Some(true)) => Vec::new(),
        (Kind::String, Some(true)) => vec![(Role::Dim, "a text that is JSON".into())],
        (Kind::Object, Some(false)) => folded('{', '}', node.parts),
        (Kind::Array, Some(false)) => folded('[', ']', node.parts),
        (Kind::Object, None) => vec![(Role::Dim, "{}".into())],
        (Kind::Array, None) => vec![(Role::Dim, "[]".into())],
        (Kind::String | Kind::Number | Kind::Word, _) => text(raw, room),
    }
}

fn folded(open: char, close: char, parts: Option<usize>) -> Vec<(Role, String)> {
    let count = parts.map_or_else(|| "…".into(), |count| words::grouped(count as u64));
    vec![(Role::Dim, format!("{open}{count}{close}"))]
}

fn text(raw: &[u8], room: usize) -> Vec<(Role, String)> {
    let (text, told) = cut(raw, room);
    vec![(Role::Value, text), (Role::Dim, told)]
}

/// A text as it was written, and nothing; when it is too long its beginning, and how long it is.
pub(super) fn cut(raw: &[u8], room: usize) -> (String, String) {
    let seen = String::from_utf8_lossy(&raw[..raw.len().min(room.saturating_mul(4))]);
    let seen = escape(&seen);
    if seen.width() <= room && seen.len() >= raw.len() {
        return (seen.into_owned(), String::new());
    }
    let told = format!("…  {}", words::size(raw.len() as u64));
    let room = room.saturating_sub(told.width()).max(1);
    let mut used = 0;
    let fits = seen.graphemes(true).take_while(|grapheme| {
        used += grapheme.width();
        used <= room
    });
    (fits.collect(), told)
}
