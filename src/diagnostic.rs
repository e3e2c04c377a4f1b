//! A fault in a file: what is wrong, where, and how to mend it, printed with the line and a caret.
//!
//! Plain text; colour is the caller's matter. Text from the file is escaped, and what is known to be secret in it is
//! never taken over, so a diagnostic may be printed anywhere. Nothing here reads a file.

use std::{fmt, ops::Range};

use unicode_width::UnicodeWidthStr;

use crate::payload::escape::escape;

/// How many characters of a long line are shown, at most.
const WINDOW: usize = 120;

/// How many bytes before and after a fault are looked at, so that a huge line costs no more than another.
const NEAR: usize = 1024;

/// The text of a file, to point into.
#[derive(Clone, Debug)]
pub struct FileText<'a> {
    /// The name to print.
    pub name: &'a str,
    /// The whole text.
    pub text: &'a str,
    /// The parts that are never printed, as byte ranges.
    pub hidden: Vec<Range<usize>>,
}

/// A fault in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file's name.
    pub file: String,
    /// Where in the file; `None` when the fault is about the file as a whole.
    pub place: Option<Box<Place>>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// The bytes in question.
    pub span: Range<usize>,
    excerpt: Excerpt,
}

/// A line of a file, safe to print, and what is underlined in it, in terminal columns.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    text: String,
    indent: usize,
    width: usize,
}

impl Diagnostic {
    /// A fault at the given bytes of a file.
    pub fn at(file: &FileText<'_>, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            file: file.name.to_owned(),
            place: Some(Box::new(Place::find(file, span))),
            message: message.into(),
            help: None,
        }
    }

    /// A fault of a file as a whole.
    pub fn whole(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            place: None,
            message: message.into(),
            help: None,
        }
    }

    /// The same with a hint how to mend it.
    pub fn with_help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }

    /// The same in one line: `config.toml:3:1: unknown key 'tokn'; did you mean 'token'?`
    pub fn brief(&self) -> String {
        let help = self.help.as_ref().map(|help| format!("; {help}"));
        let text = format!(
            "{}: {}{}",
            self.location(),
            self.message,
            help.unwrap_or_default()
        );
        escape(&text).into_owned()
    }

    fn location(&self) -> String {
        match &self.place {
            Some(place) => format!("{}:{}:{}", self.file, place.line, place.column),
            None => self.file.clone(),
        }
    }
}

impl fmt::Display for Diagnostic {
    /// Several lines, each ended: `error:`, `-->` with the place, the line with its caret, `help:`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", escape(&self.message))?;
        writeln!(f, "  --> {}", escape(&self.location()))?;
        if let Some(place) = &self.place {
            let Place { line, excerpt, .. } = &**place;
            let margin = line.to_string().len();
            writeln!(f, " {:margin$} |", "")?;
            writeln!(f, " {line} | {}", excerpt.text)?;
            let (indent, carets) = (excerpt.indent, "^".repeat(excerpt.width));
            writeln!(f, " {:margin$} | {:indent$}{carets}", "", "")?;
        }
        match &self.help {
            Some(help) => writeln!(f, "help: {}", escape(help)),
            None => Ok(()),
        }
    }
}

/// All faults of a file as one text, with an empty line between them.
pub fn report(faults: &[Diagnostic]) -> String {
    let texts: Vec<String> = faults.iter().map(Diagnostic::to_string).collect();
    texts.join("\n")
}

impl Place {
    fn find(file: &FileText<'_>, span: Range<usize>) -> Self {
        let text = file.text;
        let start = text.floor_char_boundary(span.start);
        let end = text.floor_char_boundary(span.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line_end = line_start + text[line_start..line_end].trim_end_matches('\r').len();
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            excerpt: Excerpt::cut(file, line_start..line_end, &(start..end)),
            span: start..end,
        }
    }
}

