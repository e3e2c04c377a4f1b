//! Reads where the token comes from (`token`). The token itself does not belong there and is kept out of messages.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use toml::de::DeValue;

use crate::document::{
    Fault, Faults, Table, Value, json, nearest, text, time_limit, word, wrong_type,
};

use super::{
    Helper, Mint, Source, Ticket, check,
    oauth::{http_address, oauth},
    way::{checked, path},
};

const SOURCES: &str = "one of: \"stored\", \"prompt\", { env = \"NAME\" }, { file = \"PATH\" }, { command = [\"NAME\"] }, \
                       { oauth = { … } }, { mint = { … } }, { ticket = { … } }, \"keyring\"";
const WORDS: [&str; 3] = ["stored", "prompt", "keyring"];
const TABLES: [&str; 6] = ["env", "file", "command", "oauth", "mint", "ticket"];

/// The algorithms that tokens are signed with here.
const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// How long a token lives that we sign, unless the profile says so.
const MINTED_LIFE: Duration = Duration::from_secs(300);

/// Reads `token`.
pub(super) fn source<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Source> {
    match value.get_ref() {
        DeValue::String(text) => named(text.as_ref(), value, faults),
        DeValue::Table(_) => described(name, value, faults),
        _ => {
            wrong_type(name, value, SOURCES, faults);
            None
        }
    }
}

fn named(text: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Source> {
    let fault = match text {
        "stored" => return Some(Source::Stored),
        "prompt" => return Some(Source::Prompt),
        "keyring" if cfg!(feature = "keyring") => return Some(Source::Keyring),
        "keyring" => Fault::new(
            "this program was built without the system's keyring",
            "build it with: cargo install --path . --features keyring; or write token = \"stored\"",
        ),
        other => {
            faults.hide(value.span());
            match nearest(other, WORDS) {
                Some(meant) => Fault::new(
                    "unknown source of the token",
                    format!("did you mean '{meant}'?"),
                ),
                None => Fault::new(
                    "a token must not stand in this file",
                    format!("write {SOURCES}"),
                ),
            }
        }
    };
    faults.add(value.span(), fault);
    None
}

fn described<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Source> {
    // Of a command the table says more than its one key.
    let known: Vec<&str> = match value.get_ref().get("command") {
        Some(_) => TABLES.iter().chain(&["ttl"]).copied().collect(),
        None => TABLES.to_vec(),
    };
    let table = Table::open(name, value, &known, faults)?;
    let found = [
        table.read("env", faults, variable),
        table.read("file", faults, |name, value, faults| {
            path(name, value, faults).map(Source::File)
        }),
        command(&table, faults),
        table.read("oauth", faults, |name, value, faults| {
            oauth(name, value, faults).map(|oauth| Source::OAuth(oauth.into()))
        }),
        table.read("mint", faults, mint),
        table.read("ticket", faults, ticket),
    ];
    let named = TABLES.iter().filter(|key| table.has(key)).count();
    if named != 1 {
        let fault = Fault::new("the token needs one source", format!("write {SOURCES}"));
        faults.add_missing(value.span(), fault);
    }
    found.into_iter().flatten().next()
}

fn variable(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Source> {
    let text = text(name, value, faults)?;
    checked(check::variable(text), value, faults)?;
    Some(Source::Env(text.to_owned()))
}

fn command(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Source> {
    let ttl = table.read("ttl", faults, time_limit);
    let argv = table.read("command", faults, argv)?;
    Some(Source::Command(Box::new(Helper { argv, ttl })))
}

fn argv(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Vec<String>> {
    const FORM: &str = "write the program and its arguments, as in [\"vault\", \"read\", \"orders\"]; no shell reads them";
    let Some(items) = value.get_ref().as_array() else {
        wrong_type(
            name,
            value,
            "a list of texts, as in [\"vault\", \"read\"]; no shell reads them",
            faults,
        );
        return None;
    };
    let words: Vec<_> = items
        .iter()
        .map(|item| text(name, item, faults).map(str::to_owned))
        .collect();
    if words.first().is_none_or(|word| word.as_deref() == Some("")) {
        let message = format!("'{name}' names no program");
        faults.add(value.span(), Fault::new(message, FORM));
    }
    words.into_iter().collect()
}

fn mint<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Source> {
    let known = ["key", "algorithm", "claims", "ttl", "kid"];
    let table = Table::open(name, value, &known, faults)?;
    for (key, help) in [
        (
            "key",
            "write the path of the key's file, as in key = \"dev.pem\"",
        ),
        ("algorithm", "write algorithm = \"ES256\", or another"),
    ] {
        if !table.has(key) {
            table.miss(key, help, faults);
        }
    }
    let key = table.read("key", faults, path);
    let algorithm = table.read("algorithm", faults, |name, value, faults| {
        word(name, value, &ALGORITHMS, faults)
    });
    let claims = table.read("claims", faults, claims).unwrap_or_default();
    let ttl = table.read("ttl", faults, time_limit).unwrap_or(MINTED_LIFE);
    let kid = table.read("kid", faults, |name, value, faults| {
        text(name, value, faults).map(str::to_owned)
    });
    Some(Source::Mint(Box::new(Mint {
        key: key?,
        algorithm: algorithm?,
        claims,
        ttl,
        kid,
    })))
}

fn claims(
    name: &str,
    value: &Value<'_>,
    faults: &mut Faults<'_>,
) -> Option<serde_json::Map<String, serde_json::Value>> {
    let serde_json::Value::Object(claims) = json(name, value, faults)? else {
        wrong_type(name, value, "a table, as in { sub = \"alice\" }", faults);
        return None;
    };
    for made in ["iat", "exp"] {
        if claims.contains_key(made) {
            let message = format!("the claim '{made}' is made from the time and 'ttl'");
            faults.add(value.span(), Fault::new(message, "remove it"));
        }
    }
    Some(claims)
}

fn ticket<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Source> {
    let table = Table::open(name, value, &["url", "method", "pointer", "from"], faults)?;
    if !table.has("url") {
        table.miss("url", "write the address that gives tickets", faults);
    }
    let url = table.read("url", faults, |name, value, faults| {
        http_address(name, value, faults)
    });
    let post = table.read("method", faults, |name, value, faults| {
        word(name, value, &[("POST", true), ("GET", false)], faults)
    });
    let pointer = table.read("pointer", faults, pointer).unwrap_or_default();
    let from = table.read("from", faults, |name, value, faults| {
        let from = source(name, value, faults)?;
        if matches!(from, Source::Ticket(_) | Source::Prompt) {
            let message = "a ticket cannot be got with this";
            let help = "name the source of a token that lasts, as in from = { env = \"NAME\" }";
            faults.add(value.span(), Fault::new(message, help));
        }
        Some(from)
    });
    Some(Source::Ticket(Box::new(Ticket {
        url: url?,
        post: post.unwrap_or(true),
        pointer,
        from: from.unwrap_or(Source::Stored),
    })))
}

fn pointer(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let text = text(name, value, faults)?;
    if !text.is_empty() && !text.starts_with('/') {
        let message = format!("'{name}' is no JSON pointer");
        let help = "write it as in \"/data/ticket\" (RFC 6901)";
        faults.add(value.span(), Fault::new(message, help));
    }
    Some(text.to_owned())
}
