//! Reads the steps of a login and what refuses it.

use super::{
    super::{Act, Await, Fail, Step},
    ask::ask,
    parts::{list, only, pattern, pointer, takes, template},
    request, rows,
};
use crate::{
    document::{Fault, Faults, Table, Value, time_limit},
    rulebook::Rule,
};

pub(super) fn steps<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<Step>> {
    list(name, value, faults, step)
}

fn step<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Step> {
    const OWN: [&str; 7] = [
        "send", "sign", "await", "timeout", "ended", "when", "unless",
    ];
    let known: Vec<_> = OWN.into_iter().chain(request::KEYS).collect();
    let table = Table::open(name, value, &known, faults)?;
    let calls = table.has("get") || table.has("post");
    let acts = ["send", "await", "sign"].map(|key| table.has(key));
    if acts.into_iter().chain([calls]).filter(|act| *act).count() != 1 {
        let help = "write send = '…', await = { … }, post = \"https://…\" or sign = { … }; what belongs together stands in steps of their own";
        let fault = Fault::new("a step sends, awaits, makes a call or signs", help);
        faults.add_missing(value.span(), fault);
    }
    let send = table.read("send", faults, template).map(Act::Send);
    let sign = table.read("sign", faults, ask).map(Act::Sign);
    let accept = table.read("await", faults, pattern);
    let act = match (send.or(sign), accept) {
        (Some(act), _) => act,
        (None, Some(accept)) => Act::Await(Await {
            accept,
            fail: table.read("fail", faults, fails).unwrap_or_default(),
            takes: takes(&table, faults),
            timeout: table.read("timeout", faults, time_limit),
            ended: table.read("ended", faults, ended),
        }),
        (None, None) if calls => Act::Call(request::request(&table, value, faults)?),
        (None, None) => return None,
    };
    let only = only(&table, faults);
    Some(Step { act, only })
}

/// What the end of the connection means where a message is awaited.
fn ended<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Rule> {
    const KEYS: [&str; 6] = ["verdict", "advice", "token", "forbidden", "limit", "delay"];
    let table = Table::open(name, value, &KEYS, faults)?;
    if !table.has("verdict") {
        table.miss("verdict", "say what is done, as in \"renew\"", faults);
    }
    rows::delayed_rule(&table, faults)
}

/// Messages that refuse.
pub(super) fn fails<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<Fail>> {
    list(name, value, faults, fail)
}

fn fail<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Fail> {
    const KEYS: [&str; 8] = [
        "match",
        "text",
        "verdict",
        "advice",
        "token",
        "forbidden",
        "limit",
        "delay",
    ];
    let table = Table::open(name, value, &KEYS, faults)?;
    if !table.has("match") {
        table.miss("match", "say which messages are meant", faults);
    }
    let rule = if table.has("verdict") {
        rows::delayed_rule(&table, faults)
    } else {
        None
    };
    Some(Fail {
        pattern: table.read("match", faults, pattern)?,
        rule,
        text: table.read("text", faults, pointer),
    })
}
