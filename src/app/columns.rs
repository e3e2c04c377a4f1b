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
        if let Some(pin) = at.checked_sub(columns.all().len()) {
            return self.list_of_pins(action, pin);
        }
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
            Action::Pin => {
                return self.tell("this is a column: values are pinned where they are chosen");
            }
            _ => return self.overlay = Overlay::None,
        };
        self.choose_column(to);
    }

    /// The same, where a pinned value is chosen.
    fn list_of_pins(&mut self, action: Action, pin: usize) {
        let at = self.list.columns.all().len() + pin;
        match action {
            Action::Down => self.choose_column(at + 1),
            Action::Up => self.choose_column(at.saturating_sub(1)),
            Action::Pin | Action::RemoveColumn => {
                self.pins.remove(pin);
                self.choose_column(at);
            }
            Action::ToggleColumn | Action::ColumnDown | Action::ColumnUp => {
                self.tell("this is pinned above the list: delete unpins it");
            }
            _ => self.overlay = Overlay::None,
        }
    }

    fn choose_column(&mut self, at: usize) {
        let entries = self.list.columns.all().len() + self.pins.len();
        self.overlay = Overlay::Columns(at.min(entries.saturating_sub(1)));
    }
}
