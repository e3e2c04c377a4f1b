//! The text of `credentials.toml`: a table per profile with its token, and nothing else.
//!
//! Faults in it are told by line and column only; no part of the text is ever shown.

use std::{collections::BTreeMap, ops::Range};

use toml::de::{DeTable, DeValue};

use crate::{
    diagnostic::{Diagnostic, FileText},
    secret::Secret,
};

use super::token;

const HEAD: &str = "# Written by sockeye. It holds tokens: keep it readable by you alone.\n";

/// Tokens by profile.
pub(super) type Tokens = BTreeMap<String, Secret>;

/// Reads the text of a file of this name.
pub(super) fn parse(name: &str, text: &str) -> Result<Tokens, Vec<Diagnostic>> {
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
    let tokens = reader.document(document.get_ref());
    if reader.faults.is_empty() {
        return Ok(tokens);
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

    fn document(&mut self, document: &DeTable<'_>) -> Tokens {
        let mut tokens = Tokens::new();
        for (key, value) in document {
            match value.get_ref() {
                DeValue::Table(profiles) if key.get_ref() == "profiles" => {
                    self.profiles(profiles, &mut tokens);
                }
                _ => self.wrong(key.span(), "only [profiles.NAME] can stand here"),
            }
        }
        tokens
    }

    fn profiles(&mut self, profiles: &DeTable<'_>, tokens: &mut Tokens) {
        for (name, value) in profiles {
            let keys = value.get_ref().as_table();
            let token = keys.and_then(|keys| keys.get("token"));
            match token.and_then(|token| token.get_ref().as_str()) {
                Some(text) if keys.is_some_and(|keys| keys.len() == 1) => {
                    if token::check(text).is_err() {
                        self.wrong(value.span(), "this profile's token cannot be a token");
                    }
                    let secret = Secret::new(text.to_owned());
                    tokens.insert(name.get_ref().clone().into_owned(), secret);
                }
                _ => self.wrong(
                    name.span(),
                    "a profile has token = \"…\" here and nothing else",
                ),
            }
        }
    }
}

/// The text of a file with these tokens.
pub(super) fn print(tokens: &Tokens) -> Secret {
    let length = tokens
        .iter()
        .map(|(name, token)| 2 * (name.len() + token.expose().len()) + 32);
    // Never grown, so that no half-filled copy of it is left in memory.
    let mut text = String::with_capacity(HEAD.len() + length.sum::<usize>());
    text.push_str(HEAD);
    for (name, token) in tokens {
        text.push_str("\n[profiles.");
        push_quoted(&mut text, name);
        text.push_str("]\ntoken = ");
        push_quoted(&mut text, token.expose());
        text.push('\n');
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
