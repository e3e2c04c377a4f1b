//! Tokens tested by the keys of their issuer. Key sets are fetched from where somebody trusts them to be, and kept as long as the
//! process lives; one that lacks a key is fetched again, for keys are changed.

use std::time::Duration;

use url::Url;

use super::super::{
    Sources, blocking,
    oauth::{discover::document, http::Http},
    shared::KeySet,
};
use crate::{
    auth::{Expected, Keys, Unverified, verify},
    clock::Clock,
    config::file,
    event::Verification,
    oauth::Fault,
    profile::{KeyPlace, Proxy, Tls},
};

/// A key set is not fetched again more often.
const AGAIN: Duration = Duration::from_secs(60);
/// The largest file of keys, in bytes.
const LARGEST: usize = 1 << 20;

/// What a token is tested by.
pub(crate) struct Test<'a> {
    /// Where the keys are.
    pub(crate) keys: &'a KeyPlace,
    /// What it must claim.
    pub(crate) expected: Expected,
    /// Whom to trust on the way to the keys, and which way that is.
    pub(crate) way: (&'a Tls, &'a Proxy),
}

impl Sources {
    /// Tests a token by the keys of a place.
    pub(crate) async fn test(&self, token: &str, test: &Test<'_>, clock: Clock) -> Verification {
        let tested = self.tested(token, test, clock).await;
        tested.unwrap_or_else(|Fault(why)| Verification::Open(why))
    }

    async fn tested(
        &self,
        token: &str,
        test: &Test<'_>,
        clock: Clock,
    ) -> Result<Verification, Fault> {
        // Not the name under which tokens are asked for: nothing here may use up what those are allowed.
        let name = format!("the key set of {}", test.keys);
        let http = Http::new(name, test.way, clock, &self.shared, self.log.clone());
        let judge = |keys: &Keys| verify(token, keys, &test.expected, clock.now().wall);
        let mut judged = judge(&self.keys(test.keys, &http, false).await?);
        if matches!(judged, Err(Unverified::UnknownKey(_))) {
            judged = judge(&self.keys(test.keys, &http, true).await?);
        }
        let holder = test.keys.holder();
        Ok(match judged {
            Ok(signer) => Verification::Verified(format!("{holder} ({signer})")),
            Err(Unverified::Wrong(reasons)) => Verification::Failed(reasons.join("; ")),
            Err(Unverified::UnknownKey(name)) => {
                Verification::Failed(format!("{holder} has no key '{name}'"))
            }
        })
    }

    /// The keys of a place. When they lack one they are fetched again, but not too often.
    async fn keys(&self, place: &KeyPlace, http: &Http, lacking: bool) -> Result<Keys, Fault> {
        if let KeyPlace::File(path) = place {
            let path = path.clone();
            let read =
                blocking(move || file::read(&path, LARGEST).map_err(|error| error.fault().message));
            let read = read.await.and_then(|bytes| Keys::set(&bytes));
            return read.map_err(|why| Fault(format!("{place}: {why}")));
        }
        let name = &http.server;
        let _turn = self.shared.turn(name).await;
        let (known, now) = (self.shared.keys(name), http.clock.now().mono);
        let recent = |set: &KeySet| set.again.is_some_and(|at| now.since(at) < AGAIN);
        if let Some(set) = known.as_ref().filter(|set| !lacking || recent(set)) {
            return Ok(set.keys.clone());
        }
        let keys = fetch(place, http).await?;
        self.shared.settle(name);
        let set = KeySet {
            keys: keys.clone(),
            again: known.map(|_| now),
        };
        self.shared.keep_keys(name, set);
        Ok(keys)
    }
}

async fn fetch(place: &KeyPlace, http: &Http) -> Result<Keys, Fault> {
    let url = address(place, http).await?;
    let answer = http.judged(http.get(&url).await?)?;
    let wrong = |why: String| Fault(format!("{}: {why}", http.server));
    match answer.status().as_u16() {
        200 => Keys::set(answer.body()).map_err(wrong),
        status => Err(wrong(format!("HTTP {status} in its place"))),
    }
}

async fn address(place: &KeyPlace, http: &Http) -> Result<Url, Fault> {
    let issuer = match place {
        KeyPlace::Url(url) => return Ok(url.clone()),
        KeyPlace::File(path) => return Err(Fault(format!("{} is a file", path.display()))),
        KeyPlace::Issuer(issuer) => issuer,
    };
    let known = document(issuer, http).await?;
    let missing = || {
        Fault(format!(
            "the document of {issuer} names no key set; write jwks"
        ))
    };
    known.keys.ok_or_else(missing)
}
