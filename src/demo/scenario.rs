//! Scenarios and token samples: data, in `assets/scenarios.toml`, read once.

use std::{sync::LazyLock, time::Duration};

use serde::{Deserialize, Deserializer, de::Error as _};

use super::{
    Feed,
    token::{Algorithm, Grant, Refusal, Role},
};
use crate::{event::StreamId, time::parse_span};

static SCRIPT: LazyLock<Script> = LazyLock::new(|| {
    let text = include_str!("../../assets/scenarios.toml");
    toml::from_str(text).unwrap_or_else(|error| unreachable!("assets/scenarios.toml: {error}"))
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    scenario: Vec<Scenario>,
    token: Vec<TokenSample>,
}

/// Something that happens to connections, played on demand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name for [`super::Server::play`].
    pub name: String,
    /// A few words for a menu.
    pub title: String,
    /// The key that plays it in the menu; unique.
    pub key: char,
    /// For the user: what the server does, what Sockeye will show and decide, and why.
    pub explain: String,
    /// How long the tour stays with it; 0: not part of the tour.
    pub seconds: u64,
    /// The token sample to sign in with before it is played.
    pub offer: Option<String>,
    #[serde(default)]
    pub(super) feed: Feed,
    #[serde(default)]
    pub(super) steps: Vec<Step>,
}

/// A token to try in the sign-in dialog.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSample {
    /// Its name for [`super::Server::sample`].
    pub name: String,
    /// A few words for a menu.
    pub title: String,
    /// For the user: what the server will say to it.
    pub explain: String,
    #[serde(default)]
    pub(super) subject: String,
    #[serde(default)]
    pub(super) role: Role,
    #[serde(default)]
    pub(super) algorithm: Algorithm,
    /// The server's own life of tokens where it is absent.
    #[serde(default, deserialize_with = "some_span")]
    pub(super) life: Option<Duration>,
    #[serde(default, deserialize_with = "span")]
    pub(super) age: Duration,
    /// Signed by another server.
    #[serde(default)]
    pub(super) forged: bool,
    /// In place of a token.
    pub(super) text: Option<String>,
}

impl Scenario {
    /// The stream it is about, by its place in [`super::profiles`].
    pub const fn stream(&self) -> StreamId {
        StreamId(match self.feed {
            Feed::Orders => 0,
            Feed::Prices => 1,
            Feed::Audit => 2,
        })
    }
}

impl TokenSample {
    /// What its token says, where it is one.
    pub(super) fn grant(&self, life: Duration) -> Grant {
        Grant {
            subject: self.subject.clone(),
            role: self.role,
            life: self.life.unwrap_or(life),
            age: self.age,
            algorithm: self.algorithm,
        }
    }
}

/// One thing a scenario does; the next follows at once.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
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
pub(super) enum Order {
    /// Close with this code, valid or not, and this reason.
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
pub(super) struct Upgrades {
    /// How many of them.
    pub(super) next: u32,
    /// The answer comes this late.
    #[serde(default, deserialize_with = "span")]
    pub(super) delay: Duration,
    /// The status to refuse with; absent: they are accepted.
    pub(super) status: Option<u16>,
    /// `Retry-After`, in seconds.
    pub(super) retry_after: Option<u32>,
    /// The body of a refusal.
    #[serde(default)]
    pub(super) body: String,
}

/// Every scenario, in the order of the menu.
pub fn scenarios() -> &'static [Scenario] {
    &SCRIPT.scenario
}

/// The scenarios of the tour, in its order.
pub fn tour() -> impl Iterator<Item = &'static Scenario> {
    scenarios().iter().filter(|scenario| scenario.seconds > 0)
}

/// Every token sample, in the order of the menu.
pub fn samples() -> &'static [TokenSample] {
    &SCRIPT.token
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
        let names: BTreeSet<_> = scenarios().iter().map(|scenario| &scenario.name).collect();
        let keys: BTreeSet<_> = scenarios().iter().map(|scenario| scenario.key).collect();
        assert_eq!(
            (names.len(), keys.len()),
            (scenarios().len(), scenarios().len())
        );
        for scenario in scenarios() {
            assert!(
                scenario.title.len() > 5 && scenario.explain.len() > 40,
                "{}",
                scenario.name
            );
            let offers = |name: &String| samples().iter().any(|sample| sample.name == *name);
            assert!(
                scenario.offer.as_ref().is_none_or(offers),
                "{}",
                scenario.name
            );
        }
        assert!(tour().count() >= 15);
    }

    #[test]
    fn a_misspelt_step_is_an_error() {
        let wrong = "steps = [{ each = { close = { code = 1, reasn = '' } } }]";
        let head = "name = 'a'\ntitle = ''\nkey = 'a'\nexplain = ''\nseconds = 1\n";
        assert!(toml::from_str::<Scenario>(&format!("{head}{wrong}")).is_err());
        assert!(toml::from_str::<Scenario>(&format!("{head}steps = [{{ each = 'eof' }}]")).is_ok());
    }
}
