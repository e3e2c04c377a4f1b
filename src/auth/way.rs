//! The ways a token reaches a server: query parameter, header, first message.

use serde_json::Value;
use url::Url;

use crate::{
    message::{Kind, Message},
    secret::Secret,
};

/// What stands for the token in a template.
const TOKEN: &str = "{token}";

/// Where a profile puts its token.
#[derive(Clone, Debug, PartialEq)]
pub enum Way {
    /// No credential is wanted.
    None,
    /// A query parameter of this name. The token is percent-encoded.
    Query {
        /// The parameter: `token`.
        name: String,
    },
    /// A request header.
    Header {
        /// The header: `Authorization`.
        name: String,
        /// What stands before the token: `Bearer `.
        prefix: String,
    },
    /// A message after the connection is open.
    FirstMessage(FirstMessage),
}

/// A login by message.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstMessage {
    /// The message, with `{token}` where the token goes; JSON-escaped when the template is JSON.
    pub template: String,
    /// What a message must contain to acknowledge the login; `None`: sending it is enough.
    pub ack: Option<Pattern>,
    /// What a message must contain to refuse the login.
    pub refusal: Option<Pattern>,
    /// The message that offers a new token on the live connection; `None`: renewing means reconnecting.
    pub renew: Option<String>,
}

/// A JSON value that a message must contain: objects are matched member by member, everything else must be equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(pub Value);

/// What is needed to open a link. Secrets are taken out last, by the dialer.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenRequest {
    /// The address without the secret.
    pub url: Url,
    /// A query parameter to add: name and token.
    pub query: Option<(String, Secret)>,
    /// Request headers besides those of the upgrade itself.
    pub headers: Vec<Header>,
    /// Subprotocols to offer, in order.
    pub subprotocols: Vec<String>,
}

/// A request header.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The name.
    pub name: String,
    /// What stands before the secret, or the whole value.
    pub value: String,
    /// The secret that ends the value.
    pub secret: Option<Secret>,
}

/// A message to send; it may carry a secret.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// As it is.
    Plain(Message),
    /// A login: the text with the token in it, to be sent and forgotten.
    Login(Secret),
}

impl Way {
    /// Whether a credential is wanted at all.
    pub const fn wants_credential(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// The way in words: `query`, `header`, `first message`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::None => "no credential",
            Self::Query { .. } => "query",
            Self::Header { .. } => "header",
            Self::FirstMessage(_) => "first message",
        }
    }
}

impl FirstMessage {
    /// The login message for a token, and the same with a mark in the token's place, for showing.
    pub fn fill(template: &str, token: &Secret) -> (Outgoing, Message) {
        let json = serde_json::from_str::<Value>(template).is_ok();
        let inner = if json {
            json_inner(token.expose())
        } else {
            token.expose().to_owned()
        };
        let login = Outgoing::Login(Secret::new(template.replace(TOKEN, &inner)));
        (login, Message::text(template.replace(TOKEN, "***")))
    }
}

/// A text as it stands between the quotes of a JSON string.
fn json_inner(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

impl Pattern {
    /// Whether a message contains the pattern. A message that is not JSON never does, but for a pattern that is a
    /// string: then the text must be equal.
    pub fn matches(&self, message: &Message) -> bool {
        if message.kind != Kind::Text {
            return false;
        }
        match serde_json::from_slice::<Value>(&message.data) {
            Ok(value) => contains(&value, &self.0),
            Err(_) => self
                .0
                .as_str()
                .is_some_and(|text| text.as_bytes() == &message.data[..]),
        }
    }
}

fn contains(value: &Value, pattern: &Value) -> bool {
    match (value, pattern) {
        (Value::Object(value), Value::Object(pattern)) => pattern
            .iter()
            .all(|(name, wanted)| value.get(name).is_some_and(|found| contains(found, wanted))),
        _ => value == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped_into_json_templates() {
        let (login, shown) = FirstMessage::fill(
            r#"{"type":"auth","token":"{token}"}"#,
            &Secret::new("a\"b".into()),
        );
        assert_eq!(
            login,
            Outgoing::Login(Secret::new(r#"{"type":"auth","token":"a\"b"}"#.into()))
        );
        assert_eq!(shown, Message::text(r#"{"type":"auth","token":"***"}"#));
    }

    #[test]
    fn patterns_match_a_part_of_a_message() {
        let pattern = Pattern(serde_json::json!({"type": "ack", "user": {"id": 7}}));
        assert!(pattern.matches(&Message::text(
            r#"{"type":"ack","user":{"id":7,"name":"a"},"x":1}"#
        )));
        for other in [
            r#"{"type":"ack"}"#,
            r#"{"type":"ack","user":{"id":8}}"#,
            "ack",
            "[1]",
        ] {
            assert!(!pattern.matches(&Message::text(other)), "{other}");
        }
        assert!(Pattern("OK".into()).matches(&Message::text("OK")));
    }
}
