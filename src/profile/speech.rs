//! Reads which dialect a profile speaks, what it gives to its variables, and what it subscribes to.

use std::sync::Arc;

use toml::de::DeValue;
use url::Url;

use super::check;
use crate::{
    dialect::{Bound, Dialect, Library, Seen, recognise},
    document::{
        Fault, Faults, Table, Value, entries, json, nearest, table, text, values, wrong_type,
    },
};

/// What a profile says of its dialect.
#[derive(Default)]
pub(super) struct Speech {
    pub(super) dialect: Option<Arc<Dialect>>,
    /// By what it was recognised.
    pub(super) recognised: Option<String>,
    /// Of which the server's first message tells one.
    pub(super) auto: Option<Library>,
    pub(super) variables: Vec<(String, Bound)>,
    /// Secret variables and the environment variables that hold them.
    pub(super) from_env: Vec<(String, String)>,
    pub(super) subscribe: Vec<serde_json::Value>,
    /// The command that signs.
    pub(super) signer: Option<Vec<String>>,
    /// The dialect's own address.
    pub(super) address: Option<Url>,
}

pub(super) fn speech(profile: &Table<'_>, library: &Library, faults: &mut Faults<'_>) -> Speech {
    let named = profile.read("dialect", faults, |name, value, faults| {
        let wanted = text(name, value, faults)?;
        if wanted == "auto" {
            return Some(recognised(profile, library));
        }
        Some(Speech {
            dialect: Some(named(wanted, value, library, faults)?),
            ..Speech::default()
        })
    });
    let mut speech = Speech {
        subscribe: profile
            .read("subscribe", faults, values)
            .unwrap_or_default(),
        signer: profile.read("signer", faults, signer),
        ..named.unwrap_or_default()
    };
    if speech.auto.is_some() {
        read_variables(profile, &library.all(), &mut speech, faults);
        return speech;
    }
    let Some(dialect) = speech.dialect.clone() else {
        for key in ["variables", "subscribe", "signer"] {
            if profile.has(key) && !profile.has("dialect") {
                let fault = Fault::new(
                    format!("'{key}' goes with a dialect"),
                    "write dialect = \"NAME\"",
                );
                faults.add_missing(profile.span(key), fault);
            }
        }
        return speech;
    };
    let none = |_: &str, value: &Value<'_>, _: &mut Faults<'_>| {
        Some(value.get_ref().as_str() == Some("none"))
    };
    // With "auto" it is the way that is taken where nothing is recognised.
    if speech.recognised.is_none() && profile.read("way", faults, none) == Some(false) {
        let help = "leave 'way' out: the dialect says where the token goes; or write way = \"none\" for no token";
        let fault = Fault::new("'way' and 'dialect' do not go together", help);
        faults.add(profile.span("way"), fault);
    }
    if profile.has("subscribe") && dialect.subscribe.is_none() {
        let message = format!("the dialect '{}' has no subscriptions", dialect.name);
        faults.add(
            profile.span("subscribe"),
            Fault::new(message, "leave 'subscribe' out"),
        );
    }
    if profile.has("signer") && !dialect.signs() {
        let message = format!("the dialect '{}' asks no signer", dialect.name);
        let help = "leave 'signer' out";
        faults.add(profile.span("signer"), Fault::new(message, help));
    }
    read_variables(profile, std::slice::from_ref(&dialect), &mut speech, faults);
    check_given(&dialect, &speech, profile, faults);
    let address = dialect.address(&dialect.given(&speech.variables));
    speech.address = address.and_then(|address| check::address(&address).ok());
    speech
}

/// What the host and the offered subprotocols tell; nothing, if one of them is wrong, which is told elsewhere.
fn recognised(profile: &Table<'_>, library: &Library) -> Speech {
    let text = |value: &Value<'_>| value.get_ref().as_str().map(str::to_owned);
    let url = profile.peek("url").and_then(text);
    let url = url.and_then(|url| check::address(&url).ok());
    let offered = profile
        .peek("subprotocols")
        .and_then(|value| value.get_ref().as_array());
    let offered: Vec<_> = offered.into_iter().flatten().filter_map(text).collect();
    let seen = Seen {
        host: url.as_ref().and_then(Url::host_str).unwrap_or_default(),
        subprotocols: &offered,
    };
    match recognise(library, seen) {
        Some(found) => Speech {
            dialect: Some(found.dialect),
            recognised: Some(found.by),
            ..Speech::default()
        },
        None => Speech {
            auto: Some(library.clone()),
            ..Speech::default()
        },
    }
}

fn named(
    wanted: &str,
    value: &Value<'_>,
    library: &Library,
    faults: &mut Faults<'_>,
) -> Option<Arc<Dialect>> {
    let found = library.find(wanted);
    if found.is_none() {
        let help = match nearest(wanted, library.names()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => {
                "'sockeye dialect list' shows which there are, 'auto' recognises one".to_owned()
            }
        };
        faults.add(
            value.span(),
            Fault::new(format!("there is no dialect '{wanted}'"), help),
        );
    }
    found
}

