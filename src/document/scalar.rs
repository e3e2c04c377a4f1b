//! Readers of simple values: each takes a key's name and value, and tells what is wrong with it.

use std::{collections::HashSet, time::Duration};

use crate::time::{parse_span, show_span};

use super::{
    fault::{Fault, plain},
    faults::Faults,
    size::parse_size,
    suggest::nearest,
    table::{Value, wrong_type},
};

/// The longest time that may be given.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// The sizes that may be given, in bytes.
const SIZES: std::ops::RangeInclusive<usize> = 1 << 10..=1 << 31;

/// A text without characters that a terminal or a protocol would obey.
pub fn text<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<&'t str> {
    let text = any_text(name, value, faults)?;
    match plain(text) {
        Ok(()) => Some(text),
        Err(fault) => {
            faults.add(value.span(), fault);
            None
        }
    }
}

/// Any text.
pub fn any_text<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<&'t str> {
    let text = value.get_ref().as_str();
    if text.is_none() {
        wrong_type(name, value, "a text in quotes", faults);
    }
    text
}

/// `true` or `false`.
pub fn flag(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<bool> {
    let flag = value.get_ref().as_bool();
    if flag.is_none() {
        wrong_type(name, value, "true or false", faults);
    }
    flag
}

/// One of a few words.
pub fn word<T: Copy>(
    name: &str,
    value: &Value<'_>,
    words: &[(&str, T)],
    faults: &mut Faults<'_>,
) -> Option<T> {
    let known = || words.iter().map(|(word, _)| *word);
    let list = || known().collect::<Vec<_>>().join(", ");
    let Some(text) = value.get_ref().as_str() else {
        wrong_type(name, value, &format!("one of: {}", list()), faults);
        return None;
    };
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let help = match nearest(text, known()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => format!("write one of: {}", list()),
        };
        let message = format!("'{name}' cannot be '{text}'");
        faults.add(value.span(), Fault::new(message, help));
    }
    found.map(|(_, meant)| *meant)
}

/// A time; zero is allowed.
pub fn duration(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Duration> {
    let Some(text) = value.get_ref().as_str() else {
        wrong_type(
            name,
            value,
            "a number and a unit in quotes, as in \"30s\"",
            faults,
        );
        return None;
    };
    let fault = match parse_span(text) {
        Ok(span) if span <= LONGEST => return Some(span),
        Ok(_) => Fault::new(
            format!("'{name}' is too long"),
            format!("write at most {}", show_span(LONGEST)),
        ),
        Err(message) => {
            let (message, help) = message.split_once("; ").unwrap_or((&message, ""));
            Fault::new(message, help)
        }
    };
    faults.add(value.span(), fault);
    None
}

/// A time above zero.
pub fn time_limit(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Duration> {
    let span = duration(name, value, faults)?;
    if span.is_zero() {
        let fault = Fault::new(
            format!("'{name}' is zero"),
            "write a time above zero, as in \"10s\"",
        );
        faults.add(value.span(), fault);
    }
    Some(span)
}

/// A size in bytes.
pub fn size(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<usize> {
    let Some(text) = value.get_ref().as_str() else {
        wrong_type(
            name,
            value,
            "a number and a unit in quotes, as in \"16MiB\"",
            faults,
        );
        return None;
    };
    let fault = match parse_size(text) {
        Ok(size) if SIZES.contains(&size) => return Some(size),
        Ok(_) => Fault::new(
            format!("'{name}' cannot be {text}"),
            "write a size from 1KiB to 2GiB",
        ),
        Err(message) => {
            let (message, help) = message.split_once("; ").unwrap_or((&message, ""));
            Fault::new(message, help)
        }
    };
    faults.add(value.span(), fault);
    None
}

/// A whole number from 1 to 4 294 967 295.
pub fn count(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<u32> {
    let Some(number) = value.get_ref().as_integer() else {
        wrong_type(name, value, "a whole number from 1", faults);
        return None;
    };
    let number = u32::from_str_radix(number.as_str(), number.radix()).ok();
    let number = number.filter(|number| *number > 0);
    if number.is_none() {
        let message = format!("'{name}' is out of range");
        faults.add(
            value.span(),
            Fault::new(message, "write a whole number from 1"),
        );
    }
    number
}

/// A list of texts, each with its value.
pub fn texts<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<(&'t str, &'t Value<'t>)>> {
    let Some(items) = value.get_ref().as_array() else {
        wrong_type(name, value, "a list of texts, as in [\"a\", \"b\"]", faults);
        return None;
    };
    let mut texts = Vec::new();
    let mut known = HashSet::new();
    for item in items {
        let Some(text) = text(name, item, faults) else {
            continue;
        };
        if !known.insert(text) {
            let message = format!("'{text}' is given twice");
            faults.add(item.span(), Fault::new(message, "remove one of the two"));
        }
        texts.push((text, item));
    }
    Some(texts)
}
