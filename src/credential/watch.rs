//! Notices that a token file has changed: by its time, its length and which file it is, so that it is not read in vain.
//!
//! It is looked at every two seconds and not followed by the system's notices: those are not given for a link that is
//! turned to another directory, as Kubernetes does with its secrets, nor by network file systems.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::{task::spawn_blocking, time::sleep};

use crate::profile::{Profile, Source};

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// What a file was like; `None`: there was none.
type Seen = Option<(SystemTime, u64, u64)>;

/// A token file and what it was like.
#[derive(Debug)]
pub(crate) struct FileWatch {
    path: PathBuf,
    seen: Seen,
}

impl FileWatch {
    /// Watches the file that a profile's token is read from; `None`: it is read from no file.
    pub(crate) fn new(profile: &Profile) -> Option<Self> {
        let Source::File(path) = &profile.source else {
            return None;
        };
        let (path, seen) = (path.clone(), look(path));
        Some(Self { path, seen })
    }

    /// Waits until the file is another one than it was, and there is one.
    pub(crate) async fn changed(mut self) -> Self {
        loop {
            sleep(PAUSE).await;
            let path = self.path.clone();
            // A look that breaks off shows nothing.
            let seen = spawn_blocking(move || look(&path))
                .await
                .unwrap_or_default();
            if seen.is_some() && seen != self.seen {
                self.seen = seen;
                return self;
            }
        }
    }
}

fn look(path: &Path) -> Seen {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len(), number(&about)))
}

#[cfg(unix)]
fn number(about: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
const fn number(_: &std::fs::Metadata) -> u64 {
    0
}
