//! Reads what is done about messages.

use toml::de::DeValue;

use super::{
    super::On,
    ask::ask,
    parts::{only, pattern, pointer, span, takes, template, texts_of},
    rows,
};
use crate::{
    document::{Faults, Table, Value, flag, text, word},
    message::Class,
};

/// What a row may say.
const KEYS: [&str; 20] = [
    "match",
    "sign",
    "when",
    "unless",
    "take",
    "keep",
    "keep-of",
    "forget",
    "send",
    "every",
    "class",
    "verdict",
    "text",
    "delay",
    "renew",
    "note",
    "advice",
    "token",
    "forbidden",
    "limit",
];

pub(super) fn on<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<On> {
    let table = Table::open(name, value, &KEYS, faults)?;
    belong_together(&table, faults);
    let class = table.read("class", faults, class);
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
        class: class.unwrap_or_default(),
        takes: takes(&table, faults),
        forget: table.read("forget", faults, texts_of).unwrap_or_default(),
        sign: table.read("sign", faults, ask),
        send: table.read("send", faults, template),
        every: table.read("every", faults, span),
        rule,
        text: table.read("text", faults, pointer),
        delay: delay.and_then(Result::ok),
        renew: table.read("renew", faults, flag).unwrap_or_default(),
        note: table.read("note", faults, text).map(str::to_owned),
    })
}

/// Tells of what is missing, and of what means nothing without something else.
fn belong_together(table: &Table<'_>, faults: &mut Faults<'_>) {
    if !table.has("match") {
        let help = "say which messages are meant, as in { \"/type\" = \"ping\" }";
        table.miss("match", help, faults);
    }
    if table.has("every") && !table.has("send") {
        table.miss("send", "say what is sent so often", faults);
    }
    if table.has("keep-of") && !table.has("keep") {
        table.miss("keep", "say what is kept", faults);
    }
    let of_verdict = ["advice", "delay", "forbidden", "limit", "token"];
    if of_verdict.iter().any(|key| table.has(key)) && !table.has("verdict") {
        table.miss(
            "verdict",
            "say what is done, as in verdict = \"reconnect\"",
            faults,
        );
    } else if table.has("text") && !table.has("verdict") && !table.has("note") {
        let help = "say what is told, with the server's words behind it, or give a verdict";
        table.miss("note", help, faults);
    }
}

fn class(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Class> {
    let words = [Class::Event, Class::Heartbeat, Class::Control];
    let words = words.map(|class| (class.word(), class));
    word(name, value, &words, faults)
}
