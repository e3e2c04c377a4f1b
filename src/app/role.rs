//! The ten roles a piece of text can have on the screen, and lines made of such pieces.
//!
//! Roles say what a text is for; a theme says how it looks. Meaning is never carried by a role alone.

use unicode_width::UnicodeWidthStr;

/// What a piece of text is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// What is read.
    #[default]
    Text,
    /// What stands back: times, borders, hints.
    Dim,
    /// Titles, and the countdown while there is time.
    Accent,
    /// All is well.
    Good,
    /// Soon the user is needed.
    Warn,
    /// The user is needed, or something is lost.
    Bad,
    /// Names: keys to press, members of an object.
    Key,
    /// Values of a payload.
    Value,
    /// Search hits.
    Mark,
    /// Where the keys go.
    Focus,
}

/// One line of a page: pieces with their roles. The texts are safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageLine {
    /// The pieces, from the left.
    pub parts: Vec<(Role, String)>,
}

impl PageLine {
    /// A line of one piece.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self::default().and(role, text)
    }

    /// The line with a piece more.
    pub fn and(mut self, role: Role, text: impl Into<String>) -> Self {
        self.parts.push((role, text.into()));
        self
    }

    /// Columns it takes, as long as its texts are shown as they are.
    pub fn width(&self) -> usize {
        self.parts.iter().map(|(_, text)| text.width()).sum()
    }
}
