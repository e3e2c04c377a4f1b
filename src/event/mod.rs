//! Everything that happened is one type, [`Event`]: a message in or out, or a turn in a stream's life.
//!
//! The monitor, `tail` and the tests read the same events. No secret ever enters one.

mod answer;
mod describe;
mod ndjson;
mod read;
mod record;
mod verification;

use std::time::Duration;

use crate::{
    cause::{Cause, Verdict},
    codec::Codec,
    message::{Class, Direction, Message},
    rulebook::Rule,
    secret::Fingerprint,
    time::{Mono, Now, Wall},
};

pub use answer::Answer;
pub use ndjson::Encoder;
pub(crate) use ndjson::{quoted, safe_json};
pub use read::{BadLine, read_line};
pub use record::{Record, Recorded};
pub use verification::Verification;

/// Which stream an event belongs to: its place in the list of streams, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u16);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number within the stream, from 1, without holes.
    pub n: u64,
    /// When it was known.
    pub at: Now,
    /// Whose it is.
    pub stream: StreamId,
    /// What it is.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A message. Outgoing ones that carry a secret hold a mark in its place.
    Message(Direction, Class, Message),
    /// A turn in the stream's life.
    Lifecycle(Box<Lifecycle>),
}

/// A turn in a stream's life. Texts may come from outside: show them escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// The stream's state changed.
    Status(Status),
    /// A credential was obtained.
    Credential(CredentialFacts),
    /// It is known whether the credential in use is what it says; its facts, with what was told besides.
    Verified(CredentialFacts),
    /// The link is open: the upgrade was accepted.
    Opened(OpenFacts),
    /// It is known how the service is spoken to.
    Recognised(Box<Recognised>),
    /// The login was acknowledged, this long after it was sent; `None`: nothing acknowledges it.
    Authenticated(Option<Duration>),
    /// A new token was accepted on the live connection.
    Renewed,
    /// A new token or the next link did not come to be; what is in use stays.
    Unrenewed {
        /// What was wrong, in words.
        why: String,
        /// The token, if the server refused one.
        refused: Option<Fingerprint>,
    },
    /// The link ended, or could not be made, and this was decided.
    Ended(Ended),
    /// Nothing was received for a while; the stream is live again.
    Gap(Gap),
    /// An answer to a ping came after this round-trip time.
    Pong(Duration),
    /// This many messages were dropped because the consumer was too slow (the oldest first).
    Dropped(u64),
    /// What became of something the user did by hand.
    Answer(Answer),
    /// Something worth knowing.
    Note(String),
}

/// The state of a stream, as the user sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Not started.
    #[default]
    Idle,
    /// The credential is being fetched from its source.
    Fetching {
        /// The source in words: `environment variable ORDERS_TOKEN`.
        source: String,
    },
    /// The link is being made.
    Connecting {
        /// Which attempt since the stream was last stable, from 1.
        attempt: u32,
    },
    /// The link is open, the login is not yet acknowledged.
    Authenticating,
    /// Events flow.
    Live,
    /// Live, but the token is about to expire and nothing renews it.
    Expiring,
    /// Live, while a new token is fetched or offered.
    Renewing,
    /// Live, but a ping is unanswered.
    Silent,
    /// Waiting for the next attempt.
    Waiting(Wait),
    /// The user must give another credential.
    SignInNeeded {
        /// Why, in words.
        why: String,
    },
    /// The user is known but not allowed.
    Forbidden {
        /// Why, in words.
        why: String,
    },
    /// It will not try again by itself.
    Stopped {
        /// Why, in words.
        why: String,
    },
}

impl Status {
    /// Whether events can flow in this state.
    pub const fn is_live(&self) -> bool {
        matches!(
            self,
            Self::Live | Self::Expiring | Self::Renewing | Self::Silent
        )
    }

    /// Whether only the user can move the stream on.
    pub const fn needs_user(&self) -> bool {
        matches!(
            self,
            Self::SignInNeeded { .. } | Self::Forbidden { .. } | Self::Stopped { .. }
        )
    }

