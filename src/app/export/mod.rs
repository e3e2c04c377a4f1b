//! The dialog of an export: which events, in which format, into which file; and how far it is.

mod job;

use jiff::Timestamp;
use tui_input::Input as Line;

use super::{
    App, ExportAnswer, ExportStep, NewExport, Output, Overlay,
    act::{edit, insert},
    grouped, size,
};
use crate::{export::Format, keymap::Action, time::Wall};

use job::Job;

/// The dialog.
pub struct Export {
    /// The format.
    pub format: Format,
    /// Which events.
    pub scope: Scope,
    /// The path of the file.
    pub path: Line,
    /// Where the keys go.
    pub row: Row,
    /// How far it is.
    pub state: State,
}

/// A row of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The format.
    Format,
    /// Which events.
    Scope,
    /// The path.
    Path,
}

/// Which events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What the filters let through; without filters, what is listed.
    Listed,
    /// All that are kept.
    All,
    /// Those that were marked.
    Marked,
}

/// How far an export is.
pub enum State {
    /// It is asked what is wanted.
    Asking,
    /// It failed.
    Failed {
        /// What is wrong.
        what: String,
        /// How to mend it.
        help: String,
    },
    /// Events are written.
    Writing(Job),
}

impl Scope {
    const ALL: [Self; 3] = [Self::Listed, Self::All, Self::Marked];
}

impl Export {
    fn new(app: &App) -> Self {
        let format = Format::default();
        let path = format!("sockeye-{}.{}", stamp(app), format.word());
        Self {
            format,
            scope: Scope::Listed,
            path: Line::new(path),
            row: Row::Format,
            state: State::Asking,
        }
    }

    /// Text was typed: it goes into the path.
    pub(super) fn typed(&mut self, text: &str) {
        if self.is_asking() {
            self.row = Row::Path;
            insert(&mut self.path, text);
        }
    }

    /// Whether it still can be changed; then what was wrong is wrong no longer.
    fn is_asking(&mut self) -> bool {
        let asking = !matches!(self.state, State::Writing(_));
        if asking {
            self.state = State::Asking;
        }
        asking
    }

    fn change(&mut self, action: Action) {
        if !self.is_asking() {
            return;
        }
        let by = if action == Action::Left { -1 } else { 1 };
        match (action, self.row) {
            (Action::Up, row) => self.row = beside(&Row::ALL, row, -1),
            (Action::Down, row) => self.row = beside(&Row::ALL, row, 1),
            (Action::Left | Action::Right, Row::Format) => self.turn_format(by),
            (Action::Left | Action::Right, Row::Scope) => {
                self.scope = beside(&Scope::ALL, self.scope, by);
            }
            (action, _) => {
                self.row = Row::Path;
                edit(&mut self.path, action);
            }
        }
    }

    /// The name of the file ends in the word for the format, unless the user gave it another end.
    fn turn_format(&mut self, by: isize) {
        let before = self.format.word();
        self.format = beside(&Format::ALL, self.format, by);
        let path = self.path.value().strip_suffix(before);
        if let Some(path) = path.map(|path| format!("{path}{}", self.format.word())) {
            self.path = Line::new(path);
        }
    }

    fn fail(&mut self, what: impl Into<String>, help: impl Into<String>) {
        let (what, help) = (what.into(), help.into());
        self.state = State::Failed { what, help };
    }
}

impl Row {
    const ALL: [Self; 3] = [Self::Format, Self::Scope, Self::Path];
}

/// The one beside it in a circle.
fn beside<T: Copy + PartialEq>(all: &[T; 3], one: T, by: isize) -> T {
    let at = all.iter().position(|other| *other == one).unwrap_or(0);
    let to = (at.cast_signed() + by).rem_euclid(all.len().cast_signed());
    all[to.unsigned_abs()]
}

