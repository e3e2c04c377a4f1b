//! What is odd about a token, told before it is used. Nothing is verified here.

use std::time::Duration;

use serde_json::Value;

use super::Claims;
use crate::time::{Wall, show_span};

/// Tokens longer than this do not fit where most servers read them.
const LONG: usize = 8192;
/// Access tokens that live longer than this are a risk: nobody can take them back (RFC 9700 section 2.2).
const LONG_LIFE: Duration = Duration::from_secs(24 * 3600);
/// So far ahead of our clock a time is explained by clocks that differ.
const SKEW: i64 = 60_000_000;
/// Header members by which a token names its own key, which a server must not trust (RFC 8725 section 3.10).
const OWN_KEY: [&str; 4] = ["jwk", "jku", "x5u", "x5c"];

/// Something odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Whether the token will not, or must not, be accepted.
    pub grave: bool,
    /// What it is, in a sentence.
    pub text: String,
}

/// What is odd about a token of so many characters; `claims` where it is a JWT.
pub fn doubts(claims: Option<&Claims>, count: usize, now: Wall) -> Vec<Doubt> {
    let long = (count > LONG).then(|| {
        light(format!(
            "{count} characters are more than most servers accept in a header"
        ))
    });
    let of_claims = claims.into_iter().flat_map(|claims| of_claims(claims, now));
    long.into_iter().chain(of_claims).collect()
}

fn of_claims(claims: &Claims, now: Wall) -> Vec<Doubt> {
    let none = claims.algorithm().eq_ignore_ascii_case("none");
    let unsigned =
        none.then(|| grave("it is not signed (alg none); a server that accepts it is broken"));
    let own_key = OWN_KEY
        .iter()
        .find(|name| claims.header.get(**name).is_some());
    let own_key = own_key.map(|name| {
        light(format!(
            "it names its own key ('{name}' in the header); a server must not trust that"
        ))
    });
    let critical = claims.header.get("crit").and_then(Value::as_array);
    let critical = critical
        .map(|_| light("it demands extensions ('crit' in the header) that few servers know"));
    let all = [
        unsigned,
        own_key,
        critical,
        expiry(claims, now),
        life(claims),
        too_early(claims, now),
        issued_ahead(claims, now),
    ];
    all.into_iter().flatten().collect()
}

fn expiry(claims: &Claims, now: Wall) -> Option<Doubt> {
    match claims.date("exp") {
        None => Some(light("it states no expiry, so there is no countdown")),
        Some(expires) if expires <= now => {
            let ago = Duration::from_micros(now.micros_since(expires).unsigned_abs());
            Some(grave(format!(
                "it has expired already, {} ago",
                show_span(ago)
            )))
        }
        Some(_) => None,
    }
}

fn life(claims: &Claims) -> Option<Doubt> {
    let life = claims.life()?;
    let text = format!(
        "it lives {}; a token that is stolen cannot be taken back until then",
        show_span(life)
    );
    (life > LONG_LIFE).then(|| light(text))
}

fn too_early(claims: &Claims, now: Wall) -> Option<Doubt> {
    let ahead = claims.date("nbf")?.micros_since(now);
    let span = show_span(Duration::from_micros(ahead.unsigned_abs()));
    (ahead > 0).then(|| grave(format!("it is not valid yet: 'nbf' is {span} ahead")))
}

fn issued_ahead(claims: &Claims, now: Wall) -> Option<Doubt> {
    let ahead = claims.date("iat")?.micros_since(now);
    let span = show_span(Duration::from_micros(ahead.unsigned_abs()));
    (ahead > SKEW).then(|| {
        light(format!(
            "it was issued {span} ahead of this machine's clock; one of the clocks is wrong"
        ))
    })
}

fn light(text: impl Into<String>) -> Doubt {
    Doubt {
        grave: false,
        text: text.into(),
    }
}

fn grave(text: impl Into<String>) -> Doubt {
    Doubt {
        grave: true,
        text: text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Wall = Wall::from_seconds(1_795_521_600);

    fn told(header: Value, claims: Value) -> String {
        let claims = Claims { header, claims };
        let mark = |doubt: &Doubt| if doubt.grave { "!! " } else { "! " };
        let lines = doubts(Some(&claims), 100, NOW);
        let lines = lines
            .iter()
            .map(|doubt| [mark(doubt), &doubt.text, "\n"].concat());
        lines.collect()
    }

    #[test]
    fn what_is_odd_is_told() {
        let at = |seconds: i64| NOW.seconds() + seconds;
        assert_eq!(
            told(
                json!({"alg": "HS256"}),
                json!({"iat": at(-60), "exp": at(240)})
            ),
            ""
        );
        let odd = told(
            json!({"alg": "None", "jku": "https://evil.example", "crit": ["b64"]}),
            json!({"iat": at(3600), "nbf": at(3600), "exp": at(-10)}),
        );
        assert_eq!(
            odd,
            "!! it is not signed (alg none); a server that accepts it is broken\n\
             ! it names its own key ('jku' in the header); a server must not trust that\n\
             ! it demands extensions ('crit' in the header) that few servers know\n\
             !! it has expired already, 10 s ago\n\
             !! it is not valid yet: 'nbf' is 1 h 00 m ahead\n\
             ! it was issued 1 h 00 m ahead of this machine's clock; one of the clocks is wrong\n"
        );
        assert_eq!(
            told(json!({}), json!({})),
            "! it states no expiry, so there is no countdown\n"
        );
        assert_eq!(
            told(json!({}), json!({"iat": at(0), "exp": at(40 * 86_400)})),
            "! it lives 40 d 0 h; a token that is stolen cannot be taken back until then\n"
        );
        assert_eq!(doubts(None, 9000, NOW).len(), 1);
    }
}