/// Reads what is given to variables of one of these dialects. What one of them keeps secret is secret.
fn read_variables(
    profile: &Table<'_>,
    candidates: &[Arc<Dialect>],
    speech: &mut Speech,
    faults: &mut Faults<'_>,
) {
    profile.read("variables", faults, |name, value, faults| {
        variables(name, value, candidates, speech, faults)
    });
}

fn variables<'t>(
    name: &str,
    value: &'t Value<'t>,
    candidates: &[Arc<Dialect>],
    speech: &mut Speech,
    faults: &mut Faults<'_>,
) -> Option<()> {
    let all = || candidates.iter().flat_map(|dialect| &dialect.variables);
    for (key, value) in entries(table(name, value, faults)?) {
        let name = key.get_ref().as_ref();
        let mut named = all().filter(|variable| variable.name == name).peekable();
        if named.peek().is_none() {
            faults.add(key.span(), unknown(name, candidates));
            continue;
        }
        if named.any(|variable| variable.secret) {
            faults.hide(value.span());
            speech
                .from_env
                .extend(secret(name, value, faults).map(|variable| (name.to_owned(), variable)));
        } else if let Some(value) = json(name, value, faults) {
            speech
                .variables
                .push((name.to_owned(), Bound::Plain(value)));
        }
    }
    Some(())
}

/// A variable that none of these dialects has.
fn unknown(name: &str, candidates: &[Arc<Dialect>]) -> Fault {
    let all = candidates.iter().flat_map(|dialect| &dialect.variables);
    let known: Vec<_> = all.map(|variable| variable.name.as_str()).collect();
    let meant = nearest(name, known.iter().copied());
    let meant = meant.map(|meant| format!("did you mean '{meant}'?"));
    match candidates {
        [dialect] => Fault::new(
            format!("the dialect '{}' has no variable '{name}'", dialect.name),
            meant.unwrap_or_else(|| format!("it has: {}", known.join(", "))),
        ),
        _ => Fault::new(
            format!("no dialect has a variable '{name}'"),
            meant.unwrap_or_else(|| "'sockeye dialect show NAME' shows which there are".to_owned()),
        ),
    }
}

/// The command that signs: `{ command = ["PROGRAM", "ARGUMENT"] }`. It is run without a shell.
fn signer<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Vec<String>> {
    const HELP: &str = "write { command = [\"PROGRAM\", \"ARGUMENT\"] }";
    let table = Table::open(name, value, &["command"], faults)?;
    if !table.has("command") {
        table.miss("command", HELP, faults);
    }
    let words = table.read("command", faults, |name, value, faults| {
        let Some(items) = value.get_ref().as_array() else {
            wrong_type(name, value, "a list of texts, as in [\"a\", \"b\"]", faults);
            return None;
        };
        let words = items.iter().map(|item| text(name, item, faults));
        words
            .map(|word| word.map(str::to_owned))
            .collect::<Option<Vec<_>>>()
    })?;
    if words.first().is_none_or(String::is_empty) {
        let fault = Fault::new("'command' names no program", HELP);
        faults.add(table.span("command"), fault);
    }
    Some(words)
}

/// The environment variable that holds a secret one.
fn secret<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<String> {
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let message = format!("'{name}' is a secret and must not stand in this file");
        faults.add(
            value.span(),
            Fault::new(message, "write { env = \"NAME\" }"),
        );
        return None;
    }
    let table = Table::open(name, value, &["env"], faults)?;
    if !table.has("env") {
        table.miss("env", "write { env = \"NAME\" }", faults);
    }
    table.read("env", faults, |name, value, faults| {
        let text = text(name, value, faults)?;
        let checked = check::variable(text).map_err(|fault| faults.add(value.span(), fault));
        checked.is_ok().then(|| text.to_owned())
    })
}

fn check_given(dialect: &Dialect, speech: &Speech, profile: &Table<'_>, faults: &mut Faults<'_>) {
    let given = |name: &str| {
        let plain = speech.variables.iter().any(|(given, _)| given == name);
        plain || speech.from_env.iter().any(|(given, _)| given == name)
    };
    for name in dialect.required() {
        if !given(name) {
            let about = dialect
                .variables
                .iter()
                .find(|variable| variable.name == name);
            let about = about.map_or("", |variable| variable.about.as_str());
            let by = speech.recognised.as_ref();
            let by = by.map_or_else(String::new, |by| format!(", recognised by {by},"));
            let message = format!(
                "the dialect '{}'{by} wants the variable '{name}': {about}",
                dialect.name
            );
            faults.add_missing(
                profile.span("dialect"),
                Fault::new(message, format!("write variables = {{ {name} = … }}")),
            );
        }
    }
}
