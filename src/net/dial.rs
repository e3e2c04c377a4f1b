//! Opening a link: the way to the server and the upgrade, each step named, timed and within one time limit.

use super::{
    link::{Link, Socket},
    proxy::{self, Via},
    reach::{reach, stays_here},
    request,
    stages::Stages,
    upgrade::{Accepted, Answer, upgrade},
};
use crate::{
    auth::OpenRequest,
    cause::{Cause, Stage},
    clock::Clock,
    event::OpenFacts,
    log::Log,
    profile::Profile,
};

/// Opens a link within `profile.limits.connect`, and logs the steps. The body of a refusal may take 2 s on top.
///
/// # Errors
/// The cause, with the stage that failed; [`Cause::Credential`] before anything is sent when a credential would go
/// over plain `ws:` to another machine.
pub async fn dial(
    request: &OpenRequest,
    profile: &Profile,
    clock: Clock,
    log: &Log,
) -> Result<(Link, OpenFacts), Cause> {
    let via = proxy::choose(&profile.proxy, &request.url).await?;
    let via = via.as_ref();
    refuse_plain_text(request, profile, via)?;
    let mut stages = Stages::start(profile.limits.connect, clock, log);
    let reached = reach(&request.url, &profile.tls, via, &mut stages).await?;
    let mut socket = reached.socket;
    let answer = stages
        .run(Stage::Upgrade, upgrade(&mut socket, request, clock))
        .await
        .map_err(|cause| proxy::named(cause, via))?;
    let accepted = match answer {
        Answer::Accepted(accepted) => accepted,
        Answer::Refused(refused) => {
            return Err(Cause::Http(refused.read(&mut socket, request).await));
        }
    };
    let facts = OpenFacts {
        peer: reached.peer,
        proxy: reached.proxy,
        tls: reached.tls,
        stages: stages.taken,
        ..OpenFacts::default()
    };
    Ok(open(socket, accepted, facts, profile))
}

fn open(
    socket: Box<dyn Socket>,
    accepted: Accepted,
    mut facts: OpenFacts,
    profile: &Profile,
) -> (Link, OpenFacts) {
    facts.skew = accepted.skew;
    facts.subprotocol = accepted.subprotocol;
    facts.warnings = accepted.warnings;
    facts.compression = accepted.compression.is_some();
    let link = Link::new(socket, accepted.tail, &profile.limits);
    let link = match accepted.compression {
        Some(agreement) => link.inflating(agreement, &profile.limits),
        None => link,
    };
    (link, facts)
}

/// A credential over plain `ws:` can be read on the way; only this machine is near enough.
fn refuse_plain_text(
    request: &OpenRequest,
    profile: &Profile,
    via: Option<&Via>,
) -> Result<(), Cause> {
    let plain = request.url.scheme() != "wss" && !stays_here(&request.url, via);
    let secret = request::carries_secret(request) || profile.wants_credential();
    if plain && secret && !profile.plain_text {
        let way = via.map_or_else(String::new, |via| format!(" via {}", via.address));
        return Err(Cause::Credential(format!(
            "it is not sent over plain ws: to {}{way}, where others can read it; use wss:, or allow it with `plain-text = true`",
            request::host(&request.url)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{auth::Way, dialect::Filled, profile::Source, secret::Secret};
    use url::Url;

    fn plain(url: &str, way: Way) -> (OpenRequest, Profile) {
        let url = Url::parse(url).unwrap();
        let request = OpenRequest {
            compression: true,
            url: url.clone(),
            query: matches!(way, Way::Query { .. })
                .then(|| ("token".into(), Filled::secret(Secret::new("s3cret".into()))))
                .into_iter()
                .collect(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
        };
        (request, Profile::new("test", url, way, Source::Prompt))
    }

    #[test]
    fn no_credential_goes_over_plain_ws_to_another_machine() {
        let query = || Way::Query {
            name: "token".into(),
        };
        for (url, way, refused) in [
            ("ws://feed.test/", query(), true),
            ("ws://192.0.2.1/", query(), true),
            ("ws://localhost.feed.test/", query(), true),
            ("ws://feed.test/", Way::None, false),
            ("wss://feed.test/", query(), false),
            ("ws://localhost:1/", query(), false),
            ("ws://127.1.2.3/", query(), false),
            ("ws://[::1]/", query(), false),
            ("ws://[::ffff:127.0.0.1]/", query(), false),
        ] {
            let (request, mut profile) = plain(url, way);
            let answer = refuse_plain_text(&request, &profile, None);
            assert_eq!(
                matches!(answer, Err(Cause::Credential(_))),
                refused,
                "{url}"
            );
            profile.plain_text = true;
            assert_eq!(refuse_plain_text(&request, &profile, None), Ok(()));
        }
    }
}
