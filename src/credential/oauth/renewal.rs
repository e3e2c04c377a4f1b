//! Using what is kept, and renewing it under the lock.

use std::{
    fs::{File, TryLockError},
    time::Duration,
};

use oauth2::RefreshToken;

use super::{
    Flow,
    client::{Tokens, Trouble, extra, granted, scopes, trouble},
};
use crate::{
    credential::{blocking, brief},
    oauth::{Due, Granted, due},
    profile::Grant,
    secret::Secret,
    session::FetchFault,
    time::Wall,
};

/// How often and how long another process is waited for: longer than a request may take.
const WAITS: (u32, Duration) = (1200, Duration::from_millis(25));

/// What became of what is kept.
pub(super) enum Outcome {
    /// A good token.
    Granted(Granted),
    /// There is none, and why.
    Gone(String),
}

impl Flow {
    /// What is kept, renewed when it is due.
    pub(super) async fn kept_or_renewed(&self) -> Result<Outcome, FetchFault> {
        let kept = self.kept().await.map_err(FetchFault::Failed)?;
        if let Some(kept) = kept
            && self.due(&kept) == Due::Use
        {
            return Ok(Outcome::Granted(kept));
        }
        // A task of its own, so that a stream that is stopped meanwhile does not lose what the server sends: the refresh
        // token may be spent by then.
        let (flow, renewing) = (self.clone(), self.http.shared.renewing().await);
        let work = async move {
            let outcome = flow.renew_locked().await;
            drop(renewing);
            outcome
        };
        let renewed = tokio::spawn(work).await;
        renewed.unwrap_or_else(|_| Err(FetchFault::Failed("renewing the token broke off".into())))
    }

    fn due(&self, kept: &Granted) -> Due {
        let renewable = kept.refresh.is_some() || self.oauth.grant == Grant::Client;
        due(
            kept,
            renewable,
            &self.errand.unwanted,
            self.margin,
            self.wall(),
        )
    }

    fn wall(&self) -> Wall {
        self.errand.clock.now().wall
    }

    async fn renew_locked(&self) -> Result<Outcome, FetchFault> {
        let _lock = self.lock().await.map_err(FetchFault::Failed)?;
        // Another process may have been quicker.
        let kept = self.kept().await.map_err(FetchFault::Failed)?;
        let spare = match kept.as_ref().map(|kept| self.due(kept)) {
            Some(Due::Use) => {
                return Ok(kept.map_or_else(|| self.none(), Outcome::Granted));
            }
            Some(Due::Refresh { spare }) => spare,
            Some(Due::Gone) | None => false,
        };
        let renewed = match (&kept, self.oauth.grant) {
            (_, Grant::Client) => self.renew(None).await,
            (Some(old), _) if old.refresh.is_some() => self.renew(Some(old)).await,
            _ => return Ok(self.none()),
        };
        match (renewed, kept) {
            (Ok(granted), _) => Ok(Outcome::Granted(granted)),
            (Err(trouble), Some(old)) if spare => {
                self.errand.say(format!(
                    "renewal failed, the token in use stays: {}",
                    trouble.text()
                ));
                Ok(Outcome::Granted(old))
            }
            (Err(Trouble::Refused(text)), _) => Ok(Outcome::Gone(text)),
            (Err(Trouble::Failed(text)), _) => Err(FetchFault::Failed(text)),
        }
    }

    fn none(&self) -> Outcome {
        Outcome::Gone(format!("nobody is signed in for {}", self.profile))
    }

    /// Renews a grant, or gets one as the client, and keeps it before anybody uses it.
    async fn renew(&self, old: Option<&Granted>) -> Result<Granted, Trouble> {
        let before = old.and_then(|old| old.refresh.clone());
        let tokens = match &before {
            Some(refresh) => self.refresh(refresh).await?,
            None => self.by_client().await?,
        };
        let now = self.errand.clock.now();
        let what = self.oauth.granted_for();
        let (granted, whole) = granted(&tokens, what, before, now);
        if let Err(fault) = whole {
            if let Some(old) = old {
                // The token is of no use, but its refresh token may have taken the place of ours.
                let refresh = granted.refresh;
                self.keep(&Granted {
                    refresh,
                    ..old.clone()
                })
                .await;
            }
            return Err(Trouble::Failed(format!("{}: {fault}", self.http.server)));
        }
        self.http.shared.settle(&self.http.server);
        self.keep(&granted).await;
        Ok(granted)
    }

    async fn refresh(&self, refresh: &Secret) -> Result<Tokens, Trouble> {
        let peer = self.peer().await?;
        let refresh = RefreshToken::new(refresh.expose().to_owned());
        let mut request = peer.client.exchange_refresh_token(&refresh);
        for (name, value) in extra(&self.oauth) {
            request = request.add_extra_param(name, value);
        }
        let ask = self.http.asker(&peer.endpoints.token);
        let tokens = request.request_async(&ask).await;
        tokens.map_err(|error| trouble(&self.http.server, error))
    }

    /// The client's own grant (RFC 6749 section 4.4).
    pub(super) async fn by_client(&self) -> Result<Tokens, Trouble> {
        let peer = self.peer().await?;
        let mut request = peer.client.exchange_client_credentials();
        request = request.add_scopes(scopes(&self.oauth));
        for (name, value) in extra(&self.oauth) {
            request = request.add_extra_param(name, value);
        }
        let ask = self.http.asker(&peer.endpoints.token);
        let tokens = request.request_async(&ask).await;
        tokens.map_err(|error| trouble(&self.http.server, error))
    }

    /// Waits until no other process renews this profile's token. The lock is held until the file is dropped.
    pub(in crate::credential) async fn lock(&self) -> Result<Option<File>, String> {
        let Some(vault) = self
            .vault
            .clone()
            .filter(|_| self.oauth.grant != Grant::Client)
        else {
            return Ok(None);
        };
        let profile = self.profile.clone();
        let file = blocking(move || {
            let file = vault.renewal_lock(&profile);
            file.map_err(|faults| brief(&faults))
        });
        let file = file.await?;
        for _ in 0..WAITS.0 {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(WAITS.1).await,
                Err(TryLockError::Error(error)) => {
                    return Err(format!(
                        "the tokens cannot be locked: {error}; keep them on a disk that knows file locks"
                    ));
                }
            }
        }
        Err(
            "another process renews this token and does not end; end that process, then try again"
                .into(),
        )
    }
}
