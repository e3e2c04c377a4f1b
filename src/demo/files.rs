//! Token files for the demo's profiles that renew themselves: written before the token in them expires.
//!
//! They are 0600 and replaced by renaming, so that a reader finds a whole token, the old one or the new one.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::time::sleep;

use super::{
    server::{Server, Shared},
    token::Grant,
};
use crate::scenario::{Algorithm, Role};

/// A file and the token that goes in it.
pub(super) struct TokenFile {
    path: PathBuf,
    grant: Grant,
}

/// The file of a profile's token in `directory`.
pub(super) fn path(directory: &Path, profile: &str) -> PathBuf {
    directory.join(format!("{profile}.jwt"))
}

/// Writes the token files of the profiles of [`super::profiles()`] and keeps them fresh for as long as the server lives.
/// The directory is made, for the user alone, when it is absent.
///
/// # Errors
/// When the directory or a file cannot be written.
pub fn keep_token_files(server: &Server, directory: &Path) -> io::Result<()> {
    make_private(directory)?;
    let life = server.shared.options.token_life;
    for (profile, algorithm) in [("prices", Algorithm::Es256), ("audit", Algorithm::Hs256)] {
        let file = TokenFile {
            path: path(directory, profile),
            grant: Grant {
                subject: format!("{profile}-reader"),
                role: Role::Operator,
                life,
                age: Duration::ZERO,
                algorithm,
            },
        };
        write(&server.shared, &file)?;
        server.shared.files().push(file);
    }
    server.spawn(keep(Arc::clone(&server.shared), life / 2));
    Ok(())
}

async fn keep(shared: Arc<Shared>, pause: Duration) {
    loop {
        sleep(pause.max(Duration::from_secs(1))).await;
        shared.write_token_files();
    }
}

impl Shared {
    /// Writes every token file anew. One that cannot be written keeps its old token, and the next turn tries again.
    pub(super) fn write_token_files(&self) {
        for file in &*self.files() {
            let _old_one_stays = write(self, file);
        }
    }
}

fn write(shared: &Shared, file: &TokenFile) -> io::Result<()> {
    let token = shared.access(&file.grant);
    let new = file.path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    private(&mut options);
    writeln!(options.open(&new)?, "{}", token.expose())?;
    fs::rename(&new, &file.path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn private(_options: &mut OpenOptions) {}

fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
