//! Text laid out in lines of a given width, by display columns.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::{PageLine, Role};

/// Breaks a text at spaces into lines of at most `width` columns; a word that is longer is broken inside.
pub fn words(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        let wide = word.trim_end().width();
        if used + wide > width && used > 0 && wide > 0 {
            lines.push(String::new());
            used = 0;
        }
        for grapheme in word.graphemes(true) {
            let wide = grapheme.width();
            if used + wide > width && grapheme == " " {
                continue;
            }
            if used + wide > width && used > 0 {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
            used += wide;
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// The first lines, `most` of them; when that leaves some out, the last one ends in `cut`.
pub(super) fn at_most(mut lines: Vec<String>, most: usize, cut: &str) -> Vec<String> {
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push_str(cut);
        }
    }
    lines
}

/// A name in the left column and a text beside it, on as many lines as it takes.
pub(super) fn row(name: &str, role: Role, text: &str, width: usize) -> Vec<PageLine> {
    const NAME: usize = 12;
    words(text, width.saturating_sub(NAME))
        .into_iter()
        .enumerate()
        .map(|(at, line)| {
            let name = if at == 0 { name } else { "" };
            PageLine::new(Role::Dim, format!("{name:<NAME$}")).and(role, line)
        })
        .collect()
}

/// Folds a line at `width` columns; what follows is indented by `indent`.
pub(super) fn fold(line: PageLine, width: usize, indent: usize) -> Vec<PageLine> {
    let width = width.max(1);
    let indent = if indent + 8 > width { 0 } else { indent };
    let mut lines = Vec::new();
    let mut current = PageLine::default();
    let mut used = 0;
    for (role, text) in line.parts {
        let mut piece = String::new();
        for grapheme in text.graphemes(true) {
            let wide = grapheme.width();
            if used + wide > width && used > 0 {
                lines.push(std::mem::take(&mut current).and(role, std::mem::take(&mut piece)));
                current = PageLine::new(Role::Text, " ".repeat(indent));
                used = indent;
            }
            piece.push_str(grapheme);
            used += wide;
        }
        current = current.and(role, piece);
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_whole_where_they_fit() {
        assert_eq!(
            words("the token has expired", 9),
            ["the token", "has", "expired"].map(str::to_owned)
        );
        assert_eq!(
            words("abcdefgh", 3),
            ["abc", "def", "gh"].map(str::to_owned)
        );
        assert_eq!(
            words("\u{65e5}\u{672c}\u{8a9e}", 4),
            ["\u{65e5}\u{672c}", "\u{8a9e}"].map(str::to_owned)
        );
        assert_eq!(words("", 0), [String::new()]);
    }

    #[test]
    fn folded_lines_keep_their_roles() {
        let line = PageLine::new(Role::Key, "abc").and(Role::Value, "defghijklmno");
        let folded = fold(line, 10, 2);
        let texts: Vec<String> = folded
            .iter()
            .map(|line| line.parts.iter().map(|(_, text)| text.as_str()).collect())
            .collect();
        assert_eq!(texts, ["abcdefghij", "  klmno"]);
        assert_eq!(
            folded[1].parts.last().map(|(role, _)| *role),
            Some(Role::Value)
        );
    }
}
