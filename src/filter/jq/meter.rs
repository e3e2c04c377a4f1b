//! What a jq program may use up for one event: steps, stack, and the size of what it makes.
//!
//! A program is rationed when it is compiled: `ration` puts the functions of this file between its parts. When the
//! meter is empty they halt the program, which no `try` catches, so it ends at once however it was written.

use std::cell::{Cell, RefCell};

use jaq_core::{
    DataT, Error, Exn, Lut, Native, ValX,
    box_iter::box_once,
    data::HasLut,
    native::{Fun, v},
};
use jaq_json::{Num, Val};
use regex::{Regex, RegexBuilder};

use crate::payload::json::{Shape, shape};

/// Steps for an event, and for each of its bytes; a step takes about 100 nanoseconds.
const STEPS: u64 = 10_000;
const STEPS_A_BYTE: u64 = 1;
/// No event gets more steps than this.
const MOST_STEPS: u64 = 50_000;
/// The deepest stack, in bytes.
const STACK: usize = 384 << 10;
/// Values in each other.
const DEPTH: u32 = 200;
/// The longest number, in digits; larger ones take more than linear time to read.
const DIGITS: usize = 1000;
/// Regular expressions that are remembered, and what one of them takes at most, in bytes.
const REGEXES: usize = 8;
const REGEX_BYTES: usize = 1 << 20;
/// What it costs to prepare one, in steps.
const REGEX_STEPS: u64 = 1000;

/// The values of our programs and what goes with a run.
#[derive(Debug)]
pub(super) struct Kind;

impl DataT for Kind {
    type V<'a> = Val;
    type Data<'a> = Run<'a>;
}

/// What goes with a run.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) lut: &'a Lut<Kind>,
    pub(super) meter: &'a Meter,
}

impl<'a> HasLut<'a, Kind> for Run<'a> {
    fn lut(&self) -> &'a Lut<Kind> {
        self.lut
    }
}

/// What is left.
#[derive(Debug, Default)]
pub(super) struct Meter {
    steps: Cell<u64>,
    /// Where the stack was when the run began.
    stack: Cell<usize>,
    regexes: RefCell<Vec<(String, String, Regex)>>,
}

impl Meter {
    /// Fills it for an event of so many bytes.
    pub(super) fn fill(&self, bytes: usize) {
        self.steps.set(Self::most(bytes));
        self.stack.set(stack());
    }

    /// What was used of it.
    pub(super) fn used(&self, bytes: usize) -> u64 {
        Self::most(bytes) - self.steps.get()
    }

    fn most(bytes: usize) -> u64 {
        (STEPS + STEPS_A_BYTE * bytes as u64).min(MOST_STEPS)
    }

