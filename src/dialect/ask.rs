//! Questions to the profile's signer: an external command that is the user's own choice. A dialect says what is asked,
//! never what is run.

use super::{Before, Template};

/// A question to the signer.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// What the command is given on its standard input, JSON.
    pub give: Template,
    /// The variable that takes what it writes: JSON with its members, or a line of text. It is not shown.
    pub into: String,
}

/// What is done before a link is opened.
#[derive(Clone, Debug, PartialEq)]
pub enum Prepare {
    /// An HTTP call.
    Call(Before),
    /// A question to the signer.
    Sign {
        /// The question.
        ask: Ask,
        /// Only if this variable is set.
        when: Option<String>,
        /// Only if this variable is not set.
        unless: Option<String>,
    },
}

impl Prepare {
    /// The variables that decide whether it is done.
    pub const fn conditions(&self) -> (Option<&String>, Option<&String>) {
        let (when, unless) = match self {
            Self::Call(call) => (&call.when, &call.unless),
            Self::Sign { when, unless, .. } => (when, unless),
        };
        (when.as_ref(), unless.as_ref())
    }

    /// The templates in it.
    pub(super) fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Call(call) => call.templates().collect(),
            Self::Sign { ask, .. } => vec![&ask.give],
        }
    }

    /// The variables that it sets.
    pub(super) fn sets(&self) -> Vec<&str> {
        match self {
            Self::Call(Before { takes, .. }) => takes.names().collect(),
            Self::Sign { ask, .. } => vec![&ask.into],
        }
    }
}
