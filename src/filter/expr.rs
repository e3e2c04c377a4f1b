//! What a filter says, as a tree, and the same as text: what is printed is read as the same tree.

use std::{fmt, ops::Range, time::Duration};

use jiff::{Timestamp, civil};

use crate::message::{Class, Direction};

use super::words;

/// What a filter says. `And` and `Or` hold two parts or more, none of them of the same kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Nothing is asked.
    All,
    /// Every part holds.
    And(Vec<Self>),
    /// Some part holds.
    Or(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// One test, and where it stands.
    Test(Test, Span),
}

/// Bytes of the text. Two tests are the same wherever they stand, so spans are all equal.
#[derive(Clone, Debug)]
pub struct Span(pub Range<usize>);

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A single question about an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Is this text in it, whatever the case of its letters?
    Text(String),
    /// Does this regular expression match somewhere in it?
    Regex {
        /// The expression, in the syntax of the `regex` crate.
        pattern: String,
        /// Whether the case of letters does not matter.
        ignore_case: bool,
    },
    /// Is a name one of these?
    Name(Name, Vec<String>),
    /// Which way did it go?
    Direction(Direction),
    /// What is it to its service? `None`: it is no message.
    Class(Option<Class>),
    /// How many bytes has its payload?
    Size(Order, u64),
    /// When was it known?
    Time(Order, Moment),
    /// Does this jq program give something else than false, null and errors?
    Jq(String),
}

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The type a message states.
    Type,
    /// The stream.
    Stream,
    /// What tells an event from others, where the dialect knows.
    Id,
    /// The channel, where the dialect knows.
    Channel,
}

impl Name {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Stream => "stream",
            Self::Id => "id",
            Self::Channel => "chan",
        }
    }
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The same.
    Equal,
    /// Less.
    Less,
    /// Less or the same.
    AtMost,
    /// More.
    More,
    /// More or the same.
    AtLeast,
}

impl Order {
    /// The sign for it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether it holds between two values.
    pub fn holds<T: Ord>(self, one: &T, other: &T) -> bool {
        match self {
            Self::Equal => one == other,
            Self::Less => one < other,
            Self::AtMost => one <= other,
            Self::More => one > other,
            Self::AtLeast => one >= other,
        }
    }
}

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The last time it was so late, in the zone that is shown.
    Clock(civil::Time),
    /// A date and a time, in the zone that is shown.
    Date(civil::DateTime),
    /// A date and a time with an offset.
    At(Timestamp),
    /// This long before the filter was applied.
    Ago(Duration),
}

impl Expr {
    /// All of these.
    pub fn all(parts: Vec<Self>) -> Self {
        let parts = parts.into_iter().flat_map(|part| match part {
            Self::And(parts) => parts,
            Self::All => Vec::new(),
            part => vec![part],
        });
        one_or(parts.collect(), Self::And)
    }

    /// Any of these.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        let parts = parts.into_iter().flat_map(|part| match part {
            Self::Or(parts) => parts,
            part => vec![part],
        });
        one_or(parts.collect(), Self::Or)
    }

    /// Whether what this holds for is surely among what the other holds for.
    pub fn narrows(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::All) => true,
            (_, Self::And(wanted)) => wanted.iter().all(|wanted| self.narrows(wanted)),
            (Self::And(parts), wanted) => {
                parts.iter().any(|part| part.narrows(wanted)) || self == wanted
            }
            (Self::Test(Test::Text(one), _), Self::Test(Test::Text(other), _)) => {
                one.to_lowercase().contains(&other.to_lowercase())
            }
            (one, other) => one == other,
        }
    }

    /// The texts that are looked for, to be marked where they stand.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::texts).collect(),
            Self::Test(Test::Text(text), _) => vec![text],
            Self::All | Self::Not(_) | Self::Test(..) => Vec::new(),
        }
    }

    fn inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(_) | Self::Or(_) | Self::All | Self::Test(Test::Jq(_), _) => {
                write!(f, "({self})")
            }
            _ => write!(f, "{self}"),
        }
    }
}

fn one_or(mut parts: Vec<Expr>, many: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    match parts.len() {
        0 => Expr::All,
        1 => parts.remove(0),
        _ => many(parts),
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::And(parts) | Self::Or(parts) => {
                let between = if matches!(self, Self::Or(_)) {
                    " or "
                } else {
                    " "
                };
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        f.write_str(between)?;
                    }
                    part.inner(f)?;
                }
                Ok(())
            }
            Self::Not(part) => {
                f.write_str("not ")?;
                part.inner(f)
            }
            Self::Test(test, _) => write!(f, "{test}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&words::written(text)),
            Self::Regex {
                pattern,
                ignore_case,
            } => {
                let flag = if *ignore_case { "i" } else { "" };
                write!(f, "/{}/{flag}", pattern.replace('/', "\\/"))
            }
            Self::Name(name, wanted) => {
                let wanted: Vec<_> = wanted.iter().map(|text| words::value(text)).collect();
                write!(f, "{}:{}", name.word(), wanted.join(","))
            }
            Self::Direction(Direction::In) => f.write_str("dir:in"),
            Self::Direction(Direction::Out) => f.write_str("dir:out"),
            Self::Class(class) => write!(f, "class:{}", words::class(*class)),
            Self::Size(order, bytes) => write!(f, "size{}{bytes}", order.sign()),
            Self::Time(order, moment) => write!(f, "time{}{moment}", order.sign()),
            Self::Jq(program) => f.write_str(program),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock(time) => write!(f, "{time}"),
            Self::Date(time) => write!(f, "{time}"),
            Self::At(time) => write!(f, "{time}"),
            Self::Ago(span) => write!(f, "-{}ms", span.as_millis()),
        }
    }
}
