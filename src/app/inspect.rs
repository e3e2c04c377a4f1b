//! What a token says of itself and what others say of it, told before it is submitted. The token is never shown.

use jiff::tz::TimeZone;

use super::{PageLine, Role, verified_role, words, wrap};
use crate::{
    auth::{Claims, doubts},
    event::Verification,
    payload::escape::escape,
    time::{Wall, show_span},
};

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The readable part, for a JWT.
    pub claims: Option<&'a Claims>,
    /// Characters of the token.
    pub count: usize,
    /// Whether the server refused this very token on this stream.
    pub refused: bool,
    /// Whether it is what it says; `None`: not known, or not yet.
    pub verification: Option<&'a Verification>,
    /// Columns for the lines.
    pub width: usize,
    /// The time by the server's clock.
    pub now: Wall,
}

/// The lines that describe a token: facts, then warnings.
pub fn lines(subject: Subject<'_>, zone: &TimeZone) -> Vec<PageLine> {
    let Subject { claims, count, .. } = subject;
    let mut lines = match claims {
        Some(claims) => facts(claims, subject, zone),
        None => vec![fact("kind", &format!("opaque, {count} characters"))],
    };
    lines.extend(
        warnings(subject)
            .into_iter()
            .map(|(role, text)| PageLine::new(role, "! ").and(role, text)),
    );
    lines
}

/// Why a text cannot be a token, if it cannot.
pub(super) fn fault(token: &str) -> Option<&'static str> {
    if token.chars().any(|c| c == '\n' || c == '\r') {
        Some("it has a line break inside: paste it as one line")
    } else if token.chars().any(char::is_control) {
        Some("it has a control character inside: paste it again")
    } else {
        None
    }
}

fn facts(claims: &Claims, subject: Subject<'_>, zone: &TimeZone) -> Vec<PageLine> {
    let text = |name| claims.text(name).map(str::to_owned);
    let audience = Some(claims.audience().join(" ")).filter(|audience| !audience.is_empty());
    let date = |name| Some(moment(claims.date(name)?, subject.now, zone));
    let rows = [
        ("subject", text("sub")),
        ("issuer", text("iss")),
        ("audience", audience),
        ("scopes", claims.scopes()),
        ("issued", date("iat")),
        ("expires", date("exp")),
    ];
    let mut lines: Vec<_> = rows
        .into_iter()
        .map(|(name, value)| match value {
            Some(value) => fact(name, &value),
            None => fact(name, "not stated"),
        })
        .collect();
    let algorithm = fact("algorithm", claims.algorithm());
    match subject.verification {
        None => lines.push(algorithm.and(Role::Warn, "  signature not verified")),
        Some(told) => {
            let words = escape(&told.to_string()).into_owned();
            lines.push(algorithm);
            lines.extend(wrap::row(
                "signature",
                verified_role(told),
                &words,
                subject.width,
            ));
        }
    }
    lines
}

fn fact(name: &str, value: &str) -> PageLine {
    PageLine::new(Role::Dim, format!("{name:<12}")).and(Role::Text, escape(value).into_owned())
}

/// `12:18:44, in 4 m 12 s`; with the date when it is another day.
fn moment(at: Wall, now: Wall, zone: &TimeZone) -> String {
    let away = at.micros_since(now);
    let span = show_span(std::time::Duration::from_micros(away.unsigned_abs()));
    let shown = words::clock_or_date(at, now, zone);
    if away >= 0 {
        format!("{shown}, in {span}")
    } else {
        format!("{shown}, {span} ago")
    }
}

fn warnings(subject: Subject<'_>) -> Vec<(Role, String)> {
    let refused = subject.refused.then(|| {
        (
            Role::Bad,
            "the server has refused this very token; it will not be offered again".to_owned(),
        )
    });
    let doubts = doubts(subject.claims, subject.count, subject.now).into_iter();
    let role = |grave| if grave { Role::Bad } else { Role::Warn };
    refused
        .into_iter()
        .chain(doubts.map(|doubt| (role(doubt.grave), doubt.text)))
        .collect()
}
