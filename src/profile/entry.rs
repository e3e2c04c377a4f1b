//! Reads one profile of the configuration.

use std::{borrow::Cow, collections::HashSet};

use toml::Spanned;
use url::{Host, Url};

use crate::{
    auth::Way,
    cause::Verdict,
    dialect::Library,
    document::{
        Fault, Faults, Table, Value, any_text, count, duration, entries, flag, size, table, text,
        texts, time_limit, word,
    },
    time::show_span,
};

use super::{
    Identity, Limits, Margins, Profile, Protobuf, Retry, Source, Tls, Verdicts, WhenFull, check,
    columns::columns,
    filters::filter,
    messages::messages,
    proxy::proxy,
    speech::speech,
    token::source,
    verifying::verify,
    way::{checked, path, usual, way},
};

const KEYS: [&str; 26] = [
    "url",
    "dialect",
    "variables",
    "subscribe",
    "messages",
    "signer",
    "token",
    "verify",
    "way",
    "subprotocols",
    "headers",
    "when-full",
    "plain-text",
    "proxy",
    "proxy-password",
    "limits",
    "margins",
    "retry",
    "close",
    "http",
    "tls",
    "overlap",
    "compression",
    "filter",
    "columns",
    "protobuf",
];

/// Reads a profile. `None` when it has no usable address, and told so.
pub(super) fn profile<'t>(
    name: &Spanned<Cow<'_, str>>,
    value: &'t Value<'t>,
    library: &Library,
    faults: &mut Faults<'_>,
) -> Option<Profile> {
    if let Err(fault) = check::profile_name(name.get_ref()) {
        faults.add(name.span(), fault);
    }
    let table = Table::open(name.get_ref(), value, &KEYS, faults)?;
    let speech = speech(&table, library, faults);
    let own = speech.address.clone().filter(|_| !table.has("url"));
    if own.is_none() && !table.has("url") {
        table.miss("url", "write url = \"wss://…\"", faults);
    }
    let url = own.or_else(|| table.read("url", faults, address));
    let way = table.read("way", faults, way).unwrap_or_else(usual);
    let source = table
        .read("token", faults, source)
        .unwrap_or(Source::Stored);
    let codec = speech.dialect.as_ref().map(|dialect| dialect.codec);
    let profile = Profile {
        headers: table
            .read("headers", faults, |name, value, faults| {
                headers(name, value, &way, faults)
            })
            .unwrap_or_default(),
        subprotocols: table
            .read("subprotocols", faults, subprotocols)
            .unwrap_or_default(),
        limits: table.read("limits", faults, limits).unwrap_or_default(),
        margins: table.read("margins", faults, margins).unwrap_or_default(),
        retry: table.read("retry", faults, retry).unwrap_or_default(),
        verdicts: verdicts(&table, faults),
        tls: table.read("tls", faults, tls).unwrap_or_default(),
        proxy: proxy(&table, faults),
        overlap: table.read("overlap", faults, flag),
        compression: table.read("compression", faults, flag),
        plain_text: table.read("plain-text", faults, flag).unwrap_or_default(),
        when_full: table
            .read("when-full", faults, when_full)
            .unwrap_or_default(),
        dialect: speech.dialect,
        recognised: speech.recognised,
        auto: speech.auto,
        variables: speech.variables,
        variables_from_env: speech.from_env,
        subscribe: speech.subscribe,
        signer: speech.signer,
        messages: table
            .read("messages", faults, |name, value, faults| {
                messages(name, value, codec.unwrap_or_default(), faults)
            })
            .unwrap_or_default(),
        verify: verify(&table, source.oauth(), faults),
        filter: table.read("filter", faults, filter),
        columns: table.read("columns", faults, columns).unwrap_or_default(),
        protobuf: table.read("protobuf", faults, protobuf),
        ..Profile::new(name.get_ref().as_ref(), url?, way, source)
    };
    check_address(&profile, &table, faults);
    check_verify(&profile, &table, faults);
    Some(profile)
}

