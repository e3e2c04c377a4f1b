//! A directory for secrets on Unix. Everything is done relative to the open directory and checked on open files, so
//! that nothing can be put in their place between a check and a use.

use std::{
    fs::{DirBuilder, File, Metadata},
    io::{self, Write},
    os::{
        fd::OwnedFd,
        unix::fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
};

use rustix::fs::{AtFlags, Mode, OFlags, openat, renameat, statat, unlinkat};

use crate::{
    config::{
        file::{Unreadable, append_whole, kind, read_open},
        whole,
    },
    diagnostic::Diagnostic,
};

/// How files are opened, whatever for: never through a link, never handed on to other programs.
const SAFE: OFlags = OFlags::NOFOLLOW.union(OFlags::CLOEXEC);

/// Readable and writable by the owner alone.
const OWNER: Mode = Mode::RUSR.union(Mode::WUSR);

/// An open directory; for secrets one that nobody else can change.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    path: PathBuf,
    mode: u32,
}

impl Folder {
    /// Opens the directory; `None` when there is none.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, Diagnostic> {
        let Some((folder, data)) = open_any(path)? else {
            return Ok(None);
        };
        check_owner(path, &data)?;
        // A link to the directory decides which one it is: it must be as safe as the directory.
        let named = path.symlink_metadata();
        check_owner(path, &named.map_err(|error| unread(path, error))?)?;
        if lets_others(data.mode(), 0o022) {
            let message = "others can put files into this directory: no token is kept there";
            let help = format!("run: chmod 700 {}", quoted(path));
            return Err(refused(path, message, help));
        }
        Ok(Some(folder))
    }

    /// Opens a directory to append to a file in it, whoever else can put files there: the file itself is looked at.
    pub(crate) fn to_append(path: &Path) -> Result<Self, Diagnostic> {
        let missing = || {
            refused(
                path,
                "there is no such directory",
                "make it, or name another",
            )
        };
        Ok(open_any(path)?.ok_or_else(missing)?.0)
    }

    /// Opens the directory, which is created for its owner alone when there is none.
    pub(crate) fn create(path: &Path) -> Result<Self, Diagnostic> {
        if let Some(folder) = Self::open(path)? {
            return Ok(folder);
        }
        let mut builder = DirBuilder::new();
        let created = builder.recursive(true).mode(0o700).create(path);
        created.map_err(|error| failed(path, "the directory cannot be created", error))?;
        let missing = || unread(path, io::ErrorKind::NotFound.into());
        Self::open(path)?.ok_or_else(missing)
    }

    /// What to say aloud when others can look into the directory.
    pub(super) fn warning(&self) -> Option<Diagnostic> {
        let message = "others can see which files stand in this directory";
        let help = format!("run: chmod 700 {}", quoted(&self.path));
        lets_others(self.mode, 0o055).then(|| refused(&self.path, message, help))
    }

    /// Reads a file of at most so many bytes; `None` when there is none.
    pub(super) fn read(&self, name: &str, most: usize) -> Result<Option<Vec<u8>>, Diagnostic> {
        let path = self.path.join(name);
        let flags = SAFE | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = match openat(&self.fd, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(rustix::io::Errno::LOOP) => {
                let message = "this is a link: a link to tokens is not followed";
                return Err(refused(&path, message, "put the file itself in its place"));
            }
            Err(error) => return Err(unread(&path, error.into())),
        };
        let data = file.metadata().map_err(|error| unread(&path, error))?;
        check_file(&path, &data)?;
        let bytes = read_open(&file, most);
        bytes
            .map(Some)
            .map_err(|fault| whole(&shown(&path), &fault.fault()))
    }

    /// Puts a file in the place of another, whole or not at all. The caller holds the lock.
    pub(super) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Diagnostic> {
        let path = self.path.join(name);
        let fail = |error: io::Error| failed(&path, "the file cannot be written", error);
        self.remove_leftovers(name);
        let fresh = leftover_prefix(name) + &random_name().map_err(fail)?;
        let written = self.write_new(&fresh, bytes).and_then(|()| {
            renameat(&self.fd, &fresh, &self.fd, name)?;
            Ok(rustix::fs::fsync(&self.fd)?)
        });
        if written.is_err() {
            // When the rename was done there is nothing left to remove.
            let _ = unlinkat(&self.fd, &fresh, AtFlags::empty());
        }
        written.map_err(fail)
    }

    fn write_new(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let flags = SAFE | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let mut file = File::from(openat(&self.fd, name, flags, OWNER)?);
        file.write_all(bytes)?;
        file.sync_all()
    }

    /// Appends lines to a file for its owner alone, which is created when there is none. When it has grown past `most`
    /// bytes it takes the place of `old` first. Several processes may append at once.
    pub(crate) fn append(
        &self,
        (name, old): (&str, &str),
        most: u64,
        lines: &[u8],
    ) -> Result<(), Diagnostic> {
        let path = self.path.join(name);
        let fail = |error: io::Error| failed(&path, "the file cannot be written", error);
        let (mut file, data) = self.open_to_append(name)?;
        if data.len() > most && self.still_is(name, &data) {
            renameat(&self.fd, name, &self.fd, old).map_err(|error| fail(error.into()))?;
            (file, _) = self.open_to_append(name)?;
        }
        append_whole(&mut file, lines).map_err(fail)
    }

    fn open_to_append(&self, name: &str) -> Result<(File, Metadata), Diagnostic> {
        let path = self.path.join(name);
        let flags = SAFE | OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::NONBLOCK;
        let file = match openat(&self.fd, name, flags, OWNER) {
            Ok(file) => File::from(file),
            Err(rustix::io::Errno::LOOP) => {
                let help = "name the file itself, or move the link away";
                return Err(refused(
                    &path,
                    "this is a link, which is not followed",
                    help,
                ));
            }
            Err(error) => return Err(failed(&path, "the file cannot be written", error)),
        };
        let data = file.metadata().map_err(|error| unread(&path, error))?;
        check_ours(&path, &data)?;
        if lets_others(data.mode(), 0o077) {
            let message = format!("others can use this file: its mode is {}", mode(&data));
            let help = format!("run: chmod 600 {}", quoted(&path));
            return Err(refused(&path, &message, help));
        }
        Ok((file, data))
    }

    /// Whether another has not put the file aside meanwhile.
    fn still_is(&self, name: &str, data: &Metadata) -> bool {
        let there = statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW);
        there.is_ok_and(|there| there.st_ino == data.ino())
    }

    /// Removes what a process that was killed has left. What cannot be removed does no harm: it is ours alone.
    fn remove_leftovers(&self, name: &str) {
        let prefix = leftover_prefix(name);
        let entries = std::fs::read_dir(&self.path)
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                let _ = unlinkat(&self.fd, entry.file_name(), AtFlags::empty());
            }
        }
    }

    /// Opens a file to lock, which is created when there is none.
    pub(super) fn open_lock(&self, name: &str) -> Result<File, Diagnostic> {
        let flags = SAFE | OFlags::RDWR | OFlags::CREATE;
        let opened = openat(&self.fd, name, flags, OWNER).map(File::from);
        opened.map_err(|error| failed(&self.path.join(name), "the lock cannot be opened", error))
    }
}

