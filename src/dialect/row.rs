//! Rows that say what close codes and HTTP statuses mean.

use serde_json::Value;

use super::{
    pattern::{Pattern, contains},
    pointer::pointed,
    vars::{Vars, text_of},
};
use crate::rulebook::Rule;

/// What close codes or HTTP statuses mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The first and the last of them.
    pub numbers: (u16, u16),
    /// Only if the reason or body contains this.
    pub part: Option<String>,
    /// Only if these headers of the answer contain this.
    pub headers: Vec<(String, String)>,
    /// Only if the body is such JSON.
    pub pattern: Option<Pattern>,
    /// Where the server's words are: a pointer into the body, or a header's name.
    pub words: Option<String>,
    /// The service's name for it.
    pub name: Option<String>,
    /// What is done about it.
    pub rule: Rule,
}

/// What a server said with a close code or an HTTP status.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answered<'a> {
    /// The code or status.
    pub number: u16,
    /// The reason or body.
    pub words: &'a str,
    /// The headers of an HTTP answer.
    pub headers: &'a [(String, String)],
}

impl Answered<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn body(&self) -> Value {
        serde_json::from_str(self.words).unwrap_or_else(|_| self.words.into())
    }
}

impl Row {
    /// Whether it is about what the server said.
    pub fn fits(&self, said: Answered<'_>) -> bool {
        let has = |(name, part): &(String, String)| {
            said.header(name).is_some_and(|value| contains(value, part))
        };
        (self.numbers.0..=self.numbers.1).contains(&said.number)
            && self
                .part
                .as_ref()
                .is_none_or(|part| contains(said.words, part))
            && self.headers.iter().all(has)
            && self
                .pattern
                .as_ref()
                .is_none_or(|pattern| pattern.matches(&said.body(), &Vars::default()))
    }

    /// On what it depends besides the number, in words.
    pub fn conditions(&self) -> Vec<String> {
        let part = self
            .part
            .iter()
            .map(|part| format!("the words contain \"{part}\""));
        let headers = self.headers.iter();
        let headers = headers.map(|(name, part)| format!("the header {name} contains \"{part}\""));
        let tests = self
            .pattern
            .iter()
            .flat_map(|pattern| pattern.0.iter().flatten());
        let places = tests.map(|test| format!("the body fits at {}", test.pointer));
        part.chain(headers).chain(places).collect()
    }

    /// The server's own words, where the row says where they are.
    pub fn words(&self, said: Answered<'_>) -> Option<String> {
        let place = self.words.as_ref()?;
        if place.starts_with('/') {
            return pointed(&said.body(), place).map(|found| text_of(&found));
        }
        said.header(place).map(str::to_owned)
    }
}
