//! Readers of what stands in several parts of a dialect: templates, patterns, pointers, spans.

use std::time::Duration;

use toml::de::DeValue;

use super::super::{Condition, Only, Pattern, Span, Takes, Template, Test};
use crate::document::{
    Fault, Faults, Table, Value, any_text, count, duration, entries, flag, json, table, text,
    texts, values, word, wrong_type,
};

/// A list of tables, each read in the same way.
pub(super) fn list<'t, T>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
    read: impl Fn(&str, &'t Value<'t>, &mut Faults<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let Some(items) = value.get_ref().as_array() else {
        wrong_type(
            name,
            value,
            &format!("a list of tables, each begun with [[{name}]]"),
            faults,
        );
        return None;
    };
    Some(
        items
            .iter()
            .filter_map(|item| read(name, item, faults))
            .collect(),
    )
}

pub(super) fn texts_of<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<String>> {
    let found = texts(name, value, faults)?;
    Some(found.into_iter().map(|(text, _)| text.to_owned()).collect())
}

pub(super) fn template(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Template> {
    let text = any_text(name, value, faults)?;
    let told = |message| {
        let help = "filters are base64, base64url, hex, json, percent, as in {token|base64url}";
        faults.add(value.span(), Fault::new(message, help));
    };
    Template::parse(text).map_err(told).ok()
}

pub(super) fn templates<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<Template>> {
    let Some(items) = value.get_ref().as_array() else {
        wrong_type(name, value, "a list of texts, as in [\"a\", \"b\"]", faults);
        return None;
    };
    Some(
        items
            .iter()
            .filter_map(|item| template(name, item, faults))
            .collect(),
    )
}

/// A table from names to templates, in the order of the file.
pub(super) fn pairs<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, Template)>> {
    let pairs = entries(table(name, value, faults)?).into_iter();
    Some(
        pairs
            .filter_map(|(key, value)| {
                let template = template(key.get_ref(), value, faults)?;
                Some((key.get_ref().clone().into_owned(), template))
            })
            .collect(),
    )
}

/// A JSON pointer (RFC 6901).
pub(super) fn pointer(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let found = text(name, value, faults)?;
    if found.is_empty() || found.starts_with('/') {
        return Some(found.to_owned());
    }
    let fault = Fault::new(
        format!("'{found}' is no JSON pointer"),
        format!("write \"/{}\"", found.replace('.', "/")),
    );
    faults.add(value.span(), fault);
    None
}

/// A JSON pointer, or a list of them.
pub(super) fn pointers<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<String>> {
    match value.get_ref() {
        DeValue::Array(items) => Some(
            items
                .iter()
                .filter_map(|item| pointer(name, item, faults))
                .collect(),
        ),
        _ => Some(vec![pointer(name, value, faults)?]),
    }
}

/// A pattern: a table of conditions, or a list of such tables.
pub(super) fn pattern<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Pattern> {
    let alternatives = match value.get_ref() {
        DeValue::Array(items) => items
            .iter()
            .filter_map(|item| tests(name, item, faults))
            .collect(),
        _ => vec![tests(name, value, faults)?],
    };
    Some(Pattern(alternatives))
}

fn tests<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Vec<Test>> {
    let mut tests = Vec::new();
    let places = entries(table(name, value, faults)?);
    let has_none = places.is_empty();
    for (key, value) in places {
        let place = key.get_ref();
        if !(place.is_empty() || place.starts_with('/')) {
            let fault = Fault::new(
                format!("'{place}' is no JSON pointer"),
                format!("write \"/{place}\" = …"),
            );
            faults.add(key.span(), fault);
        }
        if let Some(condition) = condition(place, value, faults) {
            tests.push(Test {
                pointer: place.clone().into_owned(),
                condition,
            });
        }
    }
    if has_none {
        let help = "write what must hold, as in { \"/type\" = \"auth_ok\" }";
        faults.add_missing(
            value.span(),
            Fault::new(format!("'{name}' has no conditions"), help),
        );
    }
    Some(tests)
}

fn condition<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Condition> {
    match value.get_ref() {
        DeValue::String(text) => {
            let template = template(name, value, faults)?;
            let fixed = template.names().next().is_none();
            Some(if fixed {
                Condition::Is(text.as_ref().into())
            } else {
                Condition::Filled(template)
            })
        }
        DeValue::Table(_) => named_condition(name, value, faults),
        _ => json(name, value, faults).map(Condition::Is),
    }
}

