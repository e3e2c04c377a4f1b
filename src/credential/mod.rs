//! Where credentials come from and where they are kept: the only code that reads a token from outside.
//!
//! Nothing here puts a token into a message, whatever goes wrong.

mod command;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "plain.rs")]
mod folder;
mod format;
mod token;
mod vault;

use crate::{
    auth::Credential,
    diagnostic::Diagnostic,
    profile::{Profile, Source},
    secret::Secret,
    session::FetchFault,
};

pub(crate) use command::run;
pub use vault::Vault;

/// The sources of credentials of this process.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    vault: Option<Vault>,
}

impl Sources {
    /// The sources with a store, or without one.
    pub const fn new(vault: Option<Vault>) -> Self {
        Self { vault }
    }

    /// Fetches the credential of a profile from its source.
    ///
    /// # Errors
    /// [`FetchFault::AskUser`] when only the user can give one, else what is wrong and how to mend it.
    pub async fn fetch(&self, profile: &Profile) -> Result<Credential, FetchFault> {
        let secret = match &profile.source {
            Source::Prompt => return Err(FetchFault::AskUser),
            Source::Env(name) => token::from_variable(name).map_err(FetchFault::Failed)?,
            Source::File(path) => {
                let path = path.clone();
                let read = blocking(move || token::from_file(&path)).await;
                read.map_err(FetchFault::Failed)?
            }
            Source::Stored => {
                let stored = self.stored(profile).await.map_err(FetchFault::Failed)?;
                stored.ok_or(FetchFault::AskUser)?
            }
        };
        Ok(Credential::new(secret.expose(), profile.source.to_string()))
    }

    /// Keeps a credential for a profile in `credentials.toml`.
    ///
    /// # Errors
    /// What is wrong and how to mend it.
    pub async fn store(&self, profile: &Profile, credential: &Credential) -> Result<(), String> {
        let Some(vault) = self.vault.clone() else {
            return Err("there is no directory to keep the token in".into());
        };
        let (name, secret) = (profile.name.clone(), credential.secret.clone());
        blocking(move || vault.store(&name, &secret).map_err(|faults| brief(&faults))).await
    }

    async fn stored(&self, profile: &Profile) -> Result<Option<Secret>, String> {
        let Some(vault) = self.vault.clone() else {
            return Ok(None);
        };
        let name = profile.name.clone();
        blocking(move || vault.token(&name).map_err(|faults| brief(&faults))).await
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
