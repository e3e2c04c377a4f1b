//! Makes of a tree what can be asked, the cheap questions first.

use std::{borrow::Cow, cell::Cell};

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use regex::bytes::{Regex, RegexBuilder};

use crate::{
    document::nearest,
    message::{Class, Direction},
    payload::json,
    places::Part,
    time::Wall,
};

use super::{
    Context, Fault, Subject, TypeName,
    expr::{Expr, Moment, Name, Order, Test},
    jq::Jq,
    text::Query,
    words::fits,
};

/// The most memory a regular expression takes, in bytes, twice: for itself and for what it learns.
const REGEX_BYTES: usize = 1 << 20;
/// Parentheses in a regular expression.
const REGEX_DEPTH: u32 = 64;

/// A prepared filter or a part of it.
#[derive(Debug)]
pub(super) enum Node {
    All,
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Class(Option<Class>),
    Direction(Direction),
    /// Whether it is the stream with this id.
    Stream(Vec<bool>),
    Size(Order, u64),
    Time(Order, Wall),
    Type(Vec<String>),
    Part(Part, Vec<String>),
    Text(Query),
    Regex(Regex),
    Jq(Box<Jq>),
}

/// Prepares a tree. Without a context it is good for finding faults only.
///
/// # Errors
/// Every fault, in the order of the text.
pub(super) fn compile(expr: &Expr, context: Option<&Context>) -> Result<Node, Vec<Fault>> {
    match expr {
        Expr::All => Ok(Node::All),
        Expr::And(parts) => Ok(Node::And(sorted(parts, context)?)),
        Expr::Or(parts) => Ok(Node::Or(sorted(parts, context)?)),
        Expr::Not(part) => Ok(Node::Not(Box::new(compile(part, context)?))),
        Expr::Test(test, span) => prepare(test, context).map_err(|faults| {
            let inside = |mut fault: Fault| {
                fault.span = fault.span.start + span.0.start..fault.span.end + span.0.start;
                fault
            };
            let whole = |fault: Fault| {
                if fault.span.is_empty() {
                    Fault {
                        span: span.0.clone(),
                        ..fault
                    }
                } else {
                    inside(fault)
                }
            };
            faults.into_iter().map(whole).collect()
        }),
    }
}

fn sorted(parts: &[Expr], context: Option<&Context>) -> Result<Vec<Node>, Vec<Fault>> {
    let (mut nodes, mut faults) = (Vec::new(), Vec::new());
    for part in parts {
        match compile(part, context) {
            Ok(node) => nodes.push(node),
            Err(more) => faults.extend(more),
        }
    }
    nodes.sort_by_key(Node::dearness);
    if faults.is_empty() {
        Ok(nodes)
    } else {
        Err(faults)
    }
}

/// Prepares a test. Faults stand where they are in the test's text; an empty span is the whole.
fn prepare(asked: &Test, context: Option<&Context>) -> Result<Node, Vec<Fault>> {
    Ok(match asked {
        Test::Text(text) => match Query::new(text) {
            Some(query) => Node::Text(query),
            None => Node::All,
        },
        Test::Regex {
            pattern,
            ignore_case,
        } => Node::Regex(regex(pattern, *ignore_case).map_err(|fault| vec![fault])?),
        Test::Name(Name::Type, wanted) => Node::Type(wanted.clone()),
        Test::Name(Name::Id, wanted) => Node::Part(Part::Id, wanted.clone()),
        Test::Name(Name::Channel, wanted) => Node::Part(Part::Channel, wanted.clone()),
        Test::Name(Name::Stream, wanted) => Node::Stream(match context {
            Some(context) => streams(wanted, &context.streams)?,
            None => Vec::new(),
        }),
        Test::Direction(direction) => Node::Direction(*direction),
        Test::Class(class) => Node::Class(*class),
        Test::Size(order, bytes) => Node::Size(*order, *bytes),
        Test::Time(order, moment) => match context {
            Some(context) => Node::Time(*order, resolve(*moment, context)),
            None => Node::All,
        },
        Test::Jq(program) => Node::Jq(Box::new(Jq::new(program)?)),
    })
}

/// Which streams are meant. A name that fits none is a fault: nothing would ever be shown.
fn streams(wanted: &[String], names: &[String]) -> Result<Vec<bool>, Vec<Fault>> {
    let lost = wanted
        .iter()
        .filter(|wanted| !names.iter().any(|name| fits(wanted, name)));
    let faults: Vec<_> = lost
        .map(|wanted| {
            let help = match nearest(wanted, names.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean '{meant}'?"),
                None => format!("the streams are: {}", names.join(", ")),
            };
            Fault::new(0..0, format!("there is no stream '{wanted}'"), help)
        })
        .collect();
    if faults.is_empty() {
        let meant = |name: &String| wanted.iter().any(|wanted| fits(wanted, name));
        Ok(names.iter().map(meant).collect())
    } else {
        Err(faults)
    }
}

fn regex(pattern: &str, ignore_case: bool) -> Result<Regex, Fault> {
    let syntax = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .nest_limit(REGEX_DEPTH)
        .build()
        .parse(pattern);
    if let Err(error) = syntax {
        return Err(syntax_fault(pattern, &error));
    }
    let built = RegexBuilder::new(pattern)
        .case_insensitive(ignore_case)
        .size_limit(REGEX_BYTES)
        .dfa_size_limit(REGEX_BYTES)
        .nest_limit(REGEX_DEPTH)
        .build();
    built.map_err(|_| {
        let message = "this regular expression is too large";
        Fault::new(0..0, message, "write smaller repetitions")
    })
}

