//! Where credentials come from and where they are kept: the only code that reads a token from outside.
//!
//! Nothing here puts a token into a message, whatever goes wrong.

mod child;
mod entry;
mod errand;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "plain.rs")]
pub(crate) mod folder;
mod format;
mod helper;
mod mint;
mod oauth;
#[cfg_attr(not(feature = "keyring"), path = "no_keyring.rs")]
mod os_keyring;
mod shared;
mod signer;
mod ticket;
mod token;
mod trail;
mod vault;
mod verify;
mod watch;

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::timeout;

use self::{oauth::Flow, shared::Shared};
use crate::{
    audit::Record,
    auth::Credential,
    diagnostic::Diagnostic,
    dialect::Filled,
    log::Log,
    oauth::Granted,
    profile::{OAuth, Profile, SecretRef, Source},
    secret::Secret,
    session::FetchFault,
};

pub use errand::Errand;
pub use oauth::{Farewell, SignIn};
pub use trail::Trail;
pub use vault::Vault;
pub(crate) use verify::Test;
pub(crate) use watch::FileWatch;

/// What is read from variables and files.
const TOKEN: &str = "token";
/// How long the end of the program waits for renewals.
const FAREWELL: Duration = Duration::from_secs(3);

/// The sources of credentials of this process. Copies know of each other.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    vault: Option<Vault>,
    trail: Option<Trail>,
    /// Environment variables that hold secrets: no other program gets them.
    hidden: Arc<[String]>,
    shared: Arc<Shared>,
    log: Log,
}

impl Sources {
    /// The sources with a store, or without one.
    pub fn new(vault: Option<Vault>) -> Self {
        Self {
            vault,
            ..Self::default()
        }
    }

    /// The same, with an audit of what becomes of the credentials.
    #[must_use]
    pub fn with_trail(self, trail: Trail) -> Self {
        Self {
            trail: Some(trail),
            ..self
        }
    }

    /// The same, with a log of what is done.
    #[must_use]
    pub fn with_log(self, log: Log) -> Self {
        Self { log, ..self }
    }

    /// The log for lines about a profile.
    pub fn log(&self, profile: &Profile) -> Log {
        self.log.about(&profile.name)
    }

    /// The same, with more environment variables that other programs do not get.
    #[must_use]
    pub fn hiding(self, names: Vec<String>) -> Self {
        Self {
            hidden: self.hidden.iter().cloned().chain(names).collect(),
            ..self
        }
    }

    /// Has a profile's signer sign: a command, the program and its arguments.
    ///
    /// # Errors
    /// What is wrong and how to mend it, without secrets.
    pub(crate) async fn sign(&self, command: &[String], give: &Filled) -> Result<Secret, String> {
        signer::run(command, give, &self.hidden).await
    }

    /// Runs a command of the configuration that is told a text; what it writes is nobody's.
    ///
    /// # Errors
    /// What is wrong, without secrets.
    pub(crate) async fn tell_command(&self, argv: &[String], text: &Secret) -> Result<(), String> {
        let around = child::Around {
            limit: child::LIMIT,
            hidden: &self.hidden,
        };
        match child::run(around, argv, Some(text)).await {
            Ok(_) => Ok(()),
            Err(child::Fault::Said(why)) => Err(why),
            Err(child::Fault::Failed(status, _)) => Err(status.to_string()),
        }
    }

    /// Writes what became of a credential down. It may wait for a disk.
    ///
    /// # Errors
    /// What is wrong and how to mend it, in one line.
    pub fn audit(&self, record: &Record) -> Result<(), String> {
        self.trail
            .as_ref()
            .map_or(Ok(()), |trail| trail.write(record))
    }

    /// Waits for renewals that are under way, some seconds at most: before the program ends, so that no refresh token is
    /// lost that took the place of a stored one.
    pub async fn settle(&self) {
        // Whoever is not done by then is cut off.
        let _ = timeout(FAREWELL, self.shared.settled()).await;
    }

    /// Fetches the credential of a profile from its source.
    ///
    /// # Errors
    /// [`FetchFault::AskUser`] when only the user can give one, else what is wrong and how to mend it.
    pub async fn fetch(
        &self,
        profile: &Profile,
        errand: &Errand,
    ) -> Result<Credential, FetchFault> {
        self.fetch_from(&profile.source, profile, errand).await
    }

