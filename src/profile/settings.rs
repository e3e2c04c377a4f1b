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
    /// How many events are kept at most, over all streams; `None`: as many as there is memory for.
    pub budget_events: Option<u32>,
    /// Whether the monitor keeps to ASCII.
    pub ascii: bool,
    /// How the monitor reaches the clipboard.
    pub clipboard: Clipboard,
    /// The `[filters]` by their names, as text; they were checked.
    pub filters: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            mouse: true,
            memory: 256 << 20,
            budget_events: None,
            ascii: false,
            clipboard: Clipboard::default(),
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

/// A way to the clipboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clipboard {
    /// The terminal, and a program where there is one.
    #[default]
    Auto,
    /// The terminal alone (OSC 52); it may not do it.
    Terminal,
    /// A program alone, such as `wl-copy`.
    Program,
    /// Nothing is copied.
    Off,
}

impl Clipboard {
    /// Every way by the word used for it in files.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("auto", Self::Auto),
        ("terminal", Self::Terminal),
        ("program", Self::Program),
        ("off", Self::Off),
    ];

    /// Whether the terminal is asked.
    pub const fn asks_terminal(self) -> bool {
        matches!(self, Self::Auto | Self::Terminal)
    }

    /// Whether a program is asked.
    pub const fn asks_program(self) -> bool {
        matches!(self, Self::Auto | Self::Program)
    }
}
