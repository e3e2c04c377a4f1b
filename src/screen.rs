//! What the monitor is told at its start: streams, colours, time zone, and what the demo offers.

use std::io::IsTerminal;

use jiff::tz::TimeZone;

use crate::{
    app::{Look, Setup, StreamSetup, ThemeName},
    cli::Color,
    keymap::Keymap,
    profile::{Profile, Settings, Theme},
    scenario::Script,
};

/// For the user's own profiles.
pub fn setup(profiles: &[Profile], settings: &Settings, color: Color) -> Setup {
    Setup {
        streams: profiles.iter().map(StreamSetup::of).collect(),
        demo: None,
        zone: TimeZone::system(),
        budget: settings.memory,
        most_events: settings.budget_events,
        look: Look {
            theme: theme(settings.theme, color),
            ascii: settings.ascii,
        },
        mouse: settings.mouse,
        clipboard: settings.clipboard,
        directory: std::env::current_dir()
            .map_or_else(|_| ".".into(), |path| path.display().to_string()),
        keymap: Keymap::standard().clone(),
        filters: settings.filters.clone(),
        log: None,
    }
}

/// For the demo.
pub fn demo_setup(profiles: &[Profile], color: Color) -> Setup {
    Setup {
        demo: Some(Script::standard().clone()),
        ..setup(profiles, &Settings::default(), color)
    }
}

/// The theme that is wanted, or none of its colours where they are not wanted (<https://no-color.org>).
fn theme(wanted: Theme, color: Color) -> ThemeName {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colours = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !plain && std::io::stdout().is_terminal(),
    };
    match wanted {
        _ if !colours => ThemeName::Mono,
        Theme::Mono => ThemeName::Mono,
        Theme::Light => ThemeName::Light,
        Theme::Auto | Theme::Dark => ThemeName::Dark,
    }
}
