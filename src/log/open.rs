//! Where the log is written.

use std::{ffi::OsStr, path::Path, sync::Mutex};

use super::{
    Level, Log,
    book::{Book, State},
};
use crate::{
    cli::Cli,
    clock::Clock,
    config::Paths,
    credential::folder::Folder,
    diagnostic::{Diagnostic, report},
    error::{Exit, Failure},
};

/// The file in the state directory.
const NAME: &str = "sockeye.log";

/// The log that the command line asks for, if it does: in the file that `--log` names, else with `-v` in `sockeye.log` in
/// the state directory. The file is there when this returns.
///
/// # Errors
/// Why it cannot be written, with the remedy.
pub fn open(cli: &Cli, clock: Clock) -> Result<Log, Failure> {
    let opened = match (&cli.log, cli.verbose) {
        (Some(file), _) => named(file, Level::of(cli.verbose), clock),
        (None, 0) => return Ok(Log::default()),
        (None, verbose) => {
            let paths = Paths::find(cli.config.clone());
            let paths = paths.map_err(|fault| {
                Failure::new(Exit::Configuration, fault.message).help(fault.help)
            })?;
            own(&paths.state_dir, Level::of(verbose), clock)
        }
    };
    opened.map_err(|fault| Failure::new(Exit::Configuration, report(&[fault]).trim_end()))
}

fn named(file: &Path, most: Level, clock: Clock) -> Result<Log, Diagnostic> {
    let shown = file.display().to_string();
    let name = file.file_name().and_then(OsStr::to_str).ok_or_else(|| {
        let fault = Diagnostic::whole(shown, "this names no file for the log");
        fault.with_help("write --log FILE")
    })?;
    let directory = file.parent().filter(|path| !path.as_os_str().is_empty());
    let directory = directory.unwrap_or_else(|| Path::new("."));
    start(
        Folder::to_append(directory)?,
        (directory, name),
        most,
        clock,
    )
}

fn own(directory: &Path, most: Level, clock: Clock) -> Result<Log, Diagnostic> {
    start(Folder::create(directory)?, (directory, NAME), most, clock)
}

fn start(
    folder: Folder,
    (directory, name): (&Path, &str),
    most: Level,
    clock: Clock,
) -> Result<Log, Diagnostic> {
    let book = Book {
        most,
        clock,
        folder,
        path: directory.join(name),
        names: (name.to_owned(), format!("{name}.1")),
        state: Mutex::new(State::default()),
    };
    // So that it is known now whether it can be written.
    book.append("")?;
    Ok(Log::new(book))
}
