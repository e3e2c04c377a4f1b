//! Reads derived values.

use jsonwebtoken::Algorithm;

use super::{
    super::{Clock, Coding, Derived, Hash, How},
    parts::template,
};
use crate::document::{Fault, Faults, Table, Value, duration, text, word};

const CODINGS: [(&str, Coding); 4] = [
    ("text", Coding::Text),
    ("base64", Coding::Base64),
    ("base64url", Coding::Base64Url),
    ("hex", Coding::Hex),
];

pub(super) fn derived<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Derived> {
    let known = [
        "name", "now", "plus", "hmac", "key", "key-is", "text", "as", "jwt", "kid", "nonce",
        "claims",
    ];
    let table = Table::open(name, value, &known, faults)?;
    if !table.has("name") {
        table.miss("name", "name the variable", faults);
    }
    let how = match ["now", "hmac", "jwt", "text"]
        .into_iter()
        .find(|key| table.has(key))
    {
        Some("now") => now(&table, faults),
        Some("hmac") => hmac(&table, faults),
        Some("jwt") => jwt(&table, faults),
        Some(_) => composed(&table, faults),
        None => {
            let help = "write now = \"ms\" for a time, hmac = \"sha256\" for a signature, jwt = \"ES256\" for a token, or text = \"…\"";
            faults.add_missing(
                value.span(),
                Fault::new("it is not said how the value is made", help),
            );
            None
        }
    };
    Some(Derived {
        name: table.read("name", faults, text)?.to_owned(),
        how: how?,
    })
}

fn now(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    const CLOCKS: [(&str, Clock); 3] = [
        ("s", Clock::Seconds),
        ("ms", Clock::Millis),
        ("iso", Clock::Iso),
    ];
    let clock = table.read("now", faults, |name, value, faults| {
        word(name, value, &CLOCKS, faults)
    });
    let plus = table.read("plus", faults, duration).unwrap_or_default();
    Some(How::Now(clock?, plus))
}

fn coding(key: &str, table: &Table<'_>, faults: &mut Faults<'_>) -> Option<Coding> {
    table.read(key, faults, |name, value, faults| {
        word(name, value, &CODINGS, faults)
    })
}

fn want(keys: &[(&str, &str)], table: &Table<'_>, faults: &mut Faults<'_>) {
    for (key, help) in keys {
        if !table.has(key) {
            table.miss(key, help, faults);
        }
    }
}

fn hmac(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    const HASHES: [(&str, Hash); 3] = [
        ("sha256", Hash::Sha256),
        ("sha384", Hash::Sha384),
        ("sha512", Hash::Sha512),
    ];
    let hash = table.read("hmac", faults, |name, value, faults| {
        word(name, value, &HASHES, faults)
    });
    let wanted = [
        ("key", "say what it is signed with, as in \"{secret}\""),
        ("text", "say what is signed"),
    ];
    want(&wanted, table, faults);
    let key_is = coding("key-is", table, faults).unwrap_or(Coding::Text);
    let into = coding("as", table, faults).unwrap_or(Coding::Hex);
    let (key, text) = (
        table.read("key", faults, template),
        table.read("text", faults, template),
    );
    Some(How::Hmac {
        hash: hash?,
        key: key?,
        key_is,
        text: text?,
        into,
    })
}

fn jwt(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    const ALGORITHMS: [(&str, Algorithm); 12] = [
        ("HS256", Algorithm::HS256),
        ("HS384", Algorithm::HS384),
        ("HS512", Algorithm::HS512),
        ("ES256", Algorithm::ES256),
        ("ES384", Algorithm::ES384),
        ("EdDSA", Algorithm::EdDSA),
        ("RS256", Algorithm::RS256),
        ("RS384", Algorithm::RS384),
        ("RS512", Algorithm::RS512),
        ("PS256", Algorithm::PS256),
        ("PS384", Algorithm::PS384),
        ("PS512", Algorithm::PS512),
    ];
    let algorithm = table.read("jwt", faults, |name, value, faults| {
        word(name, value, &ALGORITHMS, faults)
    });
    let wanted = [
        ("key", "say what it is signed with, as in \"{secret}\""),
        ("claims", "write the claims as JSON"),
    ];
    want(&wanted, table, faults);
    let (key, claims) = (
        table.read("key", faults, template),
        table.read("claims", faults, template),
    );
    Some(How::Jwt {
        algorithm: algorithm?,
        key: key?,
        kid: table.read("kid", faults, template),
        nonce: table.read("nonce", faults, template),
        claims: claims?,
    })
}

fn composed(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    let into = coding("as", table, faults).unwrap_or(Coding::Text);
    Some(How::Text(table.read("text", faults, template)?, into))
}