impl Excerpt {
    fn cut(file: &FileText<'_>, line: Range<usize>, span: &Range<usize>) -> Self {
        let near = file
            .text
            .floor_char_boundary(span.start.saturating_sub(NEAR))
            ..file.text.floor_char_boundary(span.start + NEAR);
        let near = near.start.max(line.start)..near.end.min(line.end);
        let pieces = pieces(file, near.clone());
        let inside = file
            .hidden
            .iter()
            .filter(|range| range.contains(&span.start));
        let start = inside.map(|range| range.start).min().unwrap_or(span.start);
        let from = pieces.partition_point(|(at, _)| *at < start);
        let to = pieces.partition_point(|(at, _)| *at < span.end).max(from);
        let first = if pieces.len() > WINDOW {
            from.saturating_sub(WINDOW / 2).min(pieces.len() - WINDOW)
        } else {
            0
        };
        let last = pieces.len().min(first + WINDOW);
        let join = |range: Range<usize>| -> String {
            let shown = pieces.get(range).unwrap_or_default();
            shown.iter().map(|(_, piece)| piece.as_str()).collect()
        };
        let cut = |is_cut: bool| if is_cut { "…" } else { "" };
        let head = cut(first > 0 || near.start > line.start);
        let tail = cut(last < pieces.len() || near.end < line.end);
        Self {
            text: format!("{head}{}{tail}", join(first..last))
                .trim_end()
                .to_owned(),
            indent: head.width() + join(first..from).width(),
            width: join(from..to.min(last)).width().max(1),
        }
    }
}

/// The characters of a line as they are shown, each with its place in the file; a hidden part is one piece.
fn pieces(file: &FileText<'_>, line: Range<usize>) -> Vec<(usize, String)> {
    let mut pieces = Vec::new();
    let mut hidden_until = line.start;
    for (at, c) in file.text[line.clone()].char_indices() {
        let at = line.start + at;
        let hidden = file.hidden.iter().filter(|range| range.contains(&at));
        let until = hidden.map(|range| range.end).max().unwrap_or(at);
        if until > at {
            if hidden_until <= at {
                pieces.push((at, "***".to_owned()));
            }
            hidden_until = hidden_until.max(until);
        } else if c == '\t' {
            pieces.push((at, "    ".to_owned()));
        } else {
            pieces.push((at, escape(c.encode_utf8(&mut [0; 4])).into_owned()));
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, part: &str, hidden: &[&str]) -> String {
        let range = |part: &str| {
            let start = text.find(part).expect("a part of the text");
            start..start + part.len()
        };
        let file = FileText {
            name: "config.toml",
            text,
            hidden: hidden.iter().map(|part| range(part)).collect(),
        };
        Diagnostic::at(&file, range(part), "it is wrong")
            .with_help("mend it")
            .to_string()
    }

    #[test]
    fn the_caret_stands_under_tabs_wide_and_escaped_characters() {
        insta::assert_snapshot!(shown("a = 1\r\n\t名前\u{1b} = \"é\u{301}\" # x\r\n", "\"é\u{301}\"", &[]), @r#"
        error: it is wrong
          --> config.toml:2:8
           |
         2 |     名前\e = "é́" # x
           |              ^^^
        help: mend it
        "#);
    }

    #[test]
    fn hidden_parts_are_masked_and_still_underlined() {
        insta::assert_snapshot!(shown("token = \"hunter2\" # no", "ter2\"", &["\"hunter2\""]), @r"
        error: it is wrong
          --> config.toml:1:13
           |
         1 | token = *** # no
           |         ^^^
        help: mend it
        ");
    }

    #[test]
    fn a_long_line_is_cut_around_the_fault() {
        let text = format!("{}HERE{}", "x".repeat(1000), "y".repeat(1000));
        let shown = shown(&text, "HERE", &[]);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines[3],
            format!(" 1 | …{}HERE{}…", "x".repeat(60), "y".repeat(56))
        );
        assert_eq!(lines[4], format!("   | {}^^^^", " ".repeat(61)));
    }

    #[test]
    fn a_place_past_the_end_is_the_end() {
        let file = FileText {
            name: "a",
            text: "x\n",
            hidden: Vec::new(),
        };
        let place = Diagnostic::at(&file, 9..12, "").place.expect("a place");
        assert_eq!((place.line, place.column, place.span), (2, 1, 2..2));
    }

    #[test]
    fn brief_is_one_line() {
        let fault = Diagnostic::whole("a\nb", "is a pipe").with_help("remove it");
        assert_eq!(fault.brief(), "a\\nb: is a pipe; remove it");
        assert_eq!(
            fault.to_string(),
            "error: is a pipe\n  --> a\\nb\nhelp: remove it\n"
        );
    }
}
