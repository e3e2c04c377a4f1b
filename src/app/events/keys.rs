//! What the keys of the list do: the form of the time, wrapping, zooming, marks.

use crate::{app::App, keymap::Action, store::Seq};

impl App {
    /// Does what changes how events are read. Returns whether the action is such a one.
    pub(in crate::app) fn read_events(&mut self, action: Action) -> bool {
        match action {
            Action::TimeForm => self.list.time = self.list.time.next(),
            Action::Wrap => self.list.wrap = !self.list.wrap,
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::Mark => self.toggle_mark(),
            Action::NextMark => self.step_mark(true),
            Action::PreviousMark => self.step_mark(false),
            _ => return false,
        }
        true
    }

    /// Marks the chosen event; while none is chosen, the newest that is listed.
    fn toggle_mark(&mut self) {
        let newest = || self.list.seq(self.list.count().checked_sub(1)?);
        let Some(seq) = self.list.cursor().or_else(newest) else {
            return self.tell("there is no event to mark");
        };
        let Seq(number) = seq;
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
        self.tell(match self.list.marks.is_empty() {
            true => "nothing is marked".to_owned(),
            false => format!("no marked event is listed {side} this one"),
        });
    }
}
