//! Where a credential comes from.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use url::Url;

/// Where a credential comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `credentials.toml`, under the profile's name.
    Stored,
    /// The keyring of the system, under the profile's name.
    Keyring,
    /// An environment variable.
    Env(String),
    /// A file, read anew each time.
    File(PathBuf),
    /// What a command prints.
    Command(Box<Helper>),
    /// An authorisation server (RFC 6749).
    OAuth(Box<OAuth>),
    /// A token that we sign ourselves, for development.
    Mint(Box<Mint>),
    /// A ticket for one connection, got with another token by an HTTP call.
    Ticket(Box<Ticket>),
    /// The user pastes it in the monitor; it is kept in memory only.
    Prompt,
}

impl Source {
    /// Whether it may give another token later without the user.
    pub const fn renews_itself(&self) -> bool {
        matches!(
            self,
            Self::File(_) | Self::Command(_) | Self::OAuth(_) | Self::Mint(_)
        )
    }

    /// Whether a token that the user pasted is kept once the server has accepted it.
    pub const fn keeps_pasted(&self) -> bool {
        matches!(self, Self::Stored | Self::Keyring)
    }

    /// Makes every path what `resolve` says.
    pub fn resolve_paths(&mut self, resolve: &impl Fn(&Path) -> PathBuf) {
        match self {
            Self::File(path) => *path = resolve(path),
            Self::Mint(mint) => mint.key = resolve(&mint.key),
            Self::Ticket(ticket) => ticket.from.resolve_paths(resolve),
            Self::OAuth(oauth) => {
                if let Some(secret) = &mut oauth.client_secret {
                    secret.resolve_path(resolve);
                }
            }
            Self::Stored | Self::Keyring | Self::Env(_) | Self::Command(_) | Self::Prompt => {}
        }
    }

    /// The environment variables that it reads secrets from.
    pub fn variables(&self) -> Vec<&str> {
        match self {
            Self::Env(name) => vec![name],
            Self::Ticket(ticket) => ticket.from.variables(),
            Self::OAuth(oauth) => {
                let secret = oauth.client_secret.as_ref();
                secret.and_then(SecretRef::variable).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The authorisation server behind it, if there is one.
    pub fn oauth(&self) -> Option<&OAuth> {
        match self {
            Self::OAuth(oauth) => Some(oauth),
            Self::Ticket(ticket) => ticket.from.oauth(),
            _ => None,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored => f.write_str("credentials.toml"),
            Self::Keyring => f.write_str("the system's keyring"),
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            // Only its name: arguments may say more than should be shown.
            Self::Command(helper) => write!(f, "command {}", helper.name()),
            Self::OAuth(oauth) => write!(f, "{}", oauth.server),
            Self::Mint(mint) => write!(f, "key {}", mint.key.display()),
            Self::Ticket(ticket) => {
                write!(f, "ticket of {}", ticket.url.host_str().unwrap_or_default())
            }
            Self::Prompt => f.write_str("the user"),
        }
    }
}

/// A command that prints a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Helper {
    /// The program and its arguments; no shell reads them. Never empty.
    pub argv: Vec<String>,
    /// How long its token lives when neither the token nor the command says so.
    pub ttl: Option<Duration>,
}

impl Helper {
    /// The program.
    pub fn name(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }
}

/// How tokens are got from an authorisation server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth {
    /// The server.
    pub server: Server,
    /// How the user, or this program by itself, is authorised.
    pub grant: Grant,
    /// Who we are to the server.
    pub client_id: String,
    /// Where the client's secret comes from; `None`: a public client.
    pub client_secret: Option<SecretRef>,
    /// Whether id and secret go into the form in place of the `Authorization` header (RFC 6749 section 2.3.1).
    pub secret_in_form: bool,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// For whom the token is to be, as some servers want it.
    pub audience: Option<String>,
    /// For whom the token is to be (RFC 8707).
    pub resource: Option<String>,
    /// What else is said to the browser's endpoint, as some servers want it: `access_type = "offline"`.
    pub parameters: Vec<(String, String)>,
    /// The port of the redirect on 127.0.0.1; `None`: a free one (RFC 8252 section 7.3).
    pub redirect_port: Option<u16>,
}

impl OAuth {
    /// What a stored token was granted for, as one line: a token for something else is not used, nor sent elsewhere.
    pub fn granted_for(&self) -> String {
        let mut text = format!("{} {}", self.server, self.client_id);
        for scope in &self.scopes {
            text.push(' ');
            text.push_str(scope);
        }
        for (name, value) in [("audience", &self.audience), ("resource", &self.resource)] {
            if let Some(value) = value {
                text.extend([" ", name, "=", value]);
            }
        }
        text
    }
}

/// An authorisation server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// By its issuer, as it is written; the endpoints are asked for (RFC 8414).
    Issuer(String),
    /// By its endpoints.
    Endpoints(Box<Endpoints>),
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issuer(issuer) => f.write_str(issuer),
            Self::Endpoints(endpoints) => f.write_str(endpoints.token.as_str()),
        }
    }
}

/// Where an authorisation server is asked what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// For tokens (RFC 6749 section 3.2).
    pub token: Url,
    /// For the user's browser (RFC 6749 section 3.1).
    pub authorization: Option<Url>,
    /// For device codes (RFC 8628 section 3.1).
    pub device: Option<Url>,
    /// For tokens that are not needed any more (RFC 7009).
    pub revocation: Option<Url>,
}

/// A grant of RFC 6749 or RFC 8628.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// A code by way of the user's browser, with PKCE (RFC 7636).
    Code,
    /// A code that the user types elsewhere (RFC 8628).
    Device,
    /// The client's own credentials.
    Client,
}

impl Grant {
    /// The grants by the words for them.
    pub const WORDS: [(&str, Self); 3] = [
        ("code", Self::Code),
        ("device", Self::Device),
        ("client", Self::Client),
    ];
}

/// Where a secret stands that the configuration must not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// In an environment variable.
    Env(String),
    /// In a file.
    File(PathBuf),
    /// In `credentials.toml`.
    Stored,
}

impl SecretRef {
    /// The environment variable, if it is one.
    pub fn variable(&self) -> Option<&str> {
        match self {
            Self::Env(name) => Some(name),
            Self::File(_) | Self::Stored => None,
        }
    }

    /// Makes its path what `resolve` says, if it has one.
    pub fn resolve_path(&mut self, resolve: &impl Fn(&Path) -> PathBuf) {
        if let Self::File(path) = self {
            *path = resolve(path);
        }
    }
}

/// How we sign tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mint {
    /// The file with the key: PEM, or for HS256 and its like the secret itself.
    pub key: PathBuf,
    /// The algorithm (RFC 7518 section 3.1).
    pub algorithm: Algorithm,
    /// The claims besides `iat` and `exp`.
    pub claims: Map<String, Value>,
    /// How long a token lives.
    pub ttl: Duration,
    /// The name of the key in the header.
    pub kid: Option<String>,
}

/// How a ticket is got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The address, `https:` or of this machine.
    pub url: Url,
    /// Whether it is a POST; else a GET.
    pub post: bool,
    /// Where the ticket stands in the answer (RFC 6901); empty: the answer itself.
    pub pointer: String,
    /// Where the token comes from that the ticket is got with.
    pub from: Source,
}
