//! The dialog in which the code and the reason of a close by hand are typed.

use tui_input::Input;

use super::{App, Output, Overlay, act::edit};
use crate::{
    close_code::{CloseCode, read_close},
    event::StreamId,
    keymap::Action,
    session::Command,
};

/// What the line holds at first.
const USUAL: &str = "1000 ";

/// The dialog's state.
pub struct Close {
    /// The stream whose connection is to be closed.
    pub stream: StreamId,
    /// What is typed.
    pub line: Input,
}

impl Close {
    /// The code and the reason.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub fn read(&self) -> Result<(CloseCode, String), String> {
        read_close(self.line.value())
    }
}

impl App {
    pub(super) fn begin_close(&mut self) {
        self.overlay = Overlay::Close(Close {
            stream: self.target(),
            line: USUAL.into(),
        });
    }

    /// Keys of the dialog.
    pub(super) fn close(&mut self, action: Action) {
        let Overlay::Close(dialog) = &mut self.overlay else {
            return;
        };
        let stream = dialog.stream;
        match (action, dialog.read()) {
            (Action::Accept, Ok((code, reason))) => {
                let close = Command::Close { code, reason };
                self.outputs.push_back(Output::Command(stream, close));
                self.overlay = Overlay::None;
            }
            (Action::Accept, Err(why)) => self.tell(why),
            (Action::Back, _) => self.overlay = Overlay::None,
            (other, _) => edit(&mut dialog.line, other),
        }
    }
}
