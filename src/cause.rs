//! Why a link ended, and the seven things that can be done about it.

use std::{borrow::Cow, fmt, time::Duration};

use serde::Deserialize;

use crate::{close_code::CloseCode, payload::html, redact::Redactor, rulebook::Rule};

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
    /// The proxy on the way: it was not reached, or did not let us through.
    Proxy {
        /// Its host and port.
        proxy: String,
        /// Whose turn it is.
        fault: ProxyFault,
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
    /// What the dialect signs could not be signed, by us or by the profile's signer.
    Unsigned(String),
}

/// What kind of fault of a proxy it is, which decides what helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyFault {
    /// It is not reached, or does not reach the server: another time it may.
    Unreachable,
    /// It wants to know who we are, or does not believe it.
    SignIn,
    /// It does not do this for us, or cannot be what the setting says.
    Refused,
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
    /// What a proxy is asked for.
    Proxy,
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
            Self::Proxy => "proxy",
            Self::Tls => "TLS handshake",
            Self::Upgrade => "upgrade",
            Self::Login => "login",
        })
    }
}

impl Cause {
    /// The cause without secrets that the server repeated.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> Self {
        let clean = |text: &mut String| *text = redactor.text(std::mem::take(text));
        match &mut self {
            Self::Close { reason: text, .. }
            | Self::Broken(text)
            | Self::Handshake(text)
            | Self::Dns(text)
            | Self::Tcp(text)
            | Self::Tls { text, .. }
            | Self::Proxy { text, .. }
            | Self::Protocol { text, .. }
            | Self::LoginRefused(text)
            | Self::Told { text, .. }
            | Self::Unsigned(text)
            | Self::Credential(text) => clean(text),
            Self::Http(refusal) => {
                clean(&mut refusal.body);
                refusal.challenge.iter_mut().for_each(clean);
                refusal.location.iter_mut().for_each(clean);
                let headers = refusal.headers.iter_mut();
                headers.for_each(|(_, value)| clean(value));
            }
            Self::Eof | Self::Timeout(_) | Self::Silence(_) => {}
        }
        self
    }
}

impl fmt::Display for Cause {
    /// One line: `closed 1012 Service Restart: deploy`, `HTTP 401`, `connection refused` …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close { code, reason, ours } => {
                let who = if *ours { "we closed" } else { "closed" };
                let name = code.name();
                write!(f, "{who} {}{}", code.0, name_and_reason(name, reason))
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
            Self::Proxy { proxy, text, .. } => write!(f, "proxy {proxy}: {text}"),
            Self::Timeout(stage) => write!(f, "{stage} took too long"),
            Self::Silence(span) => write!(f, "silent for {}", crate::time::show_span(*span)),
            Self::Protocol { code, text } => {
                write!(f, "server broke the protocol: {text}; we closed {code}")
            }
            Self::LoginRefused(text) => write!(f, "login refused: {text}"),
            Self::Told { text, .. } => write!(f, "the server said: {text}"),
            Self::Credential(text) => write!(f, "no credential: {text}"),
            Self::Unsigned(text) => write!(f, "not signed: {text}"),
        }
    }
}

impl HttpRefusal {
    /// Whether it is about what was asked, and not about the server or the moment.
    pub const fn is_about_request(&self) -> bool {
        matches!(self.status, 400..=499) && !matches!(self.status, 408 | 425 | 429)
    }

    /// One line: the status, and the first line of these words of the server's that says more than the status does.
    pub fn with_words(&self, words: &str) -> String {
        let name = http::StatusCode::from_u16(self.status)
            .ok()
            .and_then(|status| status.canonical_reason());
        let status = name.map_or_else(String::new, |name| format!(" {name}"));
        let line = self.says_more(name.unwrap_or_default(), words);
        let line = line.map_or_else(String::new, |line| {
            format!(": {}", line.chars().take(160).collect::<String>())
        });
        format!("HTTP {}{status}{line}", self.status)
    }

    /// The body as text, that of a page without its markup.
    pub fn text(&self) -> Cow<'_, str> {
        match html::lines(&self.body) {
            Some(lines) => Cow::Owned(lines.join("\n")),
            None => Cow::Borrowed(self.body.trim()),
        }
    }

    /// The first line that says more than the status and its name do.
    fn says_more<'t>(&self, name: &str, text: &'t str) -> Option<&'t str> {
        let said = words_of(&format!(
            "{} {name} http error code status response",
            self.status
        ));
        let says_more = |line: &&str| words_of(line).iter().any(|word| !said.contains(word));
        text.lines().map(str::trim).find(says_more)
    }
}

