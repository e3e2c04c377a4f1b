//! Makes a tree of a filter's text; every fault at once.

use std::ops::Range;

use super::{
    Fault,
    expr::{Expr, Span},
    lex::{Placed, Token, tokens},
};

/// The longest text that is a filter, in bytes.
const LONGEST: usize = 4096;
/// Parentheses and negations in each other.
const DEEPEST: usize = 64;

/// Reads a filter. An empty text asks for nothing. What regular expressions and jq programs hold is not looked at.
///
/// # Errors
/// Every fault, in the order of the text.
pub fn parse(text: &str) -> Result<Expr, Vec<Fault>> {
    if text.len() > LONGEST {
        let message = format!("the filter is longer than {LONGEST} bytes");
        return Err(vec![Fault::new(0..1, message, "leave something out")]);
    }
    let (tokens, faults) = tokens(text);
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        depth: 0,
        faults,
    };
    let mut expr = parser.any();
    while let Some(span) = parser.take(&Token::Close) {
        parser.fault(
            span,
            "nothing is open that this closes",
            "remove it, or put ')' in quotes",
        );
        expr = parser.any();
    }
    let mut faults = parser.faults;
    faults.sort_by_key(|fault| fault.span.start);
    if faults.is_empty() {
        Ok(expr)
    } else {
        Err(faults)
    }
}

struct Parser<'t> {
    tokens: &'t [Placed],
    at: usize,
    depth: usize,
    faults: Vec<Fault>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn take(&mut self, wanted: &Token) -> Option<Range<usize>> {
        let (_, span) = self
            .tokens
            .get(self.at)
            .filter(|(token, _)| token == wanted)?;
        self.at += 1;
        Some(span.clone())
    }

    fn fault(&mut self, span: Range<usize>, message: &str, help: &str) {
        self.faults.push(Fault::new(span, message, help));
    }

    /// Parts with `or` between them, to the end or a closing parenthesis.
    fn any(&mut self) -> Expr {
        let mut parts = vec![self.all()];
        while let Some(span) = self.take(&Token::Or) {
            let before = parts.last().is_none_or(|part| *part == Expr::All);
            let part = self.all();
            self.operands(before, part == Expr::All, span);
            parts.push(part);
        }
        Expr::any(parts)
    }

    /// Tells that something is missing beside `and` or `or`.
    fn operands(&mut self, before: bool, behind: bool, span: Range<usize>) {
        let help = "write what to look for, or put the word in quotes to look for it";
        if before {
            self.fault(span, "nothing stands before this", help);
        } else if behind {
            self.fault(span, "nothing stands behind this", help);
        }
    }

    /// Parts beside each other, with or without `and` between them.
    fn all(&mut self) -> Expr {
        let mut parts = Vec::new();
        loop {
            if let Some(span) = self.take(&Token::And) {
                let behind = matches!(
                    self.peek(),
                    None | Some(Token::Or | Token::Close | Token::And)
                );
                self.operands(parts.is_empty(), behind, span);
                continue;
            }
            match self.peek() {
                None | Some(Token::Or | Token::Close) => return Expr::all(parts),
                Some(_) => parts.push(self.part()),
            }
        }
    }

    fn part(&mut self) -> Expr {
        let Some((token, span)) = self.tokens.get(self.at) else {
            return Expr::All;
        };
        self.at += 1;
        self.depth += 1;
        let part = match token {
            Token::Not | Token::Open if self.depth > DEEPEST => {
                if self
                    .faults
                    .last()
                    .is_none_or(|fault| fault.message != TOO_DEEP)
                {
                    self.fault(span.clone(), TOO_DEEP, "write it with fewer parentheses");
                }
                self.at = self.tokens.len();
                Expr::All
            }
            Token::Not => self.not(span.clone()),
            Token::Open => self.group(span.clone()),
            Token::Test(test) => Expr::Test(test.clone(), Span(span.clone())),
            // What is wrong was told; it must not look as if nothing stood here.
            _ => Expr::Or(Vec::new()),
        };
        self.depth -= 1;
        part
    }

    fn not(&mut self, span: Range<usize>) -> Expr {
        if matches!(
            self.peek(),
            None | Some(Token::Or | Token::And | Token::Close)
        ) {
            let help = "write what must not be there, or put the word in quotes to look for it";
            self.fault(span, "nothing stands behind this", help);
            return Expr::Or(Vec::new());
        }
        Expr::Not(Box::new(self.part()))
    }

    /// Of several only the outermost is told, and none when the rest was not read.
    fn unclosed(&mut self, span: Range<usize>) {
        match self.faults.last_mut() {
            Some(last) if last.message == UNCLOSED => last.span = span,
            Some(last) if last.message == TOO_DEEP => {}
            _ => self.fault(span, UNCLOSED, "write ')' behind what belongs together"),
        }
    }

    fn group(&mut self, span: Range<usize>) -> Expr {
        let inner = self.any();
        match self.take(&Token::Close) {
            None => self.unclosed(span),
            Some(close) if inner == Expr::All => {
                self.fault(
                    span.start..close.end,
                    "nothing stands between these",
                    "remove them, or put them in quotes",
                );
            }
            Some(_) => {}
        }
        inner
    }
}

const UNCLOSED: &str = "this parenthesis is not closed";
const TOO_DEEP: &str = "too many parentheses or negations in each other";
