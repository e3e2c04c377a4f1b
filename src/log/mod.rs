//! The log: what the program does, a line each, to go with a report of a fault. Nothing is written unless it is asked
//! for, and only the shell writes: the machines tell it what happened by their events.
//!
//! No line holds a secret that is in use, in whatever form, and what would drive a terminal is escaped. Payloads are
//! never written at all.

mod book;
mod level;
mod open;

use std::{fmt::Display, iter::once, sync::Arc};

use book::Book;
pub use level::Level;
pub use open::open;

use crate::redact::Redactor;

/// Who writes where nothing else is meant.
const PROGRAM: &str = "-";

/// Writes lines about something, or nothing at all where no log is wanted. Copies write to the same file.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// What the lines are about: the name of a stream.
    about: Arc<str>,
    book: Option<Arc<Book>>,
}

impl Log {
    fn new(book: Book) -> Self {
        Self {
            about: PROGRAM.into(),
            book: Some(book.into()),
        }
    }

    /// The same log for lines about a stream.
    pub fn about(&self, stream: &str) -> Self {
        Self {
            about: stream.into(),
            book: self.book.clone(),
        }
    }

    /// The file, as it is shown; `None`: there is no log.
    pub fn file(&self) -> Option<String> {
        self.book.as_ref().map(|book| book.file())
    }

    /// Whether lines of this level are written.
    pub fn takes(&self, level: Level) -> bool {
        self.book.as_ref().is_some_and(|book| level <= book.most)
    }

    /// Writes a line, which is made only where it is wanted. It may wait for a disk.
    pub fn write(&self, level: Level, text: impl Display) {
        self.write_all(level, once(text));
    }

    /// Writes several lines at once.
    pub fn write_all(&self, level: Level, texts: impl Iterator<Item = impl Display>) {
        if let Some(book) = self.book.as_ref().filter(|book| level <= book.most) {
            book.write(level, &self.about, texts);
        }
    }

    /// Takes the secrets of this stream that are in use out of every line from now on, in place of those of before.
    pub fn hide(&self, secrets: &Arc<Redactor>) {
        if let Some(book) = &self.book {
            book.hide(&self.about, secrets);
        }
    }

    /// Why the log ends here, told once. Nothing is written after a write that failed.
    pub fn take_fault(&self) -> Option<String> {
        self.book.as_ref()?.take_fault()
    }

    /// Writes the panics of every thread before they are reported.
    pub fn take_panics(&self) {
        let (log, report) = (self.clone(), std::panic::take_hook());
        std::panic::set_hook(Box::new(move |panic| {
            let thread = std::thread::current();
            let name = thread.name().unwrap_or("without a name");
            let place = panic
                .location()
                .map_or_else(String::new, ToString::to_string);
            let text = panic.payload_as_str().unwrap_or("without words");
            log.write(
                Level::Error,
                format_args!("thread {name} panicked at {place}: {text}"),
            );
            report(panic);
        }));
    }
}
