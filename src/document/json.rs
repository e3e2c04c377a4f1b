//! TOML values as JSON.

use serde_json::{Map, Number};
use toml::de::DeValue;

use super::{
    faults::Faults,
    table::{Value, wrong_type},
};

/// The JSON that a TOML value stands for.
pub fn json(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<serde_json::Value> {
    let found = match value.get_ref() {
        DeValue::String(text) => Some(text.as_ref().into()),
        DeValue::Boolean(flag) => Some((*flag).into()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(Into::into),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Into::into),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| json(name, item, faults));
            return items.collect();
        }
        DeValue::Table(table) => {
            let members = table.iter();
            let members = members.map(|(key, value)| {
                Some((
                    key.get_ref().clone().into_owned(),
                    json(name, value, faults)?,
                ))
            });
            return members.collect::<Option<Map<_, _>>>().map(Into::into);
        }
        DeValue::Datetime(_) => None,
    };
    if found.is_none() {
        wrong_type(name, value, "a value that JSON knows", faults);
    }
    found
}

/// The values of a list, as JSON.
pub fn values(
    name: &str,
    value: &Value<'_>,
    faults: &mut Faults<'_>,
) -> Option<Vec<serde_json::Value>> {
    let values = json(name, value, faults)?;
    if let serde_json::Value::Array(values) = values {
        return Some(values);
    }
    wrong_type(name, value, "a list, as in [1, 2]", faults);
    None
}
