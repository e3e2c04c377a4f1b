//! Reads how tokens are got from an authorisation server (`token = { oauth = { … } }`).

use toml::de::DeValue;
use url::Url;

use crate::document::{
    Fault, Faults, Table, Value, count, entries, suspect, table, text, texts, word, wrong_type,
};

use super::{
    Endpoints, Grant, OAuth, SecretRef, Server, check,
    way::{checked, path},
};

const KEYS: [&str; 14] = [
    "issuer",
    "token-endpoint",
    "authorization-endpoint",
    "device-endpoint",
    "revocation-endpoint",
    "grant",
    "client-id",
    "client-secret",
    "client-auth",
    "scopes",
    "audience",
    "resource",
    "parameters",
    "redirect-port",
];
const ENDPOINTS: [&str; 4] = [
    "token-endpoint",
    "authorization-endpoint",
    "device-endpoint",
    "revocation-endpoint",
];
/// Parameters of the browser's endpoint that are made here (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
const OURS: [&str; 7] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];
const SECRETS: &str = "one of: { env = \"NAME\" }, { file = \"PATH\" }, \"stored\"";
/// The same where `credentials.toml` has no place for it.
const OUTSIDE: &str = "one of: { env = \"NAME\" }, { file = \"PATH\" }";

/// Reads the table.
pub(super) fn oauth<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<OAuth> {
    let table = Table::open(name, value, &KEYS, faults)?;
    let grant = table.read("grant", faults, |name, value, faults| {
        word(name, value, &Grant::WORDS, faults)
    });
    let grant = grant.unwrap_or(Grant::Code);
    let server = server(&table, grant, faults);
    if !table.has("client-id") {
        let help = "write client-id = \"…\", as the server knows this program";
        table.miss("client-id", help, faults);
    }
    let client_id = table.read("client-id", faults, filled);
    let client_secret = table.read("client-secret", faults, secret);
    check_grant(&table, grant, faults);
    let secret_in_form = table.read("client-auth", faults, client_auth);
    Some(OAuth {
        grant,
        client_secret,
        secret_in_form: secret_in_form.unwrap_or_default(),
        scopes: table.read("scopes", faults, scopes).unwrap_or_default(),
        audience: table.read("audience", faults, filled),
        resource: table.read("resource", faults, filled),
        parameters: table
            .read("parameters", faults, parameters)
            .unwrap_or_default(),
        redirect_port: table.read("redirect-port", faults, port),
        server: server?,
        client_id: client_id?,
    })
}

