//! Reads how subscriptions are made.

use super::{
    super::{Subscribe, Way},
    login::fails,
    parts::{list, pattern, takes, template},
    request::call,
};
use crate::document::{Fault, Faults, Table, Value, duration, flag, values};

pub(super) fn subscribe<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Subscribe> {
    const KEYS: [&str; 9] = [
        "send", "call", "answer", "keep", "again", "case", "pace", "fail", "default",
    ];
    let table = Table::open(name, value, &KEYS, faults)?;
    let mut ways = table.read("case", faults, |name, value, faults| {
        list(name, value, faults, case)
    });
    if table.has("send") || table.has("call") || !table.has("case") {
        let way = way(&table, value, faults);
        ways.get_or_insert_default().push(way);
    }
    Some(Subscribe {
        ways: ways?,
        fail: table.read("fail", faults, fails).unwrap_or_default(),
        pace: table.read("pace", faults, duration).unwrap_or_default(),
        default: table.read("default", faults, values).unwrap_or_default(),
    })
}

/// A way for some entries only.
fn case<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Way> {
    let known = ["match", "send", "call", "answer", "keep", "again"];
    let table = Table::open(name, value, &known, faults)?;
    if !table.has("match") {
        let help = "say which entries are meant, as in { \"\" = { begins = \"private-\" } }";
        table.miss("match", help, faults);
    }
    Some(Way {
        pattern: Some(table.read("match", faults, pattern)?),
        ..way(&table, value, faults)
    })
}

fn way(table: &Table<'_>, value: &Value<'_>, faults: &mut Faults<'_>) -> Way {
    if !table.has("send") && !table.has("call") {
        let help = "write send = '…', the message for an entry with {item} where it goes, or call = { … } for an HTTP call";
        let fault = Fault::new("it is not said how an entry is subscribed to", help);
        faults.add_missing(value.span(), fault);
    }
    if table.has("answer") && table.has("call") && !table.has("send") {
        table.miss("send", "say what is answered", faults);
    }
    if table.has("keep") && !table.has("answer") {
        table.miss("answer", "say which message it is taken from", faults);
    }
    Way {
        pattern: None,
        call: table.read("call", faults, call),
        send: table.read("send", faults, template),
        answer: table.read("answer", faults, pattern),
        keep: takes(table, faults),
        again: table.read("again", faults, flag).unwrap_or_default(),
    }
}
