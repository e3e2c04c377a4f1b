//! Reads questions to the profile's signer.

use super::{
    super::{Ask, Prepare},
    parts::{only, template},
    request,
};
use crate::document::{Faults, Table, Value, text};

/// Reads `sign = { give = '…', into = "NAME" }`.
pub(super) fn ask<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Ask> {
    let table = Table::open(name, value, &["give", "into"], faults)?;
    if !table.has("give") {
        table.miss("give", "write what the signer is given, as JSON", faults);
    }
    if !table.has("into") {
        table.miss("into", "name the variable that takes the answer", faults);
    }
    let give = table.read("give", faults, template);
    Some(Ask {
        into: table.read("into", faults, text)?.to_owned(),
        give: give?,
    })
}

/// Reads a step before opening: a call, or a question to the signer.
pub(super) fn prepare<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Prepare> {
    let keys = value.get_ref().as_table();
    if !keys.is_some_and(|keys| keys.contains_key("sign")) {
        let before = request::before(name, value, faults)?;
        return Some(Prepare::Call(Box::new(before)));
    }
    let table = Table::open(name, value, &["sign", "when", "unless"], faults)?;
    Some(Prepare::Sign {
        ask: table.read("sign", faults, ask)?,
        only: only(&table, faults),
    })
}
