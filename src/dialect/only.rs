//! Conditions on variables: what is done only if one is set, or only if it is not.

use serde_json::Value;

use super::vars::Vars;

/// A condition on variables. One that is `false`, or an empty text, counts as not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Only {
    /// Only if this variable is set.
    pub when: Option<String>,
    /// Only if this variable is not set.
    pub unless: Option<String>,
}

impl Only {
    /// Whether it holds.
    pub fn holds(&self, vars: &Vars) -> bool {
        let is_set = |name: &String| {
            vars.find(name)
                .is_some_and(|(value, _)| value != Value::Bool(false) && value != "")
        };
        self.when.as_ref().is_none_or(is_set) && !self.unless.as_ref().is_some_and(is_set)
    }

    /// The variables it asks about.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.when.iter().chain(&self.unless).map(String::as_str)
    }
}
