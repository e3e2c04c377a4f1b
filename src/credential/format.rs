//! The text of `credentials.toml`: a table per profile with its tokens, and nothing else.
//!
//! Faults in it are told by line and column only; no part of the text is ever shown.

use std::{collections::BTreeMap, ops::Range};

use toml::de::{DeTable, DeValue};

use crate::{
    diagnostic::{Diagnostic, FileText},
    secret::Secret,
    time::Wall,
};

use super::{entry::Entry, token};

/// What can stand in a profile's table.
const FORM: &str =
    "a profile has token = \"…\" here; signing in adds refresh, granted, until and client-secret";

const HEAD: &str = "# Written by sockeye. It holds tokens: keep it readable by you alone.\n";

/// What is kept, by profile.
pub(super) type Entries = BTreeMap<String, Entry>;

/// Reads the text of a file of this name.
pub(super) fn parse(name: &str, text: &str) -> Result<Entries, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader {
        file: FileText {
            name,
            text,
            hidden: std::iter::once(0..text.len()).collect(),
        },
        faults: Vec::new(),
    };
    for error in &errors {
        reader.wrong(error.span().unwrap_or(0..0), error.message());
    }
    let entries = reader.document(document.get_ref());
    if reader.faults.is_empty() {
        return Ok(entries);
    }
    let place = |fault: &Diagnostic| fault.place.as_ref().map(|place| place.span.start);
    reader.faults.sort_by_key(place);
    reader.faults.truncate(20);
    Err(reader.faults)
}

struct Reader<'t> {
    file: FileText<'t>,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn wrong(&mut self, span: Range<usize>, message: &str) {
        let help = "mend the file, or move it away and sign in again; it is left as it is";
        let fault = Diagnostic::at(&self.file, span, message).with_help(help);
        self.faults.push(fault);
    }

    fn document(&mut self, document: &DeTable<'_>) -> Entries {
        let mut entries = Entries::new();
        for (key, value) in document {
            match value.get_ref() {
                DeValue::Table(profiles) if key.get_ref() == "profiles" => {
                    self.profiles(profiles, &mut entries);
                }
                _ => self.wrong(key.span(), "only [profiles.NAME] can stand here"),
            }
        }
        entries
    }

    fn profiles(&mut self, profiles: &DeTable<'_>, entries: &mut Entries) {
        for (name, value) in profiles {
            let Some(keys) = value.get_ref().as_table() else {
                self.wrong(name.span(), FORM);
                continue;
            };
            let mut entry = Entry::default();
            for (key, value) in keys {
                if !set(&mut entry, key.get_ref(), value.get_ref()) {
                    self.wrong(key.span(), FORM);
                }
            }
            if keys.is_empty() {
                self.wrong(name.span(), FORM);
            }
            if entry
                .secrets()
                .any(|text| token::check(text.expose()).is_err())
            {
                self.wrong(value.span(), "this profile's token cannot be a token");
            }
            entries.insert(name.get_ref().clone().into_owned(), entry);
        }
    }
}

/// Sets what a key stands for; `false` when it can stand for nothing.
fn set(entry: &mut Entry, key: &str, value: &DeValue<'_>) -> bool {
    if key == "until" {
        let seconds = value
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        entry.until = seconds.map(Wall::from_seconds);
        return seconds.is_some();
    }
    let Some(text) = value.as_str() else {
        return false;
    };
    let secret = || Some(Secret::new(text.to_owned()));
    match key {
        "token" => entry.token = secret(),
        "refresh" => entry.refresh = secret(),
        "client-secret" => entry.client_secret = secret(),
        "granted" => entry.granted = Some(text.to_owned()),
        _ => return false,
    }
    true
}

/// The text of a file with these entries.
pub(super) fn print(entries: &Entries) -> Secret {
    let length = entries.iter().map(|(name, entry)| {
        let granted = entry.granted.as_ref().map_or(0, String::len);
        let secrets: usize = entry.secrets().map(|text| text.expose().len()).sum();
        2 * (name.len() + granted + secrets) + 160
    });
    // Never grown, so that no half-filled copy of it is left in memory.
    let mut text = String::with_capacity(HEAD.len() + length.sum::<usize>());
    text.push_str(HEAD);
    for (name, entry) in entries {
        text.push_str("\n[profiles.");
        push_quoted(&mut text, name);
        text.push_str("]\n");
        for (key, value) in [
            ("token", entry.token.as_ref().map(Secret::expose)),
            ("refresh", entry.refresh.as_ref().map(Secret::expose)),
            (
                "client-secret",
                entry.client_secret.as_ref().map(Secret::expose),
            ),
            ("granted", entry.granted.as_deref()),
        ] {
            if let Some(value) = value {
                text.push_str(key);
                text.push_str(" = ");
                push_quoted(&mut text, value);
                text.push('\n');
            }
        }
        if let Some(until) = entry.until {
            text.extend(["until = ", &until.seconds().to_string(), "\n"]);
        }
    }
    Secret::new(text)
}

fn push_quoted(text: &mut String, content: &str) {
    text.push('"');
    for c in content.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
}