/// The local time as names of files have it: `20261124-120344`.
fn stamp(app: &App) -> String {
    let Wall(micros) = app.now.wall;
    let time = Timestamp::from_microsecond(micros).unwrap_or_default();
    let time = app.setup.zone.to_datetime(time);
    format!(
        "{:04}{:02}{:02}-{:02}{:02}{:02}",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

impl App {
    pub(super) fn begin_export(&mut self) {
        self.overlay = Overlay::Export(Box::new(Export::new(self)));
    }

    /// How many events there are to write, as far as is known.
    pub fn export_count(&self, scope: Scope) -> u64 {
        match scope {
            Scope::Listed => self.list.count_let_through() as u64,
            Scope::All => self.store.end().0 - self.store.first().0,
            Scope::Marked => self.list.marks.iter().len() as u64,
        }
    }

    /// Whether an action makes sense in the dialog: while it writes, only giving up.
    pub(super) fn export_offers(&self, action: Action) -> bool {
        match &self.overlay {
            Overlay::Export(export) if matches!(export.state, State::Writing(_)) => {
                action == Action::Back
            }
            _ => true,
        }
    }

    /// Keys of the dialog.
    pub(super) fn export(&mut self, action: Action) {
        match action {
            Action::Accept => self.write_export(),
            Action::Back => self.leave_export(),
            other => {
                if let Overlay::Export(export) = &mut self.overlay {
                    export.change(other);
                }
            }
        }
    }

    fn leave_export(&mut self) {
        let Overlay::Export(export) = &self.overlay else {
            return;
        };
        if let State::Writing(job) = &export.state {
            if job.is_ending() {
                return;
            }
            self.outputs.push_back(Output::Export(ExportStep::Cancel));
            self.tell("the export was given up: no file was written");
        }
        self.overlay = Overlay::None;
    }

    fn write_export(&mut self) {
        let Overlay::Export(export) = &self.overlay else {
            return;
        };
        if matches!(export.state, State::Writing(_)) {
            return;
        }
        let job = Job::new(self, export.scope);
        let begin = NewExport {
            path: export.path.value().trim().to_owned(),
            format: export.format,
            origins: self.origins(),
        };
        let Overlay::Export(export) = &mut self.overlay else {
            return;
        };
        if begin.path.is_empty() {
            return export.fail("the file has no name", "type one");
        }
        if job.total == 0 && !self.list.is_behind() {
            return export.fail("there is no event to write", "choose other events");
        }
        export.state = State::Writing(job);
        self.outputs
            .push_back(Output::Export(ExportStep::Begin(begin)));
    }

    /// What became of the last step.
    pub(super) fn export_answered(&mut self, answer: ExportAnswer) {
        let Overlay::Export(export) = &mut self.overlay else {
            return;
        };
        match answer {
            ExportAnswer::Ready => self.export_on(),
            ExportAnswer::Failed { what, help } => export.fail(what, help),
            ExportAnswer::Done { count, size } => self.export_done(count, size),
        }
    }

    fn export_done(&mut self, count: u64, bytes: u64) {
        let overlay = std::mem::replace(&mut self.overlay, Overlay::None);
        let Overlay::Export(export) = overlay else {
            return;
        };
        let events = if count == 1 { "event" } else { "events" };
        let (count, bytes) = (grouped(count), size(bytes));
        let told = format!("{count} {events}, {bytes} in {}", export.path.value());
        self.tell(match export.state {
            State::Writing(job) if job.gone() > 0 => {
                format!("{told}; {} were let go before", grouped(job.gone()))
            }
            _ => told,
        });
    }

    /// Sends the next slice, or the end.
    fn export_on(&mut self) {
        let overlay = std::mem::replace(&mut self.overlay, Overlay::None);
        if let Overlay::Export(mut export) = overlay {
            if let State::Writing(job) = &mut export.state {
                let step = job.step(self);
                self.outputs.push_back(Output::Export(step));
            }
            self.overlay = Overlay::Export(export);
        }
    }
}
