//! Where a recording stands: a file that was not there before, for its owner alone.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};

use crate::{
    error::{Exit, Failure},
    time::Wall,
};

/// More of a stream's name is not part of a file's, in characters.
const LONGEST_NAME: usize = 48;
/// So many recordings of a name may begin within a second.
const MOST_ALIKE: u32 = 99;

/// A recording without events.
#[derive(Debug)]
pub struct Blank {
    pub(super) file: File,
    pub(super) path: PathBuf,
}

impl Blank {
    /// Makes the file; where a directory is named, one in it under a name with the time. Directories are not made.
    ///
    /// # Errors
    /// When something stands there already, or nothing can be written there; with the remedy.
    pub fn create(wanted: &Path, streams: &[&str], now: Wall) -> Result<Self, Failure> {
        if wanted.is_dir() {
            return Self::within(wanted, streams, now);
        }
        open(wanted).map_err(|error| refused(wanted, &error))
    }

    /// Makes the file in a directory of the program's own, which is made for its owner alone when there is none.
    ///
    /// # Errors
    /// When nothing can be written there; with the remedy.
    pub fn in_own(directory: &Path, streams: &[&str], now: Wall) -> Result<Self, Failure> {
        make(directory).map_err(|error| refused(directory, &error))?;
        Self::within(directory, streams, now)
    }

    fn within(directory: &Path, streams: &[&str], now: Wall) -> Result<Self, Failure> {
        let name = name(streams, now);
        let mut path = directory.join(format!("{name}.ndjson"));
        for again in 2..=MOST_ALIKE {
            match open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    path = directory.join(format!("{name}-{again}.ndjson"));
                }
                opened => return opened.map_err(|error| refused(&path, &error)),
            }
        }
        Err(refused(&path, &io::ErrorKind::AlreadyExists.into()))
    }

    /// Removes the file again.
    pub fn discard(self) {
        // What cannot be removed is empty and does no harm.
        let _ = std::fs::remove_file(self.path);
    }
}

fn open(path: &Path) -> io::Result<Blank> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.write(true).create_new(true).open(path)?;
    Ok(Blank {
        file,
        path: path.to_owned(),
    })
}

fn make(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)
}

/// `orders-20261124T120344`: the only stream, and this machine's time.
fn name(streams: &[&str], now: Wall) -> String {
    let name = match streams {
        [only] => plain(only),
        _ => String::new(),
    };
    let name = if name.is_empty() { "sockeye" } else { &name };
    let time = Timestamp::from_microsecond(now.0).unwrap_or_default();
    let time = TimeZone::system().to_datetime(time);
    format!("{name}-{}", time.strftime("%Y%m%dT%H%M%S"))
}

/// A name as part of a file's on any system.
fn plain(name: &str) -> String {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    let plain = name.chars().map(|c| if known(c) { c } else { '-' });
    let plain: String = plain.take(LONGEST_NAME).collect();
    plain.trim_matches(['.', '-']).to_owned()
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
    match (error.kind(), folder) {
        (io::ErrorKind::AlreadyExists, _) => {
            Failure::new(Exit::Usage, format!("{shown} is there already"))
                .help("no recording is overwritten: give another name, or a directory")
        }
        (io::ErrorKind::NotFound, Some(folder)) => {
            let folder = folder.display();
            Failure::new(
                Exit::Usage,
                format!("there is no directory {folder} to record in"),
            )
            .help(format!("make it first: mkdir -p {folder}"))
        }
        _ => Failure::new(Exit::Usage, format!("{shown} cannot be written: {error}"))
            .help("give a file in a directory of yours"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_nothing_that_a_path_could_mean() {
        let made = ["orders@prod", "../../etc", "127.0.0.1:80", "…", ""].map(plain);
        assert_eq!(made, ["orders@prod", "etc", "127.0.0.1-80", "", ""]);
        let now = Wall::from_seconds(1_795_521_824);
        assert!(name(&["a"], now).starts_with("a-2026112"));
        assert!(name(&["a", "b"], now).starts_with("sockeye-2026112"));
    }

    #[test]
    fn a_directory_is_filled_and_nothing_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let make = || {
            Blank::create(folder.path(), &["a"], Wall(0))
                .expect("a file")
                .path
        };
        let (first, second) = (make(), make());
        assert!(first != second, "{first:?}");
        let taken = Blank::create(&first, &["a"], Wall(0)).expect_err("it is there");
        assert!(taken.text.ends_with("is there already"), "{taken}");
        let missing = folder.path().join("none/a.ndjson");
        let missing = Blank::create(&missing, &["a"], Wall(0)).expect_err("no directory");
        assert!(missing.help.is_some_and(|help| help.contains("mkdir -p")));
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            2
        );
    }
}
