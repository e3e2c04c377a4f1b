//! Reads requests that are signed for AWS.

use std::time::Duration;

use super::{
    super::{How, Part, SigV4},
    derive::{one_of, want},
    parts::{pairs, template},
};
use crate::document::{Fault, Faults, Table, flag, time_limit};

pub(super) const KEYS: [&str; 10] = [
    "service",
    "region",
    "key-id",
    "secret",
    "session",
    "session-unsigned",
    "url",
    "headers",
    "body",
    "expires",
];

/// For how long a signed address is good where the dialect does not say.
const EXPIRES: Duration = Duration::from_secs(300);
/// The longest that AWS takes: seven days.
const LONGEST: Duration = Duration::from_secs(604_800);

pub(super) fn sigv4(table: &Table<'_>, faults: &mut Faults<'_>) -> Option<How> {
    const PARTS: [(&str, Part); 2] = [("url", Part::Url), ("headers", Part::Headers)];
    let part = one_of("sigv4", &PARTS, table, faults);
    let wanted = [
        ("service", "name it, as in \"execute-api\""),
        ("region", "name it, as in \"{region}\""),
        ("key-id", "say which access key, as in \"{access_key_id}\""),
        ("secret", "say with what, as in \"{secret_access_key}\""),
        ("url", "say what is asked for, as in \"{own_url}\""),
    ];
    want(&wanted, table, faults);
    let expires = table.read("expires", faults, time_limit).unwrap_or(EXPIRES);
    if expires > LONGEST {
        let fault = Fault::new("'expires' is too long", "write a week at most");
        faults.add(table.span("expires"), fault);
    }
    let mut read = |key| table.read(key, faults, template);
    let (service, region, key_id) = (read("service"), read("region"), read("key-id"));
    let (secret, url, session) = (read("secret"), read("url"), read("session"));
    let body = read("body");
    Some(How::SigV4(Box::new(SigV4 {
        part: part?,
        service: service?,
        region: region?,
        key_id: key_id?,
        secret: secret?,
        session,
        session_unsigned: table
            .read("session-unsigned", faults, flag)
            .unwrap_or_default(),
        url: url?,
        headers: table.read("headers", faults, pairs).unwrap_or_default(),
        body,
        expires,
    })))
}
