//! Cuts the text of a filter into tokens. What cannot be a token is told, and the rest goes on.

use std::ops::Range;

use super::{
    Fault,
    expr::{Name, Order, Test},
    field,
};

/// A part of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Not,
    And,
    Or,
    Test(Test),
    /// Something that was wrong and told so.
    Wrong,
}

/// A token and where it stands.
pub(super) type Placed = (Token, Range<usize>);

/// What can stand before a comparison.
pub(super) const FIELDS: [(&str, Field); 8] = [
    ("type", Field::Name(Name::Type)),
    ("stream", Field::Name(Name::Stream)),
    ("id", Field::Name(Name::Id)),
    ("chan", Field::Name(Name::Channel)),
    ("dir", Field::Direction),
    ("class", Field::Class),
    ("size", Field::Size),
    ("time", Field::Time),
];

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name(Name),
    Direction,
    Class,
    Size,
    Time,
}

/// The signs of comparisons, the longer ones first.
const SIGNS: [(&str, Order); 6] = [
    (">=", Order::AtLeast),
    ("<=", Order::AtMost),
    (":", Order::Equal),
    ("=", Order::Equal),
    (">", Order::More),
    ("<", Order::Less),
];

/// The tokens of a text, and what is wrong.
pub(super) fn tokens(text: &str) -> (Vec<Placed>, Vec<Fault>) {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        faults: Vec::new(),
    };
    while lexer.step() {}
    (lexer.tokens, lexer.faults)
}