fn syntax_fault(pattern: &str, error: &regex_syntax::Error) -> Fault {
    let (span, message) = match error {
        regex_syntax::Error::Parse(error) => (*error.span(), error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (*error.span(), error.kind().to_string()),
        error => return Fault::new(0..0, error.to_string(), HELP),
    };
    // Behind the slash it begins with, and the one before each slash in it.
    let place = |offset: usize| 1 + offset + pattern[..offset].matches('/').count();
    let (start, end) = (place(span.start.offset), place(span.end.offset));
    Fault::new(start..end.max(start + 1), message, HELP)
}

const HELP: &str = "write it in the syntax of https://docs.rs/regex, or look for a text in quotes";

fn resolve(moment: Moment, context: &Context) -> Wall {
    let zone = |time: jiff::civil::DateTime| zoned(time, &context.zone);
    let wall = |time: Timestamp| Wall(time.as_microsecond());
    match moment {
        Moment::At(time) => wall(time),
        Moment::Date(time) => zone(time).map_or(context.now, wall),
        Moment::Ago(span) => context
            .now
            .shifted(i64::try_from(span.as_micros()).map_or(i64::MIN / 2, |micros| -micros)),
        Moment::Clock(time) => {
            let now = Timestamp::from_microsecond(context.now.0).unwrap_or_default();
            let today = now.to_zoned_datetime(context.zone.clone()).date();
            let at = |date: jiff::civil::Date| zone(date.to_datetime(time)).map(wall);
            let yesterday = || today.checked_sub(1.day()).ok().and_then(at);
            let found = at(today)
                .filter(|time| *time <= context.now)
                .or_else(yesterday);
            found.unwrap_or(context.now)
        }
    }
}

fn zoned(time: jiff::civil::DateTime, zone: &TimeZone) -> Option<Timestamp> {
    Some(time.to_zoned_datetime(zone.clone()).ok()?.timestamp())
}

impl Node {
    /// What it costs to ask, roughly.
    fn dearness(&self) -> u32 {
        match self {
            Self::All
            | Self::Class(_)
            | Self::Direction(_)
            | Self::Stream(_)
            | Self::Size(..)
            | Self::Time(..) => 0,
            Self::Type(_) => 1,
            Self::Text(_) => 2,
            Self::Part(..) => 3,
            Self::Regex(_) => 4,
            Self::Jq(jq) => jq.dearness(),
            Self::Not(part) => part.dearness(),
            Self::And(parts) | Self::Or(parts) => {
                parts.iter().map(Self::dearness).max().unwrap_or(0)
            }
        }
    }

    /// Whether it holds; adds what the question cost.
    pub(super) fn holds(&self, subject: &Subject<'_>, cost: &Cell<u64>) -> bool {
        let bytes = subject.data.len() as u64;
        let charge = |more: u64| cost.set(cost.get() + more);
        match self {
            Self::All => true,
            Self::And(parts) => parts.iter().all(|part| part.holds(subject, cost)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(subject, cost)),
            Self::Not(part) => !part.holds(subject, cost),
            Self::Class(class) => subject.message.map(|(_, class)| class) == *class,
            Self::Direction(wanted) => subject
                .message
                .is_some_and(|(direction, _)| direction == *wanted),
            Self::Stream(wanted) => wanted
                .get(usize::from(subject.stream.0))
                .copied()
                .unwrap_or_default(),
            Self::Size(order, wanted) => subject.message.is_some() && order.holds(&bytes, wanted),
            Self::Time(order, wanted) => order.holds(&subject.at.0, &wanted.0),
            Self::Type(wanted) => {
                charge(1 + bytes.min(4096) / 64);
                subject.stated().is_some_and(|name| any_fits(wanted, &name))
            }
            Self::Part(part, wanted) => {
                charge(2 + bytes / 32);
                subject
                    .part(*part)
                    .is_some_and(|name| any_fits(wanted, &name))
            }
            Self::Text(query) => {
                charge(1 + bytes / 128);
                query.matches(subject.data)
            }
            Self::Regex(regex) => {
                charge(2 + bytes / 16);
                regex.is_match(subject.data)
            }
            Self::Jq(jq) => subject.message.is_some() && jq.holds(subject.data, cost),
        }
    }

    pub(super) fn broken(&self) -> Option<&'static str> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().find_map(Self::broken),
            Self::Not(part) => part.broken(),
            Self::Jq(jq) => jq.broken(),
            _ => None,
        }
    }
}

fn any_fits(wanted: &[String], name: &str) -> bool {
    wanted.iter().any(|wanted| fits(wanted, name))
}

impl<'a> Subject<'a> {
    fn stated(&self) -> Option<Cow<'a, str>> {
        match self.type_name {
            TypeName::Known(name) => name.map(Cow::Borrowed),
            TypeName::Unknown => {
                self.message?;
                match self.places {
                    Some(places) => places.type_name(self.data),
                    None => json::type_name(self.data).map(Cow::Borrowed),
                }
            }
        }
    }

    /// A part of a message, a string without its quotes.
    fn part(&self, part: Part) -> Option<Cow<'a, str>> {
        self.message?;
        match self.places?.part(part, self.data)? {
            Cow::Borrowed(written) => {
                let inside = str::from_utf8(json::unquoted(written)).ok()?;
                Some(Cow::Borrowed(inside))
            }
            Cow::Owned(written) => {
                let inside = json::unquoted(&written).to_vec();
                Some(Cow::Owned(String::from_utf8(inside).ok()?))
            }
        }
    }
}