    /// The word for it on the screen and in records.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Fetching { .. } => "fetching credential",
            Self::Connecting { .. } => "connecting",
            Self::Authenticating => "authenticating",
            Self::Live => "live",
            Self::Expiring => "expiring",
            Self::Renewing => "renewing",
            Self::Silent => "silent",
            Self::Waiting(_) => "waiting",
            Self::SignInNeeded { .. } => "sign in needed",
            Self::Forbidden { .. } => "forbidden",
            Self::Stopped { .. } => "stopped",
        }
    }
}

/// A wait before the next attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The attempt that follows, counted since the stream was last stable, from 1.
    pub attempt: u32,
    /// When it starts; `None` while the user holds it back.
    pub until: Option<Mono>,
    /// How long it waits.
    pub delay: Duration,
    /// The range the delay was drawn from.
    pub range: (Duration, Duration),
    /// Why, in words.
    pub why: String,
}

/// What is known of a credential; never the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialFacts {
    /// Where it came from, in words: `file /run/token`.
    pub source: String,
    /// To tell it from others.
    pub fingerprint: Fingerprint,
    /// Who it is for (`sub`).
    pub subject: Option<String>,
    /// What it allows, where a server told it.
    pub scopes: Option<String>,
    /// When it was issued (`iat`), by the issuer's clock.
    pub issued: Option<Wall>,
    /// When it expires (`exp`), by the issuer's clock; `None`: no expiry stated.
    pub expires: Option<Wall>,
    /// How far its issuer's clock is ahead of ours, in microseconds, where it was issued just now and tells it (`iat`).
    pub skew: Option<i64>,
    /// Whether it will be renewed without the user.
    pub renews_itself: bool,
    /// Whether it is what it says; `None`: not known yet, or nobody is asked.
    pub verification: Option<Verification>,
}

/// What is known of a link that was just opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenFacts {
    /// The address that was reached, with port; behind a proxy that which the proxy was asked for.
    pub peer: String,
    /// The proxy on the way, by host and port.
    pub proxy: Option<String>,
    /// Time for each step that was taken, in order.
    pub stages: Vec<(crate::cause::Stage, Duration)>,
    /// How far the server's clock is ahead of ours, in microseconds, by the handshake's `Date` (whole seconds).
    pub skew: Option<i64>,
    /// The subprotocol the server chose.
    pub subprotocol: Option<String>,
    /// The TLS version and cipher suite, or `None` for plain text.
    pub tls: Option<String>,
    /// Whether the server may compress its messages (RFC 7692).
    pub compression: bool,
    /// What the server did that RFC 6455 does not allow but that does no harm.
    pub warnings: Vec<String>,
}

/// How a service is spoken to, recognised by what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The dialect's name.
    pub dialect: String,
    /// By what: `its first message: /type = auth_required`.
    pub by: String,
    /// Whether the link is made anew, as the dialect opens it otherwise.
    pub reopens: bool,
    /// Where its messages hold what.
    pub map: EventMap,
    /// Whether it knows heartbeats.
    pub heartbeats: bool,
    /// Whether a new token can be accepted on the live connection.
    pub in_place: bool,
}

/// Where an event has what: JSON pointers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventMap {
    /// How the messages stand in WebSocket messages.
    pub codec: Codec,
    /// The type; the first that is there.
    pub kind: Vec<String>,
    /// What tells it from others.
    pub id: Option<String>,
    /// When it happened.
    pub time: Option<String>,
    /// The channel.
    pub channel: Option<String>,
    /// The payload.
    pub payload: Option<String>,
    /// A number that grows by one.
    pub sequence: Option<String>,
    /// What each has a sequence of its own; `None`: the link.
    pub sequence_of: Option<String>,
    /// What must not be shown.
    pub secrets: Vec<String>,
}

/// An end and the decision about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why it ended.
    pub cause: Cause,
    /// The cause in words, with the service's own name for it.
    pub words: String,
    /// What the rules say.
    pub verdict: Verdict,
    /// What is done now, in words: `another token is fetched`, `attempt 2 in 4.2 s` …
    pub decision: String,
    /// The rule that was followed, with its advice for the user.
    pub rule: Box<Rule>,
}

/// A hole in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// From the end of the last live link until live again.
    pub span: Duration,
    /// Why the link ended.
    pub cause: Cause,
    /// The cause in words, with the service's own name for it.
    pub words: String,
    /// How many attempts it took.
    pub attempts: u32,
    /// Whether the service took the stream up where it broke.
    pub resumed: bool,
}