/// Whether a text is read as itself when it stands without quotes, right before a parenthesis too.
pub(super) fn is_bare(text: &str) -> bool {
    let enclosed = format!("{text})");
    let (tokens, faults) = tokens(&enclosed);
    let itself = |token: &Token| matches!(token, Token::Test(Test::Text(read)) if read == text);
    faults.is_empty()
        && matches!(&tokens[..], [(token, _), (Token::Close, _)] if itself(token))
        && !text.starts_with('"')
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Placed>,
    faults: Vec<Fault>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Takes one token; false at the end.
    fn step(&mut self) -> bool {
        self.at = self.text.len() - self.rest().trim_start().len();
        let start = self.at;
        let mut chars = self.rest().chars();
        let Some(first) = chars.next() else {
            return false;
        };
        let more = chars.next().is_some_and(|c| !c.is_whitespace());
        let token = match first {
            '(' => self.sign(Token::Open),
            ')' => self.sign(Token::Close),
            '!' => self.sign(Token::Not),
            '-' if more => self.sign(Token::Not),
            '"' => self
                .quoted()
                .map_or(Token::Wrong, |text| self.text_token(text, start)),
            '/' if more => self.regex(),
            '.' => self.jq(),
            '<' | '>' | '=' => self.lost_sign(),
            _ => self.word(),
        };
        self.tokens.push((token, start..self.at));
        true
    }

    fn sign(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    fn fault(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Token {
        self.faults.push(Fault::new(span, message, help));
        Token::Wrong
    }

    fn text_token(&mut self, text: String, start: usize) -> Token {
        if text.is_empty() {
            let help = "write what to look for between the quotes";
            return self.fault(start..self.at, "this text is empty", help);
        }
        Token::Test(Test::Text(text))
    }

    /// A text in quotes, which stands here; `None`: it does not end, and that was told.
    fn quoted(&mut self) -> Option<String> {
        let start = self.at;
        let mut read = String::new();
        let mut escaped = false;
        for (at, c) in self.rest().char_indices().skip(1) {
            match c {
                '\\' if !escaped => escaped = true,
                '"' if !escaped => {
                    self.at += at + 1;
                    return Some(read);
                }
                _ => {
                    if escaped && c != '"' && c != '\\' {
                        read.push('\\');
                    }
                    read.push(c);
                    escaped = false;
                }
            }
        }
        self.at = self.text.len();
        self.fault(
            start..start + 1,
            "this quote is not closed",
            "write '\"' behind the text",
        );
        None
    }

    fn regex(&mut self) -> Token {
        let start = self.at;
        let mut pattern = String::new();
        let mut escaped = false;
        let end = self.rest().char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '/' && !escaped;
            if escaped && *c != '/' {
                pattern.push('\\');
            }
            if !(ends || *c == '\\' && !escaped) {
                pattern.push(*c);
            }
            escaped = *c == '\\' && !escaped;
            ends
        });
        let Some((length, _)) = end else {
            self.at = self.text.len();
            let help = "write '/' behind it; to look for a '/', put the text in quotes";
            return self.fault(
                start..start + 1,
                "this regular expression is not closed",
                help,
            );
        };
        self.at += length + 1;
        let flags = self.at..self.at + word_length(self.rest());
        self.at = flags.end;
        match &self.text[flags.clone()] {
            "" | "i" => Token::Test(Test::Regex {
                pattern,
                ignore_case: !flags.is_empty(),
            }),
            other => {
                let message = format!("'{other}' is no flag of a regular expression");
                let help = "'i' is: any case; to look for a text with '/' in it, put it in quotes";
                self.fault(flags, message, help)
            }
        }
    }

    /// What begins with a dot runs to the end, or to the parenthesis that closes one before it.
    fn jq(&mut self) -> Token {
        let start = self.at;
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        let end = self.rest().char_indices().find(|(_, c)| {
            match c {
                _ if escaped => escaped = false,
                '\\' if in_string => escaped = true,
                '"' => in_string = !in_string,
                '(' | '[' | '{' if !in_string => depth += 1,
                ')' if !in_string && depth == 0 => return true,
                ')' | ']' | '}' if !in_string => depth = depth.saturating_sub(1),
                _ => {}
            }
            false
        });
        self.at += end.map_or_else(|| self.rest().len(), |(at, _)| at);
        let program = self.text[start..self.at].trim_end();
        self.at = start + program.len();
        Token::Test(Test::Jq(program.to_owned()))
    }

    fn lost_sign(&mut self) -> Token {
        let start = self.at;
        self.at += word_length(self.rest());
        let help = "write comparisons without spaces, as in size>1k; put other texts in quotes";
        self.fault(start..self.at, "nothing is compared here", help)
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let word = &self.rest()[..word_length(self.rest())];
        match word {
            "and" => return self.keyword(word, Token::And),
            "or" => return self.keyword(word, Token::Or),
            "not" => return self.keyword(word, Token::Not),
            _ => {}
        }
        let name = word.find([':', '=', '<', '>']).map(|end| &word[..end]);
        if let Some(name) = name {
            let known = FIELDS.iter().find(|(known, _)| *known == name);
            if let Some((_, field)) = known {
                return self.field(*field, name);
            }
            if let Some(meant) = field::meant(name) {
                self.at += word.len();
                let help = format!("did you mean '{meant}'? Put other texts in quotes");
                return self.fault(
                    start..start + name.len(),
                    format!("unknown field '{name}'"),
                    help,
                );
            }
        }
        self.at += word.len();
        Token::Test(Test::Text(word.to_owned()))
    }

    fn keyword(&mut self, word: &str, token: Token) -> Token {
        self.at += word.len();
        token
    }

    fn field(&mut self, field: Field, name: &str) -> Token {
        let start = self.at;
        self.at += name.len();
        let sign = SIGNS.iter().find(|(sign, _)| self.rest().starts_with(sign));
        let Some((sign, order)) = sign else {
            return Token::Wrong;
        };
        let sign_span = self.at..self.at + sign.len();
        self.at += sign.len();
        let values = self.values();
        let Some(values) = values else {
            return Token::Wrong;
        };
        let asked = field::Asked {
            field,
            order: *order,
            sign: sign_span,
            whole: start..self.at,
            values,
        };
        match asked.test() {
            Ok(test) => Token::Test(test),
            Err(faults) => {
                self.faults.extend(faults);
                Token::Wrong
            }
        }
    }

    /// The values behind a sign, parted by commas, each with its place. `None`: a quote is not closed.
    fn values(&mut self) -> Option<Vec<(String, Range<usize>)>> {
        let mut values = Vec::new();
        loop {
            let start = self.at;
            let value = if self.rest().starts_with('"') {
                self.quoted()?
            } else {
                let word = &self.rest()[..word_length(self.rest())];
                let value = &word[..word.find(',').unwrap_or(word.len())];
                self.at += value.len();
                value.to_owned()
            };
            values.push((value, start..self.at));
            if !self.rest().starts_with(',') {
                return Some(values);
            }
            self.at += 1;
        }
    }
}

/// Bytes of the word a text begins with: to white space or a parenthesis.
fn word_length(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || c == '(' || c == ')')
        .unwrap_or(text.len())
}
