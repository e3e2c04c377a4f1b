//! Where a value stands in a payload, and how that is written in jq, the language of the filters.

mod read;

use std::fmt;

pub use read::PathFault;

use super::place::Step;

/// From a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Hop {
    /// To a member or an item.
    Step(Step),
    /// Into a text that is JSON itself.
    Json,
}

/// The place of a value, from the whole payload on. [`fmt::Display`] writes it in jq: `.data.items[2].id`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path(pub Vec<Hop>);

impl Path {
    /// The steps for [`super::place::find`]; `None`: it leads through a text that is JSON itself.
    pub fn steps(&self) -> Option<Vec<Step>> {
        let step = |hop: &Hop| match hop {
            Hop::Step(step) => Some(step.clone()),
            Hop::Json => None,
        };
        self.0.iter().map(step).collect()
    }

    /// The name of the innermost member it leads to, if it leads to one.
    pub fn name(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|hop| match hop {
            Hop::Step(Step::Name(name)) => Some(name.as_str()),
            Hop::Step(Step::Item(_)) | Hop::Json => None,
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fresh = true;
        for hop in &self.0 {
            match hop {
                Hop::Json if fresh => f.write_str(". | fromjson | ")?,
                Hop::Json => f.write_str(" | fromjson | ")?,
                Hop::Step(Step::Name(name)) => write_name(f, name)?,
                Hop::Step(Step::Item(number)) => {
                    write!(f, "{}[{number}]", if fresh { "." } else { "" })?;
                }
            }
            fresh = matches!(hop, Hop::Json);
        }
        if fresh { f.write_str(".") } else { Ok(()) }
    }
}

fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let mut bytes = name.bytes();
    let starts = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    if bytes.next().is_some_and(starts) && bytes.all(|byte| starts(byte) || byte.is_ascii_digit()) {
        write!(f, ".{name}")
    } else {
        write!(f, ".{}", serde_json::Value::from(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_in_jq() {
        let name = |name: &str| Hop::Step(Step::Name(name.into()));
        let item = |number| Hop::Step(Step::Item(number));
        let written = |hops: &[Hop]| Path(hops.to_vec()).to_string();
        assert_eq!(written(&[]), ".");
        assert_eq!(
            written(&[name("data"), name("items"), item(2), name("id")]),
            ".data.items[2].id"
        );
        assert_eq!(written(&[item(0), item(1)]), ".[0][1]");
        assert_eq!(
            written(&[name("a b"), name("\"\n"), name(""), name("2x")]),
            r#"."a b"."\"\n".""."2x""#
        );
        assert_eq!(
            written(&[name("body"), Hop::Json, item(0), name("x")]),
            ".body | fromjson | .[0].x"
        );
        assert_eq!(written(&[Hop::Json, name("x")]), ". | fromjson | .x");
    }
}
