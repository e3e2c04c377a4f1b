//! The demo's profiles: one for each way to give a token, with limits so short that everything is seen soon.

use std::{net::SocketAddr, path::Path, time::Duration};

use serde_json::json;
use url::Url;

use super::{files, keys::AUDIENCE, server::Server};
use crate::{
    auth::{FirstMessage, Way},
    profile::{KeyPlace, Limits, Margins, Profile, Retry, Source, Verify, WhenFull},
};

const LOGIN: &str = r#"{"type":"auth","token":"{token}"}"#;

/// The profiles of the demo; those that renew themselves read the files of [`super::keep_token_files`] in `tokens`.
pub fn profiles(server: &Server, tokens: &Path) -> Vec<Profile> {
    let by_message = Way::FirstMessage(FirstMessage {
        template: LOGIN.to_owned(),
        ack: Some(json!({"type": "auth_ok"})),
        refusal: None,
        renew: Some(LOGIN.to_owned()),
    });
    let by_header = Way::Header {
        name: "Authorization".to_owned(),
        prefix: "Bearer ".to_owned(),
    };
    let by_query = Way::Query {
        name: "token".to_owned(),
    };
    let file = |profile| Source::File(files::path(tokens, profile));
    let rows = [
        ("orders@demo", "/ws/orders", by_message, Source::Prompt),
        (
            "prices@demo",
            "/strict/ws/prices",
            by_header,
            file("prices"),
        ),
        ("audit@demo", "/ws/audit", by_query, file("audit")),
    ];
    let life = server.shared.options.token_life;
    let profile = |(name, path, way, source)| {
        Profile::new(name, url("ws", server.address(), path), way, source)
    };
    let mut profiles: Vec<_> = rows.map(|row| quick(profile(row), life)).into();
    for profile in profiles
        .iter_mut()
        .filter(|profile| profile.name == "prices@demo")
    {
        profile.verify = Some(Verify {
            keys: Some(KeyPlace::Url(url("http", server.address(), "/jwks"))),
            audience: Some(AUDIENCE.to_owned()),
            introspection: None,
        });
    }
    profiles
}

fn url(scheme: &str, address: SocketAddr, path: &str) -> Url {
    Url::parse(&format!("{scheme}://{address}{path}"))
        .unwrap_or_else(|error| unreachable!("an address and a path of ours make a URL: {error}"))
}

fn quick(mut profile: Profile, life: Duration) -> Profile {
    profile.limits = Limits {
        connect: Duration::from_secs(5),
        login: Duration::from_secs(5),
        ping: Duration::from_secs(5),
        pong: Duration::from_secs(4),
        ..Limits::default()
    };
    profile.margins = Margins {
        warn: life / 2,
        alarm: life / 6,
        renew: Some(life / 6),
    };
    profile.retry = Retry {
        base: Duration::from_secs(1),
        cap: Duration::from_secs(8),
        stable: Duration::from_secs(10),
        later: (Duration::from_secs(5), Duration::from_secs(30)),
        ..Retry::default()
    };
    profile.when_full = WhenFull::Drop;
    profile
}
