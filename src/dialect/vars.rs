//! Variables: what templates are filled with. A secret among them never shows.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::secret::{Secret, SecretJson};

/// What a variable holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// Anything that may be shown.
    Plain(Value),
    /// A text that may not.
    Secret(Secret),
}

impl Bound {
    /// The value itself; a secret as a string.
    pub fn value(&self) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Secret(secret) => Value::from(secret.expose()),
        }
    }

    /// The secret, if it is one.
    pub const fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Plain(_) => None,
            Self::Secret(secret) => Some(secret),
        }
    }
}

impl From<Value> for Bound {
    fn from(value: Value) -> Self {
        Self::Plain(value)
    }
}

/// Variables by their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vars(BTreeMap<String, Bound>);

impl Vars {
    /// Sets a variable. Null unsets it, as what is not there is null in a JSON template.
    pub fn set(&mut self, name: &str, bound: impl Into<Bound>) {
        match bound.into() {
            Bound::Plain(Value::Null) => self.unset(name),
            bound => {
                self.0.insert(name.to_owned(), bound);
            }
        }
    }

    /// Forgets a variable.
    pub fn unset(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether the variable is set.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The variable at a path of members, `a.b`; and whether it is a secret. A secret may be JSON with members.
    pub fn find(&self, path: &str) -> Option<(Value, bool)> {
        let (name, members) = path
            .split_once('.')
            .map_or((path, None), |(a, b)| (a, Some(b)));
        let bound = self.0.get(name)?;
        let value = match (members, bound) {
            (None, bound) => bound.value(),
            (Some(members), Bound::Plain(value)) => member(&mut value.clone(), members)?,
            (Some(members), Bound::Secret(secret)) => {
                let mut whole = SecretJson(serde_json::from_str(secret.expose()).ok()?);
                member(&mut whole.0, members)?
            }
        };
        Some((value, matches!(bound, Bound::Secret(_))))
    }

    /// Takes over what the other holds.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(other.0.clone());
    }
}

fn member(value: &mut Value, path: &str) -> Option<Value> {
    let found = path
        .split('.')
        .try_fold(value, |value, name| value.get_mut(name));
    found.map(Value::take)
}

/// A value as text: a string without its quotes, anything else as JSON.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
