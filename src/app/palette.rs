//! The palette: everything that can be done, found by typing. Made from the table of keys, the streams and the demo.

use tui_input::Input;

use super::App;
use crate::{
    app::help,
    event::StreamId,
    keymap::{Action, Mode},
};

/// The palette's state.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What is typed.
    pub line: Input,
    /// The chosen entry, by its place among those that fit.
    pub at: usize,
}

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is, in a few words.
    pub label: String,
    /// The keys that do it without the palette.
    pub keys: String,
    /// What is done.
    pub choice: Choice,
}

/// What choosing an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// An action.
    Act(Action),
    /// Narrows the list to this stream.
    Stream(usize),
    /// Applies this saved filter.
    Filter(usize),
    /// Sends this message of this stream's profile.
    Send(StreamId, usize),
    /// Plays this scenario.
    Play(usize),
}

impl Palette {
    /// The entries that fit what is typed: every word of it occurs, in any case.
    pub fn entries(&self, app: &App) -> Vec<Entry> {
        let typed = self.line.value().to_lowercase();
        all(app)
            .into_iter()
            .filter(|entry| {
                let label = entry.label.to_lowercase();
                typed.split_whitespace().all(|word| label.contains(word))
            })
            .collect()
    }
}

fn all(app: &App) -> Vec<Entry> {
    let acts = app.setup.keymap.bindings(Mode::Watch).iter();
    let acts = acts
        .filter(|binding| app.offers(Mode::Watch, binding.action) && !moves(binding.action))
        .map(|binding| Entry {
            label: binding.help.clone(),
            keys: help::keys(binding),
            choice: Choice::Act(binding.action),
        });
    let names = app.streams.iter().enumerate();
    let streams = names
        .filter(|_| app.streams.len() > 1)
        .map(|(at, stream)| Entry {
            label: format!("only {}", stream.setup.name),
            keys: if at < 9 {
                (at + 1).to_string()
            } else {
                String::new()
            },
            choice: Choice::Stream(at),
        });
    let saved = app.setup.filters.iter().enumerate();
    let filters = saved.map(|(at, (name, text))| Entry {
        label: format!("filter {name}: {text}"),
        keys: String::new(),
        choice: Choice::Filter(at),
    });
    let scenarios = app.setup.demo.iter().flat_map(|menu| &menu.scenarios);
    let plays = scenarios.enumerate().map(|(at, scenario)| Entry {
        label: format!("play: {}", scenario.title),
        keys: play_keys(app, scenario.key),
        choice: Choice::Play(at),
    });
    acts.chain(messages(app))
        .chain(streams)
        .chain(filters)
        .chain(plays)
        .collect()
}

/// The messages of the profiles.
fn messages(app: &App) -> impl Iterator<Item = Entry> {
    let several = app.streams.len() > 1;
    let streams = (0..).zip(&app.streams);
    streams.flat_map(move |(stream, state)| {
        let to = if several {
            format!(" to {}", state.setup.name)
        } else {
            String::new()
        };
        let messages = state.setup.messages.iter().enumerate();
        messages.map(move |(at, (name, _))| Entry {
            label: format!("send {name}{to}"),
            keys: String::new(),
            choice: Choice::Send(StreamId(stream), at),
        })
    })
}

fn play_keys(app: &App, key: char) -> String {
    match app.setup.keymap.key(Mode::Watch, Action::Demo) {
        Some(menu) => format!("{menu} {key}"),
        None => String::new(),
    }
}

/// Movements make no sense from a list.
const fn moves(action: Action) -> bool {
    matches!(
        action,
        Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::Left
            | Action::Right
            | Action::Stream
            | Action::ToggleFilter
            | Action::Palette
    )
}
