//! Who is asked whether a profile's tokens are what they say (`verify`).

use std::{
    fmt,
    path::{Path, PathBuf},
};

use url::Url;

use super::SecretRef;

/// Who is asked whether tokens are what they say: at least one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// Where the keys are that may sign them.
    pub keys: Option<KeyPlace>,
    /// What must be one of their audiences.
    pub audience: Option<String>,
    /// How their server is asked: for those that no key can tell.
    pub introspection: Option<Introspection>,
}

impl Verify {
    /// Makes every path what `resolve` says.
    pub fn resolve_paths(&mut self, resolve: &impl Fn(&Path) -> PathBuf) {
        if let Some(KeyPlace::File(path)) = &mut self.keys {
            *path = resolve(path);
        }
        let introspection = self.introspection.as_mut();
        if let Some(secret) = introspection.and_then(|it| it.client.secret.as_mut()) {
            secret.resolve_path(resolve);
        }
    }
}

/// How a server is asked what it knows of a token (RFC 7662).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspection {
    /// Where.
    pub endpoint: Endpoint,
    /// Who we are to the server.
    pub client: Client,
}

/// Who we are to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Our name.
    pub id: String,
    /// Where our secret comes from; `None`: we have none.
    pub secret: Option<SecretRef>,
    /// Whether both go into the form in place of the `Authorization` header (RFC 6749 section 2.3.1).
    pub in_form: bool,
}

/// Where tokens are introspected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// At this address, `https:` or of this machine.
    Url(Url),
    /// Where this issuer says (RFC 8414 section 2).
    Issuer(String),
}

impl Endpoint {
    /// Who is asked, in a word: the host.
    pub fn host(&self) -> String {
        match self {
            Self::Url(url) => host(url),
            Self::Issuer(issuer) => Url::parse(issuer).ok().as_ref().and_then(host),
        }
        .unwrap_or_else(|| self.to_string())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url.as_str()),
            Self::Issuer(issuer) => f.write_str(issuer),
        }
    }
}

fn host(url: &Url) -> Option<String> {
    url.host_str().map(str::to_owned)
}

/// Where the keys are that tokens may be signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// A key set (RFC 7517) at this address, `https:` or of this machine.
    Url(Url),
    /// A file with a key set.
    File(PathBuf),
    /// An issuer, as it is written; it tells where its key set is (`OpenID` Connect Discovery 1.0 section 4).
    Issuer(String),
}

impl KeyPlace {
    /// The issuer, where it is one: tokens must name it (RFC 8725 section 3.8).
    pub fn issuer(&self) -> Option<&str> {
        match self {
            Self::Issuer(issuer) => Some(issuer),
            Self::Url(_) | Self::File(_) => None,
        }
    }

    /// Who has the keys, in a word: the host, or the file.
    pub fn holder(&self) -> String {
        let named = match self {
            Self::Url(url) => host(url),
            Self::Issuer(issuer) => Url::parse(issuer).ok().as_ref().and_then(host),
            Self::File(path) => path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned()),
        };
        named.unwrap_or_else(|| self.to_string())
    }
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url.as_str()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Issuer(issuer) => f.write_str(issuer),
        }
    }
}
