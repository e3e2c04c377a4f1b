//! From what the terminal library reports to the keymap's chords.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::keymap::{Chord, Key};

/// The chord of a key event; `None` for keys that no keymap can name.
pub(super) fn chord(event: KeyEvent) -> Option<Chord> {
    let shift = event.modifiers.contains(KeyModifiers::SHIFT);
    let (key, shift) = match event.code {
        KeyCode::Char(c) => (Key::Char(c), false),
        KeyCode::BackTab => (Key::Tab, true),
        code => (named(code)?, shift),
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(Chord {
        key,
        ctrl,
        alt,
        shift,
    })
}

const fn named(code: KeyCode) -> Option<Key> {
    Some(match code {
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(number) => Key::Function(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_as_in_the_keymap() {
        let shown =
            |code, modifiers| chord(KeyEvent::new(code, modifiers)).map(|chord| chord.to_string());
        assert_eq!(
            shown(KeyCode::Char('R'), KeyModifiers::SHIFT).as_deref(),
            Some("R")
        );
        assert_eq!(
            shown(KeyCode::Char('z'), KeyModifiers::CONTROL).as_deref(),
            Some("ctrl-z")
        );
        assert_eq!(
            shown(KeyCode::BackTab, KeyModifiers::SHIFT).as_deref(),
            Some("shift-tab")
        );
        assert_eq!(shown(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }
}
