//! The one filter language of the monitor, of `tail --filter` and of profiles: texts, regular expressions, comparisons
//! of fields, and jq for what begins with a dot. `docs/filters.md` describes it.
//!
//! [`parse()`] makes a tree of a text, [`Filter::new`] a filter of it that answers [`Filter::holds`]. Every question has
//! a cost in [`Filter::holds`]'s count, so that whoever asks many can stop in time without a clock. Regular expressions
//! take linear time; jq programs take a bounded number of steps, and one that wants more is given up.

mod compile;
mod expr;
mod field;
mod jq;
mod lex;
mod parse;
mod text;
mod words;

use std::{cell::Cell, ops::Range};

use jiff::tz::TimeZone;

use crate::{
    diagnostic::{Diagnostic, FileText},
    event::StreamId,
    message::{Class, Direction},
    places::Places,
    time::Wall,
};

use compile::Node;
pub use expr::{Expr, Moment, Name, Order, Span, Test};
pub use parse::parse;

/// What is wrong with a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The bytes of the text in question.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl Fault {
    fn new(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: help.into(),
        }
    }

    /// The fault with its line and its caret; `name` says where the text was given.
    pub fn diagnostic(&self, name: &str, text: &str) -> Diagnostic {
        let file = FileText {
            name,
            text,
            hidden: Vec::new(),
        };
        Diagnostic::at(&file, self.span.clone(), &self.message).with_help(&self.help)
    }
}

/// What a filter is applied to.
#[derive(Clone, Debug)]
pub struct Context {
    /// The names of the streams, in the order of their ids.
    pub streams: Vec<String>,
    /// The time that spans are counted back from.
    pub now: Wall,
    /// The zone of times of day.
    pub zone: TimeZone,
}

/// An event, as a filter sees it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Whose it is.
    pub stream: StreamId,
    /// When it was known.
    pub at: Wall,
    /// Which way a message went and what it is to its service; `None`: it is no message.
    pub message: Option<(Direction, Class)>,
    /// The type a message states.
    pub type_name: TypeName<'a>,
    /// The payload, or the wording of a turn in a stream's life.
    pub data: &'a [u8],
    /// Where the stream's messages hold what, as far as that is known.
    pub places: Option<&'a Places>,
}

/// The type of a message.
#[derive(Clone, Copy, Debug)]
pub enum TypeName<'a> {
    /// It is known, or there is none.
    Known(Option<&'a str>),
    /// It has to be looked for in the payload.
    Unknown,
}

/// A filter that can be asked.
#[derive(Debug)]
pub struct Filter {
    expr: Expr,
    node: Node,
    /// What the last question cost.
    cost: Cell<u64>,
}

/// The text of the filter that asks for the messages of a type.
pub fn of_type(name: &str) -> String {
    format!("type:{}", words::value(name))
}

impl Filter {
    /// Reads and prepares a filter.
    ///
    /// # Errors
    /// Every fault, in the order of the text.
    pub fn new(text: &str, context: &Context) -> Result<Self, Vec<Fault>> {
        Self::of(parse(text)?, Some(context))
    }

    /// Every fault of a filter's text that does not depend on what it is applied to.
    pub fn faults(text: &str) -> Vec<Fault> {
        match parse(text) {
            Err(faults) => faults,
            Ok(expr) => Self::of(expr, None).err().unwrap_or_default(),
        }
    }

    fn of(expr: Expr, context: Option<&Context>) -> Result<Self, Vec<Fault>> {
        let node = compile::compile(&expr, context)?;
        Ok(Self {
            expr,
            node,
            cost: Cell::new(0),
        })
    }

    /// What it says.
    pub const fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Whether an event is one that is asked for.
    pub fn holds(&self, subject: &Subject<'_>) -> bool {
        self.cost.set(1);
        self.node.holds(subject, &self.cost)
    }

    /// What the last question cost: about one for 20 nanoseconds.
    pub const fn cost(&self) -> u64 {
        self.cost.get()
    }

    /// Why it was given up, in words. From then on the part that is broken holds for nothing.
    pub fn broken(&self) -> Option<&'static str> {
        self.node.broken()
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.expr == other.expr
    }
}