fn named_condition<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Condition> {
    const TYPES: [(&str, &str); 6] = [
        ("string", "string"),
        ("number", "number"),
        ("boolean", "boolean"),
        ("object", "object"),
        ("array", "array"),
        ("null", "null"),
    ];
    let table = Table::open(
        name,
        value,
        &[
            "exists", "in", "from", "to", "has", "begins", "type", "is", "not",
        ],
        faults,
    )?;
    let exists = table.read("exists", faults, flag).map(Condition::Exists);
    let among = table.read("in", faults, values).map(Condition::In);
    let mut number = |key| {
        table.read(key, faults, |name, value, faults| {
            json(name, value, faults)?.as_f64()
        })
    };
    let (from, to) = (number("from"), number("to"));
    let range = (from.is_some() || to.is_some()).then_some(Condition::Range(from, to));
    let has = table
        .read("has", faults, text)
        .map(|text| Condition::Has(text.to_owned()));
    let begins = table
        .read("begins", faults, text)
        .map(|text| Condition::Begins(text.to_owned()));
    let kind = table.read("type", faults, |name, value, faults| {
        word(name, value, &TYPES, faults)
    });
    let kind = kind.map(|kind| Condition::Type(kind.to_owned()));
    let is = table.read("is", faults, json).map(Condition::Is);
    let not = table.read("not", faults, template).map(Condition::Not);
    let kinds = ["exists", "in", "has", "begins", "type", "is", "not"];
    let named = kinds.iter().filter(|key| table.has(key)).count();
    let ranged = usize::from(table.has("from") || table.has("to"));
    if named + ranged != 1 {
        let message = format!("'{name}' needs one condition");
        let help = "one of: exists, in, from and to, has, begins, type, is, not";
        faults.add_missing(value.span(), Fault::new(message, help));
    }
    let mut found = [exists, among, range, has, begins, kind, is, not]
        .into_iter()
        .flatten();
    found.next()
}

/// A time, or a table that says where it is told and in which unit.
pub(super) fn span<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Span> {
    match value.get_ref() {
        DeValue::Table(_) => {
            let table = Table::open(name, value, &["s", "ms", "times", "plus"], faults)?;
            told_span(&table, value, faults)
        }
        _ => duration(name, value, faults).map(Span::Fixed),
    }
}

/// A time from a variable or a pointer under `s` or `ms`, with `times` and `plus`.
fn told_span(table: &Table<'_>, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Span> {
    let units = [
        ("s", Duration::from_secs(1)),
        ("ms", Duration::from_millis(1)),
    ];
    let mut told = units.into_iter().filter(|(key, _)| table.has(key));
    let Some((key, unit)) = told.next().filter(|_| told.next().is_none()) else {
        let help = "write { s = \"VARIABLE\" } or { ms = \"VARIABLE\" }";
        faults.add_missing(value.span(), Fault::new("the time needs one unit", help));
        return None;
    };
    Some(Span::Told {
        from: table.read(key, faults, text)?.to_owned(),
        unit,
        times: table.read("times", faults, count).unwrap_or(1),
        plus: table.read("plus", faults, duration).unwrap_or_default(),
    })
}

/// What is taken from a message.
pub(super) fn takes(table: &Table<'_>, faults: &mut Faults<'_>) -> Takes {
    Takes {
        take: table.read("take", faults, taken).unwrap_or_default(),
        keep: table.read("keep", faults, taken).unwrap_or_default(),
        of: table.read("keep-of", faults, pointer),
    }
}

fn taken<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, String)>> {
    let pairs = entries(table(name, value, faults)?).into_iter();
    Some(
        pairs
            .filter_map(|(key, value)| {
                Some((
                    key.get_ref().clone().into_owned(),
                    pointer(key.get_ref(), value, faults)?,
                ))
            })
            .collect(),
    )
}

/// A condition on variables under `when` or `unless`.
pub(super) fn only(table: &Table<'_>, faults: &mut Faults<'_>) -> Only {
    Only {
        when: table.read("when", faults, text).map(str::to_owned),
        unless: table.read("unless", faults, text).map(str::to_owned),
    }
}
