//! A dialect: how a kind of service logs in, keeps alive, renews and means its close codes. It is data: each is one TOML
//! file, described in `docs/dialects.md`; the session carries it out. Nothing here opens a file.

mod ask;
mod book;
mod derive;
mod facts;
mod library;
mod only;
mod pattern;
mod pointer;
mod read;
mod recognise;
mod request;
mod row;
mod template;
mod vars;
mod way;

use std::time::Duration;

use serde_json::Value;

use crate::{message::Class, rulebook::Rule};

pub use crate::codec::{Codec, Decoder};
pub use crate::event::EventMap;
pub use ask::{Ask, Prepare};
pub use book::{NAMES, shipped, text};
pub use derive::{Clock, Coding, Derived, Hash, How, KeyForm, Part, SigV4};
pub use library::Library;
pub use only::Only;
pub use pattern::{Condition, Pattern, Test, contains, type_word};
pub use pointer::pointed;
pub use read::read;
pub use recognise::{Recognised, Seen, by_first, host_fits, recognise};
pub use request::{Before, Request};
pub use row::{Answered, Row};
pub use template::{Filled, Template};
pub use vars::{Bound, Vars, text_of};

/// A kind of service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dialect {
    /// The file's name without its ending.
    pub name: String,
    /// One line.
    pub title: String,
    /// Where the facts come from.
    pub sources: Vec<String>,
    /// Points that no source confirms.
    pub unconfirmed: Vec<String>,
    /// How messages stand in WebSocket messages.
    pub codec: Codec,
    /// What a profile may give.
    pub variables: Vec<Variable>,
    /// By what the service is recognised.
    pub recognise: Signs,
    /// HTTP calls and signatures before a link is opened, in order.
    pub before: Vec<Prepare>,
    /// How a link is opened.
    pub open: Open,
    /// What is made anew before each login.
    pub derive: Vec<Derived>,
    /// The login, step by step.
    pub login: Vec<Step>,
    /// How subscriptions are made.
    pub subscribe: Option<Subscribe>,
    /// What is done about messages.
    pub on: Vec<On>,
    /// How the link is kept alive.
    pub keepalive: Keepalive,
    /// How the token is renewed.
    pub renew: Renew,
    /// How an interrupted stream is taken up again.
    pub resume: Option<Resume>,
    /// What close codes mean.
    pub close: Vec<Row>,
    /// What HTTP statuses mean.
    pub http: Vec<Row>,
    /// Where an event has what.
    pub event: EventMap,
    /// The last words.
    pub farewell: Farewell,
    /// How old a link may become.
    pub life: Option<Span>,
    /// What must not be sent.
    pub outgoing: Outgoing,
    /// Whether the next link may be opened before the one in use ends.
    pub overlap: bool,
}

/// Something a profile may give.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// What it is when the profile does not give it; `None`: the profile has to.
    pub default: Option<Value>,
    /// Whether it must not be shown.
    pub secret: bool,
    /// Whether a profile may leave it out though it has no default.
    pub optional: bool,
    /// Whether no token is wanted from a profile that gives it.
    pub replaces_token: bool,
}

/// By what a service is recognised; any of them is enough.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signs {
    /// Subprotocols.
    pub subprotocols: Vec<String>,
    /// Host names; `*.` stands for any subdomain.
    pub hosts: Vec<String>,
    /// The server's first message.
    pub first: Option<Pattern>,
}

/// How a link is opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Open {
    /// The address where the profile names none.
    pub url: Option<Template>,
    /// The address of each link in place of the profile's, once it is known.
    pub address: Option<Template>,
    /// Hosts that it may have besides the profile's.
    pub hosts: Vec<String>,
    /// Query parameters to add.
    pub query: Vec<(String, Template)>,
    /// Request headers.
    pub headers: Vec<(String, Template)>,
    /// Subprotocols to offer.
    pub subprotocols: Vec<Template>,
    /// The `Origin` header (RFC 6455 section 10.2).
    pub origin: Option<Template>,
    /// Whether the server may compress its messages (RFC 7692), where the profile does not say; `None`: it may.
    pub compression: Option<bool>,
}

