//! Which key does what: a table for each mode, read from `assets/keymap.toml`.
//!
//! The footer, the help page and the palette are made from this table, so they cannot disagree with the keys.

mod chord;

use std::sync::LazyLock;

use serde::Deserialize;

pub use chord::{Chord, Key};

static STANDARD: LazyLock<Keymap> = LazyLock::new(|| {
    Keymap::read(include_str!("../../assets/keymap.toml"))
        .unwrap_or_else(|faults| unreachable!("assets/keymap.toml: {}", faults.join("; ")))
});

/// A thing the user may want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "assets/keymap.toml says what each does")]
pub enum Action {
    Accept,
    Alert,
    AllStreams,
    Audit,
    Back,
    Bottom,
    Clear,
    Close,
    Compose,
    ColumnDown,
    ColumnUp,
    Columns,
    Connection,
    Copy,
    CopyPlace,
    Demo,
    Difference,
    Down,
    Erase,
    EraseWord,
    Export,
    Fetch,
    FilterValue,
    Filters,
    FoldAll,
    Follow,
    Form,
    GoToAlert,
    Heartbeats,
    Help,
    Hold,
    Left,
    Mark,
    Message,
    Mouse,
    NewLine,
    NextEvent,
    NextHit,
    NextMark,
    NextPane,
    OnlyHits,
    Open,
    PageDown,
    PageUp,
    Palette,
    Pause,
    Ping,
    Pin,
    PreviousEvent,
    PreviousHit,
    PreviousMark,
    PreviousPane,
    Quit,
    Reconnect,
    Record,
    Redraw,
    Reveal,
    RemoveColumn,
    RemoveFilter,
    Right,
    SaveFilter,
    Search,
    SideBySide,
    SignIn,
    Stop,
    Stream,
    Suspend,
    TimeForm,
    ToggleColumn,
    ToggleFilter,
    Top,
    Tour,
    TourLeave,
    TourNext,
    Types,
    UnfoldAll,
    Up,
    Wrap,
    Zoom,
}

/// What the keys are for at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The panes.
    Watch,
    /// A filter is typed.
    Search,
    /// The list of filters is open.
    Filters,
    /// The list of columns is open.
    Columns,
    /// The table of types is open.
    Types,
    /// A name for a filter is typed.
    Name,
    /// The dialog of an export is open.
    Export,
    /// The sign-in dialog is open.
    SignIn,
    /// A message is written.
    Compose,
    /// The code and the reason of a close are typed.
    Close,
    /// The palette is open.
    Palette,
    /// The menu of demo scenarios is open.
    Demo,
    /// The help page is open.
    Help,
    /// A question is asked.
    Confirm,
}

impl Mode {
    /// Every mode, with its name in the file.
    pub const NAMES: [(&'static str, Self); 14] = [
        ("watch", Self::Watch),
        ("search", Self::Search),
        ("filters", Self::Filters),
        ("columns", Self::Columns),
        ("types", Self::Types),
        ("name", Self::Name),
        ("export", Self::Export),
        ("sign-in", Self::SignIn),
        ("compose", Self::Compose),
        ("close", Self::Close),
        ("palette", Self::Palette),
        ("demo", Self::Demo),
        ("help", Self::Help),
        ("confirm", Self::Confirm),
    ];

    /// Whether characters are typed into a line, or name a scenario: then they cannot be bound.
    pub const fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Search
                | Self::Name
                | Self::Export
                | Self::SignIn
                | Self::Compose
                | Self::Close
                | Self::Palette
                | Self::Demo
        )
    }
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// What is done.
    pub action: Action,
    /// The keys that do it, the first one is shown where there is little room.
    pub keys: Vec<Chord>,
    /// What is done, in a few words.
    pub help: String,
    /// Where the help page lists it.
    #[serde(default)]
    pub group: String,
    /// Whether the bottom line shows it.
    #[serde(default)]
    pub footer: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Tables {
    watch: Vec<Binding>,
    search: Vec<Binding>,
    filters: Vec<Binding>,
    columns: Vec<Binding>,
    types: Vec<Binding>,
    name: Vec<Binding>,
    export: Vec<Binding>,
    sign_in: Vec<Binding>,
    compose: Vec<Binding>,
    close: Vec<Binding>,
    palette: Vec<Binding>,
    demo: Vec<Binding>,
    help: Vec<Binding>,
    confirm: Vec<Binding>,
}

/// A checked table of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    modes: Vec<(Mode, Vec<Binding>)>,
}

