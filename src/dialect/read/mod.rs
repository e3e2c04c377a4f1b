//! Reads the text of a dialect file into a [`Dialect`], or tells every fault in it at once.

mod ask;
mod derive;
mod keep;
mod login;
mod names;
mod on;
mod parts;
mod request;
mod rows;
mod sigv4;
mod subscribe;

use toml::de::DeTable;

use super::{Codec, Dialect, EventMap, Open, Signs, Variable};
use crate::{
    diagnostic::Diagnostic,
    document::{Fault, Faults, Table, Value, check_keys, entries, flag, json, table, text, word},
};
use keep::{farewell, keepalive, outgoing, renew, resume};
use login::steps;
use parts::{list, pairs, pattern, pointer, span, template, texts_of};
use rows::rows;
use subscribe::subscribe;

const KEYS: [&str; 22] = [
    "before",
    "title",
    "sources",
    "unconfirmed",
    "codec",
    "variables",
    "recognise",
    "open",
    "derive",
    "login",
    "subscribe",
    "on",
    "keepalive",
    "renew",
    "resume",
    "close",
    "http",
    "event",
    "farewell",
    "life",
    "outgoing",
    "overlap",
];

/// Reads the text of a dialect file; the file's name is for the messages, and without its ending the dialect's.
///
/// # Errors
/// Every fault, in the order of the file.
pub fn read(file_name: &str, text: &str) -> Result<Dialect, Vec<Diagnostic>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut faults = Faults::new(file_name, text);
    faults.syntax(&errors);
    let stem = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let name = stem.strip_suffix(".toml").unwrap_or(stem).to_owned();
    if name == "auto" {
        let help = "give the file another name: \"auto\" in a profile recognises a dialect";
        let fault = Fault::new("a dialect cannot be named 'auto'", help);
        faults.add(0..0, fault);
    }
    let dialect = Dialect {
        name,
        ..dialect(document.get_ref(), &mut faults)
    };
    faults.finish(dialect)
}

fn dialect(document: &DeTable<'_>, faults: &mut Faults<'_>) -> Dialect {
    check_keys(document, &KEYS, faults);
    let mut dialect = Dialect::default();
    for (key, value) in entries(document) {
        member(&mut dialect, key.get_ref(), value, faults);
    }
    if dialect.title.is_empty() && !document.contains_key("title") {
        faults.add_missing(
            0..0,
            Fault::new(
                "the dialect has no 'title'",
                "say in one line what it describes",
            ),
        );
    }
    dialect.event.codec = dialect.codec;
    names::check(&dialect, document, faults);
    dialect
}

fn member<'t>(dialect: &mut Dialect, key: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) {
    match key {
        "title" => set(
            &mut dialect.title,
            text(key, value, faults).map(str::to_owned),
        ),
        "sources" => set(&mut dialect.sources, texts_of(key, value, faults)),
        "unconfirmed" => set(&mut dialect.unconfirmed, texts_of(key, value, faults)),
        "codec" => set(&mut dialect.codec, word(key, value, &Codec::WORDS, faults)),
        "variables" => set(&mut dialect.variables, variables(key, value, faults)),
        "recognise" => set(&mut dialect.recognise, signs(key, value, faults)),
        "before" => set(&mut dialect.before, list(key, value, faults, ask::prepare)),
        "open" => set(&mut dialect.open, open(key, value, faults)),
        "derive" => set(
            &mut dialect.derive,
            list(key, value, faults, derive::derived),
        ),
        "login" => set(&mut dialect.login, steps(key, value, faults)),
        "subscribe" => dialect.subscribe = subscribe(key, value, faults),
        "on" => set(&mut dialect.on, list(key, value, faults, on::on)),
        "keepalive" => set(&mut dialect.keepalive, keepalive(key, value, faults)),
        "renew" => set(&mut dialect.renew, renew(key, value, faults)),
        "resume" => dialect.resume = resume(key, value, faults),
        "close" => set(&mut dialect.close, rows(key, value, &rows::CLOSE, faults)),
        "http" => set(&mut dialect.http, rows(key, value, &rows::HTTP, faults)),
        "event" => set(&mut dialect.event, event(key, value, faults)),
        "farewell" => set(&mut dialect.farewell, farewell(key, value, faults)),
        "life" => {
            dialect.life = Table::open(key, value, &["most"], faults)
                .and_then(|table| table.read("most", faults, span));
        }
        "overlap" => set(&mut dialect.overlap, flag(key, value, faults)),
        "outgoing" => set(&mut dialect.outgoing, outgoing(key, value, faults)),
        _ => {}
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn variables<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<Variable>> {
    let mut variables = Vec::new();
    for (key, value) in entries(table(name, value, faults)?) {
        let Some(table) = Table::open(
            key.get_ref(),
            value,
            &["about", "default", "secret", "optional", "replaces-token"],
            faults,
        ) else {
            continue;
        };
        if !table.has("about") {
            table.miss("about", "say what it is for", faults);
        }
        variables.push(Variable {
            name: key.get_ref().clone().into_owned(),
            about: table
                .read("about", faults, text)
                .unwrap_or_default()
                .to_owned(),
            default: table.read("default", faults, json),
            secret: table.read("secret", faults, flag).unwrap_or_default(),
            optional: table.read("optional", faults, flag).unwrap_or_default(),
            replaces_token: table
                .read("replaces-token", faults, flag)
                .unwrap_or_default(),
        });
    }
    Some(variables)
}

fn signs<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Signs> {
    let table = Table::open(name, value, &["subprotocols", "hosts", "first"], faults)?;
    Some(Signs {
        subprotocols: table
            .read("subprotocols", faults, texts_of)
            .unwrap_or_default(),
        hosts: table.read("hosts", faults, texts_of).unwrap_or_default(),
        first: table.read("first", faults, pattern),
    })
}

fn open<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Open> {
    let table = Table::open(
        name,
        value,
        &[
            "url",
            "address",
            "hosts",
            "query",
            "headers",
            "subprotocols",
            "origin",
            "compression",
        ],
        faults,
    )?;
    Some(Open {
        url: table.read("url", faults, template),
        address: table.read("address", faults, template),
        hosts: table.read("hosts", faults, texts_of).unwrap_or_default(),
        query: table.read("query", faults, pairs).unwrap_or_default(),
        headers: table.read("headers", faults, pairs).unwrap_or_default(),
        subprotocols: table
            .read("subprotocols", faults, parts::templates)
            .unwrap_or_default(),
        origin: table.read("origin", faults, template),
        compression: table.read("compression", faults, flag),
    })
}

fn event<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<EventMap> {
    const KEYS: [&str; 8] = [
        "type",
        "id",
        "time",
        "channel",
        "payload",
        "sequence",
        "sequence-of",
        "secrets",
    ];
    let table = Table::open(name, value, &KEYS, faults)?;
    if table.has("sequence-of") && !table.has("sequence") {
        table.miss("sequence", "say where the number is", faults);
    }
    Some(EventMap {
        codec: Codec::default(),
        kind: table
            .read("type", faults, parts::pointers)
            .unwrap_or_default(),
        id: table.read("id", faults, pointer),
        time: table.read("time", faults, pointer),
        channel: table.read("channel", faults, pointer),
        payload: table.read("payload", faults, pointer),
        sequence: table.read("sequence", faults, pointer),
        sequence_of: table.read("sequence-of", faults, pointer),
        secrets: table
            .read("secrets", faults, parts::pointers)
            .unwrap_or_default(),
    })
}