/// A step of the login.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is done.
    pub act: Act,
    /// On which condition.
    pub only: Only,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Sends a message.
    Send(Template),
    /// Waits for one.
    Await(Await),
    /// Makes an HTTP call.
    Call(Request),
    /// Asks the signer.
    Sign(Ask),
}

/// A message that is waited for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Await {
    /// The message.
    pub accept: Pattern,
    /// Messages that refuse; looked at first.
    pub fail: Vec<Fail>,
    /// What is taken from it.
    pub takes: Takes,
    /// How long it is waited for; `None`: the profile's limit.
    pub timeout: Option<Duration>,
    /// What is done when the server ends the connection in its place; `None`: what the close code says.
    pub ended: Option<Rule>,
}

/// A message that says no.
#[derive(Clone, Debug, PartialEq)]
pub struct Fail {
    /// The message.
    pub pattern: Pattern,
    /// What is done about it; `None`: the default for a refused login.
    pub rule: Option<Rule>,
    /// Where the server's words are, a JSON pointer.
    pub text: Option<String>,
}

/// Variables taken from a message: name and JSON pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Takes {
    /// Into variables of the link.
    pub take: Vec<(String, String)>,
    /// Into variables that outlive it.
    pub keep: Vec<(String, String)>,
    /// Where the message says which entry of the subscriptions that is kept for; `None`: it is kept once, for all.
    pub of: Option<String>,
}

/// How subscriptions are made.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscribe {
    /// What is done for an entry: the first way that is for it.
    pub ways: Vec<Way>,
    /// The time between two.
    pub pace: Duration,
    /// Messages that refuse one.
    pub fail: Vec<Fail>,
    /// The entries where the profile names none.
    pub default: Vec<Value>,
}

/// What is done for an entry of the subscriptions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    /// For which entries; `None`: for all.
    pub pattern: Option<Pattern>,
    /// The HTTP call, first.
    pub call: Option<Request>,
    /// The message.
    pub send: Option<Template>,
    /// What has to come before the next entry's turn; `None`: nothing.
    pub answer: Option<Pattern>,
    /// What is kept of that for the entry, in place of what was.
    pub keep: Takes,
    /// Whether it is done again on a link that takes the stream up.
    pub again: bool,
}

/// What is done about a message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct On {
    /// The message.
    pub pattern: Pattern,
    /// What it is to the service.
    pub class: Class,
    /// On which condition.
    pub only: Only,
    /// What is taken from it.
    pub takes: Takes,
    /// Kept variables that are worth nothing now.
    pub forget: Vec<String>,
    /// What the signer is asked before the answer; without a signer in the profile there is no answer then.
    pub sign: Option<Ask>,
    /// The answer.
    pub send: Option<Template>,
    /// The answer is given at most this often: one for all the messages that came since the last.
    pub every: Option<Span>,
    /// The link is closed and this is done.
    pub rule: Option<Rule>,
    /// Where the server's words are.
    pub text: Option<String>,
    /// How long the server wants us to wait.
    pub delay: Option<Span>,
    /// Whether the server asks for a new token.
    pub renew: bool,
    /// What is told of the message.
    pub note: Option<String>,
}

/// A time that is known, or that the server tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Span {
    /// Known.
    Fixed(Duration),
    /// From a variable, or from a place in the message where one is at hand.
    Told {
        /// The variable, or a JSON pointer.
        from: String,
        /// What one of it is.
        unit: Duration,
        /// The number is taken so many times …
        times: u32,
        /// … and this is added.
        plus: Duration,
    },
}

/// How a link is kept alive.
#[derive(Clone, Debug, PartialEq)]
pub struct Keepalive {
    /// A message to send again and again.
    pub beat: Option<Beat>,
    /// Whether pings of RFC 6455 section 5.5.2 are sent.
    pub ping: bool,
    /// Within this time something must come, on this condition.
    pub watchdog: Option<(Span, Only)>,
}

