//! A profile: where and how to connect, already checked. [`read()`] makes profiles of the text of `config.toml`;
//! nothing here touches a file.

mod alert;
pub mod check;
mod columns;
mod entry;
mod filters;
mod messages;
mod oauth;
mod proxy;
mod read;
mod settings;
mod source;
mod speech;
mod token;
mod verify;
mod verifying;
mod way;

use std::{path::PathBuf, sync::Arc, time::Duration};

use url::{Host, Url};

use crate::{
    auth::Way,
    cause::Verdict,
    dialect::{Bound, Dialect, Library, Renew},
    payload::protobuf::Schema,
};

pub use crate::document::parse_size;
pub use alert::Alert;
pub use columns::Column;
pub use proxy::{Proxy, ProxyAddress, ProxyKind};
pub use read::{read, read_with};
pub use settings::{Clipboard, Settings, Theme};
pub use source::{Endpoints, Grant, Helper, Mint, OAuth, SecretRef, Server, Source, Ticket};
pub use verify::{Client, Endpoint, Introspection, KeyPlace, Verify};

/// All that `config.toml` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The profiles in the order of the file.
    pub profiles: Vec<Profile>,
    /// The names of the profiles that are opened when none is named.
    pub watch: Vec<String>,
    /// What holds for the whole program.
    pub settings: Settings,
}

/// Where and how to connect.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its name, as used on the command line and on the screen.
    pub name: String,
    /// `ws:` or `wss:`, with a host, without user information and fragment.
    pub url: Url,
    /// Where the token goes.
    pub way: Way,
    /// Where the token comes from.
    pub source: Source,
    /// Further request headers, none of them secret.
    pub headers: Vec<(String, String)>,
    /// Subprotocols to offer, in order.
    pub subprotocols: Vec<String>,
    /// Time and size limits.
    pub limits: Limits,
    /// When the countdown changes colour and when renewal starts.
    pub margins: Margins,
    /// Delays between attempts.
    pub retry: Retry,
    /// Verdicts that differ from the rulebook's.
    pub verdicts: Verdicts,
    /// How the server is identified.
    pub tls: Tls,
    /// Which proxy its connections go through, and the calls that belong to them.
    pub proxy: Proxy,
    /// Whether a credential may go over plain `ws:` to another machine.
    pub plain_text: bool,
    /// Whether the next link may be opened before the one in use ends; `None`: as the dialect says.
    pub overlap: Option<bool>,
    /// Whether the server may compress its messages (RFC 7692); `None`: as the dialect says.
    pub compression: Option<bool>,
    /// What happens when events arrive faster than they are taken.
    pub when_full: WhenFull,
    /// How its kind of service logs in; `None`: as `way` says.
    pub dialect: Option<Arc<Dialect>>,
    /// The dialects of which the server's first message tells one, where nothing else does; then `dialect` is `None`.
    pub auto: Option<Library>,
    /// By what the dialect was recognised, where it was.
    pub recognised: Option<String>,
    /// What the dialect's variables hold.
    pub variables: Vec<(String, Bound)>,
    /// Which of the dialect's secret variables the environment holds, and under which names.
    pub variables_from_env: Vec<(String, String)>,
    /// Messages to send by hand, by their names.
    pub messages: Vec<(String, String)>,
    /// What is subscribed to after each login.
    pub subscribe: Vec<serde_json::Value>,
    /// The command that signs what the dialect asks for, and its arguments.
    pub signer: Option<Vec<String>>,
    /// Who is asked whether its tokens are what they say; `None`: nobody.
    pub verify: Option<Verify>,
    /// Which of its events are shown, as text; it was checked.
    pub filter: Option<String>,
    /// Which messages are announced, and how.
    pub alert: Option<Alert>,
    /// The columns of the monitor's list, in their order; none: the usual ones.
    pub columns: Vec<Column>,
    /// The type of its binary messages, when they are protobuf.
    pub protobuf: Option<Protobuf>,
}

/// The type of binary messages that are protobuf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protobuf {
    /// The file with a set of descriptors.
    pub descriptor: PathBuf,
    /// The full name of the message type.
    pub message: String,
    /// The type, once the file was read.
    pub schema: Option<Schema>,
}

/// Time and size limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start of an attempt to the upgrade's answer.
    pub connect: Duration,
    /// From the login message to its acknowledgement.
    pub login: Duration,
    /// A ping is sent this often.
    pub ping: Duration,
    /// The link is dead when nothing at all follows a ping for this long.
    pub pong: Duration,
    /// From our close frame to the end of the link.
    pub close: Duration,
    /// The largest message that is accepted, in bytes.
    pub message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            login: Duration::from_secs(10),
            ping: Duration::from_secs(20),
            pong: Duration::from_secs(10),
            close: Duration::from_secs(2),
            message: 16 << 20,
        }
    }
}

/// Times before a token expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Margins {
    /// The countdown warns.
    pub warn: Duration,
    /// The countdown alarms.
    pub alarm: Duration,
    /// Renewal starts, where the source can renew; `None`: as [`Margins::renewal`] says.
    pub renew: Option<Duration>,
}

impl Margins {
    /// Renewal never starts later than this before the end.
    pub const LEAST_RENEWAL: Duration = Duration::from_secs(30);
    /// The longest time before its end in which a token is renewed before it is used.
    const MOST_MANDATORY: Duration = Duration::from_secs(10);

    /// How long before its end a token is renewed that lives so long from now: as the profile says, else a tenth of it
    /// and 30 s at least; but never in its first half, so that a margin longer than the life makes no endless round.
    pub fn renewal(&self, left: Duration) -> Duration {
        let usual = || Self::LEAST_RENEWAL.max(left / 10);
        self.renew.unwrap_or_else(usual).min(left / 2)
    }

