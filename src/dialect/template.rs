//! Templates: texts with holes for variables, `{name}` or `{name|filter}`.
//!
//! Within double quotes a value is escaped as JSON demands. Elsewhere, in a template that begins with a bracket, it
//! stands as the JSON value that it is, and a text that is JSON as that. In any other template it stands as it is,
//! without control characters: a value must not begin a header or a command of its own. What is filled in and secret
//! is masked where the whole is shown.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use secrecy::zeroize::Zeroizing;
use serde_json::Value;

use super::{
    derive::hex,
    vars::{Vars, text_of},
};
use crate::secret::{Secret, SecretJson};

/// What stands in the place of a secret where it is shown.
const MASK: &str = "***";

/// A text with holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
    json: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Hole(Hole),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Hole {
    path: String,
    filters: Vec<Filter>,
    /// Whether it stands within the quotes of a JSON string.
    quoted: bool,
}

/// What changes a text before it is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    Base64,
    Base64Url,
    Hex,
    Json,
    Percent,
}

const FILTERS: [(&str, Filter); 5] = [
    ("base64", Filter::Base64),
    ("base64url", Filter::Base64Url),
    ("hex", Filter::Hex),
    ("json", Filter::Json),
    ("percent", Filter::Percent),
];

/// A filled template: plain pieces and secret ones, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filled(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Plain(String),
    Secret(Secret),
}

impl Filled {
    /// A text without a secret.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Piece::Plain(text.into())])
    }

    /// A secret and nothing else.
    pub fn secret(secret: Secret) -> Self {
        Self(vec![Piece::Secret(secret)])
    }

    /// What goes over the wire.
    pub fn expose(&self) -> Secret {
        let size = self.0.iter().map(|piece| piece.expose().len()).sum();
        // Enough that the text never moves and leaves a copy behind.
        let mut text = String::with_capacity(size);
        self.0
            .iter()
            .for_each(|piece| text.push_str(piece.expose()));
        Secret::new(text)
    }

    /// What may be shown: secrets are masked.
    pub fn shown(&self) -> String {
        let shown = self.0.iter().map(|piece| match piece {
            Piece::Plain(text) => text,
            Piece::Secret(_) => MASK,
        });
        shown.collect()
    }

    /// The secrets in it, as they stand there.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Secret(secret) => Some(secret),
            Piece::Plain(_) => None,
        })
    }

    /// Whether it holds a secret.
    pub fn is_secret(&self) -> bool {
        self.secrets().next().is_some()
    }
}

impl Piece {
    fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.expose(),
        }
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with a hole, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let start = text.trim_start();
        let json = start.starts_with(['{', '[']) && hole(start).is_none();
        let mut parts = Vec::new();
        let (mut literal, mut rest, mut quoted) = (String::new(), text, false);
        while let Some(c) = rest.chars().next() {
            if c == '{'
                && let Some((hole, behind)) = hole(rest)
            {
                parts.push(Part::Text(std::mem::take(&mut literal)));
                parts.push(Part::Hole(Hole {
                    quoted,
                    ..Hole::parse(hole)?
                }));
                rest = behind;
                continue;
            }
            let size = if c == '\\' && quoted {
                rest.chars().nth(1).map_or(1, |next| 1 + next.len_utf8())
            } else {
                c.len_utf8()
            };
            quoted ^= c == '"';
            literal.push_str(&rest[..size]);
            rest = &rest[size..];
        }
        parts.push(Part::Text(literal));
        Ok(Self { parts, json })
    }

    /// A text without holes.
    pub fn literal(text: &str) -> Self {
        Self {
            parts: vec![Part::Text(text.to_owned())],
            json: false,
        }
    }

    /// The names of the variables it wants.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.holes()
            .map(|hole| hole.path.split('.').next().unwrap_or_default())
    }

    /// What stands behind a brace up to a quote or the end, as in `Bearer {token`: most likely a hole that was meant.
    pub fn unclosed(&self) -> impl Iterator<Item = &str> {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text),
            Part::Hole(_) => None,
        });
        let behind = texts.flat_map(|text| text.split('{').skip(1));
        behind.map(|text| text.split('"').next().unwrap_or_default())
    }

    fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Text(_) => None,
        })
    }

    /// Whether every variable it wants is set.
    pub fn is_ready(&self, vars: &Vars) -> bool {
        self.holes().all(|hole| vars.find(&hole.path).is_some())
    }

    /// Fills it. What is not set is null in JSON, else nothing.
    pub fn fill(&self, vars: &Vars) -> Filled {
        let pieces = self.parts.iter().map(|part| match part {
            Part::Text(text) => Piece::Plain(text.clone()),
            Part::Hole(hole) => {
                let (value, hides) = vars.find(&hole.path).unzip();
                let text = hole.fill(value.map(SecretJson), self.json);
                match hides {
                    Some(true) => Piece::Secret(Secret::new(text)),
                    _ => Piece::Plain(text),
                }
            }
        });
        Filled(pieces.collect())
    }
}

