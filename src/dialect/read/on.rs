//! Reads what is done about messages.

use toml::de::DeValue;

use super::{
    super::On,
    parts::{only, pattern, pointer, span, takes, template, texts_of},
    rows,
};
use crate::document::{Faults, Table, Value, flag, word};

pub(super) fn on<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<On> {
    const KEYS: [&str; 16] = [
        "match",
        "when",
        "unless",
        "take",
        "keep",
        "forget",
        "send",
        "class",
        "verdict",
        "text",
        "delay",
        "renew",
        "advice",
        "token",
        "forbidden",
        "limit",
    ];
    let table = Table::open(name, value, &KEYS, faults)?;
    if !table.has("match") {
        let help = "say which messages are meant, as in { \"/type\" = \"ping\" }";
        table.miss("match", help, faults);
    }
    let _class = table.read("class", faults, |name, value, faults| {
        let words = [("event", ()), ("heartbeat", ()), ("control", ())];
        word(name, value, &words, faults)
    });
    let mut rule = if table.has("verdict") {
        rows::rule(&table, faults)
    } else {
        None
    };
    // Two times are a delay of ours; everything else is one that the server wants.
    let delay = table.read("delay", faults, |name, value, faults| {
        Some(match value.get_ref() {
            DeValue::Array(_) => Err(rows::delay(name, value, faults)?),
            _ => Ok(span(name, value, faults)?),
        })
    });
    if let (Some(rule), Some(Err(delay))) = (&mut rule, &delay) {
        rule.delay = Some(*delay);
    }
    Some(On {
        pattern: table.read("match", faults, pattern)?,
        only: only(&table, faults),
        takes: takes(&table, faults),
        forget: table.read("forget", faults, texts_of).unwrap_or_default(),
        send: table.read("send", faults, template),
        rule,
        text: table.read("text", faults, pointer),
        delay: delay.and_then(Result::ok),
        renew: table.read("renew", faults, flag).unwrap_or_default(),
    })
}
