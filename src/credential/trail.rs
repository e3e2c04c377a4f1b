//! `audit.ndjson` in the state directory: what became of each authentication, for its owner alone. Two files are kept, so
//! that what is older than a mebibyte or two is let go.

use std::path::PathBuf;

use super::folder::Folder;
use crate::{audit::Record, diagnostic::Diagnostic};

/// The file, and the one before it.
const FILES: (&str, &str) = ("audit.ndjson", "audit.1.ndjson");
/// A file is put aside when it is larger than this, in bytes.
const MOST: u64 = 1 << 20;
/// More than this is not read of one file, in bytes.
const LARGEST: usize = 4 << 20;

/// The audit of this user.
#[derive(Clone, Debug)]
pub struct Trail {
    directory: PathBuf,
}

impl Trail {
    /// The audit in a directory; neither needs to exist.
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Appends a record. It may wait for a disk.
    ///
    /// # Errors
    /// What is wrong and how to mend it, in one line.
    pub fn write(&self, record: &Record) -> Result<(), String> {
        let line = record.line() + "\n";
        let folder = Folder::create(&self.directory);
        let written = folder.and_then(|folder| folder.append(FILES, MOST, line.as_bytes()));
        written.map_err(|fault| format!("the audit is not written: {}", fault.brief()))
    }

    /// Every record that is kept, the oldest first. Lines that are none, as of a write that broke off, are left out.
    ///
    /// # Errors
    /// Why a file is refused.
    pub fn read(&self) -> Result<Vec<Record>, Diagnostic> {
        let Some(folder) = Folder::open(&self.directory)? else {
            return Ok(Vec::new());
        };
        let mut records = Vec::new();
        for name in [FILES.1, FILES.0] {
            let bytes = folder.read(name, LARGEST)?.unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            records.extend(text.lines().filter_map(Record::read));
        }
        Ok(records)
    }
}
