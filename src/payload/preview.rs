//! The beginning of a payload as one line of so many columns. It never looks at more bytes than it shows.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::escape::escape;
use crate::message::Kind;

/// The most bytes a column can come from: a letter with a few marks on it.
const BYTES_PER_COLUMN: usize = 16;
/// A letter with more marks than this is cut: the pile would reach into other rows.
const CLUSTER: usize = 32;
/// Bytes of binary data: a format is known by them, and no secret that only decoding would show has room in them.
const BINARY: usize = 8;

/// The payload's first columns, safe to show.
pub fn preview(bytes: &[u8], kind: Kind, columns: usize) -> String {
    if kind == Kind::Binary {
        return binary(bytes, columns);
    }
    let head = &bytes[..bytes.len().min(columns * BYTES_PER_COLUMN)];
    let text = String::from_utf8_lossy(head);
    cut(&escape(&text), columns, head.len() < bytes.len()).0
}

/// A safe text cut to so many columns, with an ellipsis in the last one when something is missing, and how many columns
/// it takes.
pub fn cut(text: &str, columns: usize, more: bool) -> (String, usize) {
    let (mut shown, mut width) = (String::new(), 0);
    let mut clusters = text.graphemes(true);
    let mut missing = more;
    for cluster in clusters.by_ref() {
        let cluster = bounded(cluster);
        let wide = cluster.width();
        if width + wide > columns {
            missing = true;
            break;
        }
        shown.push_str(cluster);
        width += wide;
    }
    if !missing || columns == 0 {
        return (shown, width);
    }
    while width + 1 > columns {
        let Some((at, last)) = shown.grapheme_indices(true).next_back() else {
            break;
        };
        width -= last.width();
        shown.truncate(at);
    }
    shown.push('…');
    (shown, width + 1)
}

fn bounded(cluster: &str) -> &str {
    let end = cluster
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= CLUSTER)
        .last()
        .unwrap_or(0);
    if cluster.len() <= CLUSTER {
        cluster
    } else {
        &cluster[..end]
    }
}

fn binary(bytes: &[u8], columns: usize) -> String {
    let size = format!("{} B ", bytes.len());
    let room = (columns.saturating_sub(size.len()) / 3).min(BINARY);
    let digits: Vec<String> = bytes
        .iter()
        .take(room)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let digits = digits.join(" ");
    cut(&format!("{size}{digits}"), columns, room < bytes.len()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_columns() {
        assert_eq!(preview(b"{\"a\":1}", Kind::Text, 20), "{\"a\":1}");
        assert_eq!(preview(b"{\"a\":1}", Kind::Text, 5), "{\"a\"…");
        assert_eq!(preview("漢字漢字".as_bytes(), Kind::Text, 4), "漢…");
        assert_eq!(preview("漢字".as_bytes(), Kind::Text, 4), "漢字");
        assert_eq!(preview(b"a\nb\x1b", Kind::Text, 9), "a\\nb\\e");
        assert_eq!(preview(b"abc", Kind::Text, 0), "");
    }

    #[test]
    fn piles_of_marks_are_bounded() {
        let zalgo = format!("a{}b", "\u{301}".repeat(10_000));
        assert!(preview(zalgo.as_bytes(), Kind::Text, 10).len() <= CLUSTER + 8);
    }

    #[test]
    fn binary_is_shown_by_size_and_first_bytes() {
        assert_eq!(preview(&[0, 255, 16], Kind::Binary, 20), "3 B 00 ff 10");
        assert_eq!(preview(&[7; 900], Kind::Binary, 14), "900 B 07 07…");
        assert_eq!(
            preview(&[7; 900], Kind::Binary, 200),
            "900 B 07 07 07 07 07 07 07 07…"
        );
    }
}
