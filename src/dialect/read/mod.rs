//! Reads the text of a dialect file into a [`Dialect`], or tells every fault in it at once.

mod ask;
mod derive;
mod keep;
mod login;
mod parts;
mod rows;
mod sigv4;

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::{
    Act, Ask, Before, Codec, Dialect, EventMap, On, Open, Prepare, Signs, Step, Template, Variable,
};
use crate::{
    diagnostic::Diagnostic,
    document::{
        Fault, Faults, Table, Value, check_keys, entries, flag, json, size, table, text, word,
    },
    message::Class,
};
use keep::{farewell, keepalive, renew, resume, subscribe};
use login::steps;
use parts::{list, pairs, pattern, pointer, span, template, texts_of};
use rows::rows;

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
    check_names(&dialect, document, faults);
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
        "before" => set(&mut dialect.before, list(key, value, faults, before)),
        "open" => set(&mut dialect.open, open(key, value, faults)),
        "derive" => set(
            &mut dialect.derive,
            list(key, value, faults, derive::derived),
        ),
        "login" => set(&mut dialect.login, steps(key, value, faults)),
        "subscribe" => dialect.subscribe = subscribe(key, value, faults),
        "on" => set(&mut dialect.on, list(key, value, faults, on)),
        "keepalive" => set(&mut dialect.keepalive, keepalive(key, value, faults)),
        "renew" => set(&mut dialect.renew, renew(key, value, faults)),
        "resume" => dialect.resume = resume(key, value, faults),
        "close" => set(
            &mut dialect.close,
            rows(key, value, ("code", "reason"), (0, u16::MAX), faults),
        ),
        "http" => set(
            &mut dialect.http,
            rows(key, value, ("status", "body"), (100, 999), faults),
        ),
        "event" => set(&mut dialect.event, event(key, value, faults)),
        "farewell" => set(&mut dialect.farewell, farewell(key, value, faults)),
        "life" => {
            dialect.life = Table::open(key, value, &["most"], faults)
                .and_then(|table| table.read("most", faults, span));
        }
        "overlap" => set(&mut dialect.overlap, flag(key, value, faults)),
        "outgoing" => {
            if let Some(table) = Table::open(key, value, &["never", "bytes"], faults) {
                table.set("never", &mut dialect.outgoing.never, faults, flag);
                dialect.outgoing.bytes = table.read("bytes", faults, size);
            }
        }
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
    })
}

fn before<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Prepare> {
    let keys = value.get_ref().as_table();
    if keys.is_some_and(|keys| keys.contains_key("sign")) {
        return ask::prepare(name, value, faults);
    }
    call(name, value, faults).map(Prepare::Call)
}

fn call<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Before> {
    let known = [
        "get", "post", "headers", "json", "form", "take", "keep", "secret", "fail", "when",
        "unless",
    ];
    let table = Table::open(name, value, &known, faults)?;
    if table.has("get") == table.has("post") {
        let help = "write get = \"https://…\" or post = \"https://…\", or sign = { … }";
        faults.add_missing(value.span(), Fault::new("the call needs one address", help));
    }
    if table.has("json") && table.has("form") {
        let help = "leave one of the two out";
        faults.add_missing(value.span(), Fault::new("a call has one body", help));
    }
    let post = table.read("post", faults, template);
    let get = table.read("get", faults, template);
    Some(Before {
        post: post.is_some(),
        url: post.or(get)?,
        headers: table.read("headers", faults, pairs).unwrap_or_default(),
        json: table.read("json", faults, template),
        form: table.read("form", faults, pairs).unwrap_or_default(),
        takes: parts::takes(&table, faults),
        secret: table.read("secret", faults, texts_of).unwrap_or_default(),
        fail: table.read("fail", faults, login::fails).unwrap_or_default(),
        when: table.read("when", faults, text).map(str::to_owned),
        unless: table.read("unless", faults, text).map(str::to_owned),
    })
}

