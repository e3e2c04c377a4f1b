//! Programs that compare what stands at places with constants, answered on the raw bytes: `.data.user.tier == "gold"`,
//! `.a > 5 and (.b | not)`. What it answers is what jaq would; where that is not sure, it says so.

use jaq_core::{
    load::{
        lex::StrPart,
        parse::{BinaryOp, Term},
    },
    ops::Cmp,
    path::{Opt, Part},
};
use jaq_json::{Num, Val, read::parse_single};
use memchr::{memchr, memmem};

use crate::payload::{
    json::{Shape, shape},
    place::{Found, Step, find},
};

/// The longest number that is read here, in digits.
const DIGITS: usize = 400;

/// A program of this kind.
#[derive(Debug)]
pub(super) struct Fast {
    ask: Ask,
    /// Texts that stand in every payload that is asked for, unless something in it is escaped.
    needed: Vec<memmem::Finder<'static>>,
}

#[derive(Debug)]
enum Ask {
    Compare(Vec<Step>, Cmp, Constant),
    True(Vec<Step>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

/// What is compared with.
#[derive(Debug)]
struct Constant {
    value: Val,
    /// The bytes of a text.
    text: Option<Vec<u8>>,
}

/// What is known of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is asked for.
    Yes,
    /// It is not.
    No,
    /// The whole program must be run.
    Unclear,
}

/// Why there is no answer.
enum Stop {
    /// The program would give an error.
    Error,
    Unclear,
}

impl Fast {
    /// Of a program that was read; `None`: it is not of this kind.
    pub(super) fn new(term: &Term<&str>) -> Option<Self> {
        let ask = ask(term, true)?;
        let mut needed = Vec::new();
        ask.needs(&mut needed);
        Some(Self { ask, needed })
    }

    /// Whether a payload is asked for.
    pub(super) fn answer(&self, data: &[u8]) -> Answer {
        let lacking = self.needed.iter().any(|needed| needed.find(data).is_none());
        let escapes = memchr(b'\\', data);
        match escapes {
            None if lacking => return Answer::No,
            // Half a character would be an error anywhere in the payload.
            Some(first) if has_surrogate(&data[first..]) => return Answer::Unclear,
            _ => {}
        }
        if shape(data) == Shape::Other {
            return Answer::No;
        }
        match self.ask.holds(data) {
            Ok(true) => Answer::Yes,
            Ok(false) | Err(Stop::Error) => Answer::No,
            Err(Stop::Unclear) => Answer::Unclear,
        }
    }
}

fn has_surrogate(data: &[u8]) -> bool {
    memmem::find_iter(data, b"\\u").any(|at| matches!(data.get(at + 2), Some(b'd' | b'D')))
}

/// The question a term asks; at the root what is selected is asked for.
fn ask(term: &Term<&str>, root: bool) -> Option<Ask> {
    match term {
        Term::BinOp(left, BinaryOp::Cmp(cmp), right) => match (path(left), constant(right)) {
            (Some(path), Some(constant)) => Some(Ask::Compare(path, *cmp, constant)),
            _ => Some(Ask::Compare(path(right)?, turned(*cmp), constant(left)?)),
        },
        Term::BinOp(left, BinaryOp::And, right) => Some(Ask::And(
            Box::new(ask(left, false)?),
            Box::new(ask(right, false)?),
        )),
        Term::BinOp(left, BinaryOp::Or, right) => Some(Ask::Or(
            Box::new(ask(left, false)?),
            Box::new(ask(right, false)?),
        )),
        Term::BinOp(left, BinaryOp::Pipe(None), right) => match &**right {
            Term::Call("not", arguments) if arguments.is_empty() => {
                Some(Ask::Not(Box::new(ask(left, false)?)))
            }
            right if root && matches!(**left, Term::Id) => ask(right, true),
            _ => None,
        },
        Term::Call("select", arguments) if root => match &arguments[..] {
            [asked] => Some(Ask::And(
                Box::new(ask(asked, false)?),
                Box::new(Ask::True(Vec::new())),
            )),
            _ => None,
        },
        term => path(term).map(Ask::True),
    }
}

const fn turned(cmp: Cmp) -> Cmp {
    match cmp {
        Cmp::Lt => Cmp::Gt,
        Cmp::Le => Cmp::Ge,
        Cmp::Gt => Cmp::Lt,
        Cmp::Ge => Cmp::Le,
        same => same,
    }
}

fn path(term: &Term<&str>) -> Option<Vec<Step>> {
    match term {
        Term::Id => Some(Vec::new()),
        Term::Path(start, parts) => {
            let mut steps = path(start)?;
            for part in &parts.0 {
                let (Part::Index(index), Opt::Essential) = part else {
                    return None;
                };
                steps.push(match index {
                    Term::Str(None, parts) => Step::Name(text(parts)?),
                    Term::Num(number) => Step::Item(number.parse().ok()?),
                    _ => return None,
                });
            }
            Some(steps)
        }
        _ => None,
    }
}

fn constant(term: &Term<&str>) -> Option<Constant> {
    let value = match term {
        Term::Str(None, parts) => {
            let text = text(parts)?;
            return Some(Constant {
                value: Val::from(text.clone()),
                text: Some(text.into_bytes()),
            });
        }
        Term::Num(number) if number.len() <= DIGITS => parse_single(number.as_bytes()).ok()?,
        Term::Neg(inner) => match (-constant(inner)?.value).ok()? {
            value @ Val::Num(_) => value,
            _ => return None,
        },
        Term::Call(word @ ("true" | "false" | "null"), arguments) if arguments.is_empty() => {
            parse_single(word.as_bytes()).ok()?
        }
        _ => return None,
    };
    Some(Constant { value, text: None })
}

fn text(parts: &[StrPart<&str, Term<&str>>]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            StrPart::Str(part) => text.push_str(part),
            StrPart::Char(c) => text.push(*c),
            StrPart::Term(_) => return None,
        }
    }
    Some(text)
}

