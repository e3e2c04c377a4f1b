//! Reads who is asked whether a profile's tokens are what they say (`verify = { … }`).

use toml::de::DeValue;
use url::Url;

use crate::document::{Fault, Faults, Table, Value, text, wrong_type};

use super::{
    Client, Endpoint, Introspection, KeyPlace, OAuth, Server, Verify,
    oauth::{client_auth, filled, http_address, issuer, outside},
    way::path,
};

const KEYS: [&str; 7] = [
    "jwks",
    "issuer",
    "audience",
    "introspect",
    "client-id",
    "client-secret",
    "client-auth",
];
/// What says who we are to the server.
const CLIENT: [&str; 3] = ["client-id", "client-secret", "client-auth"];

/// Reads `verify` of a profile. What it leaves open of introspection is as for getting tokens (`oauth`).
pub(super) fn verify(
    profile: &Table<'_>,
    oauth: Option<&OAuth>,
    faults: &mut Faults<'_>,
) -> Option<Verify> {
    profile.read("verify", faults, |name, value, faults| {
        read(name, value, oauth, faults)
    })
}

fn read<'t>(
    name: &str,
    value: &'t Value<'t>,
    oauth: Option<&OAuth>,
    faults: &mut Faults<'_>,
) -> Option<Verify> {
    let table = Table::open(name, value, &KEYS, faults)?;
    let keys = keys(&table, faults);
    let verify = Verify {
        audience: table.read("audience", faults, filled),
        introspection: introspection(&table, (keys.as_ref(), oauth), faults),
        keys,
    };
    if !["jwks", "issuer", "introspect"]
        .iter()
        .any(|key| table.has(key))
    {
        let help = "write issuer = \"https://…\", jwks = \"https://…\" or the path of a file, or introspect = true";
        table.miss("issuer", help, faults);
    }
    (verify.keys.is_some() || verify.introspection.is_some()).then_some(verify)
}

fn keys(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<KeyPlace> {
    let found = [
        table.read("jwks", faults, jwks),
        table.read("issuer", faults, |name, value, faults| {
            issuer(name, value, faults).map(KeyPlace::Issuer)
        }),
    ];
    if table.has("jwks") && table.has("issuer") {
        let message = "the keys of 'issuer' are asked of it";
        let fault = Fault::new(message, "remove 'issuer', or remove 'jwks'");
        faults.add(table.span("jwks"), fault);
    }
    found.into_iter().flatten().next()
}

/// A key set (RFC 7517) at an address or in a file.
fn jwks(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<KeyPlace> {
    if text(name, value, faults)?.contains("://") {
        http_address(name, value, faults).map(KeyPlace::Url)
    } else {
        path(name, value, faults).map(KeyPlace::File)
    }
}

fn introspection(
    table: &Table<'_>,
    (keys, oauth): (Option<&KeyPlace>, Option<&OAuth>),
    faults: &mut Faults<'_>,
) -> Option<Introspection> {
    let endpoint = match table.read("introspect", faults, wanted) {
        None if table.has("introspect") => return None,
        Some(Wanted::No) | None => {
            refuse_client(table, faults);
            return None;
        }
        Some(Wanted::At(url)) => Some(Endpoint::Url(url)),
        Some(Wanted::AsIssuer) => endpoint(table, issuer_of(keys, oauth), faults),
    };
    let client = client(table, oauth, faults);
    Some(Introspection {
        endpoint: endpoint?,
        client: client?,
    })
}

/// Whether introspection is wanted, and where.
enum Wanted {
    No,
    AsIssuer,
    At(Url),
}

fn wanted(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Wanted> {
    match value.get_ref() {
        DeValue::Boolean(true) => Some(Wanted::AsIssuer),
        DeValue::Boolean(false) => Some(Wanted::No),
        DeValue::String(_) => http_address(name, value, faults).map(Wanted::At),
        _ => {
            let form = "true, false or the endpoint's https:// address";
            wrong_type(name, value, form, faults);
            None
        }
    }
}

/// The issuer whose tokens these are.
fn issuer_of(keys: Option<&KeyPlace>, oauth: Option<&OAuth>) -> Option<String> {
    let of_keys = keys.and_then(KeyPlace::issuer);
    let of_oauth = oauth.and_then(|oauth| match &oauth.server {
        Server::Issuer(issuer) => Some(issuer.as_str()),
        Server::Endpoints(_) => None,
    });
    of_keys.or(of_oauth).map(str::to_owned)
}

fn endpoint(
    table: &Table<'_>,
    issuer: Option<String>,
    faults: &mut Faults<'_>,
) -> Option<Endpoint> {
    if issuer.is_none() && !table.has("issuer") {
        let help = "write issuer = \"https://…\", or introspect = \"https://…\", the endpoint";
        let fault = Fault::new("it is not said who is to be asked", help);
        faults.add(table.span("introspect"), fault);
    }
    issuer.map(Endpoint::Issuer)
}

/// Who we are to the server: as it is written here, else as for getting tokens.
fn client(table: &Table<'_>, oauth: Option<&OAuth>, faults: &mut Faults<'_>) -> Option<Client> {
    if let Some(oauth) = oauth.filter(|_| !CLIENT.iter().any(|key| table.has(key))) {
        return Some(Client {
            id: oauth.client_id.clone(),
            secret: oauth.client_secret.clone(),
            in_form: oauth.secret_in_form,
        });
    }
    if !table.has("client-id") {
        let help = "write client-id = \"…\", as the server knows who may ask, and client-secret";
        table.miss("client-id", help, faults);
    }
    let id = table.read("client-id", faults, filled);
    let secret = table.read("client-secret", faults, outside);
    let in_form = table.read("client-auth", faults, client_auth);
    Some(Client {
        id: id?,
        secret,
        in_form: in_form.unwrap_or_default(),
    })
}

fn refuse_client(table: &Table<'_>, faults: &mut Faults<'_>) {
    for key in CLIENT.into_iter().filter(|key| table.has(key)) {
        let message = format!("'{key}' is for introspection alone");
        let fault = Fault::new(message, "remove it, or write introspect = true");
        faults.add(table.span(key), fault);
    }
}