fn check_verify(profile: &Profile, table: &Table<'_>, faults: &mut Faults<'_>) {
    if profile.verify.is_some() && !profile.wants_credential() {
        let fault = Fault::new("there is no token to verify", "remove 'verify'");
        faults.add(table.span("verify"), fault);
    }
}

fn address(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Url> {
    let text = any_text(name, value, faults)?;
    match check::address(text) {
        Ok(url) => Some(url),
        Err(found) => {
            for fault in found {
                faults.add(value.span(), fault);
            }
            None
        }
    }
}

/// What an address must not be beside the rest of the profile.
fn check_address(profile: &Profile, table: &Table<'_>, faults: &mut Faults<'_>) {
    if profile.exposes_token() && !profile.plain_text {
        let message = "the token would go over an unencrypted connection to another machine";
        let help = "write wss:// in place of ws://, or plain-text = true to allow it";
        faults.add(table.span("url"), Fault::new(message, help));
    }
    let Way::Query { name } = &profile.way else {
        return;
    };
    if profile.url.query_pairs().any(|(other, _)| other == *name) {
        let message = format!("the URL has the query parameter '{name}' already");
        faults.add(
            table.span("url"),
            Fault::new(message, "leave it out of the URL"),
        );
    }
}

fn headers<'t>(
    name: &str,
    value: &'t Value<'t>,
    way: &Way,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    let mut names = HashSet::new();
    for (key, value) in entries(table(name, value, faults)?) {
        let name = key.get_ref();
        let Some(text) = any_text(name, value, faults) else {
            continue;
        };
        if check::is_secret_header(name, text) {
            faults.hide(value.span());
        }
        let twice = !names.insert(name.to_ascii_lowercase());
        let of_way =
            matches!(way, Way::Header { name: other, .. } if other.eq_ignore_ascii_case(name));
        if let Err(fault) = check::header(name, text) {
            let at = if check::header_name(name).is_err() {
                key.span()
            } else {
                value.span()
            };
            faults.add(at, fault);
        } else if twice || of_way {
            let message = format!("the header '{name}' is given twice");
            faults.add(key.span(), Fault::new(message, "remove one of the two"));
        }
        headers.push((name.as_ref().to_owned(), text.to_owned()));
    }
    Some(headers)
}

fn subprotocols<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<String>> {
    let offered = texts(name, value, faults)?;
    for (text, value) in &offered {
        checked(check::subprotocol(text), value, faults);
    }
    Some(
        offered
            .into_iter()
            .map(|(text, _)| text.to_owned())
            .collect(),
    )
}

