//! Filters in the configuration: that of a profile, and those with names.

use crate::{
    document::{Fault, Faults, Value, any_text, entries, table},
    filter::Filter,
};

use super::check;

/// A filter as text, checked as far as it can be without the streams it is for.
pub(super) fn filter(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let text = any_text(name, value, faults)?;
    let found = Filter::faults(text);
    for fault in &found {
        let place = faults.inside(value.span(), text, fault.span.clone());
        faults.add(place, Fault::new(&fault.message, &fault.help));
    }
    found.is_empty().then(|| text.to_owned())
}

/// The table of filters by their names.
pub(super) fn filters(value: &Value<'_>, faults: &mut Faults<'_>) -> Vec<(String, String)> {
    let mut filters = Vec::new();
    for (name, value) in table("filters", value, faults)
        .map(entries)
        .unwrap_or_default()
    {
        if let Err(fault) = check::filter_name(name.get_ref()) {
            faults.add(name.span(), fault);
        }
        let text = filter(name.get_ref(), value, faults);
        filters.extend(text.map(|text| (name.get_ref().to_string(), text)));
    }
    filters
}
