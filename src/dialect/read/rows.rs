//! Reads rows about close codes and HTTP statuses, and the rule in each.

use std::time::Duration;

use toml::de::DeValue;

use super::{
    super::Row,
    parts::{list, pattern},
};
use crate::{
    cause::Verdict,
    document::{Fault, Faults, Table, Value, count, duration, entries, flag, table, text, word},
    rulebook::Rule,
};

/// What rows are about.
pub(super) struct Kind {
    /// The name of the number.
    number: &'static str,
    /// The least and the greatest of them.
    bounds: (u16, u16),
    /// The name of what must be said.
    part: &'static str,
    /// What they may say besides.
    more: &'static [&'static str],
}

/// Rows under `[[close]]`.
pub(super) const CLOSE: Kind = Kind {
    number: "code",
    bounds: (0, u16::MAX),
    part: "reason",
    more: &[],
};

/// Rows under `[[http]]`.
pub(super) const HTTP: Kind = Kind {
    number: "status",
    bounds: (100, 999),
    part: "body",
    more: &["header", "match", "text"],
};

/// The rows of a kind.
pub(super) fn rows<'t>(
    name: &str,
    value: &'t Value<'t>,
    kind: &Kind,
    faults: &mut Faults<'_>,
) -> Option<Vec<Row>> {
    list(name, value, faults, |name, value, faults| {
        row(name, value, kind, faults)
    })
}

fn row<'t>(name: &str, value: &'t Value<'t>, kind: &Kind, faults: &mut Faults<'_>) -> Option<Row> {
    const KEYS: [&str; 7] = [
        "name",
        "verdict",
        "advice",
        "token",
        "forbidden",
        "limit",
        "delay",
    ];
    let own = [kind.number, kind.part];
    let known: Vec<_> = own.iter().chain(kind.more).chain(&KEYS).copied().collect();
    let table = Table::open(name, value, &known, faults)?;
    for (key, help) in [
        (kind.number, "write a number, or [first, last]"),
        ("verdict", "say what is done, as in \"reconnect\""),
    ] {
        if !table.has(key) {
            table.miss(key, help, faults);
        }
    }
    let numbers = table.read(kind.number, faults, |name, value, faults| {
        range(name, value, kind.bounds, faults)
    });
    let rule = delayed_rule(&table, faults);
    Some(Row {
        numbers: numbers?,
        part: table.read(kind.part, faults, text).map(str::to_owned),
        headers: table.read("header", faults, headers).unwrap_or_default(),
        pattern: table.read("match", faults, pattern),
        words: table.read("text", faults, text).map(str::to_owned),
        name: table.read("name", faults, text).map(str::to_owned),
        rule: rule?,
    })
}

/// Names of headers with what they must contain.
fn headers<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, String)>> {
    let pairs = entries(table(name, value, faults)?).into_iter();
    let pair = |(key, value): (&toml::Spanned<_>, _)| {
        let key: &std::borrow::Cow<'_, str> = key.get_ref();
        Some((key.to_string(), text(key, value, faults)?.to_owned()))
    };
    Some(pairs.filter_map(pair).collect())
}

fn range(
    name: &str,
    value: &Value<'_>,
    bounds: (u16, u16),
    faults: &mut Faults<'_>,
) -> Option<(u16, u16)> {
    let (least, most) = bounds;
    let number = |value: &DeValue<'_>| {
        let number = value.as_integer()?;
        let number = u16::from_str_radix(number.as_str(), number.radix()).ok()?;
        (least..=most).contains(&number).then_some(number)
    };
    let found = match value.get_ref() {
        DeValue::Array(items) => match &items[..] {
            [from, to] => number(from.get_ref()).zip(number(to.get_ref())),
            _ => None,
        },
        one => number(one).map(|one| (one, one)),
    };
    match found {
        Some((from, to)) if from <= to => found,
        _ => {
            let help = format!("write a number from {least} to {most}, or [first, last]");
            let fault = Fault::new(format!("'{name}' is no such number or range"), help);
            faults.add(value.span(), fault);
            None
        }
    }
}

/// What is done: `verdict`, `advice`, `token`, `forbidden`, `limit`.
pub(super) fn rule(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Rule> {
    let verdict = table.read("verdict", faults, |name, value, faults| {
        word(name, value, &Verdict::WORDS, faults)
    });
    if !table.has("advice") {
        table.miss(
            "advice",
            "say in one sentence what it means and what helps",
            faults,
        );
    }
    let refused = table.read("token", faults, |name, value, faults| {
        word(name, value, &[("refused", true), ("good", false)], faults)
    });
    let forbidden = table.read("forbidden", faults, flag).unwrap_or_default();
    let limit = table.read("limit", faults, count);
    let advice = table
        .read("advice", faults, text)
        .unwrap_or_default()
        .to_owned();
    let verdict = verdict?;
    Some(Rule {
        verdict,
        // A token that is to be renewed is of no use any more.
        refuses_token: refused.unwrap_or(verdict == Verdict::Renew),
        forbidden,
        limit,
        delay: None,
        advice,
    })
}

/// What is done, with `delay` as a time of ours.
pub(super) fn delayed_rule(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Rule> {
    let delay = table.read("delay", faults, delay);
    let rule = rule(table, faults)?;
    Some(Rule { delay, ..rule })
}

/// A random time between two.
pub(super) fn delay<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<(Duration, Duration)> {
    let two = value
        .get_ref()
        .as_array()
        .and_then(|items| match &items[..] {
            [least, most] => Some((least, most)),
            _ => None,
        });
    let Some((least, most)) = two else {
        let fault = Fault::new(
            format!("'{name}' needs two times"),
            "write [\"5s\", \"30s\"]",
        );
        faults.add(value.span(), fault);
        return None;
    };
    Some((
        duration(name, least, faults)?,
        duration(name, most, faults)?,
    ))
}