/// The directory, whatever others may do with it; `None` when there is none.
fn open_any(path: &Path) -> Result<Option<(Folder, Metadata)>, Diagnostic> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(folder) => File::from(folder),
        Err(rustix::io::Errno::NOENT) if !path.is_symlink() => return Ok(None),
        Err(rustix::io::Errno::NOTDIR) => {
            let help = "move it away, or name another directory";
            return Err(refused(path, "this is no directory", help));
        }
        Err(error) => return Err(failed(path, "the directory cannot be opened", error)),
    };
    let data = folder.metadata().map_err(|error| unread(path, error))?;
    let folder = Folder {
        fd: folder.into(),
        path: path.to_owned(),
        mode: data.mode(),
    };
    Ok(Some((folder, data)))
}

fn check_file(path: &Path, data: &Metadata) -> Result<(), Diagnostic> {
    check_ours(path, data)?;
    if !lets_others(data.mode(), 0o077) {
        return Ok(());
    }
    let message = format!(
        "others can use the tokens in this file: its mode is {}",
        mode(data)
    );
    let help = format!(
        "run: chmod 600 {}; then replace the tokens in it",
        quoted(path)
    );
    Err(refused(path, &message, help))
}

/// Refuses what is no file, and that of another user.
fn check_ours(path: &Path, data: &Metadata) -> Result<(), Diagnostic> {
    match kind(data.file_type()) {
        Some(kind) => Err(whole(&shown(path), &Unreadable::NotAFile(kind).fault())),
        None => check_owner(path, data),
    }
}

/// The permissions, as `chmod` takes them.
fn mode(data: &Metadata) -> String {
    format!("{:04o}", data.mode() & 0o7777)
}

/// Whether a mode grants any of these bits.
const fn lets_others(mode: u32, bits: u32) -> bool {
    mode & bits != 0
}

fn check_owner(path: &Path, data: &Metadata) -> Result<(), Diagnostic> {
    let us = rustix::process::geteuid().as_raw();
    if data.uid() == us || data.uid() == 0 {
        return Ok(());
    }
    let message = format!("this belongs to another user (number {})", data.uid());
    let help = format!("run: sudo chown {us} {}", quoted(path));
    Err(refused(path, &message, help))
}

fn leftover_prefix(name: &str) -> String {
    format!(".{name}.new-")
}

fn random_name() -> io::Result<String> {
    let number = getrandom::u64().map_err(|_| io::Error::other("no random numbers"))?;
    Ok(format!("{number:016x}"))
}

fn refused(path: &Path, message: &str, help: impl Into<String>) -> Diagnostic {
    Diagnostic::whole(shown(path), message).with_help(help)
}

fn failed(path: &Path, what: &str, error: impl Into<io::Error>) -> Diagnostic {
    Diagnostic::whole(shown(path), format!("{what}: {}", error.into()))
        .with_help("check that it is yours and that the disk has room")
}

fn unread(path: &Path, error: io::Error) -> Diagnostic {
    whole(&shown(path), &Unreadable::System(error).fault())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A path for a command that the user may copy: in quotes when a shell would take it apart.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+@~".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