    /// A token that lives so long is not used for another link in the last third of that time, nor in its last 10 s,
    /// whichever is shorter, before its source was asked for a new one.
    pub fn mandatory(&self, life: Duration) -> Duration {
        Self::MOST_MANDATORY.min(self.renewal(life) / 3)
    }
}

impl Default for Margins {
    fn default() -> Self {
        Self {
            warn: Duration::from_secs(120),
            alarm: Duration::from_secs(30),
            renew: None,
        }
    }
}

/// Back-off: full jitter over a doubling range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The first range.
    pub base: Duration,
    /// The largest range.
    pub cap: Duration,
    /// Live for this long, the attempts are counted anew.
    pub stable: Duration,
    /// The first range after the verdict `later`, and its cap.
    pub later: (Duration, Duration),
    /// Attempts in a row before it gives up; `None`: for ever.
    pub attempts: Option<u32>,
    /// Whether it reconnects at all (`--no-reconnect` says no).
    pub enabled: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            stable: Duration::from_secs(30),
            later: (Duration::from_secs(10), Duration::from_secs(300)),
            attempts: None,
            enabled: true,
        }
    }
}

/// Verdicts of a profile, before those of the rulebook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// By close code.
    pub close: Vec<(u16, Verdict)>,
    /// By HTTP status.
    pub http: Vec<(u16, Verdict)>,
}

/// How the server is identified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// A PEM file with certificates of authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// What we show to servers that want to know who we are.
    pub identity: Option<Identity>,
    /// The name that the stream's server is asked for (SNI, RFC 6066 section 3) and that its certificate must bear, in
    /// place of the address's host.
    pub server_name: Option<Host>,
    /// Whether any certificate is accepted; shown for as long as it is so.
    pub insecure: bool,
}

/// A client's certificate, in PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, and those that lead to an authority.
    pub cert: PathBuf,
    /// Its private key, not encrypted.
    pub key: PathBuf,
}

/// What happens when events arrive faster than they are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenFull {
    /// The socket is not read for a while: nothing is lost, the server feels it.
    #[default]
    Hold,
    /// The oldest waiting messages are dropped and counted.
    Drop,
}

impl Profile {
    /// A profile with the defaults of everything but its name, address, way and source.
    pub fn new(name: impl Into<String>, url: Url, way: Way, source: Source) -> Self {
        Self {
            name: name.into(),
            url,
            way,
            source,
            headers: Vec::new(),
            subprotocols: Vec::new(),
            limits: Limits::default(),
            margins: Margins::default(),
            retry: Retry::default(),
            verdicts: Verdicts::default(),
            tls: Tls::default(),
            proxy: Proxy::default(),
            plain_text: false,
            overlap: None,
            compression: None,
            when_full: WhenFull::default(),
            dialect: None,
            auto: None,
            recognised: None,
            variables: Vec::new(),
            variables_from_env: Vec::new(),
            messages: Vec::new(),
            subscribe: Vec::new(),
            signer: None,
            verify: None,
            filter: None,
            alert: None,
            columns: Vec::new(),
            protobuf: None,
        }
    }

    /// Whether the token would go over plain `ws:` to another machine; it must not unless `plain_text` says so.
    pub fn exposes_token(&self) -> bool {
        self.wants_credential() && check::is_exposed(&self.url)
    }

    /// How its kind of service logs in.
    pub fn speaks(&self) -> Arc<Dialect> {
        let of_way = || Arc::new(Dialect::of_way(&self.way));
        self.dialect.clone().unwrap_or_else(of_way)
    }

    /// The type of its binary messages, where it is known.
    pub fn schema(&self) -> Option<&Schema> {
        self.protobuf.as_ref()?.schema.as_ref()
    }

    /// The environment variables in which it has secrets.
    pub fn secret_variables(&self) -> Vec<&str> {
        let variables = self
            .variables_from_env
            .iter()
            .map(|(_, name)| name.as_str());
        let introspection = self
            .verify
            .as_ref()
            .and_then(|it| it.introspection.as_ref());
        let of_verify = introspection.and_then(|it| it.client.secret.as_ref());
        let secrets = [self.proxy.password(), of_verify].into_iter().flatten();
        variables
            .chain(self.source.variables())
            .chain(secrets.filter_map(SecretRef::variable))
            .collect()
    }

    /// Whether a credential is wanted at all.
    pub fn wants_credential(&self) -> bool {
        let dialect = self.dialect.as_ref();
        let given = |name: &str| {
            let plain = self.variables.iter().map(|(given, _)| given);
            let mut all = plain.chain(self.variables_from_env.iter().map(|(given, _)| given));
            all.any(|given| given == name)
        };
        self.way.wants_credential()
            && dialect
                .is_none_or(|dialect| dialect.wants_token() && !dialect.does_without_token(given))
    }

    /// Whether a new token can be offered on the live connection.
    pub fn renews_in_place(&self) -> bool {
        matches!(self.speaks().renew, Renew::InPlace { .. })
    }

    /// Whether the next link may be opened before the one in use ends.
    pub fn overlaps(&self) -> bool {
        self.overlap.unwrap_or_else(|| self.speaks().overlap)
    }

    /// How the token reaches the server, in words.
    pub fn way_in_words(&self) -> String {
        match &self.dialect {
            Some(dialect) => dialect.name.clone(),
            None if self.auto.is_some() => format!("auto, else {}", self.way.word()),
            None => self.way.word().to_owned(),
        }
    }
}
