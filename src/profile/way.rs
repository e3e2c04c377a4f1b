//! Reads where the token goes (`way`).

use std::path::PathBuf;

use serde_json::Map;
use toml::de::DeValue;

use crate::{
    auth::{FirstMessage, Way},
    document::{Fault, Faults, Table, Value, any_text, json, text, word, wrong_type},
};

use super::check;

const WAYS: &str = "one of: \"none\", { query = \"NAME\" }, { header = \"NAME\", prefix = \"Bearer \" }, \
                    { first-message = 'MESSAGE' }";

/// The way when none is given: `Authorization: Bearer` (RFC 6750 section 2.1).
pub(super) fn usual() -> Way {
    Way::Header {
        name: "Authorization".to_owned(),
        prefix: "Bearer ".to_owned(),
    }
}

/// Reads `way`.
pub(super) fn way<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Way> {
    if value.get_ref().is_str() {
        return word(name, value, &[("none", ())], faults).map(|()| Way::None);
    }
    if !value.get_ref().is_table() {
        wrong_type(name, value, WAYS, faults);
        return None;
    }
    let known = match kind(value) {
        Some("query") => &["query"][..],
        Some("header") => &["header", "prefix"],
        Some("first-message") => &["first-message", "ack", "refusal", "renew"],
        _ => &["query", "header", "first-message"],
    };
    let table = Table::open(name, value, known, faults)?;
    match kind(value) {
        Some("query") => table.read("query", faults, query),
        Some("header") => header(&table, faults),
        Some(_) => first_message(&table, faults),
        None => {
            let fault = Fault::new("this way says nothing", format!("write {WAYS}"));
            faults.add_missing(value.span(), fault);
            None
        }
    }
}

/// Which of the ways a table means: the first that it names.
fn kind(value: &Value<'_>) -> Option<&'static str> {
    let table = value.get_ref().as_table()?;
    let kinds = ["query", "header", "first-message"];
    kinds.into_iter().find(|kind| table.contains_key(*kind))
}

fn query(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Way> {
    let text = text(name, value, faults)?;
    if text.is_empty() {
        let help = "write the parameter's name, as in { query = \"token\" }";
        faults.add(value.span(), Fault::new("the parameter has no name", help));
    }
    Some(Way::Query {
        name: text.to_owned(),
    })
}

fn header(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Way> {
    let mut prefix = String::new();
    table.set("prefix", &mut prefix, faults, |name, value, faults| {
        let text = text(name, value, faults)?;
        checked(check::header_value(text), value, faults)?;
        Some(text.to_owned())
    });
    let name = table.read("header", faults, |name, value, faults| {
        let text = text(name, value, faults)?;
        checked(check::header_name(text), value, faults)?;
        Some(text.to_owned())
    })?;
    if !table.has("prefix") && name.eq_ignore_ascii_case("authorization") {
        return Some(usual());
    }
    Some(Way::Header { name, prefix })
}

fn first_message(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Way> {
    let message = table.read("first-message", faults, template);
    let ack = table.read("ack", faults, pattern);
    let refusal = table.read("refusal", faults, pattern);
    if ack.is_some() && ack == refusal {
        let message = "'ack' and 'refusal' are the same";
        let help = "let one of them name what the other has not";
        faults.add(table.span("refusal"), Fault::new(message, help));
    }
    let renew = table.read("renew", faults, |name, value, faults| {
        match value.get_ref() {
            DeValue::Boolean(true) => message.clone(),
            DeValue::Boolean(false) => None,
            DeValue::String(_) => template(name, value, faults),
            _ => {
                wrong_type(name, value, "true, false or a message of its own", faults);
                None
            }
        }
    });
    Some(Way::FirstMessage(FirstMessage {
        template: message?,
        ack,
        refusal,
        renew,
    }))
}

fn template(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let text = any_text(name, value, faults)?;
    checked(check::template(text), value, faults)?;
    Some(text.to_owned())
}

fn pattern(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<serde_json::Value> {
    let json = json(name, value, faults)?;
    if json.as_object().is_some_and(Map::is_empty) || json.as_str() == Some("") {
        let message = format!("'{name}' is empty");
        let help = "write what the message must hold, as in { type = \"auth_ok\" }";
        faults.add(value.span(), Fault::new(message, help));
    }
    Some(json)
}

/// Reads a path. What it is relative to and what `~` means is for whoever opens it.
pub(super) fn path(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<PathBuf> {
    let text = text(name, value, faults)?;
    if text.is_empty() {
        let message = format!("'{name}' is empty");
        faults.add(
            value.span(),
            Fault::new(message, "write the path of a file"),
        );
        return None;
    }
    Some(text.into())
}

/// Tells of what a check found.
pub(super) fn checked(
    result: Result<(), Fault>,
    value: &Value<'_>,
    faults: &mut Faults<'_>,
) -> Option<()> {
    result.map_err(|fault| faults.add(value.span(), fault)).ok()
}
