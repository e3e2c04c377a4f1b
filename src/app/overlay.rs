//! What lies over the panes: dialogs, menus, pages to read.

use super::{App, Close, Compose, Export, PageLine, Palette, SignIn, audit, help};
use crate::event::StreamId;

/// What lies over the panes.
pub enum Overlay {
    /// Nothing.
    None,
    /// A filter is typed.
    Search,
    /// The list of the filters that are kept, with the chosen one.
    Filters(usize),
    /// The list of columns, with the chosen one.
    Columns(usize),
    /// The table of types.
    Types,
    /// A name for this filter is typed.
    Name(tui_input::Input, usize),
    /// The dialog of an export.
    Export(Box<Export>),
    /// The sign-in dialog.
    SignIn(Box<SignIn>),
    /// The dialog in which a message is written.
    Compose(Box<Compose>),
    /// The dialog in which the code and the reason of a close are typed.
    Close(Close),
    /// The palette.
    Palette(Palette),
    /// The menu of scenarios, with the chosen one.
    Demo(usize),
    /// A page to read, with the lines above the first one in view.
    Page(Page, usize),
    /// The question whether to stop a stream.
    Confirm(StreamId),
}

/// A page to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// What is chosen, explained, and the keys.
    Help,
    /// What became of the authentications.
    Audit,
}

impl Page {
    /// What stands above it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Audit => "authentications",
        }
    }

    /// Its lines.
    pub fn lines(self, app: &App, width: usize) -> Vec<PageLine> {
        match self {
            Self::Help => help::lines(app, width),
            Self::Audit => audit::lines(app, width),
        }
    }
}
