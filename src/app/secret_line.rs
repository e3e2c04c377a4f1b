//! A line that is typed or pasted and never shown. Its memory is cleared when it grows, is emptied or is dropped.

use secrecy::zeroize::Zeroizing;

/// The largest token that can be entered, in bytes.
const LIMIT: usize = 2 << 20;

/// The line. There is no way to print it.
#[derive(Default)]
pub struct SecretLine(Zeroizing<String>);

impl SecretLine {
    /// Appends typed or pasted text; what goes past 2 MiB is cut off.
    pub fn push(&mut self, text: &str) {
        let room = LIMIT.saturating_sub(self.0.len());
        let text = &text[..text.floor_char_boundary(room)];
        let wanted = self.0.len() + text.len();
        if wanted > self.0.capacity() {
            let mut larger =
                Zeroizing::new(String::with_capacity(wanted.next_power_of_two().max(256)));
            larger.push_str(&self.0);
            self.0 = larger;
        }
        self.0.push_str(text);
    }

    /// Takes the last character back.
    pub fn erase(&mut self) {
        self.0.pop();
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.0 = Zeroizing::default();
    }

    /// The text without the white space around it, as pastes have it.
    pub fn token(&self) -> &str {
        self.0.trim()
    }

    /// Characters in the token.
    pub fn count(&self) -> usize {
        self.token().chars().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_edited_at_its_end() {
        let mut line = SecretLine::default();
        line.push(" ab\u{e9}\n");
        assert_eq!((line.token(), line.count()), ("ab\u{e9}", 3));
        line.erase();
        line.erase();
        assert_eq!(line.token(), "ab");
        line.push(&"x".repeat(3 << 20));
        assert_eq!(line.token().len(), LIMIT - 1);
        line.clear();
        assert_eq!(line.count(), 0);
    }
}
