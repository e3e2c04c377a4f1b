//! What the demo can play, as data: scenarios and tokens to try, in `assets/scenarios.toml`, read once.
//!
//! The demo's server performs a scenario, the screen announces and explains it; both read the same one from here.

use std::{sync::LazyLock, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{event::StreamId, time::parse_span};

static STANDARD: LazyLock<Script> = LazyLock::new(|| {
    Script::read(include_str!("../assets/scenarios.toml"))
        .unwrap_or_else(|fault| unreachable!("assets/scenarios.toml: {fault}"))
});

/// All that the demo offers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What can be played, in the order of the menu.
    #[serde(rename = "scenario")]
    pub scenarios: Vec<Scenario>,
    /// Tokens to try in the sign-in dialog, in its order.
    #[serde(rename = "token")]
    pub samples: Vec<Sample>,
}

/// Something that happens to connections, played on demand.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name for the program.
    pub name: String,
    /// A few words for a menu.
    pub title: String,
    /// The key that plays it in the menu; unique.
    pub key: char,
    /// For the user: what the server does, what Sockeye will show and decide, and why.
    pub explain: String,
    /// How long the tour stays with it; 0: not part of the tour.
    pub seconds: u64,
    /// The sample to sign in with before it is played.
    pub offer: Option<String>,
    /// Whose connections it is about.
    #[serde(default)]
    pub feed: Feed,
    /// What is done, one after the other.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// A token to try in the sign-in dialog.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Its name for the program.
    pub name: String,
    /// A few words for a menu.
    pub title: String,
    /// For the user: what the server will say to it.
    pub explain: String,
    /// The user it is made out to.
    #[serde(default)]
    pub subject: String,
    /// What its bearer may see.
    #[serde(default)]
    pub role: Role,
    /// How it is signed.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// From issue to expiry; absent: as long as the server's tokens live.
    #[serde(default, deserialize_with = "some_span")]
    pub life: Option<Duration>,
    /// How long ago it was issued.
    #[serde(default, deserialize_with = "span")]
    pub age: Duration,
    /// Whether it is signed by another server.
    #[serde(default)]
    pub forged: bool,
    /// What stands in place of a token.
    pub text: Option<String>,
}

/// What a connection listens to; the last part of its path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Feed {
    /// Orders, payments, shipments.
    #[default]
    Orders,
    /// Prices.
    Prices,
    /// Who did what.
    Audit,
}

/// What a token's bearer may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    #[default]
    Operator,
    /// Orders and prices.
    Viewer,
    /// Nothing.
    Guest,
}

/// How a token is signed (RFC 7518 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    #[default]
    #[serde(rename = "HS256")]
    Hs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

/// Why a token does not let its bearer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Refusal {
    /// There is none.
    Missing,
    /// It is malformed or wrongly signed.
    Invalid,
    /// Its time is over.
    Expired,
    /// It was withdrawn.
    Revoked,
    /// Its bearer may not see the feed.
    Forbidden,
}

/// One thing a scenario does; the next follows at once.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Nothing, for this long.
    Wait(#[serde(deserialize_with = "span")] Duration),
    /// Every connection of the feed gets this order.
    Each(Order),
    /// The tokens that were in use when the scenario began are refused like this from now on, on live connections too.
    Tokens(Refusal),
    /// The next upgrades of the feed are treated like this.
    Upgrades(Upgrades),
}

/// What a connection is told to do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Order {
    /// Close with this code, valid or not, and this reason.
    #[expect(missing_docs, reason = "as in the close frame")]
    Close { code: u16, reason: String },
    /// Close TCP in the ordinary way, but without a close frame.
    Eof,
    /// Reset TCP.
    Reset,
    /// Keep the socket, but neither read nor write for this long.
    Silence(#[serde(deserialize_with = "span")] Duration),
    /// Put these bytes on the wire between two frames.
    Bytes(Vec<u8>),
    /// Send this text message.
    Text(String),
    /// Send that many events at once.
    Burst(u32),
}

/// How upgrades are treated.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upgrades {
    /// How many of them.
    pub next: u32,
    /// The answer comes this late.
    #[serde(default, deserialize_with = "span")]
    pub delay: Duration,
    /// The status to refuse with; absent: they are accepted.
    pub status: Option<u16>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
    /// The body of a refusal.
    #[serde(default)]
    pub body: String,
}

impl Script {
    /// What `assets/scenarios.toml` holds.
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    /// Reads a script.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn read(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// The scenarios of the tour in its order, by their places in the menu.
    pub fn tour(&self) -> impl Iterator<Item = usize> {
        let scenarios = self.scenarios.iter().enumerate();
        scenarios.filter_map(|(at, scenario)| (scenario.seconds > 0).then_some(at))
    }
}

impl Scenario {
    /// The stream it is about: the demo's streams stand in the order of the feeds.
    pub const fn stream(&self) -> StreamId {
        StreamId(self.feed as u16)
    }
}

fn span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse_span(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn some_span<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    span(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_and_keys_are_unique_and_texts_are_there() {
        let Script { scenarios, samples } = Script::standard();
        let names: BTreeSet<_> = scenarios.iter().map(|scenario| &scenario.name).collect();
        let keys: BTreeSet<_> = scenarios.iter().map(|scenario| scenario.key).collect();
        assert_eq!(
            (names.len(), keys.len()),
            (scenarios.len(), scenarios.len())
        );
        for scenario in scenarios {
            assert!(
                scenario.title.len() > 5 && scenario.explain.len() > 40,
                "{}",
                scenario.name
            );
            let offers = |name: &String| samples.iter().any(|sample| sample.name == *name);
            assert!(
                scenario.offer.as_ref().is_none_or(offers),
                "{}",
                scenario.name
            );
        }
        assert!(Script::standard().tour().count() >= 15);
    }

    #[test]
    fn a_misspelt_step_is_an_error() {
        let wrong = "steps = [{ each = { close = { code = 1, reasn = '' } } }]";
        let head = "name = 'a'\ntitle = ''\nkey = 'a'\nexplain = ''\nseconds = 1\n";
        assert!(toml::from_str::<Scenario>(&format!("{head}{wrong}")).is_err());
        assert!(toml::from_str::<Scenario>(&format!("{head}steps = [{{ each = 'eof' }}]")).is_ok());
    }
}
