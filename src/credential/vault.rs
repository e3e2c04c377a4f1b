//! `credentials.toml`: tokens at rest, for their owner alone.
//!
//! A file that others can read, that is not ours, or that is not understood is refused and left as it is. A write
//! replaces the whole file or nothing, and processes that write at once wait for each other.

use std::{
    fs::{File, TryLockError},
    path::PathBuf,
    time::Duration,
};

use crate::{
    config::whole, diagnostic::Diagnostic, oauth::Granted, profile::check::Fault,
    redact::percent_encoded, secret::Secret,
};

use super::{
    entry::Entry,
    folder::Folder,
    format::{self, Entries},
    token,
};

/// The store's file.
const FILE: &str = "credentials.toml";

/// What processes lock while they change it.
const LOCK: &str = "credentials.lock";

/// How often and how long a lock that another process holds is waited for.
const WAITS: (u32, Duration) = (150, Duration::from_millis(20));

/// The largest store, in bytes.
const LARGEST: usize = 4 << 20;

/// The store of tokens in a directory.
#[derive(Clone, Debug)]
pub struct Vault {
    directory: PathBuf,
}

impl Vault {
    /// The store in the configuration directory; neither needs to exist.
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The token of a profile that the user gave, if one is stored. It may wait for a disk.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it.
    pub fn token(&self, profile: &str) -> Result<Option<Secret>, Vec<Diagnostic>> {
        Ok(self.entry(profile)?.and_then(Entry::pasted))
    }

    /// Stores the token of a profile. It may wait for a disk, and some seconds for another process.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it; it is then as it was.
    pub fn store(&self, profile: &str, token: &Secret) -> Result<(), Vec<Diagnostic>> {
        self.change(profile, &[token], |entry| entry.paste(token))
    }

    /// What was granted to a profile for this, if that is stored. It may wait for a disk.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it.
    pub fn granted(&self, profile: &str, what: &str) -> Result<Option<Granted>, Vec<Diagnostic>> {
        let entry = self.entry(profile)?;
        Ok(entry.and_then(|entry| entry.granted_for(what)))
    }

    /// Stores what was granted to a profile. It may wait as [`Self::store`] does.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it; it is then as it was.
    pub fn store_granted(&self, profile: &str, granted: &Granted) -> Result<(), Vec<Diagnostic>> {
        let secrets: Vec<_> = granted.refresh.iter().chain([&granted.access]).collect();
        self.change(profile, &secrets, |entry| entry.grant(granted))
    }

    /// The secret of a profile's client, if one is stored.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it.
    pub fn client_secret(&self, profile: &str) -> Result<Option<Secret>, Vec<Diagnostic>> {
        Ok(self.entry(profile)?.and_then(|entry| entry.client_secret))
    }

    /// Stores the secret of a profile's client.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it; it is then as it was.
    pub fn store_client_secret(
        &self,
        profile: &str,
        secret: &Secret,
    ) -> Result<(), Vec<Diagnostic>> {
        self.change(profile, &[secret], |entry| {
            entry.client_secret = Some(secret.clone());
        })
    }

    /// Removes everything of a profile; whether there was anything.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it; it is then as it was.
    pub fn remove(&self, profile: &str) -> Result<bool, Vec<Diagnostic>> {
        let Some(folder) = Folder::open(&self.directory).map_err(one)? else {
            return Ok(false);
        };
        let _lock = self.lock(&folder)?;
        let mut entries = self.load(&folder)?;
        if entries.remove(profile).is_none() {
            return Ok(false);
        }
        self.replace(&folder, &entries)?;
        Ok(true)
    }

    /// The file that processes lock while they renew this profile's tokens; it is created when there is none.
    pub(super) fn renewal_lock(&self, profile: &str) -> Result<File, Vec<Diagnostic>> {
        let folder = Folder::create(&self.directory).map_err(one)?;
        let mut name = "renewal-".to_owned();
        percent_encoded(&mut name, profile);
        name.push_str(".lock");
        folder.open_lock(&name).map_err(one)
    }

    fn entry(&self, profile: &str) -> Result<Option<Entry>, Vec<Diagnostic>> {
        let Some(folder) = Folder::open(&self.directory).map_err(one)? else {
            return Ok(None);
        };
        Ok(self.load(&folder)?.remove(profile))
    }

    /// Changes a profile's entry, unless one of the secrets for it cannot be one.
    fn change(
        &self,
        profile: &str,
        secrets: &[&Secret],
        change: impl FnOnce(&mut Entry),
    ) -> Result<(), Vec<Diagnostic>> {
        for secret in secrets {
            if let Err(fault) = token::check(secret.expose()) {
                return Err(self.refuse(&format!("the token {fault}"), "nothing was stored"));
            }
        }
        let folder = Folder::create(&self.directory).map_err(one)?;
        let _lock = self.lock(&folder)?;
        let mut entries = self.load(&folder)?;
        change(entries.entry(profile.to_owned()).or_default());
        self.replace(&folder, &entries)
    }

    fn replace(&self, folder: &Folder, entries: &Entries) -> Result<(), Vec<Diagnostic>> {
        let text = format::print(entries);
        if text.expose().len() > LARGEST {
            return Err(self.refuse("the store is full", "remove tokens that are not needed"));
        }
        folder.replace(FILE, text.expose().as_bytes()).map_err(one)
    }

    /// What to say aloud about a directory with tokens, in one line: that others can look into it.
    pub fn warning(&self) -> Option<String> {
        if !self.directory.join(FILE).exists() {
            return None;
        }
        let folder = Folder::open(&self.directory).ok()??;
        folder.warning().map(|warning| warning.brief())
    }

    fn load(&self, folder: &Folder) -> Result<Entries, Vec<Diagnostic>> {
        let Some(bytes) = folder.read(FILE, LARGEST).map_err(one)? else {
            return Ok(Entries::new());
        };
        let Some(text) = Secret::from_utf8(bytes) else {
            let help = "mend the file, or move it away and sign in again; it is left as it is";
            return Err(self.refuse("the file is not UTF-8", help));
        };
        format::parse(&self.name(), text.expose())
    }

    /// Waits until no other process holds the lock, some seconds at most. It is held until the file is dropped.
    fn lock(&self, folder: &Folder) -> Result<File, Vec<Diagnostic>> {
        let file = folder.open_lock(LOCK).map_err(one)?;
        for _ in 0..WAITS.0 {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(WAITS.1),
                Err(TryLockError::Error(error)) => {
                    let message = format!("the store cannot be locked: {error}");
                    return Err(self.refuse(&message, "keep it on a disk that knows file locks"));
                }
            }
        }
        let message = "another process keeps the store locked";
        Err(self.refuse(message, "end that process, then try again"))
    }

    fn refuse(&self, message: &str, help: &str) -> Vec<Diagnostic> {
        one(whole(&self.name(), &Fault::new(message, help)))
    }

    fn name(&self) -> String {
        self.directory.join(FILE).display().to_string()
    }
}

fn one(fault: Diagnostic) -> Vec<Diagnostic> {
    vec![fault]
}
