//! Reads HTTP calls.

use super::{
    super::{Before, Request},
    login::fails,
    parts::{only, pairs, pattern, takes, template, texts_of},
};
use crate::document::{Fault, Faults, Table, Value};

/// What every call may have.
pub(super) const KEYS: [&str; 11] = [
    "get", "post", "path", "query", "headers", "json", "form", "take", "keep", "secret", "fail",
];

pub(super) fn before<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Before> {
    let known: Vec<_> = KEYS
        .into_iter()
        .chain(["when", "unless", "again"])
        .collect();
    let table = Table::open(name, value, &known, faults)?;
    if !table.has("get") && !table.has("post") {
        let help = "write get = \"https://…\" or post = \"https://…\", or sign = { … }";
        faults.add_missing(value.span(), Fault::new("the call needs one address", help));
        return None;
    }
    Some(Before {
        only: only(&table, faults),
        again: table.read("again", faults, pattern),
        request: request(&table, value, faults)?,
    })
}

/// A call that stands in a table of its own.
pub(super) fn call<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Request> {
    let table = Table::open(name, value, &KEYS, faults)?;
    request(&table, value, faults)
}

/// What a table says of a call.
pub(super) fn request(
    table: &Table<'_>,
    value: &Value<'_>,
    faults: &mut Faults<'_>,
) -> Option<Request> {
    if table.has("get") == table.has("post") {
        let help = "write get = \"https://…\" or post = \"https://…\"";
        faults.add_missing(value.span(), Fault::new("the call needs one address", help));
    }
    if table.has("json") && table.has("form") {
        let help = "leave one of the two out";
        faults.add_missing(value.span(), Fault::new("a call has one body", help));
    }
    let post = table.read("post", faults, template);
    let get = table.read("get", faults, template);
    Some(Request {
        post: post.is_some(),
        url: post.or(get)?,
        path: table.read("path", faults, template),
        query: table.read("query", faults, pairs).unwrap_or_default(),
        headers: table.read("headers", faults, pairs).unwrap_or_default(),
        json: table.read("json", faults, template),
        form: table.read("form", faults, pairs).unwrap_or_default(),
        takes: takes(table, faults),
        secret: table.read("secret", faults, texts_of).unwrap_or_default(),
        fail: table.read("fail", faults, fails).unwrap_or_default(),
    })
}
