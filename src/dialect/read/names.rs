//! Tells of variables that nothing ever sets.

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::super::{
    Act, Ask, Derived, Dialect, Pattern, Prepare, Renew, Step, Subscribe, Takes, Template,
};
use crate::document::{Fault, Faults};

/// Variables that are always there.
const ALWAYS: [&str; 11] = [
    "token", "seq", "sent", "uuid", "now_s", "now_ms", "now_iso", "host", "http", "own_url",
    "signer",
];

pub(super) fn check(dialect: &Dialect, document: &DeTable<'_>, faults: &mut Faults<'_>) {
    let known = known(dialect);
    for (part, name) in wanted(dialect) {
        if !known.contains(name) {
            let span = document.get(part).map_or(0..0, toml::Spanned::span);
            let message = format!("nothing sets the variable '{name}' that '{part}' wants");
            let help = format!(
                "name it under [variables], take it from a message, or derive it; always there are {}",
                ALWAYS.join(", ")
            );
            faults.add_missing(span, Fault::new(message, help));
        }
    }
    for (part, template) in templates(dialect) {
        for name in template.unclosed().filter(|name| known.contains(name)) {
            let span = document.get(part).map_or(0..0, toml::Spanned::span);
            let message = format!("a brace of '{part}' is not closed: '{{{name}'");
            faults.add_missing(span, Fault::new(message, format!("write {{{name}}}")));
        }
    }
}

fn steps(dialect: &Dialect) -> impl Iterator<Item = &Step> {
    let resumed = dialect.resume.iter().flat_map(|resume| &resume.login);
    dialect.login.iter().chain(resumed.flatten())
}

/// The variables that something sets.
fn known(dialect: &Dialect) -> BTreeSet<&str> {
    let mut known: BTreeSet<&str> = ALWAYS.into_iter().chain(["item", "it"]).collect();
    let variables = dialect.variables.iter();
    known.extend(variables.map(|variable| variable.name.as_str()));
    known.extend(dialect.derive.iter().map(|derived| derived.name.as_str()));
    known.extend(dialect.before.iter().flat_map(Prepare::sets));
    let asks = steps(dialect).filter_map(|step| match &step.act {
        Act::Sign(ask) => Some(ask),
        _ => None,
    });
    let asks = asks.chain(dialect.on.iter().filter_map(|on| on.sign.as_ref()));
    known.extend(asks.map(|ask| ask.into.as_str()));
    let steps = steps(dialect).filter_map(|step| match &step.act {
        Act::Await(await_) => Some(&await_.takes),
        Act::Call(request) => Some(&request.takes),
        Act::Send(_) | Act::Sign(_) => None,
    });
    let ways = dialect
        .subscribe
        .iter()
        .flat_map(|subscribe| &subscribe.ways);
    let calls = ways
        .clone()
        .filter_map(|way| Some(&way.call.as_ref()?.takes));
    let answers = ways.map(|way| &way.keep);
    let on = dialect.on.iter().map(|on| &on.takes);
    let taken = steps.chain(calls).chain(answers).chain(on);
    known.extend(taken.flat_map(Takes::names));
    known
}

/// The templates that are filled, each with the part of the file that it stands in.
fn templates(dialect: &Dialect) -> Vec<(&'static str, &Template)> {
    let mut found = Vec::new();
    let mut add = |part, templates: Vec<_>| {
        found.extend(templates.into_iter().map(|template| (part, template)));
    };
    let open = &dialect.open;
    let pairs = open.query.iter().chain(&open.headers);
    let pairs = pairs.map(|(_, template)| template);
    let others = open.subprotocols.iter().chain(&open.origin);
    add("open", pairs.chain(others).chain(&open.address).collect());
    for step in steps(dialect) {
        match &step.act {
            Act::Send(template) | Act::Sign(Ask { give: template, .. }) => {
                add("login", vec![template]);
            }
            Act::Call(request) => add("login", request.templates().collect()),
            Act::Await(_) => {}
        }
    }
    let asks = dialect.on.iter().filter_map(|on| on.sign.as_ref());
    let sends = dialect.on.iter().filter_map(|on| on.send.as_ref());
    add("on", asks.map(|ask| &ask.give).chain(sends).collect());
    let before = dialect.before.iter().flat_map(Prepare::templates);
    add("before", before.collect());
    let subscribe = dialect.subscribe.iter();
    add(
        "subscribe",
        subscribe.flat_map(Subscribe::templates).collect(),
    );
    let beat = dialect.keepalive.beat.iter();
    add("keepalive", beat.map(|beat| &beat.send).collect());
    if let Renew::InPlace { send, each, .. } = &dialect.renew {
        add("renew", each.iter().chain([send]).collect());
    }
    found
}

/// The variables that are wanted, each with the part of the file that wants it.
fn wanted(dialect: &Dialect) -> BTreeSet<(&'static str, &str)> {
    let mut wanted = BTreeSet::new();
    for (part, template) in templates(dialect) {
        wanted.extend(template.names().map(|name| (part, name)));
    }
    let awaited = steps(dialect).filter_map(|step| match &step.act {
        Act::Await(await_) => Some(&await_.accept),
        _ => None,
    });
    wanted.extend(awaited.flat_map(Pattern::names).map(|name| ("login", name)));
    let ways = dialect.subscribe.iter().flat_map(|how| &how.ways);
    let answers = ways.filter_map(|way| way.answer.as_ref());
    let answers = answers.flat_map(Pattern::names);
    wanted.extend(answers.map(|name| ("subscribe", name)));
    let derived = dialect.derive.iter().flat_map(Derived::names);
    wanted.extend(derived.map(|name| ("derive", name)));
    let conditions = dialect.on.iter().flat_map(|on| on.only.names());
    wanted.extend(conditions.map(|name| ("on", name)));
    let watchdog = dialect.keepalive.watchdog.iter();
    let conditions = watchdog.flat_map(|(_, only)| only.names());
    wanted.extend(conditions.map(|name| ("keepalive", name)));
    wanted
}
