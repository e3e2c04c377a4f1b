//! What keys do with the columns of the list: the dialog of all, and the chosen value as one.

use super::{App, Overlay, Pane};
use crate::keymap::Action;

impl App {
    /// The chosen value becomes a column, or no longer; where no detail is looked at, the list of columns is opened.
    pub(super) fn open_columns(&mut self) {
        if self.focus != Pane::Detail {
            return self.overlay = Overlay::Columns(0);
        }
        let Some(path) = self.detail.path() else {
            return self.tell("columns hold values of JSON: choose one in a tree");
        };
        let told = path.to_string();
        let done = if self.list.columns.turn(path) {
            "is a column now"
        } else {
            "is no longer a column"
        };
        self.tell(format!("{told} {done}"));
    }

    /// Keys of the list of columns.
    pub(super) fn columns(&mut self, action: Action) {
        let Overlay::Columns(at) = self.overlay else {
            return;
        };
        let columns = &mut self.list.columns;
        let to = match action {
            Action::Down => at + 1,
            Action::Up => at.saturating_sub(1),
            Action::ColumnDown => columns.shift(at, 1),
            Action::ColumnUp => columns.shift(at, -1),
            Action::ToggleColumn => {
                columns.toggle(at);
                at
            }
            Action::RemoveColumn => {
                if !columns.remove(at) {
                    self.tell("this column is built in: space hides it");
                }
                at
            }
            _ => return self.overlay = Overlay::None,
        };
        let last = self.list.columns.all().len().saturating_sub(1);
        self.overlay = Overlay::Columns(to.min(last));
    }
}
