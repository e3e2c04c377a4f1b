//! A payload laid out for reading: JSON with one member a line, in the order and with the numbers it came with; other
//! text by its lines; anything as hexadecimal. Every text is already safe to show.

use super::{
    escape::escape,
    json::{Shape, shape},
    scan::Scan,
};

/// What a piece of a line is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// The name of a member, with its quotes.
    Key,
    /// A string, with its quotes.
    String,
    /// A number, as it was written.
    Number,
    /// `true`, `false` or `null`.
    Word,
    /// Brackets, commas, colons and indentation.
    Punctuation,
    /// Text that is not JSON.
    Text,
}

/// A line in pieces.
pub type PrettyLine = Vec<(Token, String)>;

/// Lays a payload out in so many lines at most.
pub fn lines(bytes: &[u8], limit: usize) -> Vec<PrettyLine> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return hex(bytes)
            .take(limit)
            .map(|row| vec![(Token::Text, row)])
            .collect();
    };
    if shape(bytes) == Shape::Other {
        let plain = |line: &str| vec![(Token::Text, shown(line))];
        return text.lines().take(limit).map(plain).collect();
    }
    let mut layout = Layout {
        scan: Scan::new(bytes),
        text,
        limit,
        lines: Vec::new(),
        line: Vec::new(),
    };
    let start = layout.scan.blank(0);
    layout.value(start, 0);
    layout.end_line();
    layout.lines.truncate(limit);
    layout.lines
}

/// More of a single text than this many bytes is not laid out: nobody reads it, and each picture would pay for it.
const MOST_BYTES: usize = 16 << 10;

/// A text made safe, and cut when it is very long.
fn shown(text: &str) -> String {
    let end = text.floor_char_boundary(MOST_BYTES);
    let mut shown = escape(&text[..end]).into_owned();
    if end < text.len() {
        shown.push('…');
    }
    shown
}

/// Rows of sixteen bytes: offset, hexadecimal, and what is printable of them.
pub fn hex(bytes: &[u8]) -> impl Iterator<Item = String> + '_ {
    hex_rows(bytes, 16)
}

/// As [`hex`], with so many bytes a row, at least one.
pub fn hex_rows(bytes: &[u8], per_row: usize) -> impl Iterator<Item = String> + '_ {
    let per_row = per_row.max(1);
    let digits_width = per_row * 3 - 1;
    bytes.chunks(per_row).enumerate().map(move |(row, chunk)| {
        let digits: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown: String = chunk
            .iter()
            .map(|byte| {
                if byte.is_ascii_graphic() {
                    char::from(*byte)
                } else {
                    '.'
                }
            })
            .collect();
        let digits = digits.join(" ");
        format!("{:06x}  {digits:<digits_width$}  {shown}", row * per_row)
    })
}

/// Writes lines while it walks over a text that is known to be JSON.
struct Layout<'a> {
    scan: Scan<'a>,
    text: &'a str,
    limit: usize,
    lines: Vec<PrettyLine>,
    line: PrettyLine,
}

impl Layout<'_> {
    fn put(&mut self, token: Token, text: &str) {
        self.line.push((token, shown(text)));
    }

    fn end_line(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
    }

    fn next_line(&mut self, depth: usize) {
        self.end_line();
        if depth > 0 {
            self.put(Token::Punctuation, &"  ".repeat(depth));
        }
    }

    /// Lays out the value at a place; returns the place behind it. `None`: enough lines.
    fn value(&mut self, at: usize, depth: usize) -> Option<usize> {
        match self.scan.bytes.get(at)? {
            open @ (b'{' | b'[') => self.container(at, *open, depth),
            first => {
                let token = match first {
                    b'"' => Token::String,
                    b't' | b'f' | b'n' => Token::Word,
                    _ => Token::Number,
                };
                let end = self.scan.scalar(at)?;
                let text = self.text;
                self.put(token, &text[at..end]);
                Some(end)
            }
        }
    }

    fn container(&mut self, at: usize, open: u8, depth: usize) -> Option<usize> {
        let close = [open + 2];
        let close = std::str::from_utf8(&close).ok()?;
        self.put(Token::Punctuation, if open == b'{' { "{" } else { "[" });
        let mut at = self.scan.blank(at + 1);
        if self.scan.bytes.get(at) == Some(&(open + 2)) {
            self.put(Token::Punctuation, close);
            return Some(at + 1);
        }
        loop {
            if self.lines.len() >= self.limit {
                return None;
            }
            self.next_line(depth + 1);
            if open == b'{' {
                at = self.key(at)?;
            }
            let end = self.value(at, depth + 1)?;
            at = self.scan.blank(end);
            if self.scan.bytes.get(at) != Some(&b',') {
                break;
            }
            self.put(Token::Punctuation, ",");
            at = self.scan.blank(at + 1);
        }
        self.next_line(depth);
        self.put(Token::Punctuation, close);
        Some(at + 1)
    }

    fn key(&mut self, at: usize) -> Option<usize> {
        let end = self.scan.scalar(at)?;
        let text = self.text;
        self.put(Token::Key, &text[at..end]);
        self.put(Token::Punctuation, ": ");
        let colon = self.scan.blank(end);
        Some(self.scan.blank(colon + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &str, limit: usize) -> String {
        let line = |line: &PrettyLine| {
            line.iter()
                .map(|(_, text)| text.as_str())
                .collect::<String>()
        };
        lines(text.as_bytes(), limit)
            .iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn json_is_laid_out_as_it_came() {
        let text = r#"{"z":12393906104898154338,"a":[1.10,{}, []],"s":"tab\t","e":null}"#;
        let wanted = "{\n  \"z\": 12393906104898154338,\n  \"a\": [\n    1.10,\n    {},\n    []\n  ],\n  \"s\": \"tab\\t\",\n  \"e\": null\n}";
        assert_eq!(laid_out(text, 100), wanted);
        assert_eq!(laid_out(text, 2), "{\n  \"z\": 12393906104898154338,");
        assert_eq!(laid_out(" 7 ", 9), "7");
        let long = format!("[\"{}\"]", "é".repeat(1 << 20));
        assert!(laid_out(&long, 9).len() < 2 * MOST_BYTES);
    }

    #[test]
    fn other_payloads_are_shown_safely() {
        assert_eq!(laid_out("a\u{1b}[2J\nb", 9), "a\\e[2J\nb");
        assert_eq!(laid_out("[\"\u{9b}\"]", 9), "[\n  \"\\u{9b}\"\n]");
        let row = "000000  00 ff 41                                         ..A";
        assert_eq!(hex(b"\0\xffA").collect::<Vec<_>>(), [row]);
    }
}