impl Default for Keepalive {
    fn default() -> Self {
        Self {
            beat: None,
            ping: true,
            watchdog: None,
        }
    }
}

impl Keepalive {
    /// Within which time something must come, by what is known now; `None`: nothing must.
    pub fn within(&self, vars: &Vars) -> Option<Duration> {
        let (after, only) = self.watchdog.as_ref()?;
        after
            .length(vars, &Value::Null)
            .filter(|_| only.holds(vars))
    }
}

/// A message to send again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    /// The message.
    pub send: Template,
    /// How often.
    pub every: Span,
    /// Whether the first comes after a random part of that.
    pub jitter: bool,
    /// Whether it is only sent after so long without a message.
    pub idle: bool,
    /// What must come before the next is due.
    pub answer: Option<Pattern>,
}

/// How the token is renewed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Renew {
    /// By another link.
    #[default]
    Reconnect,
    /// It need not be: the server looks at it only when the link is opened.
    NotNeeded,
    /// On the live link.
    InPlace {
        /// The message.
        send: Template,
        /// What is sent for every subscription besides.
        each: Option<Template>,
        /// What accepts it; `None`: sending is enough.
        accept: Option<Pattern>,
        /// What refuses it.
        fail: Vec<Fail>,
    },
}

/// How an interrupted stream is taken up again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resume {
    /// The kept variables that it takes.
    pub needs: Vec<String>,
    /// The address in place of the profile's.
    pub url: Option<Template>,
    /// Query parameters to add.
    pub query: Vec<(String, Template)>,
    /// Hosts that the address may have besides the profile's.
    pub hosts: Vec<String>,
    /// The login in place of the usual; `None`: the usual.
    pub login: Option<Vec<Step>>,
    /// Whether the subscriptions are sent again.
    pub subscribe: bool,
    /// How long after the end of a link this is of use; `None`: the server tells.
    pub within: Option<Span>,
}

/// The last words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Farewell {
    /// Messages before the close frame.
    pub send: Vec<Template>,
    /// The close code when we mean to come back.
    pub code: Option<u16>,
}

/// What must not be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Nothing at all.
    pub never: bool,
    /// The largest message, in bytes.
    pub bytes: Option<usize>,
    /// So many messages at most within this time.
    pub rate: Option<(u32, Duration)>,
}

impl Takes {
    /// The variables that are set.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let pairs = self.take.iter().chain(&self.keep);
        pairs.map(|(name, _)| name.as_str())
    }
}

impl On {
    /// Whether it is about this message, as things are.
    pub fn is_about(&self, message: &Value, vars: &Vars) -> bool {
        self.pattern.matches(message, vars) && self.only.holds(vars)
    }
}

impl Subscribe {
    /// What is done for this entry; `None`: nothing is known for it.
    pub fn way(&self, entry: &Value, vars: &Vars) -> Option<&Way> {
        let fits = |way: &&Way| {
            let pattern = way.pattern.as_ref();
            pattern.is_none_or(|pattern| pattern.matches(entry, vars))
        };
        self.ways.iter().find(fits)
    }

    /// The templates in it.
    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        let calls = self.ways.iter().filter_map(|way| way.call.as_ref());
        let sends = self.ways.iter().filter_map(|way| way.send.as_ref());
        calls.flat_map(Request::templates).chain(sends)
    }
}

impl Span {
    /// How long it is; `None` when the server has not told. `message` is what pointers point into.
    pub fn length(&self, vars: &Vars, message: &Value) -> Option<Duration> {
        match self {
            Self::Fixed(span) => Some(*span),
            Self::Told {
                from,
                unit,
                times,
                plus,
            } => {
                let value = if from.starts_with('/') {
                    pointed(message, from)?.into_owned()
                } else {
                    vars.find(from)?.0
                };
                let number = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
                let seconds = number * unit.as_secs_f64() * f64::from(*times);
                Duration::try_from_secs_f64(seconds)
                    .ok()?
                    .checked_add(*plus)
            }
        }
    }
}
