//! What the keys of the list do: the form of the time, wrapping, zooming, marks.

use super::Lines;
use crate::{
    app::{App, Zoom, event_number},
    keymap::Action,
};

impl App {
    /// Does what changes how events are read. Returns whether the action is such a one.
    pub(in crate::app) fn read_events(&mut self, action: Action) -> bool {
        match action {
            Action::TimeForm => self.list.time = self.list.time.next(),
            Action::Wrap => self.toggle_wrap(),
            Action::Zoom => self.toggle_zoom(),
            Action::Pin => self.turn_pin(),
            Action::Columns => self.open_columns(),
            Action::Mark => self.toggle_mark(),
            Action::NextMark => self.step_mark(true),
            Action::PreviousMark => self.step_mark(false),
            _ => return false,
        }
        true
    }

    fn toggle_wrap(&mut self) {
        self.list.lines = match self.list.lines {
            Lines::Cut => Lines::Wrapped,
            Lines::Wrapped => Lines::Cut,
        };
    }

    fn toggle_zoom(&mut self) {
        self.zoom = match self.zoom {
            Zoom::Out => Zoom::In,
            Zoom::In => Zoom::Out,
        };
    }

    /// Marks the chosen event; while none is chosen, the newest that is listed.
    fn toggle_mark(&mut self) {
        let Some(seq) = self.chosen_or_newest() else {
            return self.tell("there is no event to mark");
        };
        let number = event_number(seq);
        let done = if self.list.marks.toggle(seq) {
            "marked"
        } else {
            "no longer marked"
        };
        self.tell(format!("event {number} {done}"));
    }

    fn step_mark(&mut self, forward: bool) {
        if self.list.step_mark(forward) {
            self.detail.scroll = 0;
            return;
        }
        let side = if forward { "after" } else { "before" };
        self.tell(if self.list.marks.is_empty() {
            "nothing is marked".to_owned()
        } else {
            format!("no marked event is listed {side} this one")
        });
    }
}
