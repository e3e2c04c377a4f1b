//! The ways a token reaches a server: query parameter, header, first message.

use serde_json::Value;
use url::{Position, Url};

use crate::{
    dialect::{Codec, Filled},
    message::Message,
    redact::percent_encoded,
    secret::Secret,
};

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
    /// What a message must contain to acknowledge the login: objects are matched member by member, everything else
    /// must be equal; `None`: sending it is enough.
    pub ack: Option<Value>,
    /// What a message must contain to refuse the login.
    pub refusal: Option<Value>,
    /// The message that offers a new token on the live connection; `None`: renewing means reconnecting.
    pub renew: Option<String>,
}

/// What is needed to open a link. Secrets are taken out last, by the dialer.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenRequest {
    /// The address without the secret.
    pub url: Url,
    /// Query parameters to add: name and value, not yet encoded.
    pub query: Vec<(String, Filled)>,
    /// Request headers besides those of the upgrade itself.
    pub headers: Vec<Header>,
    /// Subprotocols to offer, in order.
    pub subprotocols: Vec<Filled>,
    /// Whether the server may compress its messages (RFC 7692).
    pub compression: bool,
}

impl OpenRequest {
    /// The request target (RFC 9112 section 3.2.1): path and query, with what is added last. It may hold secrets.
    pub fn target(&self) -> Secret {
        let size =
            |(name, value): &(String, Filled)| (name.len() + value.expose().expose().len()) * 3 + 2;
        let own = &self.url[Position::BeforePath..Position::AfterQuery];
        // Enough that the text never moves and leaves a copy behind.
        let mut target =
            String::with_capacity(own.len() + self.query.iter().map(size).sum::<usize>());
        target.push_str(own);
        let mut between = match self.url.query() {
            None => "?",
            Some("") => "",
            Some(_) => "&",
        };
        for (name, value) in &self.query {
            target.push_str(between);
            percent_encoded(&mut target, name);
            target.push('=');
            percent_encoded(&mut target, value.expose().expose());
            between = "&";
        }
        Secret::new(target)
    }
}

/// An address to be shown: of the query only the names, as a value may be a secret that nobody told us of.
pub fn shown(url: &Url) -> String {
    let mut shown = url[..Position::AfterPath].to_owned();
    for (at, (name, _)) in url.query_pairs().enumerate() {
        shown.push(if at == 0 { '?' } else { '&' });
        shown.push_str(&name);
        shown.push_str("=…");
    }
    shown
}

/// A request header.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Filled,
}

/// A message to send; it may carry a secret.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// As it is.
    Plain(Message),
    /// One with a secret in it: the text, to be encoded, sent and forgotten.
    Login(Codec, Secret),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_show_no_query_value() {
        let url = Url::parse("wss://example.com:8443/v1?token=s3cret&depth=5").expect("a URL");
        assert_eq!(shown(&url), "wss://example.com:8443/v1?token=…&depth=…");
    }
}
