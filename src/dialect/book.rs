//! The dialects that are shipped: the files of `assets/dialects/`, within the program.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use super::{Dialect, read};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../assets/dialects/", $name, ".toml")))),*];
        /// The names of the shipped dialects, in the order of the alphabet.
        pub const NAMES: &[&str] = &[$($name),*];
    };
}

files!(
    "ably",
    "actioncable",
    "alpaca",
    "apigateway",
    "appsync-events",
    "appsync",
    "aws-iot",
    "azure-webpubsub",
    "bearer-cookie",
    "bearer-query",
    "bearer",
    "binance-user",
    "binance",
    "bybit",
    "centrifugo",
    "coinbase",
    "deepgram",
    "directus",
    "discord",
    "fastapi",
    "finnhub",
    "first-message",
    "graphql-transport-ws",
    "graphql-ws",
    "hasura",
    "homeassistant",
    "jupyter",
    "kraken",
    "kubernetes",
    "mattermost",
    "mqtt",
    "nats",
    "nostr",
    "okx",
    "openai-realtime",
    "phoenix",
    "polygon",
    "pusher",
    "rocketchat",
    "signalr",
    "slack",
    "socketio",
    "stomp",
    "supabase",
    "twitch-eventsub",
    "twitch-irc",
    "wamp",
);

static BOOK: LazyLock<BTreeMap<&str, Arc<Dialect>>> = LazyLock::new(|| {
    let parsed = FILES.iter().map(|(name, text)| {
        let dialect = read(&format!("{name}.toml"), text);
        let dialect = dialect
            .unwrap_or_else(|faults| unreachable!("assets/dialects/{name}.toml: {faults:?}"));
        (*name, Arc::new(dialect))
    });
    parsed.collect()
});

/// A shipped dialect by its name.
pub fn shipped(name: &str) -> Option<Arc<Dialect>> {
    BOOK.get(name).cloned()
}

/// The file of a shipped dialect.
pub fn text(name: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
