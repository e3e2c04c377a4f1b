//! What holds for the whole program rather than for one profile.

/// The `[settings]` of the configuration, and what else is not a profile's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The colours of the monitor.
    pub theme: Theme,
    /// Whether the monitor takes mouse events; the terminal's own selection then wants the shift key.
    pub mouse: bool,
    /// The most memory for kept events, in bytes, over all streams.
    pub memory: usize,
    /// Whether the monitor keeps to ASCII.
    pub ascii: bool,
    /// The `[filters]` by their names, as text; they were checked.
    pub filters: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            mouse: true,
            memory: 256 << 20,
            ascii: false,
            filters: Vec::new(),
        }
    }
}

/// The name of a set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Whatever suits the terminal.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// No colours.
    Mono,
}

impl Theme {
    /// Every theme by the word used for it in files.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("auto", Self::Auto),
        ("dark", Self::Dark),
        ("light", Self::Light),
        ("mono", Self::Mono),
    ];
}
