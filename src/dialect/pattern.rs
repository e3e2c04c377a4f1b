//! Patterns: which messages are meant. Conditions on places in a message, by pointer.

use std::fmt;

use memchr::memmem;
use serde_json::{Number, Value};

use super::{
    pointer::pointed,
    template::Template,
    vars::{Vars, text_of},
};

/// Which messages are meant: those for which all conditions of one of the alternatives hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern(pub Vec<Vec<Test>>);

/// A place and what must hold there.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Where: a JSON pointer.
    pub pointer: String,
    /// What.
    pub condition: Condition,
}

/// What must hold at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Equal to this; numbers by value.
    Is(Value),
    /// Equal to a text made of variables, as text.
    Filled(Template),
    /// Nothing is there, or another text than this one, made of variables.
    Not(Template),
    /// Something is there, even null; or nothing.
    Exists(bool),
    /// Equal to one of these.
    In(Vec<Value>),
    /// A number in this range, both ends within.
    Range(Option<f64>, Option<f64>),
    /// A text that contains this, whatever the case.
    Has(String),
    /// A text that begins with this.
    Begins(String),
    /// Of this type: `string`, `number`, `boolean`, `object`, `array`, `null`.
    Type(String),
}

impl Pattern {
    /// Whether a message is meant.
    pub fn matches(&self, message: &Value, vars: &Vars) -> bool {
        self.0
            .iter()
            .any(|tests| tests.iter().all(|test| test.holds(message, vars)))
    }

    /// The first alternative whose conditions a message fulfils, in words: `/type = auth_required`.
    pub fn fulfilled(&self, message: &Value, vars: &Vars) -> Option<String> {
        let mut alternatives = self.0.iter();
        let tests =
            alternatives.find(|tests| tests.iter().all(|test| test.holds(message, vars)))?;
        let words: Vec<_> = tests.iter().map(Test::to_string).collect();
        Some(words.join(", "))
    }

    /// Whether a message could be meant, by its bytes, without reading them as JSON. Only for codecs in which names and
    /// plain texts stand as they are.
    pub fn may_match(&self, bytes: &[u8]) -> bool {
        let has = |test: &Test| {
            test.needle()
                .is_none_or(|needle| memmem::find(bytes, needle.as_bytes()).is_some())
        };
        self.0.iter().any(|tests| tests.iter().all(has))
    }

    /// The names of the variables it compares with.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .flatten()
            .flat_map(|test| match &test.condition {
                Condition::Filled(template) | Condition::Not(template) => {
                    template.names().collect()
                }
                _ => Vec::new(),
            })
    }

    /// The messages that contain a JSON value: objects member by member, everything else equal.
    pub fn containing(value: &Value) -> Self {
        let mut tests = Vec::new();
        flatten(value, String::new(), &mut tests);
        Self(vec![tests])
    }
}

fn flatten(value: &Value, pointer: String, tests: &mut Vec<Test>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                flatten(value, format!("{pointer}/{name}"), tests);
            }
        }
        Value::Object(_) => tests.push(Test {
            pointer,
            condition: Condition::Type("object".into()),
        }),
        other => tests.push(Test {
            pointer,
            condition: Condition::Is(other.clone()),
        }),
    }
}

impl Test {
    fn holds(&self, message: &Value, vars: &Vars) -> bool {
        let found = pointed(message, &self.pointer);
        let found = found.as_deref();
        if let Condition::Exists(wanted) = self.condition {
            return found.is_some() == wanted;
        }
        let is = |found, template: &Template| {
            template.is_ready(vars) && text_of(found) == template.fill(vars).expose().expose()
        };
        if let Condition::Not(template) = &self.condition {
            return !found.is_some_and(|found| is(found, template));
        }
        let Some(found) = found else { return false };
        match &self.condition {
            Condition::Exists(_) | Condition::Not(_) => true,
            Condition::Is(wanted) => equal(found, wanted),
            Condition::Filled(template) => is(found, template),
            Condition::In(wanted) => wanted.iter().any(|wanted| equal(found, wanted)),
            Condition::Range(least, most) => found.as_f64().is_some_and(|number| {
                least.is_none_or(|least| least <= number) && most.is_none_or(|most| number <= most)
            }),
            Condition::Has(part) => found.as_str().is_some_and(|text| contains(text, part)),
            Condition::Begins(start) => found
                .as_str()
                .is_some_and(|text| text.starts_with(start.as_str())),
            Condition::Type(wanted) => type_word(found) == wanted,
        }
    }

