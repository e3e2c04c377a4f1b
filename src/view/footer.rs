//! The bottom line: the search while there is one, then a notice or the keys that are useful now.

use ratatui::layout::Rect;

use super::canvas::{Canvas, columns};
use crate::{
    app::{App, Overlay, PageLine, Pane, Role, Search, grouped},
    keymap::{Action, Binding, Mode},
};

/// Draws the bottom line.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let mut line = PageLine::default();
    if let Some(search) = &app.list.search {
        line.parts.extend(search_line(app, search).parts);
    }
    if let Some(notice) = app.notice() {
        line = line.and(Role::Accent, format!(" {notice}"));
    } else {
        let room = usize::from(area.width).saturating_sub(columns(&line));
        line.parts.extend(hints(app, room).parts);
    }
    canvas.line(area, 0, &line);
}

fn search_line(app: &App, search: &Search) -> PageLine {
    let typing = matches!(app.overlay, Overlay::Search);
    let (before, after) = split(search.text(), search.line.cursor());
    let line = PageLine::new(Role::Key, " /").and(Role::Text, before);
    let line = if typing {
        let (at, rest) = split(after, 1);
        line.and(Role::Focus, if at.is_empty() { " " } else { at })
            .and(Role::Text, rest)
    } else {
        line.and(Role::Text, after)
    };
    if search.text().is_empty() {
        return line.and(Role::Text, "  ");
    }
    let hits = search.hits().len() as u64;
    let more = if app.list.is_behind() { " so far" } else { "" };
    let word = if hits == 1 { "hit" } else { "hits" };
    line.and(Role::Dim, format!("  {} {word}{more}  ", grouped(hits)))
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
    let mut hints: Vec<PageLine> = wanted(app)
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

fn wanted(app: &App) -> Vec<(Option<String>, String)> {
    let mode = app.mode();
    let key = |action| {
        app.setup
            .keymap
            .key(mode, action)
            .map(|key| key.to_string())
    };
    if mode == Mode::Watch && app.list.search.is_some() {
        let only = app.list.search.as_ref().is_some_and(|search| search.only);
        let other = if only {
            "all, hits marked"
        } else {
            "only hits"
        };
        return vec![
            (key(Action::NextHit), "next".into()),
            (key(Action::PreviousHit), "previous".into()),
            (key(Action::OnlyHits), other.into()),
            (key(Action::Back), "drop".into()),
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
        return vec![
            (key(Action::Back), "back".into()),
            (key(Action::Form), app.detail.form.next().word().into()),
            (key(Action::Left), "previous event".into()),
            (key(Action::Right), "next event".into()),
            (key(Action::Help), "help".into()),
        ];
    }
    let bindings = app.setup.keymap.bindings(mode).iter();
    bindings
        .filter(|binding| binding.footer && app.offers(mode, binding.action))
        .map(|binding| (key(binding.action), word(app, binding)))
        .collect()
}

/// What a key does, in the words of the table; where help has something to explain, it says why.
fn word(app: &App, binding: &Binding) -> String {
    if binding.action == Action::Help && app.explains() {
        "why".into()
    } else {
        binding.help.clone()
    }
}
