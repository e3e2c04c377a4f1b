//! A key with its modifiers, and how it is written: `R`, `ctrl-r`, `shift-tab`, `space`, `f5`.
//!
//! It knows no terminal library; the shell turns what that reports into chords.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};

/// A key pressed together with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Whether control was held.
    pub ctrl: bool,
    /// Whether alt was held.
    pub alt: bool,
    /// Whether shift was held; always false for characters, which come shifted.
    pub shift: bool,
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Key {
    /// What the key types.
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    /// F1 to F12.
    Function(u8),
}

const NAMES: [(&str, Key); 14] = [
    ("space", Key::Char(' ')),
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
];

impl Chord {
    /// A key without modifiers.
    pub const fn new(key: Key) -> Self {
        Self {
            key,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    /// A key with control.
    pub const fn ctrl(key: Key) -> Self {
        Self {
            ctrl: true,
            ..Self::new(key)
        }
    }

    /// The character it types, if it types one.
    pub const fn text(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl FromStr for Chord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut chord = Self::new(Key::Esc);
        let mut rest = text;
        loop {
            match rest.split_once('-') {
                Some(("ctrl", key)) if !key.is_empty() => (chord.ctrl, rest) = (true, key),
                Some(("alt", key)) if !key.is_empty() => (chord.alt, rest) = (true, key),
                Some(("shift", key)) if !key.is_empty() => (chord.shift, rest) = (true, key),
                _ => break,
            }
        }
        chord.key = key(rest).ok_or_else(|| {
            format!(
                "'{text}' is no key; write it as in 'R', 'ctrl-r', 'shift-tab', 'space' or 'f5'"
            )
        })?;
        match chord.key {
            Key::Char(c) if chord.shift => Err(format!(
                "'{text}': write the shifted character itself, as in '{}'",
                c.to_uppercase()
            )),
            _ => Ok(chord),
        }
    }
}

fn key(name: &str) -> Option<Key> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return Some(Key::Char(c)).filter(|_| !c.is_control() && c != ' ');
    }
    if let Some((_, key)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*key);
    }
    let number = name.strip_prefix('f')?.parse().ok()?;
    (1..=12).contains(&number).then_some(Key::Function(number))
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [
            (self.ctrl, "ctrl-"),
            (self.alt, "alt-"),
            (self.shift, "shift-"),
        ] {
            f.write_str(if held { name } else { "" })?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, key)| *key == self.key) {
            return f.write_str(name);
        }
        match self.key {
            Key::Char(c) => write!(f, "{c}"),
            Key::Function(number) => write!(f, "f{number}"),
            _ => Ok(()),
        }
    }
}

impl<'de> Deserialize<'de> for Chord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_are_read_as_they_are_written() {
        for text in [
            "R",
            "ctrl-r",
            "shift-tab",
            "space",
            "f12",
            "-",
            "ctrl--",
            "ctrl-alt-x",
            "pageup",
            "/",
        ] {
            assert_eq!(
                text.parse::<Chord>().map(|chord| chord.to_string()),
                Ok(text.into())
            );
        }
        assert_eq!("ctrl-l".parse(), Ok(Chord::ctrl(Key::Char('l'))));
    }

    #[test]
    fn other_words_are_refused() {
        for text in ["", "ctrl-", "f13", "f0", "shift-a", "return", " ", "CTRL-a"] {
            assert!(text.parse::<Chord>().is_err(), "{text}");
        }
    }
}
