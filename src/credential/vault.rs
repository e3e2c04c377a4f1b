//! `credentials.toml`: tokens at rest, for their owner alone.
//!
//! A file that others can read, that is not ours, or that is not understood is refused and left as it is. A write
//! replaces the whole file or nothing, and processes that write at once wait for each other.

use std::{
    fs::{File, TryLockError},
    path::PathBuf,
    time::Duration,
};

use crate::{config::whole, diagnostic::Diagnostic, profile::check::Fault, secret::Secret};

use super::{
    folder::Folder,
    format::{self, Tokens},
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

    /// The token of a profile, if one is stored. It may wait for a disk.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it.
    pub fn token(&self, profile: &str) -> Result<Option<Secret>, Vec<Diagnostic>> {
        let Some(folder) = Folder::open(&self.directory).map_err(one)? else {
            return Ok(None);
        };
        Ok(self.load(&folder)?.remove(profile))
    }

    /// Stores the token of a profile. It may wait for a disk, and some seconds for another process.
    ///
    /// # Errors
    /// Why the store is refused, or every fault in it; it is then as it was.
    pub fn store(&self, profile: &str, token: &Secret) -> Result<(), Vec<Diagnostic>> {
        if let Err(fault) = token::check(token.expose()) {
            return Err(self.refuse(&format!("the token {fault}"), "nothing was stored"));
        }
        let folder = Folder::create(&self.directory).map_err(one)?;
        let _lock = self.lock(&folder)?;
        let mut tokens = self.load(&folder)?;
        tokens.insert(profile.to_owned(), token.clone());
        let text = format::print(&tokens);
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

    fn load(&self, folder: &Folder) -> Result<Tokens, Vec<Diagnostic>> {
        let Some(bytes) = folder.read(FILE, LARGEST).map_err(one)? else {
            return Ok(Tokens::new());
        };
        let Ok(text) = String::from_utf8(bytes) else {
            let help = "mend the file, or move it away and sign in again; it is left as it is";
            return Err(self.refuse("the file is not UTF-8", help));
        };
        let text = Secret::new(text);
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
