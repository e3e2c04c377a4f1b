//! Reads rows about close codes and HTTP statuses, and the rule in each.

use std::time::Duration;

use toml::de::DeValue;

use super::{super::Row, parts::list};
use crate::{
    cause::Verdict,
    document::{Fault, Faults, Table, Value, count, duration, flag, text, word},
    rulebook::Rule,
};

/// Rows under `[[close]]` or `[[http]]`; `keys` are the names of the number and of what must be said.
pub(super) fn rows<'t>(
    name: &str,
    value: &'t Value<'t>,
    keys: (&str, &str),
    numbers: (u16, u16),
    faults: &mut Faults<'_>,
) -> Option<Vec<Row>> {
    list(name, value, faults, |name, value, faults| {
        row(name, value, keys, numbers, faults)
    })
}

fn row<'t>(
    name: &str,
    value: &'t Value<'t>,
    (number, part): (&str, &str),
    bounds: (u16, u16),
    faults: &mut Faults<'_>,
) -> Option<Row> {
    let known = [
        number,
        part,
        "name",
        "verdict",
        "advice",
        "token",
        "forbidden",
        "limit",
        "delay",
    ];
    let table = Table::open(name, value, &known, faults)?;
    for (key, help) in [
        (number, "write a number, or [first, last]"),
        ("verdict", "say what is done, as in \"reconnect\""),
    ] {
        if !table.has(key) {
            table.miss(key, help, faults);
        }
    }
    let numbers = table.read(number, faults, |name, value, faults| {
        range(name, value, bounds, faults)
    });
    let rule = rule(&table, faults);
    Some(Row {
        numbers: numbers?,
        part: table.read(part, faults, text).map(str::to_owned),
        name: table.read("name", faults, text).map(str::to_owned),
        rule: rule?,
    })
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

/// What is done: `verdict`, `advice`, `token`, `forbidden`, `limit`, `delay`.
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
    let delay = table.read("delay", faults, delay);
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
        delay,
        advice,
    })
}

fn delay<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<(Duration, Duration)> {
    let DeValue::Array(items) = value.get_ref() else {
        // A delay that the server tells is read by whoever asks for it.
        return None;
    };
    let [least, most] = &items[..] else {
        faults.add(
            value.span(),
            Fault::new(
                format!("'{name}' needs two times"),
                "write [\"5s\", \"30s\"]",
            ),
        );
        return None;
    };
    Some((
        duration(name, least, faults)?,
        duration(name, most, faults)?,
    ))
}
