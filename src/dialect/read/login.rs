//! Reads the steps of a login and what refuses it.

use super::{
    super::{Act, Await, Fail, Step},
    ask::ask,
    parts::{list, pattern, pointer, takes, template},
    rows,
};
use crate::document::{Fault, Faults, Table, Value, text, time_limit};

pub(super) fn steps<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<Step>> {
    list(name, value, faults, step)
}

fn step<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Step> {
    const KEYS: [&str; 9] = [
        "send", "sign", "await", "fail", "take", "keep", "timeout", "when", "unless",
    ];
    let table = Table::open(name, value, &KEYS, faults)?;
    let acts = ["send", "await", "sign"];
    if acts.into_iter().filter(|key| table.has(key)).count() != 1 {
        let help = "write send = '…', await = { … } or sign = { … }; what belongs together stands in steps of their own";
        let fault = Fault::new("a step sends, awaits or signs", help);
        faults.add_missing(value.span(), fault);
    }
    let send = table.read("send", faults, template).map(Act::Send);
    let sign = table.read("sign", faults, ask).map(Act::Sign);
    let accept = table.read("await", faults, pattern);
    let await_ = accept.map(|accept| {
        Act::Await(Await {
            accept,
            fail: table.read("fail", faults, fails).unwrap_or_default(),
            takes: takes(&table, faults),
            timeout: table.read("timeout", faults, time_limit),
        })
    });
    Some(Step {
        act: send.or(sign).or(await_)?,
        when: table.read("when", faults, text).map(str::to_owned),
        unless: table.read("unless", faults, text).map(str::to_owned),
    })
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
        rows::rule(&table, faults)
    } else {
        None
    };
    Some(Fail {
        pattern: table.read("match", faults, pattern)?,
        rule,
        text: table.read("text", faults, pointer),
    })
}