impl Keymap {
    /// The keys of `assets/keymap.toml`.
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    /// Reads and checks a table.
    ///
    /// # Errors
    /// Every fault in a sentence: a word that is not known (with its line), a key or an action that stands twice in a
    /// mode, an action without a key, and a character in a mode where characters are typed.
    pub fn read(text: &str) -> Result<Self, Vec<String>> {
        let tables: Tables = toml::from_str(text).map_err(|error| vec![error.to_string()])?;
        let modes = vec![
            (Mode::Watch, tables.watch),
            (Mode::Search, tables.search),
            (Mode::Filters, tables.filters),
            (Mode::Columns, tables.columns),
            (Mode::Types, tables.types),
            (Mode::Name, tables.name),
            (Mode::Export, tables.export),
            (Mode::SignIn, tables.sign_in),
            (Mode::Compose, tables.compose),
            (Mode::Close, tables.close),
            (Mode::Palette, tables.palette),
            (Mode::Demo, tables.demo),
            (Mode::Help, tables.help),
            (Mode::Confirm, tables.confirm),
        ];
        let faults: Vec<_> = modes
            .iter()
            .flat_map(|(mode, bindings)| faults(*mode, bindings))
            .collect();
        if faults.is_empty() {
            Ok(Self { modes })
        } else {
            Err(faults)
        }
    }

    /// The lines of a mode, in the order of the file.
    pub fn bindings(&self, mode: Mode) -> &[Binding] {
        self.modes
            .iter()
            .find(|(known, _)| *known == mode)
            .map_or(&[], |(_, bindings)| bindings)
    }

    /// What a key does in a mode, and its place in the list of keys that do it, from 0.
    pub fn find(&self, mode: Mode, chord: Chord) -> Option<(Action, usize)> {
        self.bindings(mode).iter().find_map(|binding| {
            let place = binding.keys.iter().position(|key| *key == chord)?;
            Some((binding.action, place))
        })
    }

    /// The key to show for an action, if it has one in the mode.
    pub fn key(&self, mode: Mode, action: Action) -> Option<Chord> {
        let binding = self
            .bindings(mode)
            .iter()
            .find(|binding| binding.action == action)?;
        binding.keys.first().copied()
    }
}

fn faults(mode: Mode, bindings: &[Binding]) -> Vec<String> {
    let name = Mode::NAMES
        .iter()
        .find(|(_, known)| *known == mode)
        .map_or("", |(name, _)| name);
    let mut faults = Vec::new();
    for (at, binding) in bindings.iter().enumerate() {
        let Binding { action, keys, .. } = binding;
        if keys.is_empty() {
            faults.push(format!("{name}: {action:?} has no key"));
        }
        if bindings[..at].iter().any(|other| other.action == *action) {
            faults.push(format!(
                "{name}: {action:?} stands twice; write its keys in one line"
            ));
        }
        for (place, key) in keys.iter().enumerate() {
            if mode.takes_text() && key.text().is_some() {
                faults.push(format!("{name}: '{key}' is typed here and cannot be bound"));
            }
            let earlier = bindings[..at]
                .iter()
                .find(|other| other.keys.contains(key))
                .map(|other| other.action);
            let earlier = earlier.or_else(|| keys[..place].contains(key).then_some(*action));
            if let Some(earlier) = earlier {
                faults.push(format!(
                    "{name}: '{key}' is bound to {earlier:?} and to {action:?}"
                ));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(watch: &str) -> Result<Keymap, Vec<String>> {
        let rest = Mode::NAMES[1..]
            .iter()
            .map(|(name, _)| format!("{name} = []\n"));
        Keymap::read(&format!("watch = [{watch}]\n{}", rest.collect::<String>()))
    }

    #[test]
    fn the_standard_keys_have_no_fault() {
        let keys = Keymap::standard();
        assert_eq!(
            keys.find(Mode::Watch, Chord::new(Key::Char('R'))),
            Some((Action::SignIn, 0))
        );
        assert_eq!(
            keys.find(Mode::Watch, Chord::new(Key::Char('3'))),
            Some((Action::Stream, 2))
        );
        for (_, mode) in Mode::NAMES {
            assert!(keys.find(mode, Chord::ctrl(Key::Char('c'))).is_some());
            assert!(keys.bindings(mode).iter().all(|line| !line.help.is_empty()));
        }
    }

    #[test]
    fn every_fault_of_a_table_is_told() {
        let faults = with(
            r#"{action="quit", keys=["q"], help="x"}, {action="help", keys=["q"], help="x"}, {action="quit", keys=[], help="x"}"#,
        );
        assert_eq!(
            faults,
            Err(vec![
                "watch: 'q' is bound to Quit and to Help".into(),
                "watch: Quit has no key".into(),
                "watch: Quit stands twice; write its keys in one line".into(),
            ])
        );
    }

    #[test]
    fn unknown_words_are_told_with_their_line() {
        for (line, told) in [
            (
                r#"{action="fly", keys=["q"], help="x"}"#,
                "unknown variant `fly`",
            ),
            (
                r#"{action="quit", keys=["hyper-q"], help="x"}"#,
                "'hyper-q' is no key",
            ),
            (
                r#"{action="quit", keys=["q"], help="x", colour=1}"#,
                "unknown field `colour`",
            ),
        ] {
            let faults = with(line).expect_err("a fault").join("");
            assert!(
                faults.contains(told) && faults.contains("line 1"),
                "{faults}"
            );
        }
    }
}
