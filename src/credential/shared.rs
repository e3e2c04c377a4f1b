//! What all streams of this process know together of authorisation servers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard, OwnedRwLockReadGuard, RwLock};

use crate::{
    auth::Keys,
    oauth::{Budget, Granted, Metadata},
    time::Mono,
};

/// Shared by all copies of the sources.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Read by whoever renews a token; whoever can write knows that nobody does.
    renewals: Arc<RwLock<()>>,
}

#[derive(Debug, Default)]
struct State {
    /// One at a time, by profile.
    turns: BTreeMap<String, Arc<Turn<()>>>,
    /// Grants that are not, or could not be, stored; by profile.
    kept: BTreeMap<String, Granted>,
    /// By server.
    budgets: BTreeMap<String, Budget>,
    /// By issuer.
    documents: BTreeMap<String, Metadata>,
    /// By place.
    keys: BTreeMap<String, KeySet>,
}

/// Keys as they were fetched.
#[derive(Clone, Debug)]
pub(super) struct KeySet {
    pub(super) keys: Keys,
    /// When they were last fetched again.
    pub(super) again: Option<Mono>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no other stream asks for this profile's token.
    pub(super) async fn turn(&self, profile: &str) -> OwnedMutexGuard<()> {
        let turn = self
            .state()
            .turns
            .entry(profile.into())
            .or_default()
            .clone();
        turn.lock_owned().await
    }

    /// Says that a token is being renewed, for as long as the value is there.
    pub(super) async fn renewing(&self) -> OwnedRwLockReadGuard<()> {
        self.renewals.clone().read_owned().await
    }

    /// Waits until no token is being renewed.
    pub(super) async fn settled(&self) {
        drop(self.renewals.write().await);
    }

    /// What is kept in memory for a profile.
    pub(super) fn kept(&self, profile: &str) -> Option<Granted> {
        self.state().kept.get(profile).cloned()
    }

    /// Keeps a grant in memory; `None`: forgets it. Returns what was there.
    pub(super) fn keep(&self, profile: &str, granted: Option<Granted>) -> Option<Granted> {
        let kept = &mut self.state().kept;
        match granted {
            Some(granted) => kept.insert(profile.into(), granted),
            None => kept.remove(profile),
        }
    }

    /// Counts a request to a server.
    pub(super) fn spend(&self, server: &str, now: Mono) -> Result<(), Duration> {
        self.state()
            .budgets
            .entry(server.into())
            .or_default()
            .spend(now)
    }

    /// A server gave a good answer.
    pub(super) fn settle(&self, server: &str) {
        self.state().budgets.remove(server);
    }

    /// What is known of an issuer.
    pub(super) fn document(&self, issuer: &str) -> Option<Metadata> {
        self.state().documents.get(issuer).cloned()
    }

    /// The keys that were fetched from a place.
    pub(super) fn keys(&self, place: &str) -> Option<KeySet> {
        self.state().keys.get(place).cloned()
    }

    /// Keys were fetched from a place.
    pub(super) fn keep_keys(&self, place: &str, set: KeySet) {
        self.state().keys.insert(place.into(), set);
    }

    /// Something became known of an issuer.
    pub(super) fn learn(&self, issuer: &str, document: Metadata) {
        self.state().documents.insert(issuer.into(), document);
    }
}
