//! Reads small files that users name, whatever stands at the path: a pipe or a device never holds the program up.

use std::{
    fs::{File, FileType},
    io::{self, Read, Write},
    path::Path,
};

use crate::profile::check::Fault;

/// Why a file cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// There is nothing at the path.
    Missing,
    /// There is a link that leads to nothing.
    Dangling,
    /// There is something else than a file.
    NotAFile(&'static str),
    /// It has more bytes than this.
    TooLarge(usize),
    /// The system says so.
    System(io::Error),
}

impl Unreadable {
    /// What is wrong, and how to mend it.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Missing => Fault::new("there is no such file", "check the path"),
            Self::Dangling => Fault::new("this is a link to nothing", "mend or remove the link"),
            Self::NotAFile(kind) => Fault::new(
                format!("this is {kind}, not a file"),
                "put a file in its place",
            ),
            Self::TooLarge(most) => {
                let message = format!("the file is larger than {} KiB", most >> 10);
                Fault::new(message, "this cannot be the right file")
            }
            Self::System(error) => Fault::new(
                format!("the file cannot be read: {error}"),
                "check its path and mode",
            ),
        }
    }
}

/// Reads a regular file, or a link to one, of at most so many bytes.
pub(crate) fn read(path: &Path, most: usize) -> Result<Vec<u8>, Unreadable> {
    let file = open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound if path.is_symlink() => Unreadable::Dangling,
        io::ErrorKind::NotFound => Unreadable::Missing,
        _ => match std::fs::metadata(path).map(|data| kind(data.file_type())) {
            Ok(Some(kind)) => Unreadable::NotAFile(kind),
            _ => Unreadable::System(error),
        },
    })?;
    let data = file.metadata().map_err(Unreadable::System)?;
    if let Some(kind) = kind(data.file_type()) {
        return Err(Unreadable::NotAFile(kind));
    }
    read_open(&file, most)
}

/// Reads an open regular file of at most so many bytes.
pub(crate) fn read_open(file: &File, most: usize) -> Result<Vec<u8>, Unreadable> {
    let length = file.metadata().map_or(0, |data| data.len() as usize);
    let mut bytes = Vec::with_capacity(length.min(most));
    let read = file.take(most as u64 + 1).read_to_end(&mut bytes);
    read.map_err(Unreadable::System)?;
    if bytes.len() > most {
        return Err(Unreadable::TooLarge(most));
    }
    Ok(bytes)
}

/// Writes what can be written: how much it was, and what ended it before its time.
pub(crate) fn write_some(file: &mut File, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut done = 0;
    while done < bytes.len() {
        match file.write(&bytes[done..]) {
            Ok(0) => return (done, Err(io::ErrorKind::WriteZero.into())),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (done, Err(error)),
        }
    }
    (done, Ok(()))
}

/// Appends a line to a file that is open for that, whole or not at all: half a line would spoil the next.
pub(crate) fn append_whole(file: &mut File, line: &[u8]) -> io::Result<()> {
    let before = file.metadata()?.len();
    let (done, result) = write_some(file, line);
    // What another process has put behind it meanwhile stays.
    if result.is_err() && file.metadata()?.len() == before + done as u64 {
        // The disk that has no room for more has room for less.
        let _ = file.set_len(before);
    }
    result
}

/// Opens without waiting for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// What something is when it is no regular file.
#[cfg(unix)]
pub(crate) fn kind(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("a directory")
    } else if kind.is_fifo() {
        Some("a pipe")
    } else if kind.is_socket() {
        Some("a socket")
    } else {
        Some("a device")
    }
}

#[cfg(not(unix))]
pub(crate) fn kind(kind: FileType) -> Option<&'static str> {
    (!kind.is_file()).then_some("something else")
}
