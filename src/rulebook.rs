//! The default rules of `assets/close-codes.toml`: what each close code, HTTP status and other cause means and what
//! is done about it. Read once; a test checks that every code and status has its row.

use std::{sync::LazyLock, time::Duration};

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    cause::{Cause, ProxyFault, Stage, Verdict},
    close_code::CloseCode,
    time::parse_span,
};

static BOOK: LazyLock<Book> = LazyLock::new(|| {
    let text = include_str!("../assets/close-codes.toml");
    toml::from_str(text).unwrap_or_else(|error| unreachable!("assets/close-codes.toml: {error}"))
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    close: Vec<CloseRow>,
    http: Vec<HttpRow>,
    cause: Vec<CauseRow>,
}

/// What is known of a close code or a range of them.
#[derive(Debug, Deserialize)]
pub struct CloseRow {
    code: Numbers,
    /// The registered name.
    pub name: String,
    /// Who may send it: `either`, `server`, `client` or `nobody`.
    pub sender: String,
    /// One sentence.
    pub meaning: String,
    /// Where the meaning comes from.
    pub source: String,
    /// What is done about it.
    #[serde(flatten)]
    pub rule: Rule,
}

#[derive(Debug, Deserialize)]
struct HttpRow {
    status: Numbers,
    #[expect(dead_code, reason = "for readers of the file")]
    source: String,
    #[serde(flatten)]
    rule: Rule,
}

#[derive(Debug, Deserialize)]
struct CauseRow {
    name: String,
    #[serde(flatten)]
    rule: Rule,
}

/// What is done about a cause.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Rule {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the token that was offered must not be offered again.
    #[serde(default, rename = "token", deserialize_with = "token_refused")]
    pub refuses_token: bool,
    /// Whether the user is known but not allowed, once renewing has not helped.
    #[serde(default)]
    pub forbidden: bool,
    /// Reconnects in a row before the verdict becomes `stop`.
    pub limit: Option<u32>,
    /// Least and most time to wait in place of the back-off.
    #[serde(default, deserialize_with = "delay")]
    pub delay: Option<(Duration, Duration)>,
    /// One sentence for the user.
    pub advice: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum Numbers {
    One(u16),
    Range([u16; 2]),
}

impl Numbers {
    const fn contain(self, number: u16) -> bool {
        match self {
            Self::One(one) => one == number,
            Self::Range([first, last]) => first <= number && number <= last,
        }
    }
}

/// The row of a close code.
pub fn close(code: CloseCode) -> &'static CloseRow {
    let row = BOOK.close.iter().find(|row| row.code.contain(code.0));
    row.unwrap_or_else(|| unreachable!("every close code has a row"))
}

/// The rule for an HTTP status in answer to the upgrade.
pub fn http(status: u16) -> &'static Rule {
    let row = BOOK.http.iter().find(|row| row.status.contain(status));
    row.map_or_else(|| named("handshake"), |row| &row.rule)
}

/// The rule for any cause.
pub fn rule(cause: &Cause) -> &Rule {
    match cause {
        Cause::Close { code, .. } | Cause::Protocol { code, .. } => &close(*code).rule,
        Cause::Eof => &close(CloseCode(1006)).rule,
        Cause::Http(refusal) => http(refusal.status),
        Cause::Broken(_) => named("broken"),
        Cause::Handshake(_) => named("handshake"),
        Cause::Dns(_) => named("dns"),
        Cause::Tcp(_) => named("tcp"),
        Cause::Tls {
            certificate: true, ..
        } => named("certificate"),
        Cause::Tls { .. } => named("tls"),
        Cause::Proxy { fault, .. } => named(match fault {
            ProxyFault::Unreachable => "proxy",
            ProxyFault::SignIn => "proxy-sign-in",
            ProxyFault::Refused => "proxy-refused",
        }),
        Cause::Timeout(Stage::Login) => named("login-timeout"),
        Cause::Timeout(_) => named("timeout"),
        Cause::Silence(_) => named("silence"),
        Cause::LoginRefused(_) => named("login-refused"),
        Cause::Told { rule, .. } => rule,
        Cause::Credential(_) => named("credential"),
        Cause::Unsigned(_) => named("unsigned"),
    }
}

fn named(name: &str) -> &'static Rule {
    let row = BOOK.cause.iter().find(|row| row.name == name);
    row.map_or_else(|| unreachable!("cause {name} has a row"), |row| &row.rule)
}

fn token_refused<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "refused" => Ok(true),
        other => Err(D::Error::custom(format!(
            "token = \"{other}\": only \"refused\" is known"
        ))),
    }
}

fn delay<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<(Duration, Duration)>, D::Error> {
    let [least, most] = <[String; 2]>::deserialize(deserializer)?;
    let span = |text: &str| parse_span(text).map_err(D::Error::custom);
    Ok(Some((span(&least)?, span(&most)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_status_and_cause_has_a_rule() {
        for code in 0..=u16::MAX {
            assert!(!close(CloseCode(code)).rule.advice.is_empty());
        }
        for status in 0..=999 {
            assert!(!http(status).advice.is_empty());
        }
        let causes = [
            "broken",
            "handshake",
            "dns",
            "tcp",
            "certificate",
            "tls",
            "proxy",
            "proxy-sign-in",
            "proxy-refused",
            "timeout",
            "login-timeout",
            "silence",
        ];
        for name in causes
            .into_iter()
            .chain(["login-refused", "credential", "unsigned"])
        {
            named(name);
        }
    }

    #[test]
    fn the_registry_is_whole() {
        let names = [1000, 1014, 2500, 3008, 3999, 4001, 4999, 5000]
            .map(|code| CloseCode(code).to_string());
        let shown = "1000 Normal Closure, 1014 Bad Gateway, 2500 Unassigned, 3008 Timeout, 3999 Registered by a library, \
                     4001 Token Expired, 4999 Private Use, 5000 Out of range";
        assert_eq!(names.join(", "), shown);
        assert_eq!(
            close(CloseCode(1012)).rule.delay,
            Some((Duration::from_secs(5), Duration::from_secs(30)))
        );
        assert!(
            close(CloseCode(1008)).rule.refuses_token && !close(CloseCode(4003)).rule.refuses_token
        );
    }
}