    /// Whether there was enough; when not, it is empty.
    fn spend(&self, steps: u64) -> bool {
        let deep = self.stack.get().abs_diff(stack()) > STACK;
        let left = self.steps.get().checked_sub(steps).filter(|_| !deep);
        self.steps.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Spends what a value is large, each value in it once for each time it is in it.
    fn measure(&self, value: &Val, depth: u32) -> bool {
        let children = |mut values: &mut dyn Iterator<Item = &Val>| {
            depth < DEPTH && (&mut values).all(|value| self.measure(value, depth + 1))
        };
        match value {
            Val::Num(Num::BigInt(number)) => number.bits() < 4 * DIGITS as u64 && self.spend(1),
            Val::Null | Val::Bool(_) | Val::Num(_) => true,
            Val::BStr(text) | Val::TStr(text) => {
                text.len() < 1024 || self.spend(text.len() as u64 / 1024)
            }
            Val::Arr(items) => {
                self.spend(1 + items.len() as u64 / 8) && children(&mut items.iter())
            }
            Val::Obj(members) => {
                self.spend(1 + members.len() as u64 / 4)
                    && children(&mut members.iter().flat_map(|(name, value)| [name, value]))
            }
        }
    }

    fn test(&self, text: &str, pattern: &str, flags: &str) -> Result<Option<bool>, Error<Val>> {
        let mut regexes = self.regexes.borrow_mut();
        let known = regexes
            .iter()
            .position(|(known, with, _)| known == pattern && with == flags);
        let at = match known {
            Some(at) => at,
            None if !self.spend(REGEX_STEPS) => return Ok(None),
            None => {
                let regex = regex(pattern, flags).map_err(Error::str)?;
                regexes.truncate(REGEXES - 1);
                regexes.insert(0, (pattern.to_owned(), flags.to_owned(), regex));
                0
            }
        };
        let enough = self.spend(1 + text.len() as u64 / 256);
        Ok(enough.then(|| regexes[at].2.is_match(text)))
    }
}

fn regex(pattern: &str, flags: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(pattern);
    builder
        .size_limit(REGEX_BYTES)
        .dfa_size_limit(REGEX_BYTES)
        .nest_limit(50);
    for flag in flags.chars() {
        match flag {
            'g' | 'n' => &mut builder,
            'i' => builder.case_insensitive(true),
            'x' => builder.ignore_whitespace(true),
            's' => builder.dot_matches_new_line(true),
            'l' => builder.swap_greed(true),
            other => return Err(format!("'{other}' is no flag of a regular expression")),
        };
    }
    builder.build().map_err(|error| error.to_string())
}

/// Where the stack is now.
fn stack() -> usize {
    let here = 0_u8;
    &raw const here as usize
}

/// The code of the halt; nobody sees it.
const EMPTY: i32 = 1;

fn or_halt<'a>(enough: bool, value: Val) -> ValX<'a, Val> {
    if enough {
        Ok(value)
    } else {
        Err(Exn::halt(EMPTY))
    }
}

/// The functions that are put between the parts of a program, and those that are ours. None but
/// `regex_test` has a name that can be written in a program.
pub(super) fn functions() -> [Fun<Kind>; 5] {
    [
        ("!tick", v(0), tick()),
        ("!measure", v(0), measure()),
        (
            "!weigh",
            v(2),
            Native::new(|mut cv| {
                let (right, left) = (cv.0.pop_var(), cv.0.pop_var());
                let steps = weight(&left, &right);
                box_once(or_halt(cv.0.data().meter.spend(steps), cv.1))
            }),
        ),
        (
            "!json",
            v(0),
            Native::new(|cv| {
                let fits = match &cv.1 {
                    Val::BStr(text) | Val::TStr(text) => is_json(text),
                    _ => true,
                };
                box_once(if fits {
                    Ok(cv.1)
                } else {
                    Err(Error::str("this is not JSON").into())
                })
            }),
        ),
        (
            "regex_test",
            v(2),
            Native::new(|mut cv| {
                let (flags, pattern) = (cv.0.pop_var(), cv.0.pop_var());
                let text = |value: &Val| match value {
                    Val::TStr(text) => Ok(String::from_utf8_lossy(text).into_owned()),
                    Val::Null => Ok(String::new()),
                    other => Err(Error::typ(other.clone(), "string")),
                };
                let tested = (|| {
                    let (text, pattern, flags) = (text(&cv.1)?, text(&pattern)?, text(&flags)?);
                    cv.0.data().meter.test(&text, &pattern, &flags)
                })();
                box_once(match tested {
                    Ok(Some(found)) => Ok(Val::Bool(found)),
                    Ok(None) => Err(Exn::halt(EMPTY)),
                    Err(error) => Err(error.into()),
                })
            }),
        ),
    ]
}

/// Gives its input, for a step.
fn tick() -> Native<Kind> {
    fn enough(run: &Run<'_>) -> bool {
        run.meter.spend(1)
    }
    Native::new(|cv| box_once(or_halt(enough(cv.0.data()), cv.1)))
        .with_paths(|cv| {
            let enough = enough(cv.0.data());
            box_once(if enough {
                Ok(cv.1)
            } else {
                Err(Exn::halt(EMPTY))
            })
        })
        .with_update(|cv, f| {
            if enough(cv.0.data()) {
                f(cv.1)
            } else {
                box_once(Err(Exn::halt(EMPTY)))
            }
        })
}

/// Gives its input, for as many steps as it is large.
fn measure() -> Native<Kind> {
    fn enough(run: &Run<'_>, value: &Val) -> bool {
        run.meter.spend(1) && run.meter.measure(value, 0)
    }
    Native::new(|cv| {
        let enough = enough(cv.0.data(), &cv.1);
        box_once(or_halt(enough, cv.1))
    })
    .with_paths(|cv| {
        let enough = enough(cv.0.data(), &cv.1.0);
        box_once(if enough {
            Ok(cv.1)
        } else {
            Err(Exn::halt(EMPTY))
        })
    })
    .with_update(|cv, f| {
        if enough(cv.0.data(), &cv.1) {
            f(cv.1)
        } else {
            box_once(Err(Exn::halt(EMPTY)))
        }
    })
}

/// What an operation takes that looks at each pair of parts, or repeats one as often as the other says.
fn weight(left: &Val, right: &Val) -> u64 {
    let repeated = |text: &[u8], times: &Num| {
        let times = match times {
            Num::Int(times) => u64::try_from(*times).unwrap_or(0),
            _ => u64::MAX,
        };
        (text.len() as u64).saturating_mul(times) / 1024
    };
    match (left, right) {
        (Val::Arr(left), Val::Arr(right)) => {
            (left.len() as u64).saturating_mul(right.len() as u64) / 8
        }
        (Val::Obj(left), Val::Obj(right)) => {
            (left.len() as u64).saturating_mul(right.len() as u64) / 8
        }
        (Val::BStr(text) | Val::TStr(text), Val::Num(times))
        | (Val::Num(times), Val::BStr(text) | Val::TStr(text)) => repeated(text, times),
        (Val::BStr(left) | Val::TStr(left), Val::BStr(right) | Val::TStr(right)) => {
            (left.len() as u64).saturating_mul(right.len() as u64) / 4096
        }
        _ => 1,
    }
}

/// Whether a text can be read as JSON in linear time and without running out of stack.
pub(super) fn is_json(text: &[u8]) -> bool {
    shape(text) != Shape::Other
        && !text
            .split(|byte| !byte.is_ascii_digit())
            .any(|digits| digits.len() > DIGITS)
}