impl Ask {
    fn needs(&self, needed: &mut Vec<memmem::Finder<'static>>) {
        match self {
            Self::And(left, right) => {
                left.needs(needed);
                right.needs(needed);
            }
            Self::Compare(
                _,
                Cmp::Eq,
                Constant {
                    text: Some(text), ..
                },
            ) => {
                // What must be escaped is not there as it is.
                let plain = |byte: &u8| *byte >= b' ' && !b"\"\\".contains(byte);
                if text.iter().all(plain) && !text.is_empty() {
                    needed.push(memmem::Finder::new(text).into_owned());
                }
            }
            Self::Compare(..) | Self::True(_) | Self::Or(..) | Self::Not(_) => {}
        }
    }

    fn holds(&self, data: &[u8]) -> Result<bool, Stop> {
        match self {
            Self::And(left, right) => Ok(left.holds(data)? && right.holds(data)?),
            Self::Or(left, right) => Ok(left.holds(data)? || right.holds(data)?),
            Self::Not(asked) => Ok(!asked.holds(data)?),
            Self::True(path) => {
                Ok(at(data, path)?.is_some_and(|value| !matches!(value, b"null" | b"false")))
            }
            Self::Compare(path, cmp, constant) => match at(data, path)? {
                Some(value) => constant.compare(*cmp, value),
                None => Ok(cmp.run(&Val::Null, &constant.value)),
            },
        }
    }
}

/// The value at a place; `None`: null takes its place.
fn at<'a>(data: &'a [u8], path: &[Step]) -> Result<Option<&'a [u8]>, Stop> {
    match find(data, path) {
        Found::Value(value) => Ok(Some(value)),
        Found::Nothing => Ok(None),
        Found::Wrong => Err(Stop::Error),
        Found::Unclear => Err(Stop::Unclear),
    }
}

/// A number, as jaq would read it for a comparison; `None`: one that is not read here.
fn number(written: &[u8]) -> Option<Num> {
    let text = std::str::from_utf8(written)
        .ok()
        .filter(|text| text.len() <= DIGITS)?;
    if text.contains(['.', 'e', 'E']) {
        return text.parse().ok().map(Num::Float);
    }
    text.parse().ok().map(Num::Int)
}

impl Constant {
    fn compare(&self, cmp: Cmp, written: &[u8]) -> Result<bool, Stop> {
        if let (Some(text), [b'"', inside @ .., b'"']) = (&self.text, written)
            && memchr(b'\\', inside).is_none()
        {
            return Ok(cmp.run(&inside, &&**text));
        }
        let value = match written {
            [b'-' | b'0'..=b'9', ..] => Val::Num(number(written).ok_or(Stop::Unclear)?),
            [b'{' | b'[', ..] => return Err(Stop::Unclear),
            other => parse_single(other).map_err(|_| Stop::Unclear)?,
        };
        Ok(cmp.run(&value, &self.value))
    }
}
