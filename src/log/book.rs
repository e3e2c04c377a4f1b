//! The file of the log, with the secrets that must not stand in it.

use std::{
    collections::BTreeMap,
    fmt::Display,
    mem,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Level;
use crate::{
    clock::Clock, credential::folder::Folder, diagnostic::Diagnostic, payload::escape::escape,
    redact::Redactor, time::Wall,
};

/// The file is put aside when it is larger than this, in bytes.
const MOST: u64 = 5 << 20;
/// The longest line, in bytes before it is escaped.
const LONGEST: usize = 8 << 10;

/// Where lines go.
#[derive(Debug)]
pub(super) struct Book {
    /// The last level that is written.
    pub(super) most: Level,
    pub(super) clock: Clock,
    pub(super) folder: Folder,
    pub(super) path: PathBuf,
    /// The file's name, and that of the one before it.
    pub(super) names: (String, String),
    /// Held only to read it and to change it, as a panic of any thread is written, too.
    pub(super) state: Mutex<State>,
}

/// What changes.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The secrets in use, by stream.
    secrets: BTreeMap<Arc<str>, Arc<Redactor>>,
    ended: Ended,
}

/// Whether a write has failed.
#[derive(Debug, Default)]
enum Ended {
    #[default]
    No,
    Untold(String),
    Told,
}

impl Book {
    /// The file, as it is shown.
    pub(super) fn file(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn hide(&self, stream: &Arc<str>, secrets: &Arc<Redactor>) {
        self.state().secrets.insert(stream.clone(), secrets.clone());
    }

    pub(super) fn take_fault(&self) -> Option<String> {
        let ended = &mut self.state().ended;
        match mem::take(ended) {
            Ended::No => None,
            Ended::Told => {
                *ended = Ended::Told;
                None
            }
            Ended::Untold(why) => {
                *ended = Ended::Told;
                Some(why)
            }
        }
    }

    pub(super) fn write(
        &self,
        level: Level,
        about: &str,
        texts: impl Iterator<Item = impl Display>,
    ) {
        let Some(secrets) = self.open_secrets() else {
            return;
        };
        let now = self.clock.now().wall;
        let line = |text| line(now, level, &clean(format!("{about}  {text}"), &secrets));
        let lines: String = texts.map(line).collect();
        if let Err(fault) = self.append(&lines) {
            let why = format!("the log ends here: {}", fault.brief());
            self.state().ended = Ended::Untold(why);
        }
    }

    /// Appends whole lines as they are.
    pub(super) fn append(&self, lines: &str) -> Result<(), Diagnostic> {
        let names = (&*self.names.0, &*self.names.1);
        self.folder.append(names, MOST, lines.as_bytes())
    }

    /// What is taken out of every line, as long as lines are written.
    fn open_secrets(&self) -> Option<Vec<Arc<Redactor>>> {
        let state = self.state();
        matches!(state.ended, Ended::No).then(|| state.secrets.values().cloned().collect())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change of it is whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text without secrets, and not too long.
fn clean(text: String, secrets: &[Arc<Redactor>]) -> String {
    let mut text = secrets
        .iter()
        .fold(text, |text, secrets| secrets.text(text));
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

/// `2026-11-29T03:21:04.123Z INFO  orders  closed 4001`, with its line feed.
fn line(now: Wall, level: Level, text: &str) -> String {
    format!("{now} {} {}\n", level.word(), escape(text))
}
