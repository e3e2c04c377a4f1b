//! Reads who is asked whether a profile's tokens are what they say (`verify`).

use crate::document::{Fault, Faults, Table, Value, text};

use super::{
    Verify,
    oauth::{filled, http_address, issuer},
    source::KeyPlace,
    way::path,
};

const KEYS: [&str; 3] = ["jwks", "issuer", "audience"];

/// Reads the table.
pub(super) fn verify<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Verify> {
    let table = Table::open(name, value, &KEYS, faults)?;
    let keys = keys(&table, faults);
    Some(Verify {
        audience: table.read("audience", faults, filled),
        keys: keys?,
    })
}

fn keys(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<KeyPlace> {
    let found = [
        table.read("jwks", faults, jwks),
        table.read("issuer", faults, |name, value, faults| {
            issuer(name, value, faults).map(KeyPlace::Issuer)
        }),
    ];
    match (table.has("jwks"), table.has("issuer")) {
        (true, true) => {
            let message = "the keys of 'issuer' are asked of it";
            let fault = Fault::new(message, "remove 'issuer', or remove 'jwks'");
            faults.add(table.span("jwks"), fault);
        }
        (false, false) => {
            let help =
                "write issuer = \"https://…\", or jwks = \"https://…\" or the path of a file";
            table.miss("issuer", help, faults);
        }
        _ => {}
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
