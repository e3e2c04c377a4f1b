//! The lines between the status bar and the panes: which stream needs attention, and what the demo plays.

use super::{App, PageLine, Panes, Play, Role, attention, wrap};
use crate::{
    keymap::{Action, Mode},
    payload::escape::escape,
    time::{Now, show_clock},
};

/// Lines that a scenario's explanation may take.
const EXPLAIN: usize = 3;

/// The lines of the banner for a screen of this size, the most pressing first.
pub fn banner(app: &App, now: Now, (width, height): (u16, u16)) -> Vec<PageLine> {
    let one_line = height < Panes::ROOMY;
    let mut lines = attention::lines(app, now, usize::from(width), one_line);
    match &app.play {
        Some(play) => lines.extend(scenario(app, play, now, usize::from(width))),
        None if app.is_new_to_demo => lines.push(invitation(app)),
        None => {}
    }
    lines
}

/// What to press first in the demo.
fn invitation(app: &App) -> PageLine {
    let line = PageLine::new(Role::Accent, " demo  ");
    let line = hint(app, line, Action::Tour, "take the tour");
    hint(app, line, Action::Demo, "choose a scenario")
}

fn scenario(app: &App, play: &Play, now: Now, width: usize) -> Vec<PageLine> {
    let Some(menu) = &app.setup.demo else {
        return Vec::new();
    };
    let Some(scenario) = menu.scenarios.get(play.scenario) else {
        return Vec::new();
    };
    let place = match play.step {
        Some(step) => format!(" tour {:>2} of {:<2}  ", step + 1, menu.tour().count()),
        None => " playing  ".into(),
    };
    let left = match play.left(now.mono) {
        _ if play.is_held() => "  held    ".into(),
        Some(left) => format!("  {}   ", show_clock(left)),
        None => "  getting ready   ".into(),
    };
    let mut head = PageLine::new(Role::Accent, place)
        .and(Role::Text, escape(&scenario.title))
        .and(Role::Dim, left);
    if play.step.is_some() {
        let word = if play.is_held() { "go on" } else { "hold" };
        head = hint(app, head, Action::Tour, word);
        head = hint(app, head, Action::TourNext, "next");
        head = hint(app, head, Action::TourLeave, "leave");
    }
    let explain = wrap::words(&escape(&scenario.explain), width.saturating_sub(2));
    let explain = wrap::at_most(explain, EXPLAIN, app.glyphs().cut)
        .into_iter()
        .map(|line| PageLine::new(Role::Dim, format!(" {line}")));
    std::iter::once(head).chain(explain).collect()
}

/// A key and what it does, appended to a line.
pub(super) fn hint(app: &App, line: PageLine, action: Action, word: &str) -> PageLine {
    match app.setup.keymap.key(Mode::Watch, action) {
        Some(key) => line
            .and(Role::Key, key.to_string())
            .and(Role::Dim, format!(" {word}  ")),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Script;

    #[test]
    fn every_explanation_is_shown_whole_in_80_columns() {
        for scenario in &Script::standard().scenarios {
            let lines = wrap::words(&scenario.explain, 78).len();
            assert!(lines <= EXPLAIN, "{}: {lines} lines", scenario.name);
        }
    }
}
