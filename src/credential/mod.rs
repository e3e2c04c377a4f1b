//! Where credentials come from and where they are kept: the only code that reads a token from outside.

use crate::{
    auth::Credential,
    profile::{Profile, Source},
    session::FetchFault,
};

/// The sources of credentials of this process.
#[derive(Clone, Debug, Default)]
pub struct Sources {}

impl Sources {
    /// Fetches the credential of a profile from its source.
    ///
    /// # Errors
    /// [`FetchFault::AskUser`] when only the user can give one, else what is wrong and how to mend it.
    pub async fn fetch(&self, profile: &Profile) -> Result<Credential, FetchFault> {
        match &profile.source {
            Source::Env(name) => match std::env::var(name) {
                Ok(token) => Ok(Credential::new(&token, profile.source.to_string())),
                Err(_) => Err(FetchFault::Failed(format!(
                    "the environment variable {name} is not set"
                ))),
            },
            Source::File(path) => match std::fs::read_to_string(path) {
                Ok(token) => Ok(Credential::new(&token, profile.source.to_string())),
                Err(error) => Err(FetchFault::Failed(format!("{}: {error}", path.display()))),
            },
            Source::Stored | Source::Prompt => Err(FetchFault::AskUser),
        }
    }

    /// Keeps a credential for a profile in `credentials.toml`.
    ///
    /// # Errors
    /// What is wrong and how to mend it.
    pub async fn store(&self, _profile: &Profile, _credential: &Credential) -> Result<(), String> {
        Err("nothing is stored yet".into())
    }
}
