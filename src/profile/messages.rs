//! The messages of a profile: texts with names, to be sent by hand.

use crate::{
    codec::Codec,
    document::{Faults, Value, any_text, entries, table},
};

use super::check;

/// The messages by their names, checked as far as it is known in which form they are sent.
pub(super) fn messages(
    name: &str,
    value: &Value<'_>,
    codec: Codec,
    faults: &mut Faults<'_>,
) -> Option<Vec<(String, String)>> {
    let mut messages = Vec::new();
    for (name, value) in entries(table(name, value, faults)?) {
        if let Err(fault) = check::message_name(name.get_ref()) {
            faults.add(name.span(), fault);
        }
        let Some(text) = any_text(name.get_ref(), value, faults) else {
            continue;
        };
        if check::holds_secret(text) {
            faults.hide(value.span());
        }
        match check::message(text, codec) {
            Ok(()) => messages.push((name.get_ref().to_string(), text.to_owned())),
            Err(fault) => faults.add(value.span(), fault),
        }
    }
    Some(messages)
}
