//! The bottom lines: the filters, the one that is typed with what is wrong with it, then a notice or the keys that are
//! useful now.

use ratatui::layout::Rect;

use super::{
    canvas::{Canvas, columns},
    filters,
};
use crate::{
    app::{App, Form, PageLine, Pane, Role},
    keymap::{Action, Binding, Mode},
};

/// From so many columns on, more keys are told.
const ROOMY: usize = 110;

/// Draws the bottom lines; where there is no room for all of them, what is wrong comes before the filters.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let width = usize::from(area.width);
    let fault = filters::fault_line(app, canvas.glyphs.cut, width).filter(|_| area.height > 1);
    let row = usize::from(area.height) - 1 - usize::from(fault.is_some());
    if row > 0 {
        canvas.line(
            area,
            row - 1,
            &filters::chips(app, canvas.glyphs.cut, width),
        );
    }
    let mut line = PageLine::default();
    if app.list.search().is_some() {
        line.parts.extend(filters::typed_line(app, width).parts);
    }
    if let Some(notice) = app.notice() {
        line = line.and(Role::Accent, format!(" {notice}"));
    } else {
        let room = width.saturating_sub(columns(&line));
        line.parts.extend(hints(app, room).parts);
    }
    canvas.line(area, row, &line);
    if let Some(fault) = fault {
        canvas.line(area, row + 1, &fault);
    }
}

/// A text before and after a character.
pub(super) fn split(text: &str, at: usize) -> (&str, &str) {
    let byte = text
        .char_indices()
        .nth(at)
        .map_or(text.len(), |(byte, _)| byte);
    text.split_at(byte)
}

/// Keys with what they do; when there is little room the first ones that follow the last two are left out.
fn hints(app: &App, room: usize) -> PageLine {
    let mut hints: Vec<PageLine> = wanted(app, room >= ROOMY)
        .into_iter()
        .filter_map(|(key, word)| {
            Some(
                PageLine::new(Role::Key, format!(" {}", key?)).and(Role::Dim, format!(" {word}  ")),
            )
        })
        .collect();
    while !hints.is_empty() && hints.iter().map(columns).sum::<usize>() > room + 2 {
        hints.remove(hints.len().saturating_sub(3));
    }
    PageLine {
        parts: hints.into_iter().flat_map(|hint| hint.parts).collect(),
    }
}

/// `roomy`: also those that are wanted less often.
fn wanted(app: &App, roomy: bool) -> Vec<(Option<String>, String)> {
    let mode = app.mode();
    let key = |action| {
        app.setup
            .keymap
            .key(mode, action)
            .map(|key| key.to_string())
    };
    if mode == Mode::Watch && app.focus == Pane::Events && app.list.hits().is_some() {
        let other = if app.list.shows_only_hits() {
            "all, hits marked"
        } else {
            "only hits"
        };
        return vec![
            (key(Action::Search), "narrow".into()),
            (key(Action::NextHit), "next".into()),
            (key(Action::PreviousHit), "previous".into()),
            (key(Action::OnlyHits), other.into()),
            (key(Action::Back), "drop".into()),
            (key(Action::Filters), "filters".into()),
            (key(Action::Help), "help".into()),
        ];
    }
    if mode == Mode::Watch && app.focus == Pane::Detail && app.detail.connection {
        return vec![
            (key(Action::Back), "back".into()),
            (key(Action::Down), "down".into()),
            (key(Action::Up), "up".into()),
            (key(Action::Help), "help".into()),
        ];
    }
    if mode == Mode::Watch && app.focus == Pane::Detail {
        return of_detail(app, &key, roomy);
    }
    let bindings = app.setup.keymap.bindings(mode).iter();
    bindings
        .filter(|binding| binding.footer && app.offers(mode, binding.action))
        .map(|binding| (key(binding.action), word(app, binding)))
        .collect()
}

/// What can be done with an event in the detail pane.
fn of_detail(
    app: &App,
    key: &impl Fn(Action) -> Option<String>,
    roomy: bool,
) -> Vec<(Option<String>, String)> {
    let form = app.detail.next_form();
    let in_tree = |action| key(action).filter(|_| app.detail.is_tree());
    let of_value = |action| key(action).filter(|_| app.detail.path().is_some());
    let if_roomy = |action| of_value(action).filter(|_| roomy);
    vec![
        (key(Action::Back), "back".into()),
        (
            key(Action::Form).filter(|_| form.is_some()),
            form.map_or("", Form::word).into(),
        ),
        (of_value(Action::FilterValue), "filter".into()),
        (if_roomy(Action::Columns), "column".into()),
        (if_roomy(Action::Pin), "pin".into()),
        (
            key(Action::Difference).filter(|_| form.is_some()),
            changes(app).into(),
        ),
        (in_tree(Action::Open), "fold".into()),
        (key(Action::Copy), "copy".into()),
        (key(Action::PreviousEvent), "previous".into()),
        (key(Action::NextEvent), "next event".into()),
        (key(Action::Help), "help".into()),
    ]
}

/// What the key of the difference does: shows it, or no longer.
fn changes(app: &App) -> &'static str {
    match app.detail.form() {
        Some(Form::Difference) => "whole",
        _ => "changes",
    }
}

/// What a key does, in the words of the table; where help has something to explain, it says why.
fn word(app: &App, binding: &Binding) -> String {
    if binding.action == Action::Help && app.explains() {
        "why".into()
    } else {
        binding.help.clone()
    }
}