/// Whether id and secret go into the form.
pub(super) fn client_auth(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<bool> {
    word(name, value, &[("basic", false), ("form", true)], faults)
}

/// What a grant needs and what it cannot have.
fn check_grant(table: &Table<'_>, grant: Grant, faults: &mut Faults<'_>) {
    if grant == Grant::Client && !table.has("client-secret") {
        let help = format!("the grant \"client\" needs a secret: write client-secret = {SECRETS}");
        table.miss("client-secret", &help, faults);
    }
    for key in ["redirect-port", "parameters"] {
        if grant != Grant::Code && table.has(key) {
            let message = format!("'{key}' is for the grant \"code\" alone");
            let fault = Fault::new(message, "remove it, or write grant = \"code\"");
            faults.add(table.span(key), fault);
        }
    }
    if table.has("client-auth") && !table.has("client-secret") {
        let message = "'client-auth' says how a secret is sent, and there is none";
        let fault = Fault::new(message, "remove it, or write client-secret");
        faults.add(table.span("client-auth"), fault);
    }
}

fn server(table: &Table<'_>, grant: Grant, faults: &mut Faults<'_>) -> Option<Server> {
    let issuer = table.read("issuer", faults, issuer);
    let mut read = |key: &str| {
        table.read(key, faults, |name, value, faults| {
            http_address(name, value, faults)
        })
    };
    let [token, authorization, device, revocation] = ENDPOINTS.map(&mut read);
    if table.has("issuer") {
        for key in ENDPOINTS.into_iter().filter(|key| table.has(key)) {
            let message = format!("'{key}' is asked of the issuer");
            faults.add(
                table.span(key),
                Fault::new(message, "remove it, or remove 'issuer'"),
            );
        }
        return issuer.map(Server::Issuer);
    }
    if !table.has("token-endpoint") {
        let help = "write issuer = \"https://…\", or token-endpoint and the other endpoints";
        table.miss("issuer", help, faults);
        return None;
    }
    let needed = match grant {
        Grant::Code => Some("authorization-endpoint"),
        Grant::Device => Some("device-endpoint"),
        Grant::Client => None,
    };
    if let Some(key) = needed.filter(|key| !table.has(key)) {
        table.miss(
            key,
            "the grant needs it; write its https:// address",
            faults,
        );
    }
    Some(Server::Endpoints(Box::new(Endpoints {
        token: token?,
        authorization,
        device,
        revocation,
    })))
}

/// An issuer as it is written: it is compared letter by letter (RFC 8414 section 3.3).
pub(super) fn issuer(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let url = http_address(name, value, faults)?;
    if url.query().is_some() {
        let fault = Fault::new("an issuer has no query", "remove '?' and what follows");
        faults.add(value.span(), fault);
    }
    value.get_ref().as_str().map(str::to_owned)
}

/// An address for HTTP that may carry secrets: `https:`, or `http:` of this machine.
pub(super) fn http_address(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Url> {
    const FORM: &str = "write it as in https://id.example.com/token";
    let text = text(name, value, faults)?;
    let mut wrong = |message: &str, help: &str| {
        faults.add(value.span(), Fault::new(message, help));
        None
    };
    let Ok(url) = Url::parse(text) else {
        return wrong("this is not a URL", FORM);
    };
    if !url.username().is_empty() || url.password().is_some() {
        return wrong("a URL must not hold a user name or a password", FORM);
    }
    if url.fragment().is_some() {
        return wrong("this URL has a fragment", "remove '#' and what follows");
    }
    if url
        .query_pairs()
        .any(|(name, value)| suspect::is_secret(&name, &value))
    {
        return wrong("a query parameter would hold a secret", "leave it out");
    }
    let local = url.host().is_some_and(|host| check::is_local(&host));
    match url.scheme() {
        "https" => Some(url),
        "http" if local => Some(url),
        "http" => wrong(
            "the connection to another machine would not be encrypted",
            "write https:// in place of http://",
        ),
        _ => wrong("this is no address for HTTP", FORM),
    }
}

pub(super) fn filled(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let text = text(name, value, faults)?;
    if text.is_empty() {
        let message = format!("'{name}' is empty");
        faults.add(value.span(), Fault::new(message, "write it, or remove it"));
    }
    Some(text.to_owned())
}

/// Scopes (RFC 6749 section 3.3): no spaces within one.
fn scopes<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Vec<String>> {
    let found = texts(name, value, faults)?;
    for (text, value) in &found {
        if text.is_empty() || text.contains(|c: char| c.is_whitespace() || "\"\\".contains(c)) {
            let fault = Fault::new(
                "this cannot be a scope",
                "write each scope as a text of its own, as in [\"openid\", \"orders\"]",
            );
            faults.add(value.span(), fault);
        }
    }
    Some(found.iter().map(|(text, _)| (*text).to_owned()).collect())
}

/// Parameters that the protocol has no name for, and that are not secret.
fn parameters<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    for (key, value) in entries(table(name, value, faults)?) {
        let name = key.get_ref().as_ref();
        if OURS.contains(&name) {
            let message = format!("the parameter '{name}' is the protocol's own");
            faults.add(key.span(), Fault::new(message, "remove it"));
        }
        if let Some(text) = text(name, value, faults) {
            if suspect::is_secret(name, text) {
                faults.hide(value.span());
                let message = format!("the parameter '{name}' would hold a secret");
                faults.add(value.span(), Fault::new(message, "leave it out"));
            }
            found.push((name.to_owned(), text.to_owned()));
        }
    }
    Some(found)
}

fn port(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<u16> {
    let port = u16::try_from(count(name, value, faults)?).ok();
    if port.is_none() {
        let message = format!("'{name}' is no port");
        let fault = Fault::new(message, "write a number from 1 to 65535");
        faults.add(value.span(), fault);
    }
    port
}

/// Where the client's secret stands.
fn secret<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<SecretRef> {
    match value.get_ref() {
        DeValue::String(text) if text == "stored" => Some(SecretRef::Stored),
        _ => placed(name, value, SECRETS, faults),
    }
}

/// Where a secret stands outside of our files.
pub(super) fn outside<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<SecretRef> {
    placed(name, value, OUTSIDE, faults)
}

/// The place of a secret. The secret itself does not belong here and is kept out of messages.
fn placed<'t>(
    name: &str,
    value: &'t Value<'t>,
    places: &str,
    faults: &mut Faults<'_>,
) -> Option<SecretRef> {
    match value.get_ref() {
        DeValue::String(_) => {
            faults.hide(value.span());
            let message = "a secret must not stand in this file";
            faults.add(value.span(), Fault::new(message, format!("write {places}")));
            None
        }
        DeValue::Table(_) => {
            let table = Table::open(name, value, &["env", "file"], faults)?;
            let variable = table.read("env", faults, |name, value, faults| {
                let text = text(name, value, faults)?;
                checked(check::variable(text), value, faults)?;
                Some(SecretRef::Env(text.to_owned()))
            });
            let file = table.read("file", faults, |name, value, faults| {
                path(name, value, faults).map(SecretRef::File)
            });
            if table.has("env") == table.has("file") {
                let fault = Fault::new("the secret needs one source", format!("write {places}"));
                faults.add_missing(value.span(), fault);
            }
            variable.or(file)
        }
        _ => {
            wrong_type(name, value, places, faults);
            None
        }
    }
}
