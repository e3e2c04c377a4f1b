//! Programs that compare what stands at places with constants, answered on the raw bytes: `.data.user.tier == "gold"`,
//! `.a > 5 and (.b | not)`. What it answers is what jaq would; where that is not sure, it says so.
//!
//! A payload that is like an earlier one but for some letters and digits has everything where that had it.

use std::{cell::RefCell, ops::Range};

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
    mould::Moulds,
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
    /// The places asked for.
    paths: Vec<Vec<Step>>,
    /// What stood there in earlier payloads.
    moulds: RefCell<Moulds<Vec<Spot>>>,
}

/// What stands at a place.
#[derive(Clone, Debug)]
enum Spot {
    /// A value, there in the payload.
    Value(Range<usize>),
    /// Nothing: null takes its place.
    Nothing,
    /// There can be nothing.
    Wrong,
}

/// A question; a place stands in it as its number among the paths.
#[derive(Debug)]
enum Ask {
    Compare(usize, Cmp, Constant),
    True(usize),
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
        let mut paths = Vec::new();
        let ask = ask(term, true, &mut paths)?;
        let mut needed = Vec::new();
        ask.needs(&mut needed);
        Some(Self {
            ask,
            needed,
            paths,
            moulds: RefCell::default(),
        })
    }

    /// Whether a payload is asked for.
    pub(super) fn answer(&self, data: &[u8]) -> Answer {
        let lacking = self.needed.iter().any(|needed| needed.find(data).is_none());
        if lacking && memchr(b'\\', data).is_none() {
            return Answer::No;
        }
        let mut moulds = self.moulds.borrow_mut();
        if let Some(spots) = moulds.find(data) {
            return self.ask.answer(data, spots);
        }
        // Half a character would be an error anywhere in the payload.
        if has_surrogate(data) {
            return Answer::Unclear;
        }
        let shape = shape(data);
        if shape == Shape::Other {
            return Answer::No;
        }
        let spots = self.paths.iter().map(|path| spot(data, path));
        let Some(spots) = spots.collect::<Option<Vec<_>>>() else {
            return Answer::Unclear;
        };
        let answer = self.ask.answer(data, &spots);
        if shape == Shape::Plain && moulds.learns(data) {
            moulds.learn(data, spots);
        }
        answer
    }
}

/// What stands at a place of a text that is known to be JSON; `None`: it is not clear.
fn spot(data: &[u8], path: &[Step]) -> Option<Spot> {
    match find(data, path) {
        Found::Value(range) => Some(Spot::Value(range)),
        Found::Nothing => Some(Spot::Nothing),
        Found::Wrong => Some(Spot::Wrong),
        Found::Unclear => None,
    }
}

fn has_surrogate(data: &[u8]) -> bool {
    memmem::find_iter(data, b"\\u").any(|at| matches!(data.get(at + 2), Some(b'd' | b'D')))
}

/// The question a term asks; at the root what is selected is asked for.
fn ask(term: &Term<&str>, root: bool, paths: &mut Vec<Vec<Step>>) -> Option<Ask> {
    match term {
        Term::BinOp(left, BinaryOp::Cmp(cmp), right) => {
            let (path, cmp, constant) = match (path(left), constant(right)) {
                (Some(path), Some(constant)) => (path, *cmp, constant),
                _ => (path(right)?, turned(*cmp), constant(left)?),
            };
            Some(Ask::Compare(number_of(path, paths), cmp, constant))
        }
        Term::BinOp(left, BinaryOp::And, right) => Some(Ask::And(
            Box::new(ask(left, false, paths)?),
            Box::new(ask(right, false, paths)?),
        )),
        Term::BinOp(left, BinaryOp::Or, right) => Some(Ask::Or(
            Box::new(ask(left, false, paths)?),
            Box::new(ask(right, false, paths)?),
        )),
        Term::BinOp(left, BinaryOp::Pipe(None), right) => match &**right {
            Term::Call("not", arguments) if arguments.is_empty() => {
                Some(Ask::Not(Box::new(ask(left, false, paths)?)))
            }
            right if root && matches!(**left, Term::Id) => ask(right, true, paths),
            _ => None,
        },
        Term::Call("select", arguments) if root => match &arguments[..] {
            [asked] => Some(Ask::And(
                Box::new(ask(asked, false, paths)?),
                Box::new(Ask::True(number_of(Vec::new(), paths))),
            )),
            _ => None,
        },
        term => Some(Ask::True(number_of(path(term)?, paths))),
    }
}

/// The number of a path among those asked for.
fn number_of(path: Vec<Step>, paths: &mut Vec<Vec<Step>>) -> usize {
    let known = paths.iter().position(|known| *known == path);
    known.unwrap_or_else(|| {
        paths.push(path);
        paths.len() - 1
    })
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

    fn answer(&self, data: &[u8], spots: &[Spot]) -> Answer {
        match self.holds(data, spots) {
            Ok(true) => Answer::Yes,
            Ok(false) | Err(Stop::Error) => Answer::No,
            Err(Stop::Unclear) => Answer::Unclear,
        }
    }

    fn holds(&self, data: &[u8], spots: &[Spot]) -> Result<bool, Stop> {
        match self {
            Self::And(left, right) => Ok(left.holds(data, spots)? && right.holds(data, spots)?),
            Self::Or(left, right) => Ok(left.holds(data, spots)? || right.holds(data, spots)?),
            Self::Not(asked) => Ok(!asked.holds(data, spots)?),
            Self::True(path) => {
                Ok(at(data, spots, *path)?
                    .is_some_and(|value| !matches!(value, b"null" | b"false")))
            }
            Self::Compare(path, cmp, constant) => match at(data, spots, *path)? {
                Some(value) => constant.compare(*cmp, value),
                None => Ok(cmp.run(&Val::Null, &constant.value)),
            },
        }
    }
}

/// The value at a place; `None`: null takes its place.
fn at<'a>(data: &'a [u8], spots: &[Spot], path: usize) -> Result<Option<&'a [u8]>, Stop> {
    match spots.get(path) {
        Some(Spot::Value(range)) => data.get(range.clone()).map(Some).ok_or(Stop::Unclear),
        Some(Spot::Nothing) => Ok(None),
        Some(Spot::Wrong) => Err(Stop::Error),
        None => Err(Stop::Unclear),
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
