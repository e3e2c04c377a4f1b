//! Text cut and filled to columns. Here every text that is drawn is made safe once more, whatever came before.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::payload::escape::escape;

/// Marks that may stand on one character; more would reach into the lines above and below.
const MARKS: usize = 2;

/// The text without what terminals disagree about: unsafe characters escaped, variation selectors left out, piles of
/// combining marks cut.
pub fn tame(text: &str) -> Cow<'_, str> {
    let text = escape(text);
    if text.is_ascii() {
        return text;
    }
    let mut tamed = String::with_capacity(text.len());
    let mut marks = 0;
    for c in text.chars().filter(|c| !is_selector(*c)) {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        if marks <= MARKS {
            tamed.push(c);
        }
    }
    tamed.into()
}

/// The text with the signs of our own sentences in ASCII; each takes one column as before.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '·' => '-',
            '→' => '>',
            '…' => '~',
            c => c,
        })
        .collect()
}

const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Columns a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The part of a text that fits in `room` columns; when more than spaces is cut off, the last column holds `cut`.
pub fn fit<'a>(text: &'a str, room: usize, cut: &str) -> Cow<'a, str> {
    if text.len() <= room || text.width() <= room {
        return text.into();
    }
    let ended = text.trim_end_matches(' ');
    if ended.len() < text.len() && ended.width() <= room {
        return ended.into();
    }
    let mut used = 0;
    let mut end = 0;
    for grapheme in text.graphemes(true) {
        let wide = grapheme.width();
        if used + wide + 1 > room {
            break;
        }
        used += wide;
        end += grapheme.len();
    }
    if room == 0 {
        return "".into();
    }
    format!("{}{cut}", &text[..end]).into()
}

/// The end of a text that fits in `room` columns; when something is cut off, the first column holds `cut`.
pub fn end(text: &str, room: usize, cut: &str) -> String {
    let over = text.width().saturating_sub(room);
    if over == 0 {
        return text.to_owned();
    }
    format!("{cut}{}", skip(text, over + 1))
}

/// The text in exactly `room` columns, filled with spaces on the right.
pub fn left(text: &str, room: usize, cut: &str) -> String {
    let text = fit(text, room, cut);
    let fill = room.saturating_sub(text.width());
    format!("{text}{:fill$}", "")
}

/// The text without its first `columns`.
pub fn skip(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        if used >= columns {
            return &text[at..];
        }
        used += grapheme.width();
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_never_break_a_column() {
        let text = "\u{65e5}\u{672c}\u{8a9e}abc";
        for room in 0..12 {
            assert_eq!(width(&left(text, room, "…")), room, "{room}");
        }
        assert_eq!(fit(text, 6, "…"), "\u{65e5}\u{672c}…");
        assert_eq!(fit("abc  ", 3, "…"), "abc");
        assert_eq!(fit("abcd ", 3, "…"), "ab…");
        assert_eq!(skip(text, 3), "\u{8a9e}abc");
    }

    #[test]
    fn what_terminals_disagree_about_is_left_out() {
        assert_eq!(tame("a\u{1b}[2J\u{202e}"), "a\\e[2J\\u{202e}");
        assert_eq!(tame("e\u{301}\u{301}\u{301}\u{301}x"), "e\u{301}\u{301}x");
        assert_eq!(tame("\u{2764}\u{fe0f}"), "\u{2764}");
    }
}
