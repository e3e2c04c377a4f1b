//! Questions to the profile's signer: an external command that is the user's own choice. A dialect says what is asked,
//! never what is run.

use super::{Before, Only, Template};

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
    Call(Box<Before>),
    /// A question to the signer.
    Sign {
        /// The question.
        ask: Ask,
        /// On which condition.
        only: Only,
    },
}

impl Prepare {
    /// On which condition it is done.
    pub const fn only(&self) -> &Only {
        match self {
            Self::Call(call) => &call.only,
            Self::Sign { only, .. } => only,
        }
    }

    /// The templates in it.
    pub(super) fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Call(call) => call.request.templates().collect(),
            Self::Sign { ask, .. } => vec![&ask.give],
        }
    }

    /// The variables that it sets.
    pub(super) fn sets(&self) -> Vec<&str> {
        match self {
            Self::Call(call) => call.request.takes.names().collect(),
            Self::Sign { ask, .. } => vec![&ask.into],
        }
    }
}
