//! What `credentials.toml` keeps of a profile.

use crate::{oauth::Granted, secret::Secret, time::Wall};

/// A profile's entry. Every text in it but `granted` is a secret.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// The token.
    pub(super) token: Option<Secret>,
    /// What an authorisation server granted the token for; `None`: the user gave it.
    pub(super) granted: Option<String>,
    /// When the token expires, if the authorisation server said so.
    pub(super) until: Option<Wall>,
    /// The refresh token.
    pub(super) refresh: Option<Secret>,
    /// The secret of the client.
    pub(super) client_secret: Option<Secret>,
}

impl Entry {
    /// The token that the user gave.
    pub(super) fn pasted(self) -> Option<Secret> {
        self.token.filter(|_| self.granted.is_none())
    }

    /// What was granted for this.
    pub(super) fn granted_for(self, what: &str) -> Option<Granted> {
        let granted = self.granted.filter(|granted| granted == what)?;
        Some(Granted {
            what: granted,
            access: self.token?,
            until: self.until,
            refresh: self.refresh,
            skew: None,
        })
    }

    /// Puts a token that the user gave in the place of what was there. The client's secret stays.
    pub(super) fn paste(&mut self, token: &Secret) {
        *self = Self {
            token: Some(token.clone()),
            client_secret: self.client_secret.take(),
            ..Self::default()
        };
    }

    /// Puts a grant in the place of what was there. The client's secret stays.
    pub(super) fn grant(&mut self, granted: &Granted) {
        *self = Self {
            token: Some(granted.access.clone()),
            granted: Some(granted.what.clone()),
            until: granted.until,
            refresh: granted.refresh.clone(),
            client_secret: self.client_secret.take(),
        };
    }

    /// Everything in it that is a secret.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let secrets = [&self.token, &self.refresh, &self.client_secret];
        secrets.into_iter().flatten()
    }
}
