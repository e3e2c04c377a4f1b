//! Why a link ended, and the seven things that can be done about it.

use std::{fmt, time::Duration};

use serde::Deserialize;

use crate::{close_code::CloseCode, rulebook::Rule};

/// Why a link ended or could not be made. Texts come from outside: show them escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A close frame. 1005 stands for one without a code, as RFC 6455 section 7.1.5 says.
    Close {
        /// The code as it was on the wire, even one that RFC 6455 forbids there.
        code: CloseCode,
        /// The reason, at most 123 bytes; bytes that are not UTF-8 are shown as U+FFFD.
        reason: String,
        /// Whether we closed: then it is no surprise.
        ours: bool,
    },
    /// The stream ended without a close frame (reported as 1006, RFC 6455 section 7.1.5).
    Eof,
    /// The connection was reset or broke in another way; the system's words.
    Broken(String),
    /// The upgrade was answered with another status than 101.
    Http(HttpRefusal),
    /// The upgrade was answered with 101 but wrongly, or not with HTTP at all.
    Handshake(String),
    /// The name was not resolved.
    Dns(String),
    /// TCP: refused, unreachable …
    Tcp(String),
    /// TLS: certificate or protocol.
    Tls {
        /// Whether the server's certificate was the fault: trying again will not help.
        certificate: bool,
        /// What is wrong.
        text: String,
    },
    /// Nothing happened in time.
    Timeout(Stage),
    /// Nothing was received, not even an answer to a ping, for this long.
    Silence(Duration),
    /// The server broke the protocol; we answered with this close code.
    Protocol {
        /// What we sent: 1002, 1007 or 1009.
        code: CloseCode,
        /// What was wrong.
        text: String,
    },
    /// The server answered the login with a message that the profile names as a refusal.
    LoginRefused(String),
    /// The server said in a message that the link ends, or that it refuses, and the dialect says what that means.
    Told {
        /// The server's words.
        text: String,
        /// What is done about it.
        rule: Box<Rule>,
    },
    /// The credential's source gave none.
    Credential(String),
}

/// An HTTP answer to an upgrade request that is not 101.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpRefusal {
    /// The status, 100 to 999.
    pub status: u16,
    /// `Retry-After` in whole seconds from now; a date was turned into a span by the server's own `Date`.
    pub retry_after: Option<Duration>,
    /// `WWW-Authenticate`, where the server says what it wants.
    pub challenge: Option<String>,
    /// `Location` of a redirect.
    pub location: Option<String>,
    /// The body as text, at most 64 KiB.
    pub body: String,
    /// The headers but cookies, 8 KiB at most: some services say in one what is wrong.
    pub headers: Vec<(String, String)>,
}

/// The steps of opening a link, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Name resolution.
    Dns,
    /// TCP connect.
    Tcp,
    /// TLS handshake.
    Tls,
    /// HTTP upgrade.
    Upgrade,
    /// Login messages.
    Login,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "name resolution",
            Self::Tcp => "TCP connect",
            Self::Tls => "TLS handshake",
            Self::Upgrade => "upgrade",
            Self::Login => "login",
        })
    }
}

impl fmt::Display for Cause {
    /// One line: `closed 1012 Service Restart: deploy`, `HTTP 401`, `connection refused` …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close { code, reason, ours } => {
                f.write_str(if *ours { "we closed " } else { "closed " })?;
                write!(f, "{code}")?;
                if reason.is_empty() {
                    Ok(())
                } else {
                    write!(f, ": {reason}")
                }
            }
            Self::Eof => write!(f, "closed {} (no close frame)", CloseCode(1006)),
            Self::Broken(text) => write!(f, "connection broke: {text}"),
            Self::Http(refusal) => write!(f, "{refusal}"),
            Self::Handshake(text) => write!(f, "upgrade failed: {text}"),
            Self::Dns(text) => write!(f, "name not resolved: {text}"),
            Self::Tcp(text) => write!(f, "no connection: {text}"),
            Self::Tls {
                certificate: true,
                text,
            } => write!(f, "certificate refused: {text}"),
            Self::Tls { text, .. } => write!(f, "TLS failed: {text}"),
            Self::Timeout(stage) => write!(f, "{stage} took too long"),
            Self::Silence(span) => write!(f, "silent for {}", crate::time::show_span(*span)),
            Self::Protocol { code, text } => {
                write!(f, "server broke the protocol: {text}; we closed {code}")
            }
            Self::LoginRefused(text) => write!(f, "login refused: {text}"),
            Self::Told { text, .. } => write!(f, "the server said: {text}"),
            Self::Credential(text) => write!(f, "no credential: {text}"),
        }
    }
}

impl HttpRefusal {
    /// Whether it is about what was asked, and not about the server or the moment.
    pub const fn is_about_request(&self) -> bool {
        matches!(self.status, 400..=499) && !matches!(self.status, 408 | 425 | 429)
    }

    /// One line: the status, and these words of the server's.
    pub fn with_words(&self, words: &str) -> String {
        let name = http::StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason());
        let name = name.map_or_else(String::new, |name| format!(" {name}"));
        let line = words
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .map_or_else(String::new, |line| {
                format!(": {}", line.chars().take(160).collect::<String>())
            });
        format!("HTTP {}{name}{line}", self.status)
    }
}

impl fmt::Display for HttpRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_words(&self.body))
    }
}

/// What to do about a cause (the letters R N F T L A S of the protocol facts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Reconnect with back-off, keeping what allows to resume.
    Reconnect,
    /// Reconnect at once.
    Now,
    /// Reconnect, but log in afresh.
    Fresh,
    /// Get another token, then reconnect.
    Renew,
    /// Reconnect late: quota or overload.
    Later,
    /// Ask the user: credential, permission or configuration is wrong.
    Ask,
    /// Stop: trying again cannot help.
    Stop,
}

impl Verdict {
    /// Every verdict by the word used for it in files and on the screen.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("reconnect", Self::Reconnect),
        ("now", Self::Now),
        ("fresh", Self::Fresh),
        ("renew", Self::Renew),
        ("later", Self::Later),
        ("ask", Self::Ask),
        ("stop", Self::Stop),
    ];
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS
            .iter()
            .find(|(_, verdict)| verdict == self)
            .map_or("?", |(word, _)| word);
        f.pad(word)
    }
}
