//! What became of each authentication, told from a stream's events: by which way, with a token of which source and
//! fingerprint, and how it went. The token itself is never known here.

use serde::{Deserialize, Serialize};

use crate::{
    cause::Cause,
    event::{CredentialFacts, Ended, Event, EventKind, Lifecycle, Status},
};

/// One authentication attempt and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it was known, RFC 3339.
    pub time: String,
    /// The profile, or the address.
    pub profile: String,
    /// How the token reaches the server, in words.
    pub way: String,
    /// Where the token came from, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The token's fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Who it is for, not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How it went.
    pub outcome: Outcome,
    /// The close code that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The HTTP status that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The same in words; may come from the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// How an authentication went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The server took the token, or at least the connection that carried it.
    Accepted,
    /// A new token was taken on the live connection.
    Renewed,
    /// The server does not accept the token.
    Refused,
    /// The server knows the user, who is not allowed.
    Forbidden,
    /// The source gave no token.
    NoToken,
    /// Only the user can give another token.
    SignInNeeded,
    /// The user's token was stored, by `sockeye login`.
    SignedIn,
    /// The stored token was forgotten, by `sockeye logout`.
    SignedOut,
}

impl Outcome {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Renewed => "renewed",
            Self::Refused => "refused",
            Self::Forbidden => "forbidden",
            Self::NoToken => "no token",
            Self::SignInNeeded => "sign in needed",
            Self::SignedIn => "signed in",
            Self::SignedOut => "signed out",
        }
    }

    /// Whether it is what the user hopes for.
    pub const fn is_good(self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Renewed | Self::SignedIn | Self::SignedOut
        )
    }
}

/// Follows the events of one stream.
#[derive(Clone, Debug)]
pub struct Watch {
    profile: String,
    way: String,
    /// Whether it authenticates at all.
    wanted: bool,
    credential: Option<CredentialFacts>,
    /// Whether the link that was opened last is yet to be accepted.
    opened: bool,
}

impl Watch {
    /// For a stream of this profile, whose token goes this way; `wanted`: whether it wants a credential.
    pub fn new(profile: impl Into<String>, way: impl Into<String>, wanted: bool) -> Self {
        Self {
            profile: profile.into(),
            way: way.into(),
            wanted,
            credential: None,
            opened: false,
        }
    }

    /// Takes an event in; the record it is worth, if it is.
    pub fn note(&mut self, event: &Event) -> Option<Record> {
        let EventKind::Lifecycle(lifecycle) = &event.kind else {
            return None;
        };
        if !self.wanted {
            return None;
        }
        let record = |outcome, words| self.record(event, outcome, words);
        match &**lifecycle {
            Lifecycle::Credential(facts) => {
                self.credential = Some(facts.clone());
                None
            }
            Lifecycle::Opened(_) => {
                self.opened = true;
                None
            }
            Lifecycle::Authenticated(Some(_)) | Lifecycle::Status(Status::Live) if self.opened => {
                self.opened = false;
                Some(self.record(event, Outcome::Accepted, None))
            }
            Lifecycle::Renewed => Some(record(Outcome::Renewed, None)),
            Lifecycle::Unrenewed {
                why,
                refused: Some(token),
            } => Some(Record {
                token: Some(token.to_string()),
                ..record(Outcome::Refused, Some(why.clone()))
            }),
            Lifecycle::Ended(ended) => {
                self.opened = false;
                let outcome = outcome(ended)?;
                let (code, status) = numbers(&ended.cause);
                Some(Record {
                    code,
                    status,
                    ..self.record(event, outcome, Some(ended.words.clone()))
                })
            }
            Lifecycle::Status(Status::SignInNeeded { why }) => {
                Some(record(Outcome::SignInNeeded, Some(why.clone())))
            }
            _ => None,
        }
    }

    fn record(&self, event: &Event, outcome: Outcome, words: Option<String>) -> Record {
        let facts = self.credential.as_ref();
        Record {
            time: event.at.wall.to_string(),
            profile: self.profile.clone(),
            way: self.way.clone(),
            source: facts.map(|facts| facts.source.clone()),
            token: facts.map(|facts| facts.fingerprint.to_string()),
            subject: facts.and_then(|facts| facts.subject.clone()),
            outcome,
            code: None,
            status: None,
            words,
        }
    }
}

/// What an end says about the token; `None`: nothing.
fn outcome(ended: &Ended) -> Option<Outcome> {
    match (&ended.cause, ended.rule.forbidden, ended.rule.refuses_token) {
        (Cause::Credential(_), ..) => Some(Outcome::NoToken),
        (_, true, _) => Some(Outcome::Forbidden),
        (_, _, true) => Some(Outcome::Refused),
        _ => None,
    }
}

/// The close code and the HTTP status of a cause.
fn numbers(cause: &Cause) -> (Option<u16>, Option<u16>) {
    match cause {
        Cause::Close { code, .. } => (Some(code.0), None),
        Cause::Http(refusal) => (None, Some(refusal.status)),
        _ => (None, None),
    }
}

impl Record {
    /// One line of `audit.ndjson`, without its line feed.
    pub fn line(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|_| unreachable!("a record of texts and numbers is JSON"))
    }

    /// Reads a line of `audit.ndjson`.
    pub fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}