    /// Fetches a credential from a source that a profile names. Boxed, as tickets are got with tokens of another source.
    fn fetch_from<'a>(
        &'a self,
        source: &'a Source,
        profile: &'a Profile,
        errand: &'a Errand,
    ) -> BoxFuture<'a, Result<Credential, FetchFault>> {
        let failed = FetchFault::Failed;
        let shown = source.to_string();
        let plain = move |secret: Secret| Credential::new(secret.expose(), shown.clone());
        async move {
            match source {
                Source::Prompt => Err(FetchFault::AskUser),
                Source::Env(name) => token::from_variable(name, TOKEN).map(plain).map_err(failed),
                Source::File(path) => {
                    let path = path.clone();
                    let read = blocking(move || token::from_file(&path, TOKEN)).await;
                    read.map(plain).map_err(failed)
                }
                Source::Stored => {
                    let stored = self.stored(profile).await.map_err(failed)?;
                    stored.map(plain).ok_or(FetchFault::AskUser)
                }
                Source::Keyring => {
                    let stored = os_keyring::get(&profile.name).await.map_err(failed)?;
                    let secret = stored.ok_or(FetchFault::AskUser)?;
                    let checked = token::check(secret.expose().trim());
                    checked.map_err(|why| failed(format!("the token in the keyring {why}")))?;
                    Ok(plain(secret))
                }
                Source::Command(helper) => {
                    let (secret, until) = helper::run(helper, errand, &self.hidden)
                        .await
                        .map_err(failed)?;
                    Ok(plain(secret).until(until))
                }
                Source::Mint(mint) => mint::mint(mint, errand).await.map(plain).map_err(failed),
                Source::OAuth(oauth) => {
                    let granted = self.flow(profile, oauth, errand).fetch().await?;
                    Ok(credential(&granted, source))
                }
                Source::Ticket(ticket) => self.ticket(ticket, profile, errand).await,
            }
        }
        .boxed()
    }

    /// Keeps a credential for a profile: in `credentials.toml`, or in the system's keyring where the profile says so.
    ///
    /// # Errors
    /// What is wrong and how to mend it.
    pub async fn store(&self, profile: &Profile, credential: &Credential) -> Result<(), String> {
        let (name, secret) = (profile.name.clone(), credential.secret.clone());
        if profile.source == Source::Keyring {
            token::check(secret.expose()).map_err(|why| format!("the token {why}"))?;
            return os_keyring::set(&name, secret).await;
        }
        let vault = self.vault()?;
        blocking(move || vault.store(&name, &secret).map_err(|faults| brief(&faults))).await
    }

    /// Keeps the secret of a profile's client in `credentials.toml`.
    ///
    /// # Errors
    /// What is wrong and how to mend it.
    pub async fn store_client_secret(
        &self,
        profile: &Profile,
        secret: Secret,
    ) -> Result<(), String> {
        let (vault, name) = (self.vault()?, profile.name.clone());
        blocking(move || {
            let stored = vault.store_client_secret(&name, &secret);
            stored.map_err(|faults| brief(&faults))
        })
        .await
    }

    /// Signs the user in at the authorisation server of a profile. What is to be opened or typed is told by the errand.
    ///
    /// # Errors
    /// Why there is no token.
    pub async fn sign_in(
        &self,
        profile: &Profile,
        oauth: &OAuth,
        how: &SignIn,
        errand: &Errand,
    ) -> Result<Credential, String> {
        let granted = self.flow(profile, oauth, errand).sign_in(how).await?;
        Ok(credential(&granted, &profile.source))
    }

    /// Forgets everything that is kept for a profile, after giving it back where the server takes it.
    pub async fn sign_out(&self, profile: &Profile, errand: &Errand) -> Farewell {
        let flow = profile.source.oauth();
        let flow = flow.map(|oauth| self.flow(profile, oauth, errand));
        let (lock, mut farewell) = match &flow {
            Some(flow) => (flow.lock().await.ok(), flow.revoke().await),
            None => (None, Farewell::default()),
        };
        self.shared.keep(&profile.name, None);
        if let Some(vault) = self.vault.clone() {
            let name = profile.name.clone();
            let removed = blocking(move || vault.remove(&name).map_err(|faults| brief(&faults)));
            match removed.await {
                Ok(true) => farewell.done.push("removed from credentials.toml".into()),
                Ok(false) => {}
                Err(why) => farewell.failed.push(why),
            }
        }
        if profile.source == Source::Keyring {
            match os_keyring::remove(&profile.name).await {
                Ok(true) => farewell
                    .done
                    .push("removed from the system's keyring".into()),
                Ok(false) => {}
                Err(why) => farewell.failed.push(why),
            }
        }
        // Held until here, so that no other process keeps what it gets meanwhile.
        drop(lock);
        farewell
    }

    fn flow(&self, profile: &Profile, oauth: &OAuth, errand: &Errand) -> Flow {
        let kept = (self.vault.clone(), self.shared.clone(), self.hidden.clone());
        Flow::new((profile, oauth), kept, errand, self.log(profile))
    }

    fn vault(&self) -> Result<Vault, String> {
        let missing = || "there is no directory to keep the token in".to_owned();
        self.vault.clone().ok_or_else(missing)
    }

    async fn stored(&self, profile: &Profile) -> Result<Option<Secret>, String> {
        let Some(vault) = self.vault.clone() else {
            return Ok(None);
        };
        let name = profile.name.clone();
        blocking(move || vault.token(&name).map_err(|faults| brief(&faults))).await
    }
}

/// The password of a proxy, from outside of the configuration.
///
/// # Errors
/// What is wrong and how to mend it.
pub(crate) async fn proxy_password(place: &SecretRef) -> Result<Secret, String> {
    const WHAT: &str = "password";
    let read = match place.clone() {
        SecretRef::Env(name) => token::from_variable(&name, WHAT),
        SecretRef::File(path) => blocking(move || token::from_file(&path, WHAT)).await,
        SecretRef::Stored => Err("it is not kept in credentials.toml".into()),
    };
    // The line break at the end of a file is not part of it; a space may be.
    read.map(|text| Secret::new(text.expose().trim_end_matches(['\r', '\n']).to_owned()))
}

fn credential(granted: &Granted, source: &Source) -> Credential {
    Credential {
        skew: granted.skew,
        ..Credential::new(granted.access.expose(), source.to_string()).until(granted.until)
    }
}

/// Runs what may wait for a disk on a thread where waiting does no harm.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err("reading or writing the token broke off".into()))
}

/// The first fault in one line, and how many more there are.
fn brief(faults: &[Diagnostic]) -> String {
    let first = faults.first().map(Diagnostic::brief).unwrap_or_default();
    match faults.len() {
        0 | 1 => first,
        several => format!("{first} (and {} more)", several - 1),
    }
}
