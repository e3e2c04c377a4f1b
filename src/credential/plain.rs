//! A directory for secrets where the system knows no modes: the user's profile directory keeps others out, and files
//! are replaced whole all the same.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    config::{
        file::{self, Unreadable},
        whole,
    },
    diagnostic::Diagnostic,
};

/// A directory of the user's.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the directory; `None` when there is none.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "as on Unix, where it may be refused"
    )]
    pub(super) fn open(path: &Path) -> Result<Option<Self>, Diagnostic> {
        Ok(path.exists().then(|| Self {
            path: path.to_owned(),
        }))
    }

    /// Opens a directory to append to a file in it.
    pub(crate) fn to_append(path: &Path) -> Result<Self, Diagnostic> {
        let missing = || {
            let missing =
                Diagnostic::whole(path.display().to_string(), "there is no such directory");
            missing.with_help("make it, or name another")
        };
        Self::open(path)?.ok_or_else(missing)
    }

    /// Opens the directory, which is created when there is none.
    pub(crate) fn create(path: &Path) -> Result<Self, Diagnostic> {
        let created = std::fs::create_dir_all(path);
        created.map_err(|error| failed(path, "the directory cannot be created", &error))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Nothing is known of who can look into it.
    #[expect(clippy::unused_self, reason = "as on Unix, where modes tell")]
    pub(super) const fn warning(&self) -> Option<Diagnostic> {
        None
    }

    /// Reads a file of at most so many bytes; `None` when there is none.
    pub(super) fn read(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, Diagnostic> {
        let path = self.path.join(name);
        match file::read(&path, most) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Unreadable::Missing) => Ok(None),
            Err(fault) => Err(whole(&path.display().to_string(), &fault.fault())),
        }
    }

    /// Puts a file in the place of another, whole or not at all. The caller holds the lock.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let path = self.path.join(name);
        let fresh = self.path.join(format!(".{name}.new"));
        let written = write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, &path));
        written.map_err(|error| failed(&path, "the file cannot be written", &error))
    }

    /// Appends lines to a file, which is created when there is none. When it has grown past `most` bytes it takes the
    /// place of `old` first.
    pub(crate) fn append(
        &self,
        (name, old): (&str, &str),
        most: u64,
        lines: &[u8],
    ) -> Result<(), Diagnostic> {
        let path = self.path.join(name);
        let append = || -> io::Result<()> {
            if path.metadata().is_ok_and(|data| data.len() > most) {
                std::fs::rename(&path, self.path.join(old))?;
            }
            let mut options = OpenOptions::new();
            let mut file = options.append(true).create(true).open(&path)?;
            file::append_whole(&mut file, lines)
        };
        append().map_err(|error| failed(&path, "the file cannot be written", &error))
    }

    /// Opens a file to lock, which is created when there is none.
    pub(super) fn open_lock(&self, name: &str) -> Result<File, Diagnostic> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let opened = options.open(&path);
        opened.map_err(|error| failed(&path, "the lock cannot be opened", &error))
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed(path: &Path, what: &str, error: &io::Error) -> Diagnostic {
    Diagnostic::whole(path.display().to_string(), format!("{what}: {error}"))
        .with_help("check that it is yours and that the disk has room")
}