fn on<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<On> {
    const KEYS: [&str; 15] = [
        "match",
        "sign",
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
        table.miss(
            "match",
            "say which messages are meant, as in { \"/type\" = \"ping\" }",
            faults,
        );
    }
    let class = table.read("class", faults, |name, value, faults| {
        let words = [Class::Event, Class::Heartbeat, Class::Control];
        word(
            name,
            value,
            &words.map(|class| (class.word(), class)),
            faults,
        )
    });
    let rule = if table.has("verdict") {
        rows::rule(&table, faults)
    } else {
        None
    };
    Some(On {
        pattern: table.read("match", faults, pattern)?,
        class: class.unwrap_or_default(),
        takes: parts::takes(&table, faults),
        forget: table.read("forget", faults, texts_of).unwrap_or_default(),
        sign: table.read("sign", faults, ask::ask),
        send: table.read("send", faults, template),
        rule,
        text: table.read("text", faults, pointer),
        delay: table.read("delay", faults, span),
        renew: table.read("renew", faults, flag).unwrap_or_default(),
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

/// Variables that are always there.
const ALWAYS: [&str; 11] = [
    "token", "seq", "sent", "uuid", "now_s", "now_ms", "now_iso", "host", "http", "own_url",
    "signer",
];

/// Tells of variables that nothing ever sets.
fn check_names(dialect: &Dialect, document: &DeTable<'_>, faults: &mut Faults<'_>) {
    let mut known: BTreeSet<&str> = ALWAYS.into_iter().chain(["item"]).collect();
    known.extend(
        dialect
            .variables
            .iter()
            .map(|variable| variable.name.as_str()),
    );
    known.extend(dialect.derive.iter().map(|derived| derived.name.as_str()));
    let login = dialect.login.iter().chain(
        dialect
            .resume
            .iter()
            .flat_map(|resume| &resume.login)
            .flatten(),
    );
    known.extend(dialect.before.iter().flat_map(Prepare::sets));
    for step in login.clone() {
        match &step.act {
            Act::Await(await_) => known.extend(await_.takes.names()),
            Act::Sign(ask) => known.extend([ask.into.as_str()]),
            Act::Send(_) => {}
        }
    }
    for on in &dialect.on {
        known.extend(on.takes.names());
        known.extend(on.sign.iter().map(|ask| ask.into.as_str()));
    }
    for (part, name) in wanted(dialect, login) {
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
}

/// The variables that are wanted, each with the part of the file that wants it.
fn wanted<'d>(
    dialect: &'d Dialect,
    login: impl Iterator<Item = &'d Step>,
) -> BTreeSet<(&'static str, &'d str)> {
    let mut wanted = BTreeSet::new();
    let open = dialect
        .open
        .query
        .iter()
        .chain(&dialect.open.headers)
        .map(|(_, template)| template);
    for template in open
        .chain(&dialect.open.subprotocols)
        .chain(&dialect.open.origin)
    {
        wanted.extend(template.names().map(|name| ("open", name)));
    }
    for step in login {
        match &step.act {
            Act::Send(template) | Act::Sign(Ask { give: template, .. }) => {
                wanted.extend(template.names().map(|name| ("login", name)));
            }
            Act::Await(await_) => wanted.extend(await_.accept.names().map(|name| ("login", name))),
        }
    }
    for on in &dialect.on {
        wanted.extend(
            on.send
                .iter()
                .chain(on.sign.iter().map(|ask| &ask.give))
                .flat_map(Template::names)
                .filter(|name| *name != "it")
                .map(|name| ("on", name)),
        );
    }
    for before in &dialect.before {
        wanted.extend(
            before
                .templates()
                .into_iter()
                .flat_map(Template::names)
                .map(|name| ("before", name)),
        );
    }
    wanted.extend(
        dialect
            .open
            .address
            .iter()
            .flat_map(Template::names)
            .map(|name| ("open", name)),
    );
    for derived in &dialect.derive {
        wanted.extend(derived.names().map(|name| ("derive", name)));
    }
    if let Some(subscribe) = &dialect.subscribe {
        wanted.extend(subscribe.send.names().map(|name| ("subscribe", name)));
    }
    if let Some(beat) = &dialect.keepalive.beat {
        wanted.extend(beat.send.names().map(|name| ("keepalive", name)));
    }
    wanted
}
