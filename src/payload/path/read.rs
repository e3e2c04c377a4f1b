//! Reads a place as [`super::Path`] writes it: `.data.items[2].id`, `."a b"`, `.body | fromjson | .x`.

use std::{fmt, ops::Range, str::FromStr};

use super::{Hop, Path};
use crate::payload::place::Step;

/// What is wrong with a text that should be a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathFault {
    /// The bytes in question.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: &'static str,
}

impl PathFault {
    /// How a place is written.
    pub const HELP: &'static str =
        "write a path as the detail pane shows it, such as .data.items[0].price or .data.\"a-b\"";
}

impl fmt::Display for PathFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl FromStr for Path {
    type Err = PathFault;

    fn from_str(text: &str) -> Result<Self, PathFault> {
        let mut reader = Reader { text, at: 0 };
        let mut hops = Vec::new();
        loop {
            reader.steps(&mut hops)?;
            if reader.rest().is_empty() {
                return Ok(Self(hops));
            }
            reader.pipe(
                "fromjson",
                "only '| fromjson |' can stand between two parts",
            )?;
            hops.push(Hop::Json);
            reader.pipe("", "'| .' and what is wanted of the text should follow")?;
        }
    }
}

/// A text and how much of it was read.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn fault<T>(&self, message: &'static str) -> Result<T, PathFault> {
        let end = self.rest().chars().next().map_or(0, char::len_utf8);
        Err(PathFault {
            span: self.at..self.at + end,
            message,
        })
    }

    /// Whether this comes next; it is read then.
    fn takes(&mut self, wanted: &str) -> bool {
        let there = self.rest().starts_with(wanted);
        self.at += if there { wanted.len() } else { 0 };
        there
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(' ').len();
    }

    /// `| WORD` with spaces around.
    fn pipe(&mut self, word: &str, missing: &'static str) -> Result<(), PathFault> {
        self.blanks();
        if !self.takes("|") {
            return self.fault(missing);
        }
        self.blanks();
        if !self.takes(word) {
            return self.fault(missing);
        }
        self.blanks();
        Ok(())
    }

    /// `.a."b c"[0]`, or `.` alone.
    fn steps(&mut self, hops: &mut Vec<Hop>) -> Result<(), PathFault> {
        if !self.rest().starts_with('.') {
            return self.fault("a path begins with a dot");
        }
        if matches!(self.rest().as_bytes(), [b'.'] | [b'.', b' ', ..]) {
            self.at += 1;
            return Ok(());
        }
        loop {
            let step = if self.takes(".[") || self.takes("[") {
                self.item()?
            } else if self.takes(".") {
                self.name()?
            } else if self.rest().is_empty() || self.rest().starts_with([' ', '|']) {
                return Ok(());
            } else {
                return self.fault("this cannot stand in a path");
            };
            hops.push(Hop::Step(step));
        }
    }

    fn item(&mut self) -> Result<Step, PathFault> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let Ok(number) = self.rest()[..digits].parse() else {
            return self.fault("the number of an item should stand here");
        };
        self.at += digits;
        if !self.takes("]") {
            return self.fault("']' is missing");
        }
        Ok(Step::Item(number))
    }

    fn name(&mut self) -> Result<Step, PathFault> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = self.rest().bytes().take_while(inside).count();
        let name = self.rest()[..length].to_owned();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return self.fault("a name should stand here, in quotes unless it is made of letters");
        }
        self.at += length;
        Ok(Step::Name(name))
    }

    fn quoted(&mut self) -> Result<Step, PathFault> {
        let mut texts = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        let Some(Ok(name)) = texts.next() else {
            return self
                .fault("the quotes of this name are not closed, or what is in them is no text");
        };
        self.at += texts.byte_offset();
        Ok(Step::Name(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hop() -> impl Strategy<Value = Hop> {
        prop_oneof![
            ".{0,6}".prop_map(|name| Hop::Step(Step::Name(name))),
            any::<usize>().prop_map(|number| Hop::Step(Step::Item(number))),
            Just(Hop::Json),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(hops in prop::collection::vec(hop(), 0..6)) {
            let path = Path(hops);
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }
    }

    #[test]
    fn faults_are_told_with_their_place() {
        for (text, span, told) in [
            ("price", 0..1, "begins with a dot"),
            (".a-b", 2..3, "cannot stand"),
            (".a..b", 3..4, "a name should stand"),
            (".a[x]", 3..4, "number of an item"),
            (".a[1", 4..4, "']' is missing"),
            (".\"a", 1..2, "not closed"),
            (".a | length", 5..6, "fromjson"),
            (".a | fromjson", 13..13, "should follow"),
        ] {
            let fault = text.parse::<Path>().expect_err(text);
            assert_eq!(fault.span, span, "{text}");
            assert!(fault.message.contains(told), "{text}: {fault}");
        }
    }
}
