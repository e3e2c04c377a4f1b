//! Reads questions to the profile's signer.

use super::{
    super::{Ask, Prepare},
    parts::template,
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

/// Reads a step before opening that asks the signer.
pub(super) fn prepare<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Prepare> {
    let table = Table::open(name, value, &["sign", "when", "unless"], faults)?;
    Some(Prepare::Sign {
        ask: table.read("sign", faults, ask)?,
        when: table.read("when", faults, text).map(str::to_owned),
        unless: table.read("unless", faults, text).map(str::to_owned),
    })
}
