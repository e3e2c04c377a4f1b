//! Tokens from an authorisation server, by the `oauth2` library: how they are got, kept, renewed and given back.
//!
//! One asks at a time: within the process by a turn, among processes by a lock that is held from the look into the store
//! to the write. So a refresh token is used once, and what it brings is stored before it is used.

pub(super) mod client;
mod code;
mod device;
pub(super) mod discover;
pub(super) mod http;
mod loopback;
mod renewal;
mod revoke;
mod sent;

use std::{sync::Arc, time::Duration};

use client::{Client, Tokens, Trouble};
use http::Http;

use super::{Errand, Vault, blocking, brief, shared::Shared, token};
use crate::{
    log::Log,
    oauth::Granted,
    profile::{Endpoints, Grant, Margins, OAuth, Profile, SecretRef},
    secret::Secret,
    session::FetchFault,
};

pub use revoke::Farewell;

/// How a user signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// By a browser on this machine; `true`: it is opened.
    Browser(bool),
    /// By a code that is typed elsewhere.
    Device,
}

/// What is needed to get tokens for a profile.
#[derive(Clone)]
pub(super) struct Flow {
    profile: String,
    oauth: OAuth,
    /// How long before its end a token is renewed.
    margin: Duration,
    vault: Option<Vault>,
    /// Environment variables that hold secrets.
    hidden: Arc<[String]>,
    errand: Errand,
    http: Http,
}

/// A server whose endpoints are known.
struct Peer {
    endpoints: Endpoints,
    names_itself: bool,
    client: Client,
}

impl Flow {
    pub(super) fn new(
        (profile, oauth): (&Profile, &OAuth),
        (vault, shared, hidden): (Option<Vault>, Arc<Shared>, Arc<[String]>),
        errand: &Errand,
        log: Log,
    ) -> Self {
        Self {
            profile: profile.name.clone(),
            oauth: oauth.clone(),
            margin: profile.margins.renew.unwrap_or(Margins::LEAST_RENEWAL),
            vault,
            hidden,
            errand: errand.clone(),
            http: Http::new(
                oauth.server.to_string(),
                (&profile.tls, &profile.proxy),
                errand.clock,
                &shared,
                log,
            ),
        }
    }

    /// A token that is good: what is kept, else renewed, else got anew where that needs no browser.
    pub(super) async fn fetch(&self) -> Result<Granted, FetchFault> {
        let _turn = self.http.shared.turn(&self.profile).await;
        let why = match self.kept_or_renewed().await? {
            renewal::Outcome::Granted(granted) => return Ok(granted),
            renewal::Outcome::Gone(why) => why,
        };
        let sign_in = format!("run: sockeye login {}", self.profile);
        match self.oauth.grant {
            Grant::Client => Err(FetchFault::SignIn(why)),
            Grant::Code => Err(FetchFault::SignIn(format!("{why}; {sign_in}"))),
            Grant::Device => match self.by_device().await {
                Ok(tokens) => self.take(&tokens).await.map_err(FetchFault::Failed),
                Err(Trouble::Refused(text)) => {
                    Err(FetchFault::SignIn(format!("{text}; {sign_in}")))
                }
                Err(Trouble::Failed(text)) => Err(FetchFault::Failed(text)),
            },
        }
    }

    /// Signs the user in, whatever is kept.
    pub(super) async fn sign_in(&self, how: &SignIn) -> Result<Granted, String> {
        let _turn = self.http.shared.turn(&self.profile).await;
        let tokens = match (self.oauth.grant, how) {
            (Grant::Client, _) => self.by_client().await,
            (_, SignIn::Device) => self.by_device().await,
            (_, SignIn::Browser(open)) => self.by_browser(*open).await,
        };
        let tokens = tokens.map_err(Trouble::text)?;
        self.take(&tokens).await
    }

    /// Keeps what the user's sign-in brought.
    async fn take(&self, tokens: &Tokens) -> Result<Granted, String> {
        let now = self.errand.clock.now();
        let (granted, whole) = client::granted(tokens, self.oauth.granted_for(), None, now);
        whole.map_err(|fault| format!("{}: {fault}", self.http.server))?;
        self.http.shared.settle(&self.http.server);
        // Another process may be renewing what this takes the place of. Whoever has signed in does not lose it to a lock.
        let _lock = self.lock().await;
        self.keep(&granted).await;
        Ok(granted)
    }

    /// Keeps a grant: in the store, so that it outlives this process, else in memory, and says so.
    async fn keep(&self, granted: &Granted) {
        let stored = match &self.vault {
            // Whoever has the secret can get another token.
            _ if self.oauth.grant == Grant::Client => Err(None),
            None => Err(Some(
                "there is no directory to keep the token in".to_owned(),
            )),
            Some(vault) => {
                let (vault, profile, granted) =
                    (vault.clone(), self.profile.clone(), granted.clone());
                let store = move || {
                    let stored = vault.store_granted(&profile, &granted);
                    stored.map_err(|faults| brief(&faults))
                };
                blocking(store).await.map_err(Some)
            }
        };
        // Later it is no longer a token that was issued just now.
        let kept = stored.is_err().then(|| Granted {
            skew: None,
            ..granted.clone()
        });
        self.http.shared.keep(&self.profile, kept);
        if let Err(Some(why)) = stored {
            self.errand.say(format!(
                "the new token is kept in memory only, and is gone when this program ends: {why}"
            ));
        }
    }

    /// What is kept.
    async fn kept(&self) -> Result<Option<Granted>, String> {
        let what = self.oauth.granted_for();
        let kept = self.http.shared.kept(&self.profile);
        if let Some(kept) = kept.filter(|kept| kept.what == what) {
            return Ok(Some(kept));
        }
        let Some(vault) = self.vault.clone() else {
            return Ok(None);
        };
        let profile = self.profile.clone();
        blocking(move || {
            let granted = vault.granted(&profile, &what);
            granted.map_err(|faults| brief(&faults))
        })
        .await
    }

    async fn peer(&self) -> Result<Peer, Trouble> {
        let (endpoints, names_itself) = discover::discover(&self.oauth.server, &self.http).await?;
        let secret = self.client_secret().await.map_err(Trouble::Failed)?;
        Ok(Peer {
            client: client::client(&self.oauth, &endpoints, secret.as_ref()),
            endpoints,
            names_itself,
        })
    }

    async fn client_secret(&self) -> Result<Option<Secret>, String> {
        let Some(place) = &self.oauth.client_secret else {
            return Ok(None);
        };
        let secret = client_secret(place, self.vault.clone(), &self.profile);
        secret.await.map(Some)
    }
}

/// The secret of a profile's client.
pub(super) async fn client_secret(
    place: &SecretRef,
    vault: Option<Vault>,
    profile: &str,
) -> Result<Secret, String> {
    let (place, profile) = (place.clone(), profile.to_owned());
    blocking(move || match place {
        SecretRef::Env(name) => token::from_variable(&name, "client secret"),
        SecretRef::File(path) => token::from_file(&path, "client secret"),
        SecretRef::Stored => {
            let stored = vault.map(|vault| vault.client_secret(&profile)).transpose();
            let stored = stored.map_err(|faults| brief(&faults))?.flatten();
            stored.ok_or_else(|| {
                format!(
                    "no client secret is stored for {profile}; run: sockeye login {profile} --client-secret-stdin"
                )
            })
        }
    })
    .await
}
