//! Reads the text of `config.toml` into checked profiles, or tells every fault in it at once.
//!
//! It opens no file: paths in it are taken over as they stand.

use toml::{Spanned, de::DeTable};

use crate::{
    diagnostic::Diagnostic,
    dialect::Library,
    document::{
        Fault, Faults, Table, Value, check_keys, count, entries, flag, nearest, size, table, texts,
        word,
    },
};

use super::{Clipboard, Config, Settings, Theme, entry::profile, filters::filters};

/// Reads the text of a configuration; the file's name is for the messages.
///
/// # Errors
/// Every fault, in the order of the file.
pub fn read(file_name: &str, text: &str) -> Result<Config, Vec<Diagnostic>> {
    read_with(file_name, text, &Library::default())
}

/// The same with these dialects.
///
/// # Errors
/// Every fault, in the order of the file.
pub fn read_with(
    file_name: &str,
    text: &str,
    library: &Library,
) -> Result<Config, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut faults = Faults::new(file_name, text);
    faults.syntax(&errors);
    let config = config(document.get_ref(), library, &mut faults);
    faults.finish(config)
}

fn config(document: &DeTable<'_>, library: &Library, faults: &mut Faults<'_>) -> Config {
    check_keys(
        document,
        &["watch", "settings", "filters", "profiles"],
        faults,
    );
    let profiles = document
        .get("profiles")
        .and_then(|value| table("profiles", value, faults))
        .map(entries)
        .unwrap_or_default();
    let names: Vec<&str> = profiles
        .iter()
        .map(|(name, _)| name.get_ref().as_ref())
        .collect();
    let mut settings = document
        .get("settings")
        .and_then(|value| settings(value, faults))
        .unwrap_or_default();
    if let Some(value) = document.get("filters") {
        settings.filters = filters(value, faults);
    }
    Config {
        watch: document
            .get("watch")
            .map(|value| watch(value, &names, faults))
            .unwrap_or_default(),
        settings,
        profiles: profiles
            .into_iter()
            .filter_map(|(name, value)| profile(name, value, library, faults))
            .collect(),
    }
}

fn watch(value: &Value<'_>, profiles: &[&str], faults: &mut Faults<'_>) -> Vec<String> {
    let named = texts("watch", value, faults).unwrap_or_default();
    for (name, place) in &named {
        if profiles.contains(name) {
            continue;
        }
        let help = match nearest(name, profiles.iter().copied()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None if profiles.is_empty() => "write it as [profiles.NAME]".to_owned(),
            None => format!("the profiles are: {}", profiles.join(", ")),
        };
        let fault = Fault::new(format!("there is no profile '{name}'"), help);
        faults.add_missing(Spanned::span(place), fault);
    }
    named.into_iter().map(|(name, _)| name.to_owned()).collect()
}

fn settings(value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Settings> {
    let known = [
        "theme",
        "mouse",
        "memory",
        "budget-events",
        "ascii",
        "clipboard",
    ];
    let table = Table::open("settings", value, &known, faults)?;
    let mut settings = Settings::default();
    table.set(
        "theme",
        &mut settings.theme,
        faults,
        |name, value, faults| word(name, value, &Theme::WORDS, faults),
    );
    table.set("mouse", &mut settings.mouse, faults, flag);
    table.set("memory", &mut settings.memory, faults, size);
    settings.budget_events = table.read("budget-events", faults, count);
    table.set("ascii", &mut settings.ascii, faults, flag);
    table.set(
        "clipboard",
        &mut settings.clipboard,
        faults,
        |name, value, faults| word(name, value, &Clipboard::WORDS, faults),
    );
    Some(settings)
}