impl fmt::Display for HttpRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_words(&self.text()))
    }
}

/// A code's name and the server's reason behind a number, once where both say the same.
pub fn name_and_reason(name: &str, reason: &str) -> String {
    match (name.is_empty(), reason.is_empty()) {
        (false, false) if same_words(name, reason) => format!(" {name}"),
        (false, false) => format!(" {name}: {reason}"),
        (false, true) => format!(" {name}"),
        (true, false) => format!(": {reason}"),
        (true, true) => String::new(),
    }
}

/// Whether two texts hold the same words, whatever their case and the signs between them.
fn same_words(one: &str, other: &str) -> bool {
    words_of(one) == words_of(other)
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn closed(code: u16, reason: &str) -> String {
        let cause = Cause::Close {
            code: CloseCode(code),
            reason: reason.into(),
            ours: false,
        };
        cause.to_string()
    }

    #[test]
    fn what_name_and_reason_both_say_is_said_once() {
        assert_eq!(closed(4001, "Token expired"), "closed 4001 Token Expired");
        assert_eq!(closed(4001, "token_expired."), "closed 4001 Token Expired");
        assert_eq!(
            closed(4001, "Token expired at noon"),
            "closed 4001 Token Expired: Token expired at noon"
        );
        assert_eq!(closed(4001, ""), "closed 4001 Token Expired");
        assert_eq!(closed(1008, "é"), "closed 1008 Policy Violation: é");
        assert_eq!(name_and_reason("", "why"), ": why");
        // Signs alone are no words; they are shown.
        assert_eq!(name_and_reason("Gone", "!"), " Gone: !");
    }

    #[test]
    fn what_a_server_repeats_in_a_header_is_taken_out() {
        let refusal = HttpRefusal {
            status: 403,
            headers: vec![("x-error".into(), "bad canary-7".into())],
            ..HttpRefusal::default()
        };
        let redactor = Redactor::new([&Secret::new("canary-7".into())]);
        let Cause::Http(refusal) = Cause::Http(refusal).redacted(&redactor) else {
            unreachable!("it is the same cause")
        };
        assert_eq!(refusal.headers, [("x-error".into(), "bad ***".into())]);
    }

    fn refused(status: u16, body: &str) -> String {
        let refusal = HttpRefusal {
            status,
            body: body.into(),
            ..HttpRefusal::default()
        };
        refusal.to_string()
    }

    #[test]
    fn a_page_is_told_by_what_it_says() {
        let page = |title: &str, body: &str| {
            format!(
                "<!DOCTYPE HTML>\n<html><head><title>{title}</title></head><body>{body}</body></html>"
            )
        };
        let cases = [
            (401, "no".into(), "HTTP 401 Unauthorized: no"),
            (401, "\n Unauthorized \n".into(), "HTTP 401 Unauthorized"),
            (
                403,
                page("Sign in &middot; Example", ""),
                "HTTP 403 Forbidden: Sign in &middot; Example",
            ),
            (
                403,
                page(
                    "403 Forbidden",
                    "<h1>Forbidden</h1><p>Your address is blocked.</p>",
                ),
                "HTTP 403 Forbidden: Your address is blocked.",
            ),
            (404, page("", "<style>x{}</style>"), "HTTP 404 Not Found"),
            (
                403,
                page(
                    "Error response",
                    "<h1>Error response</h1><p>Error code: 403</p><p>Message: No permission.</p>",
                ),
                "HTTP 403 Forbidden: Message: No permission.",
            ),
            (
                502,
                page("502 Bad Gateway", "<h1>502 Bad Gateway</h1><hr>nginx"),
                "HTTP 502 Bad Gateway: nginx",
            ),
            (
                599,
                "{\"error\":\"x\"}".into(),
                "HTTP 599: {\"error\":\"x\"}",
            ),
        ];
        for (status, body, wanted) in cases {
            assert_eq!(refused(status, &body), wanted);
        }
        let long = refused(500, &page(&"x".repeat(1 << 16), ""));
        assert_eq!(long.len(), "HTTP 500 Internal Server Error: ".len() + 160);
    }
}
