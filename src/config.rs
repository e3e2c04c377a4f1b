//! Finds and reads `config.toml`. Nothing here ever writes it.

pub(crate) mod file;
mod paths;

use std::path::Path;

use crate::{
    credential::{Sources, Vault},
    diagnostic::{Diagnostic, FileText, report},
    error::{Exit, Failure},
    profile::{self, Config, Source, check::Fault},
};

pub use paths::Paths;

/// The largest configuration that is read, in bytes.
const LARGEST: usize = 1 << 20;

/// What the program knows once its files are found and read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Profiles and settings.
    pub config: Config,
    /// Where the files are.
    pub paths: Paths,
    /// Where tokens come from, with the store beside the configuration.
    pub sources: Sources,
    /// What to say aloud about the directory, in one line.
    pub warning: Option<String>,
}

/// Finds the files, in the given directory if there is one, and reads the configuration.
///
/// # Errors
/// Every fault of the file, laid out with its lines.
pub fn load(given: Option<&Path>) -> Result<Loaded, Failure> {
    let paths = Paths::find(given.map(Path::to_owned))
        .map_err(|fault| Failure::new(Exit::Configuration, fault.message).help(fault.help))?;
    let config = read(&paths)
        .map_err(|faults| Failure::new(Exit::Configuration, report(&faults).trim_end()))?;
    let vault = Vault::new(paths.config_dir.clone());
    Ok(Loaded {
        config,
        paths,
        warning: vault.warning(),
        sources: Sources::new(Some(vault)),
    })
}

/// Reads the configuration. Relative paths in it are made relative to its directory, `~/` to the home directory.
/// A file that does not exist is an empty configuration.
///
/// # Errors
/// Every fault of the file.
pub fn read(paths: &Paths) -> Result<Config, Vec<Diagnostic>> {
    let path = &paths.config_file;
    let name = path.display().to_string();
    let bytes = match file::read(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(file::Unreadable::Missing) => return Ok(Config::default()),
        Err(fault) => return Err(vec![whole(&name, &fault.fault())]),
    };
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let text = String::from_utf8_lossy(&bytes);
        vec![not_utf8(&name, &text, error.valid_up_to())]
    })?;
    let mut config = profile::read(&name, text)?;
    for profile in &mut config.profiles {
        if let Source::File(path) = &mut profile.source {
            *path = paths.resolve(path);
        }
        if let Some(path) = &mut profile.tls.ca {
            *path = paths.resolve(path);
        }
    }
    Ok(config)
}

/// A fault of a file as a whole.
pub(crate) fn whole(name: &str, fault: &Fault) -> Diagnostic {
    Diagnostic::whole(name, &fault.message).with_help(&fault.help)
}

fn not_utf8(name: &str, text: &str, valid: usize) -> Diagnostic {
    let file = FileText {
        name,
        text,
        hidden: Vec::new(),
    };
    Diagnostic::at(&file, valid..valid + 1, "this is not UTF-8")
        .with_help("save the file as UTF-8 text")
}
