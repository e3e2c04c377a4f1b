//! Finds and reads `config.toml`. Nothing writes it but [`save_filter`], when the user saves a filter.

pub(crate) mod file;
mod paths;
mod save;

use std::path::Path;

use crate::{
    credential::{Sources, Trail, Vault},
    diagnostic::{Diagnostic, FileText, report},
    dialect::{self, Bound, Dialect, Library},
    error::{Exit, Failure},
    payload::protobuf::Schema,
    profile::{self, Config, Profile, Proxy, SecretRef, check::Fault},
    secret::Secret,
};

pub use paths::Paths;
pub use save::save_filter;

/// The largest configuration that is read, in bytes.
const LARGEST: usize = 1 << 20;
/// The largest descriptor file that is read, in bytes.
const LARGEST_DESCRIPTOR: usize = 16 << 20;

/// What the program knows once its files are found and read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Profiles and settings.
    pub config: Config,
    /// The dialects there are.
    pub library: Library,
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
    let told =
        |faults: Vec<Diagnostic>| Failure::new(Exit::Configuration, report(&faults).trim_end());
    let library = dialects(&paths).map_err(told)?;
    let config = read(&paths, &library).map_err(told)?;
    let vault = Vault::new(paths.config_dir.clone());
    let state_dir = paths.state_dir.clone();
    let hidden = config.profiles.iter().flat_map(Profile::secret_variables);
    let hidden = hidden.map(str::to_owned).collect();
    Ok(Loaded {
        config,
        library,
        paths,
        warning: vault.warning(),
        sources: Sources::new(Some(vault))
            .with_trail(Trail::new(state_dir))
            .hiding(hidden),
    })
}

/// Reads the configuration. Relative paths in it are made relative to its directory, `~/` to the home directory.
/// A file that does not exist is an empty configuration.
///
/// # Errors
/// Every fault of the file.
pub fn read(paths: &Paths, library: &Library) -> Result<Config, Vec<Diagnostic>> {
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
    let mut config = profile::read_with(&name, text, library)?;
    for profile in &mut config.profiles {
        fill_from_env(&name, profile)?;
        profile.source.resolve_paths(&|path| paths.resolve(path));
        if let Proxy::At {
            password: Some(SecretRef::File(path)),
            ..
        } = &mut profile.proxy
        {
            *path = paths.resolve(path);
        }
        if let Some(verify) = &mut profile.verify {
            verify.resolve_paths(&|path| paths.resolve(path));
        }
        let identity = profile.tls.identity.iter_mut();
        let identity = identity.flat_map(|identity| [&mut identity.cert, &mut identity.key]);
        for path in identity.chain(&mut profile.tls.ca) {
            *path = paths.resolve(path);
        }
        read_descriptor(paths, &name, profile)?;
    }
    Ok(config)
}

/// Reads the descriptor file of a profile that names one.
fn read_descriptor(
    paths: &Paths,
    name: &str,
    profile: &mut Profile,
) -> Result<(), Vec<Diagnostic>> {
    let Some(protobuf) = &mut profile.protobuf else {
        return Ok(());
    };
    let path = paths.resolve(&protobuf.descriptor);
    let told = |message: &str, help: &str| {
        let message = format!(
            "the descriptor file {} of profile '{}': {message}",
            path.display(),
            profile.name
        );
        vec![whole(name, &Fault::new(message, help))]
    };
    let descriptors = file::read(&path, LARGEST_DESCRIPTOR).map_err(|error| {
        let fault = error.fault();
        told(&fault.message, &fault.help)
    })?;
    let schema = Schema::new(&descriptors, &protobuf.message).map_err(|error| {
        let help = "make it with: protoc --include_imports --descriptor_set_out=FILE, or: buf build -o FILE";
        told(&error, help)
    })?;
    protobuf.schema = Some(schema);
    protobuf.descriptor = path;
    Ok(())
}

/// Reads the user's own dialects, in the order of their names. A directory that does not exist holds none.
///
/// # Errors
/// Every fault of every file.
pub fn dialects(paths: &Paths) -> Result<Library, Vec<Diagnostic>> {
    let Ok(entries) = std::fs::read_dir(paths.config_dir.join("dialects")) else {
        return Ok(Library::default());
    };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    let (mut own, mut faults) = (Vec::new(), Vec::new());
    for path in files {
        match dialect_file(&path) {
            Ok(dialect) => own.push(dialect.into()),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() {
        Ok(Library::new(own))
    } else {
        Err(faults)
    }
}

/// Reads a dialect file.
///
/// # Errors
/// Every fault of the file.
pub fn dialect_file(path: &Path) -> Result<Dialect, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let text = text_file(path)?;
    dialect::read(&name, &text)
}

/// The text of a file of ours.
///
/// # Errors
/// Why it cannot be read.
pub fn text_file(path: &Path) -> Result<String, Vec<Diagnostic>> {
    let name = path.display().to_string();
    let bytes = file::read(path, LARGEST).map_err(|fault| vec![whole(&name, &fault.fault())])?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        vec![not_utf8(&name, &text, valid)]
    })
}

/// Fills the secret variables of a profile's dialect.
fn fill_from_env(name: &str, profile: &mut Profile) -> Result<(), Vec<Diagnostic>> {
    for (variable, env) in &profile.variables_from_env {
        let Ok(value) = std::env::var(env) else {
            let message = format!(
                "the profile '{}' wants its '{variable}' from the environment variable {env}, which is not set",
                profile.name
            );
            return Err(vec![
                Diagnostic::whole(name, message).with_help(format!("set {env}")),
            ]);
        };
        profile
            .variables
            .push((variable.clone(), Bound::Secret(Secret::new(value))));
    }
    Ok(())
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