/// What stands in the braces at the beginning of a text, and what follows; `None` when that is no hole.
fn hole(text: &str) -> Option<(&str, &str)> {
    let (inside, behind) = text.strip_prefix('{')?.split_once('}')?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.|".contains(c);
    (inside.starts_with(|c: char| c.is_ascii_lowercase()) && inside.chars().all(fits))
        .then_some((inside, behind))
}

impl Hole {
    fn parse(inside: &str) -> Result<Self, String> {
        let mut parts = inside.split('|');
        let path = parts.next().unwrap_or_default().to_owned();
        let filter = |word: &str| {
            let found = FILTERS.iter().find(|(name, _)| *name == word);
            found
                .map(|(_, filter)| *filter)
                .ok_or_else(|| format!("there is no filter '{word}'"))
        };
        Ok(Self {
            path,
            filters: parts.map(filter).collect::<Result<_, _>>()?,
            quoted: false,
        })
    }

    /// What is filled in; all that is made on the way to it is cleared.
    fn fill(&self, value: Option<SecretJson>, json: bool) -> String {
        if json && !self.quoted && self.filters.is_empty() {
            return value.map_or_else(|| "null".into(), |value| as_json(&value.0));
        }
        let text = value.map_or_else(String::new, |value| text_of(&value.0));
        let filters = self.filters.iter();
        let mut text = filters.fold(Zeroizing::new(text), |text, filter| {
            Zeroizing::new(filter.apply(&text))
        });
        match (self.quoted, json) {
            (true, _) => inner_json(&text),
            (false, true) => std::mem::take(&mut *text),
            (false, false) => text.chars().filter(|c| !c.is_control()).collect(),
        }
    }
}

/// A value as JSON; a text that is JSON already as it is.
fn as_json(value: &Value) -> String {
    match value {
        Value::String(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
            text.clone()
        }
        other => other.to_string(),
    }
}

impl Filter {
    fn apply(self, text: &str) -> String {
        match self {
            Self::Base64 => BASE64_STANDARD.encode(text),
            Self::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(text),
            Self::Hex => hex(text.as_bytes()),
            Self::Json => serde_json::from_str::<Value>(text)
                .unwrap_or_else(|_| text.into())
                .to_string(),
            Self::Percent => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        }
    }
}

/// A text as it stands between the quotes of a JSON string (RFC 8259 section 7).
fn inner_json(text: &str) -> String {
    let quoted = Zeroizing::new(SecretJson(text.into()).0.to_string());
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dialect::vars::Bound;

    fn vars() -> Vars {
        let mut vars = Vars::default();
        vars.set("token", Bound::Secret(Secret::new("a\"b".into())));
        vars.set("seq", json!(7));
        vars.set(
            "item",
            json!({"channel": "x\ny", "big": 12_345_678_901_234_567_890_u64}),
        );
        vars
    }

    fn fill(text: &str) -> (String, String) {
        let filled = Template::parse(text).expect("a template").fill(&vars());
        (filled.expose().expose().to_owned(), filled.shown())
    }

    #[test]
    fn values_stand_where_they_belong() {
        let (real, shown) =
            fill(r#"{"id":{seq},"t":"{token}","n":{nothing},"o":{"a":{item.big}}}"#);
        assert_eq!(
            real,
            r#"{"id":7,"t":"a\"b","n":null,"o":{"a":12345678901234567890}}"#
        );
        assert_eq!(
            shown,
            r#"{"id":7,"t":"***","n":null,"o":{"a":12345678901234567890}}"#
        );
        assert_eq!(fill(r#"["{seq}","{item.channel}"]"#).0, r#"["7","x\ny"]"#);
        assert_eq!(fill(r#"{"a":"\"{seq}\""}"#).0, r#"{"a":"\"7\""}"#);
    }

    #[test]
    fn texts_take_no_control_characters() {
        assert_eq!(
            fill("JOIN {item.channel}"),
            ("JOIN xy".into(), "JOIN xy".into())
        );
        assert_eq!(fill("{token|base64url}").0, "YSJi");
        assert_eq!(fill("{seq|hex} {Seq} {}").0, "37 {Seq} {}");
        assert_eq!(
            fill(r#"{"i":"{item|json}"}"#).0,
            r#"{"i":"{\"channel\":\"x\\ny\",\"big\":12345678901234567890}"}"#
        );
    }

    #[test]
    fn faults_are_told() {
        assert_eq!(
            Template::parse("{a|rot13}"),
            Err("there is no filter 'rot13'".into())
        );
        assert!(
            !Template::parse("{nothing}")
                .expect("a template")
                .is_ready(&vars())
        );
        assert!(
            Template::parse("{seq}{item.channel}")
                .expect("a template")
                .is_ready(&vars())
        );
    }
}
