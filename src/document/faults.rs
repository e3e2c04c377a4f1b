//! All faults of a file, collected while it is read.

use std::{collections::BTreeMap, ops::Range};

use crate::diagnostic::{Diagnostic, FileText};

use super::{fault::Fault, suspect};

/// The most faults that are told; a file with more is no configuration.
const MOST: usize = 100;

/// The faults found so far.
pub struct Faults<'t> {
    file: FileText<'t>,
    found: Vec<(Range<usize>, Fault)>,
    /// The lines that could not be read as TOML, by their start, with their end.
    broken: BTreeMap<usize, usize>,
    /// The start of the first such line that is a header.
    broken_header: Option<usize>,
}

impl<'t> Faults<'t> {
    /// No faults yet in this text of a file.
    pub fn new(name: &'t str, text: &'t str) -> Self {
        let hidden = suspect::find(text);
        Self {
            file: FileText { name, text, hidden },
            found: Vec::new(),
            broken: BTreeMap::new(),
            broken_header: None,
        }
    }

    /// Takes over what the parser says; only its first words about a line or a list, the others follow from them.
    pub fn syntax(&mut self, errors: &[toml::de::Error]) {
        let mut open_list = false;
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let known = self.is_broken(span.start);
            let list = error
                .message()
                .starts_with("missing comma between array elements");
            if !(known || list && open_list) {
                self.found
                    .push((span.clone(), syntax_fault(error.message())));
            }
            open_list |= list;
            self.break_line(span.start);
        }
    }

    /// Something is wrong at a place.
    pub fn add(&mut self, span: Range<usize>, fault: Fault) {
        if !self.is_broken(span.start) {
            self.found.push((span, fault));
        }
    }

    /// Where a part of a text stands that was read from a value: the whole value when escapes moved it.
    pub fn inside(&self, value: Range<usize>, text: &str, part: Range<usize>) -> Range<usize> {
        let written = self.file.text.get(value.clone()).unwrap_or_default();
        let quote = written.len().saturating_sub(text.len()) / 2;
        if written.get(quote..quote + text.len()) == Some(text) {
            value.start + quote + part.start..value.start + quote + part.end
        } else {
            value
        }
    }

    /// Something is not there. In a file that is not all TOML it may stand in the part that was not understood.
    pub fn add_missing(&mut self, span: Range<usize>, fault: Fault) {
        if self.broken.is_empty() {
            self.add(span, fault);
        }
    }

    /// A key stands where it is not known. Behind a broken header that is not the key's fault.
    pub fn add_misplaced(&mut self, span: Range<usize>, fault: Fault) {
        if self.broken_header.is_none_or(|start| span.start < start) {
            self.add(span, fault);
        }
    }

    /// Keeps a part of the file out of every message.
    pub fn hide(&mut self, span: Range<usize>) {
        self.file.hidden.push(span);
    }

    /// The whole when nothing was wrong, else every fault in the order of the file.
    pub fn finish<T>(mut self, whole: T) -> Result<T, Vec<Diagnostic>> {
        if self.found.is_empty() {
            return Ok(whole);
        }
        self.found.sort_by_key(|(span, _)| span.start);
        let file = &self.file;
        let told = self.found.iter().take(MOST).map(|(span, fault)| {
            Diagnostic::at(file, span.clone(), &fault.message).with_help(&fault.help)
        });
        let more = self.found.len().saturating_sub(MOST);
        let rest = (more > 0).then(|| Diagnostic::whole(file.name, format!("{more} more faults")));
        Err(told.chain(rest).collect())
    }

    fn is_broken(&self, at: usize) -> bool {
        let line = self.broken.range(..=at).next_back();
        line.is_some_and(|(_, end)| at <= *end)
    }

    fn break_line(&mut self, at: usize) {
        let text = self.file.text;
        let at = text.floor_char_boundary(at);
        let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        self.broken.insert(start, end);
        if text[start..end].trim_start().starts_with('[') {
            let first = self.broken_header.map_or(start, |first| first.min(start));
            self.broken_header = Some(first);
        }
    }
}

/// The parser's words with a hint.
fn syntax_fault(message: &str) -> Fault {
    const HINTS: [(&str, &str); 7] = [
        ("string values must be quoted", "put quotes around it"),
        (
            "missing comma between array",
            "part the elements with ',' and end the list with ']'",
        ),
        ("unclosed array", "end the list with ']'"),
        ("unclosed table", "end the header with ']'"),
        ("unclosed inline table", "end the table with '}'"),
        ("key with no value", "write it as in key = \"value\""),
        (
            "invalid basic string",
            "end it with '\"'; for a text with '\"' or '\\' use single quotes",
        ),
    ];
    let message = message.trim_end_matches(", expected literal string");
    if message == "duplicate key" {
        let help = "keep one of the two; what belongs together stands under one header";
        return Fault::new("this name is given twice", help);
    }
    let hint = HINTS.iter().find(|(start, _)| message.starts_with(start));
    let help = hint.map_or("this must be TOML: see https://toml.io", |(_, help)| help);
    Fault::new(message, help)
}
