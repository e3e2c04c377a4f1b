//! What became of each authentication, told from a stream's events: by which way, with a token of which source and
//! fingerprint, and how it went. The token itself is never known here.

use serde::{Deserialize, Serialize};

use crate::{
    cause::Cause,
    event::{CredentialFacts, Ended, Event, EventKind, Lifecycle, Status},
    message::Direction,
    time::Wall,
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
    /// Who it is for; verified only where the profile has it verified.
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
    /// The server acknowledged the login, or where nothing does, sent something over the link that carried the token.
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    profile: String,
    way: String,
    /// Whether it authenticates at all.
    wanted: bool,
    credential: Option<CredentialFacts>,
    awaited: Awaited,
}

/// What shows that the link that was opened last is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// It was shown, or there is none.
    Nothing,
    /// The acknowledgement of the login.
    Login,
    /// Nothing acknowledges it: the first message.
    Message,
}

impl Watch {
    /// For a stream of this profile, whose token goes this way; `wanted`: whether it wants a credential.
    pub fn new(profile: impl Into<String>, way: impl Into<String>, wanted: bool) -> Self {
        Self {
            profile: profile.into(),
            way: way.into(),
            wanted,
            credential: None,
            awaited: Awaited::Nothing,
        }
    }

    /// Takes an event in; the record it is worth, if it is.
    pub fn note(&mut self, event: &Event) -> Option<Record> {
        if !self.wanted {
            return None;
        }
        let lifecycle = match &event.kind {
            EventKind::Message(Direction::In, ..) if self.awaited == Awaited::Message => {
                self.awaited = Awaited::Nothing;
                return Some(self.record(event, Outcome::Accepted, None));
            }
            EventKind::Message(..) => return None,
            EventKind::Lifecycle(lifecycle) => lifecycle,
        };
        match &**lifecycle {
            Lifecycle::Credential(facts) | Lifecycle::Verified(facts) => {
                self.credential = Some(facts.clone());
                None
            }
            Lifecycle::Recognised(recognised) => {
                self.way.clone_from(&recognised.dialect);
                None
            }
            Lifecycle::Opened(_) => {
                self.awaited = Awaited::Login;
                None
            }
            Lifecycle::Authenticated(Some(_)) => {
                self.awaited = Awaited::Nothing;
                Some(self.record(event, Outcome::Accepted, None))
            }
            Lifecycle::Status(Status::Live) if self.awaited == Awaited::Login => {
                self.awaited = Awaited::Message;
                None
            }
            Lifecycle::Renewed => Some(self.record(event, Outcome::Renewed, None)),
            Lifecycle::Unrenewed {
                why,
                refused: Some(token),
            } => Some(Record {
                token: Some(token.to_string()),
                ..self.record(event, Outcome::Refused, Some(why.clone()))
            }),
            Lifecycle::Ended(ended) => {
                self.awaited = Awaited::Nothing;
                let outcome = outcome(ended)?;
                let (code, status) = numbers(&ended.cause);
                Some(Record {
                    code,
                    status,
                    ..self.record(event, outcome, Some(ended.words.clone()))
                })
            }
            Lifecycle::Status(Status::SignInNeeded { why }) => {
                Some(self.record(event, Outcome::SignInNeeded, Some(why.clone())))
            }
            _ => None,
        }
    }

    fn record(&self, event: &Event, outcome: Outcome, words: Option<String>) -> Record {
        let facts = self.credential.as_ref();
        Record {
            words,
            ..Record::new(
                &self.profile,
                self.way.clone(),
                outcome,
                facts,
                event.at.wall,
            )
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
    /// How it went with a token, without words.
    pub fn new(
        profile: &str,
        way: String,
        outcome: Outcome,
        credential: Option<&CredentialFacts>,
        at: Wall,
    ) -> Self {
        Self {
            time: at.to_string(),
            profile: profile.to_owned(),
            way,
            source: credential.map(|facts| facts.source.clone()),
            token: credential.map(|facts| facts.fingerprint.to_string()),
            subject: credential.and_then(|facts| facts.subject.clone()),
            outcome,
            code: None,
            status: None,
            words: None,
        }
    }

    /// One line of `audit.ndjson`, without its line feed.
    pub fn line(&self) -> String {
        serde_json::to_string(self)
            .unwrap_or_else(|_| unreachable!("a record of texts and numbers is JSON"))
    }

    /// The token by its fingerprint, for whom, by which way and from where.
    pub fn token_in_words(&self) -> String {
        let mut words = match &self.token {
            Some(token) => format!("token {token}"),
            None => "no token".to_owned(),
        };
        if let Some(subject) = &self.subject {
            words.extend([" for ", subject]);
        }
        words.extend([" by ", &self.way]);
        if let Some(source) = &self.source {
            words.extend([", from ", source]);
        }
        words
    }

    /// Reads a line of `audit.ndjson`.
    pub fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}
