//! The network shell against small scripted servers on loopback: what a server did is what is told.

mod calls;
mod compressed;
mod driving;
mod ends;
mod opening;
mod proxied;
mod scripted;
mod secured;
#[cfg(unix)]
mod signer;

use sockeye::{
    auth::{OpenRequest, Way},
    dialect::Filled,
    profile::{Profile, Source},
};
use url::Url;

/// A profile without a credential.
fn profile(url: &str) -> Profile {
    let url = Url::parse(url).unwrap();
    Profile::new("test", url, Way::None, Source::Prompt)
}

/// What a session asks for with such a profile.
fn request(profile: &Profile) -> OpenRequest {
    OpenRequest {
        compression: profile.compression.unwrap_or(true),
        url: profile.url.clone(),
        query: Vec::new(),
        headers: Vec::new(),
        subprotocols: profile.subprotocols.iter().map(Filled::plain).collect(),
    }
}