fn when_full(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<WhenFull> {
    word(
        name,
        value,
        &[("hold", WhenFull::Hold), ("drop", WhenFull::Drop)],
        faults,
    )
}

fn limits<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Limits> {
    let known = ["connect", "login", "ping", "pong", "close", "message"];
    let table = Table::open(name, value, &known, faults)?;
    let mut limits = Limits::default();
    table.set("connect", &mut limits.connect, faults, time_limit);
    table.set("login", &mut limits.login, faults, time_limit);
    table.set("ping", &mut limits.ping, faults, time_limit);
    table.set("pong", &mut limits.pong, faults, time_limit);
    table.set("close", &mut limits.close, faults, time_limit);
    table.set("message", &mut limits.message, faults, size);
    Some(limits)
}

fn margins<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Margins> {
    let table = Table::open(name, value, &["warn", "alarm", "renew"], faults)?;
    let mut margins = Margins::default();
    table.set("warn", &mut margins.warn, faults, duration);
    table.set("alarm", &mut margins.alarm, faults, duration);
    margins.renew = table.read("renew", faults, duration);
    if margins.warn < margins.alarm {
        let at = if table.has("warn") { "warn" } else { "alarm" };
        let message = format!(
            "'warn' ({}) is shorter than 'alarm' ({})",
            show_span(margins.warn),
            show_span(margins.alarm)
        );
        let help = "the countdown warns first: give 'warn' the longer time";
        faults.add(table.span(at), Fault::new(message, help));
    }
    Some(margins)
}

fn retry<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Retry> {
    let table = Table::open(name, value, &["base", "cap", "stable", "attempts"], faults)?;
    let mut retry = Retry::default();
    table.set("base", &mut retry.base, faults, time_limit);
    table.set("cap", &mut retry.cap, faults, time_limit);
    table.set("stable", &mut retry.stable, faults, duration);
    retry.attempts = table.read("attempts", faults, count);
    if retry.cap < retry.base {
        let at = if table.has("cap") { "cap" } else { "base" };
        let message = format!(
            "'cap' ({}) is shorter than 'base' ({})",
            show_span(retry.cap),
            show_span(retry.base)
        );
        let help = "delays grow from 'base' to 'cap': give 'cap' the longer time";
        faults.add(table.span(at), Fault::new(message, help));
    }
    Some(retry)
}

fn verdicts(table: &Table<'_>, faults: &mut Faults<'_>) -> Verdicts {
    let mut read = |key: &str, numbers: (u16, u16)| {
        table.read(key, faults, |name, value, faults| {
            by_number(name, value, numbers, faults)
        })
    };
    Verdicts {
        close: read("close", (0, u16::MAX)).unwrap_or_default(),
        http: read("http", (100, 999)).unwrap_or_default(),
    }
}

fn by_number<'t>(
    name: &str,
    value: &'t Value<'t>,
    (least, most): (u16, u16),
    faults: &mut Faults<'_>,
) -> Option<Vec<(u16, Verdict)>> {
    let mut verdicts = Vec::new();
    for (key, value) in entries(table(name, value, faults)?) {
        let text = key.get_ref();
        let number: Option<u16> = text.parse().ok();
        let number = number.filter(|number| {
            (least..=most).contains(number) && number.to_string() == text.as_ref()
        });
        if number.is_none() {
            let message = format!("'{text}' cannot stand in '{name}'");
            let help = format!("write a number from {least} to {most}");
            faults.add(key.span(), Fault::new(message, help));
        }
        let verdict = word(text, value, &Verdict::WORDS, faults);
        verdicts.extend(number.zip(verdict));
    }
    Some(verdicts)
}

fn protobuf<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Protobuf> {
    let table = Table::open(name, value, &["descriptor", "message"], faults)?;
    for (key, example) in [("descriptor", "file.binpb"), ("message", "package.Message")] {
        if !table.has(key) {
            table.miss(key, &format!("write {key} = \"{example}\""), faults);
        }
    }
    let descriptor = table.read("descriptor", faults, path);
    let message = table.read("message", faults, any_text).map(str::to_owned);
    Some(Protobuf {
        descriptor: descriptor?,
        message: message?,
        schema: None,
    })
}

fn tls<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Tls> {
    let table = Table::open(
        name,
        value,
        &["ca", "cert", "key", "server-name", "insecure"],
        faults,
    )?;
    for (one, other) in [("cert", "key"), ("key", "cert")] {
        if table.has(one) && !table.has(other) {
            let help = format!(
                "write {other} = \"FILE\" beside it: a certificate is used with its private key"
            );
            table.miss(other, &help, faults);
        }
    }
    let (cert, key) = (
        table.read("cert", faults, path),
        table.read("key", faults, path),
    );
    Some(Tls {
        ca: table.read("ca", faults, path),
        identity: cert.zip(key).map(|(cert, key)| Identity { cert, key }),
        server_name: table.read("server-name", faults, server_name),
        insecure: table.read("insecure", faults, flag).unwrap_or_default(),
    })
}

fn server_name(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Host> {
    let text = text(name, value, faults)?;
    let host = Host::parse(text);
    if host.is_err() {
        let help = "write the host that the certificate is for, without scheme and port: server-name = \"feed.example.com\"";
        let message = format!("'{text}' is no host name");
        faults.add(value.span(), Fault::new(message, help));
    }
    host.ok()
}