    /// What must stand in the bytes of a message for this to hold.
    fn needle(&self) -> Option<&str> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-. :".contains(c);
        match &self.condition {
            Condition::Is(Value::String(text)) if text.chars().all(plain) => Some(text),
            Condition::Exists(true)
            | Condition::Range(..)
            | Condition::In(_)
            | Condition::Is(_) => {
                let name = self.pointer.rsplit('/').next().unwrap_or_default();
                let is_index = name == "-1" || name.bytes().all(|byte| byte.is_ascii_digit());
                (!is_index && name.chars().all(plain)).then_some(name)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Test {
    /// In words: `/op = 10`, `/d is there`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() {
            "the message"
        } else {
            &self.pointer
        };
        match &self.condition {
            Condition::Is(value) => write!(f, "{place} = {}", text_of(value)),
            Condition::Filled(_) => write!(f, "{place} is what was sent"),
            Condition::Exists(true) => write!(f, "{place} is there"),
            Condition::Exists(false) => write!(f, "{place} is not there"),
            Condition::In(values) => {
                let values: Vec<_> = values.iter().map(text_of).collect();
                write!(f, "{place} is one of {}", values.join(", "))
            }
            Condition::Range(least, most) => {
                write!(f, "{place} is a number")?;
                least.map_or(Ok(()), |least| write!(f, " from {least}"))?;
                most.map_or(Ok(()), |most| write!(f, " to {most}"))
            }
            Condition::Not(_) => write!(f, "{place} is not what was sent"),
            Condition::Has(part) => write!(f, "{place} has {part}"),
            Condition::Begins(start) => write!(f, "{place} begins with {start}"),
            Condition::Type(word) => write!(f, "{place} is of the type {word}"),
        }
    }
}

/// Whether a text contains another, whatever the case.
pub fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        _ => one == other,
    }
}

fn same_number(one: &Number, other: &Number) -> bool {
    one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}

/// The word for a value's type.
pub fn type_word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn test(pointer: &str, condition: Condition) -> Pattern {
        Pattern(vec![vec![Test {
            pointer: pointer.into(),
            condition,
        }]])
    }

    fn matches(pattern: &Pattern, message: &Value) -> bool {
        let mut vars = Vars::default();
        vars.set("sent", json!(3));
        let found = pattern.matches(message, &vars);
        assert!(
            !found || pattern.may_match(message.to_string().as_bytes()),
            "{pattern:?} {message}"
        );
        found
    }

    #[test]
    fn conditions_hold_where_they_should() {
        let message = json!({"op": 9, "id": "3", "d": false, "big": 12_345_678_901_234_567_890_u64, "t": "Has Expired", "n": null, "a": [{"x": 1.0}], "j": "{\"k\":1}"});
        let sent = Template::parse("{sent}").expect("a template");
        let hold = [
            ("/op", Condition::Is(json!(9))),
            ("/op", Condition::Is(json!(9.0))),
            ("/d", Condition::Is(json!(false))),
            ("/big", Condition::Is(json!(12_345_678_901_234_567_890_u64))),
            ("/id", Condition::Filled(sent.clone())),
            ("/n", Condition::Exists(true)),
            ("/op", Condition::Not(sent.clone())),
            ("/m", Condition::Not(sent.clone())),
            ("/m", Condition::Exists(false)),
            ("/op", Condition::In(vec![json!(7), json!(9)])),
            ("/op", Condition::Range(Some(9.0), None)),
            ("/t", Condition::Has("expired".into())),
            ("/a/0/x", Condition::Is(json!(1))),
            ("/a/-1/x", Condition::Is(json!(1))),
            ("/j/k", Condition::Exists(true)),
            ("/t", Condition::Begins("Has".into())),
            ("", Condition::Type("object".into())),
        ];
        for (pointer, condition) in hold {
            let pattern = test(pointer, condition);
            assert!(matches(&pattern, &message), "{pattern:?}");
        }
        let fail = [
            ("/op", Condition::Is(json!("9"))),
            ("/big", Condition::Is(json!(12_345_678_901_234_567_891_u64))),
            ("/n", Condition::Exists(false)),
            ("/op", Condition::Range(None, Some(8.9))),
            ("/op", Condition::Has("9".into())),
            ("/t", Condition::Begins("has".into())),
            ("/id", Condition::Not(sent.clone())),
            ("/d", Condition::Filled(sent)),
            ("", Condition::Is(json!({}))),
        ];
        for (pointer, condition) in fail {
            let pattern = test(pointer, condition);
            assert!(!matches(&pattern, &message), "{pattern:?}");
        }
    }

    #[test]
    fn a_pattern_of_json_matches_what_contains_it() {
        let pattern = Pattern::containing(&json!({"type": "ack", "user": {"id": 7}, "x": {}}));
        assert!(matches(
            &pattern,
            &json!({"type": "ack", "user": {"id": 7, "name": "a"}, "x": {"y": 1}})
        ));
        for other in [
            json!({"type": "ack"}),
            json!({"type": "ack", "user": {"id": 8}, "x": {}}),
            json!("ack"),
            json!([1]),
        ] {
            assert!(!matches(&pattern, &other), "{other}");
        }
        assert!(matches(&Pattern::containing(&json!("OK")), &json!("OK")));
    }
}
