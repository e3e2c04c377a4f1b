//! Payloads that are no tree, line by line.

use super::{
    super::{PageLine, Role, wrap},
    Document, Form,
};
use crate::payload::{escape::escape, hex};

/// More of a single line than this many bytes is not laid out: nobody reads it, and each picture would pay for it.
const MOST_BYTES: usize = 16 << 10;

/// The lines of a payload, about `limit` at most.
pub(super) fn lines(document: &Document, width: usize, limit: usize) -> Vec<PageLine> {
    let data = &document.shown;
    match document.form {
        Form::Text => String::from_utf8_lossy(data)
            .lines()
            .take(limit)
            .flat_map(|line| wrap::fold(PageLine::new(Role::Text, shown(line)), width, 0))
            .collect(),
        Form::Raw => {
            let most = width.saturating_mul(limit).saturating_mul(4);
            let text = String::from_utf8_lossy(&data[..data.len().min(most)]);
            wrap::fold(PageLine::new(Role::Text, escape(&text)), width, 0)
        }
        Form::Hex => hex_lines(data, width, limit),
        Form::Difference => document.differences(width, limit),
        Form::Tree | Form::Protobuf | Form::MessagePack | Form::Cbor | Form::Fields => Vec::new(),
    }
}

/// A text made safe, and cut when it is very long.
fn shown(text: &str) -> String {
    let end = text.floor_char_boundary(MOST_BYTES);
    let mut shown = escape(&text[..end]).into_owned();
    if end < text.len() {
        shown.push('…');
    }
    shown
}

/// Hexadecimal in rows of 16, 8 or 4 bytes, whatever fits.
fn hex_lines(data: &[u8], width: usize, limit: usize) -> Vec<PageLine> {
    let fits = |per_row: &&usize| 10 + **per_row * 4 <= width + 1;
    let per_row = [16, 8].iter().find(fits).copied().unwrap_or(4);
    hex::rows(data, per_row)
        .take(limit)
        .map(|line| PageLine::new(Role::Text, line))
        .collect()
}
