//! Where the files are.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::profile::check::Fault;

/// Where the files are. Nothing is created by finding them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The directory of the two files.
    pub config_dir: PathBuf,
    /// Profiles and settings, written by the user.
    pub config_file: PathBuf,
    /// Tokens, written by the program.
    pub credentials_file: PathBuf,
    /// Where the audit and the log are written: what the program keeps of its own work.
    pub state_dir: PathBuf,
    /// Where recordings are kept for which no other place is named.
    pub data_dir: PathBuf,
    home: Option<PathBuf>,
}

impl Paths {
    /// The directory given on the command line, else by `SOCKEYE_CONFIG_DIR`, else by `XDG_CONFIG_HOME` (on macOS too),
    /// else `~/.config/sockeye` where it exists, else where the system wants it.
    ///
    /// # Errors
    /// When there is neither of these.
    pub fn find(given: Option<PathBuf>) -> Result<Self, Fault> {
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let native = directories::ProjectDirs::from("", "", "sockeye")
            .map(|dirs| dirs.config_dir().to_owned());
        let state = choose_own(STATE, given.as_deref(), variable, native_state());
        let data = choose_own(DATA, given.as_deref(), variable, native_data());
        let directory = choose(given, variable, home.as_deref(), native);
        let directory = directory.and_then(|directory| std::path::absolute(directory).ok());
        let fault = || {
            let help = "set SOCKEYE_CONFIG_DIR, or write --config DIR";
            Fault::new(
                "there is no home directory to find the configuration in",
                help,
            )
        };
        let mut paths = Self::within(directory.ok_or_else(fault)?, home);
        if let Some(state) = state.and_then(|state| std::path::absolute(state).ok()) {
            paths.state_dir = state;
        }
        if let Some(data) = data.and_then(|data| std::path::absolute(data).ok()) {
            paths.data_dir = data;
        }
        Ok(paths)
    }

    /// The files in a directory; `~/` stands for the home directory.
    pub fn within(config_dir: PathBuf, home: Option<PathBuf>) -> Self {
        Self {
            config_file: config_dir.join("config.toml"),
            credentials_file: config_dir.join("credentials.toml"),
            state_dir: config_dir.join("state"),
            data_dir: config_dir.join("data"),
            config_dir,
            home,
        }
    }

    /// The path that one in the configuration means.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => self.config_dir.join(path),
        }
    }
}

/// An environment variable that is set and not empty.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn native_state() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "sockeye")?;
    let state = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir());
    Some(state.to_owned())
}

fn native_data() -> Option<PathBuf> {
    let dirs = directories::ProjectDirs::from("", "", "sockeye")?;
    Some(dirs.data_local_dir().to_owned())
}

/// The variable of ours that names a directory, and that of the XDG Base Directory Specification that it is below.
type Names = (&'static str, &'static str);

const STATE: Names = ("SOCKEYE_STATE_DIR", "XDG_STATE_HOME");
const DATA: Names = ("SOCKEYE_DATA_DIR", "XDG_DATA_HOME");

/// The directory that our variable names, else one beside a configuration that was chosen by hand, else by the XDG
/// variable (on macOS too), else where the system wants it. `None`: beside the configuration.
fn choose_own(
    (ours, xdg): Names,
    given: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
    native: Option<PathBuf>,
) -> Option<PathBuf> {
    if let Some(named) = variable(ours) {
        return Some(named.into());
    }
    if given.is_some() || variable("SOCKEYE_CONFIG_DIR").is_some() {
        return None;
    }
    let base = variable(xdg).map(PathBuf::from);
    let xdg = base.filter(|base| base.is_absolute());
    xdg.map(|base| base.join("sockeye")).or(native)
}

fn choose(
    given: Option<PathBuf>,
    variable: impl Fn(&str) -> Option<OsString>,
    home: Option<&Path>,
    native: Option<PathBuf>,
) -> Option<PathBuf> {
    let named = || variable("SOCKEYE_CONFIG_DIR").map(PathBuf::from);
    let xdg = || {
        let base = variable("XDG_CONFIG_HOME").map(PathBuf::from);
        base.filter(|base| base.is_absolute())
            .map(|base| base.join("sockeye"))
    };
    let usual = || {
        home.map(|home| home.join(".config/sockeye"))
            .filter(|path| path.is_dir())
    };
    given.or_else(named).or_else(xdg).or_else(usual).or(native)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(given: &str, named: &str, xdg: &str, home: &str) -> String {
        let some = |text: &str| (!text.is_empty()).then(|| text.into());
        let variable = |name: &str| match name {
            "SOCKEYE_CONFIG_DIR" => some(named).map(PathBuf::into_os_string),
            "XDG_CONFIG_HOME" => some(xdg).map(PathBuf::into_os_string),
            _ => None,
        };
        let native = some("/native/sockeye");
        let path = choose(some(given), variable, Some(Path::new(home)), native);
        path.expect("a directory").display().to_string()
    }

    #[test]
    fn the_nearest_word_decides_where_the_files_are() {
        let home = tempfile::tempdir().expect("a directory");
        let name = home.path().to_str().expect("a name");
        assert_eq!(chosen("/given", "/named", "/xdg", name), "/given");
        assert_eq!(chosen("", "/named", "/xdg", name), "/named");
        assert_eq!(chosen("", "", "/xdg", name), "/xdg/sockeye");
        assert_eq!(chosen("", "", "relative", name), "/native/sockeye");
        std::fs::create_dir_all(home.path().join(".config/sockeye")).expect("a directory");
        assert_eq!(chosen("", "", "", name), format!("{name}/.config/sockeye"));
    }

    #[test]
    fn what_belongs_to_a_chosen_configuration_stays_with_it() {
        let state = |given: &str, named: &str, chosen: &str, xdg: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.into());
            let variable = |name: &str| match name {
                "SOCKEYE_STATE_DIR" => some(named).map(PathBuf::into_os_string),
                "SOCKEYE_CONFIG_DIR" => some(chosen).map(PathBuf::into_os_string),
                "XDG_STATE_HOME" => some(xdg).map(PathBuf::into_os_string),
                _ => None,
            };
            let given: Option<PathBuf> = some(given);
            let found = choose_own(STATE, given.as_deref(), variable, some("/native/sockeye"));
            found.map(|path| path.display().to_string())
        };
        assert_eq!(
            state("/given", "/named", "/c", "/x").as_deref(),
            Some("/named")
        );
        assert_eq!(state("/given", "", "", "/x"), None);
        assert_eq!(state("", "", "/c", "/x"), None);
        assert_eq!(state("", "", "", "/x").as_deref(), Some("/x/sockeye"));
        assert_eq!(state("", "", "", "x").as_deref(), Some("/native/sockeye"));
    }

    #[test]
    fn paths_are_relative_to_the_configuration() {
        let paths = Paths::within("/c".into(), Some("/home/a".into()));
        let resolved = ["ca.pem", "/abs", "~/t", "~x"].map(|path| paths.resolve(path.as_ref()));
        assert_eq!(
            resolved,
            ["/c/ca.pem", "/abs", "/home/a/t", "/c/~x"].map(PathBuf::from)
        );
    }
}
