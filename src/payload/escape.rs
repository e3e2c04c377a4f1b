//! Untrusted text made safe for a terminal: shown, never obeyed.

/// Whether a character must not reach a terminal as it is: controls, bidirectional overrides and isolates, and
/// characters without a width that could hide or change what stands beside them.
pub const fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with every unsafe character shown as a visible escape: `\n`, `\t`, `\r`, `\e`, else `\u{9b}`.
pub fn escape(text: &str) -> std::borrow::Cow<'_, str> {
    // Bytes are looked at many at a time, characters one by one; most texts are such.
    let printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if printable || !text.chars().any(is_unsafe) {
        return text.into();
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            '\u{1b}' => safe.push_str("\\e"),
            c if is_unsafe(c) => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    safe.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_unsafe_character_is_shown() {
        let shown = [
            ("line\r\nbreak\ttab", "line\\r\\nbreak\\ttab"),
            ("\u{1b}]0;title\u{7}", "\\e]0;title\\u{7}"),
            ("nul\0 del\u{7f}", "nul\\u{0} del\\u{7f}"),
            ("C1 \u{85}\u{9b}31m", "C1 \\u{85}\\u{9b}31m"),
            ("soft\u{ad}hyphen", "soft\\u{ad}hyphen"),
            ("\u{61c}\u{200f}marks", "\\u{61c}\\u{200f}marks"),
            (
                "a\u{200b}\u{200d}\u{2060}b",
                "a\\u{200b}\\u{200d}\\u{2060}b",
            ),
            ("\u{202e}exe.txt\u{2069}", "\\u{202e}exe.txt\\u{2069}"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
            ("\u{feff}bom \u{fff9}", "\\u{feff}bom \\u{fff9}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            (
                "Grüße 漢字 🐟 e\u{301} 🏳️ \\n",
                "Grüße 漢字 🐟 e\u{301} 🏳️ \\n",
            ),
        ];
        for (text, wanted) in shown {
            assert_eq!(escape(text), wanted);
        }
    }

    #[test]
    fn nothing_unsafe_is_left() {
        let all: String = ('\0'..=char::MAX).collect();
        assert!(!escape(&all).chars().any(is_unsafe));
    }
}
