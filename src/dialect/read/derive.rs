//! Reads derived values.

use jsonwebtoken::Algorithm;

use super::{
    super::{Clock, Coding, Derived, Hash, How, KeyForm},
    parts::{only, template},
    sigv4::sigv4,
};
use crate::document::{Fault, Faults, Table, Value, any_text, count, duration, text, word};

/// The key that says how a value is made, and what goes with it.
const KINDS: [(&str, &[&str]); 9] = [
    ("now", &["plus"]),
    ("sum", &["plus"]),
    ("hash", &["text", "as"]),
    ("hmac", &["key", "key-is", "text", "text-is", "as"]),
    ("sign", &["key", "key-is", "text", "text-is", "as"]),
    ("nkey", &[]),
    ("jwt", &["key", "kid", "nonce", "claims"]),
    ("sigv4", &super::sigv4::KEYS),
    ("text", &["after", "before", "as"]),
];

pub(super) fn derived<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Derived> {
    let keys = value.get_ref().as_table();
    let has = |key: &str| keys.is_some_and(|keys| keys.contains_key(key));
    let kind = KINDS.into_iter().find(|(key, _)| has(key));
    let mut known = vec!["name", "when", "unless"];
    match kind {
        Some((kind, others)) => known.extend([kind].iter().chain(others)),
        None => known.extend(
            KINDS
                .iter()
                .flat_map(|(kind, others)| [kind].into_iter().chain(*others)),
        ),
    }
    let table = Table::open(name, value, &known, faults)?;
    want(&[("name", "name the variable")], &table, faults);
    let how = match kind.map(|(kind, _)| kind) {
        Some("now") => now(&table, faults),
        Some("sum") => sum(&table, faults),
        Some("hash") => hash(&table, faults),
        Some("hmac") => hmac(&table, faults),
        Some("sign") => sign(&table, faults),
        Some("nkey") => table.read("nkey", faults, template).map(How::Nkey),
        Some("jwt") => jwt(&table, faults),
        Some("sigv4") => sigv4(&table, faults),
        Some(_) => composed(&table, faults),
        None => {
            let help = "write now = \"ms\" for a time, sum = \"{number}\" to add to it, hash = \"sha256\" for a digest, hmac = \"sha256\" or sign = \"EdDSA\" for a signature, jwt = \"ES256\" for a token, sigv4 = \"url\" for AWS, or text = \"…\"";
            faults.add_missing(
                value.span(),
                Fault::new("it is not said how the value is made", help),
            );
            None
        }
    };
    Some(Derived {
        name: table.read("name", faults, text)?.to_owned(),
        only: only(&table, faults),
        how: how?,
    })
}

fn now(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    const CLOCKS: [(&str, Clock); 3] = [
        ("s", Clock::Seconds),
        ("ms", Clock::Millis),
        ("iso", Clock::Iso),
    ];
    let clock = one_of("now", &CLOCKS, table, faults);
    let plus = table.read("plus", faults, duration).unwrap_or_default();
    Some(How::Now(clock?, plus))
}

/// Tells of keys that are not there.
pub(super) fn want(keys: &[(&str, &str)], table: &Table<'_>, faults: &mut Faults<'_>) {
    for (key, help) in keys {
        if !table.has(key) {
            table.miss(key, help, faults);
        }
    }
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(
    key: &str,
    words: &[(&str, T)],
    table: &Table<'_>,
    faults: &mut Faults<'_>,
) -> Option<T> {
    table.read(key, faults, |name, value, faults| {
        word(name, value, words, faults)
    })
}

fn coding(key: &str, usual: Coding, table: &Table<'_>, faults: &mut Faults<'_>) -> Coding {
    one_of(key, &Coding::WORDS, table, faults).unwrap_or(usual)
}

const KEY: (&str, &str) = ("key", "say what it is signed with, as in \"{secret}\"");

fn sum(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    want(&[("plus", "say what is added")], table, faults);
    let plus = table.read("plus", faults, count);
    Some(How::Sum(
        table.read("sum", faults, template)?,
        u64::from(plus?),
    ))
}

fn hash(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    let hash = one_of("hash", &Hash::WORDS, table, faults);
    want(&[("text", "say what the digest is of")], table, faults);
    let into = coding("as", Coding::Hex, table, faults);
    Some(How::Hash {
        text: table.read("text", faults, template)?,
        hash: hash?,
        into,
    })
}

fn hmac(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    let hash = one_of("hmac", &Hash::WORDS, table, faults);
    want(&[KEY, ("text", "say what is signed")], table, faults);
    let key_is = coding("key-is", Coding::Text, table, faults);
    let text_is = coding("text-is", Coding::Text, table, faults);
    let into = coding("as", Coding::Hex, table, faults);
    let (key, text) = (
        table.read("key", faults, template),
        table.read("text", faults, template),
    );
    Some(How::Hmac {
        hash: hash?,
        key: key?,
        key_is,
        text: text?,
        text_is,
        into,
    })
}

/// Algorithms with a shared secret, and with a key pair.
const SHARED: [(&str, Algorithm); 3] = [
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
];
const PAIRED: [(&str, Algorithm); 9] = [
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

fn sign(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    let algorithm = one_of("sign", &PAIRED, table, faults);
    want(&[KEY, ("text", "say what is signed")], table, faults);
    let key_is = one_of("key-is", &KeyForm::WORDS, table, faults).unwrap_or(KeyForm::Pem);
    let text_is = coding("text-is", Coding::Text, table, faults);
    let into = coding("as", Coding::Base64, table, faults);
    let (key, text) = (
        table.read("key", faults, template),
        table.read("text", faults, template),
    );
    let algorithm = algorithm?;
    if key_is == KeyForm::Nkey && algorithm != Algorithm::EdDSA {
        let fault = Fault::new("an NKey signs with EdDSA only", "write sign = \"EdDSA\"");
        faults.add(table.span("sign"), fault);
    }
    Some(How::Sign {
        algorithm,
        key: key?,
        key_is,
        text: text?,
        text_is,
        into,
    })
}

fn jwt(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    let algorithms = [SHARED.as_slice(), PAIRED.as_slice()].concat();
    let algorithm = one_of("jwt", &algorithms, table, faults);
    want(
        &[KEY, ("claims", "write the claims as JSON")],
        table,
        faults,
    );
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
    let into = coding("as", Coding::Text, table, faults);
    Some(How::Text {
        after: table.read("after", faults, any_text).map(str::to_owned),
        before: table.read("before", faults, any_text).map(str::to_owned),
        text: table.read("text", faults, template)?,
        into,
    })
}
