//! What the app wants of the shell that takes a while or touches files: copying, exporting, announcing, saving
//! a filter.

use std::{
    future::pending,
    io::{self, Write},
    time::Duration,
};

use tokio::{sync::mpsc, task::JoinHandle};

use super::{Monitor, clipboard};
use crate::{
    alert::Announcement,
    announcing::{self, Commands},
    app::{Clip, ExportAnswer, ExportStep, Input},
    config,
    credential::Sources,
    exporting::Beside,
};

/// At the end the commands of alerts have so long to end.
const GOODBYE: Duration = Duration::from_millis(500);

/// What is under way beside the loop.
pub(super) struct Errands {
    /// The program that takes a text into the clipboard.
    copying: Option<JoinHandle<()>>,
    export: Option<Beside>,
    /// The commands of alerts.
    alerts: Commands,
    /// Where it is told what became of the copying.
    told: mpsc::UnboundedSender<Input>,
    answers: mpsc::UnboundedReceiver<Input>,
}

impl Errands {
    pub(super) fn new(sources: Sources) -> Self {
        let (told, answers) = mpsc::unbounded_channel();
        Self {
            copying: None,
            export: None,
            alerts: Commands::new(sources),
            told,
            answers,
        }
    }

    /// What became of one of them.
    pub(super) async fn answer(&mut self) -> Input {
        tokio::select! {
            Some(answer) = self.answers.recv() => answer,
            answer = step(&mut self.export) => Input::Export(answer),
            why = self.alerts.fault() => Input::Notice(why),
        }
    }

    /// What was copied last is to be there after the end, and commands of alerts are not cut off at once.
    pub(super) async fn finish(&mut self) {
        // What a command said would be seen by nobody.
        let _ = self.alerts.finish(GOODBYE).await;
        if let Some(copying) = self.copying.take() {
            // It cannot panic, and nobody aborts it.
            let _ = copying.await;
        }
    }
}

/// What became of the last step of an export. Nothing, while there is none.
async fn step(export: &mut Option<Beside>) -> ExportAnswer {
    if let Some(beside) = export
        && let Some(answer) = beside.answer().await
    {
        return answer;
    }
    *export = None;
    pending().await
}

impl Monitor {
    /// Rings, asks the terminal for a notice, and runs the command, which is not waited for.
    pub(super) fn announce(&mut self, announced: &Announcement) -> io::Result<()> {
        self.errands.alerts.start(announced);
        let mut out = io::stdout();
        out.write_all(announcing::sequence(announced).as_bytes())?;
        out.flush()
    }

    /// Asks the terminal to copy, and a program, which is not waited for.
    pub(super) fn copy(&mut self, clip: Clip) -> io::Result<()> {
        let way = self.app.setup.clipboard;
        let between = clipboard::Between::find();
        let sequence = clipboard::sequence(clip.text.expose(), between);
        let too_long = way.asks_terminal() && sequence.is_none();
        let sequence = sequence.filter(|_| way.asks_terminal());
        if let Some(sequence) = &sequence {
            let mut out = io::stdout();
            out.write_all(sequence.as_bytes())?;
            out.flush()?;
        }
        let (asked, telling) = (sequence.is_some(), self.errands.told.clone());
        let errand = tokio::spawn(async move {
            let done = if way.asks_program() {
                clipboard::give(clip.text.expose()).await
            } else {
                clipboard::Done::Absent
            };
            let told = clipboard::outcome(asked, too_long, &done);
            let told = told.map_or_else(|why| why, |how| clip.told() + &how);
            // When the loop has ended nobody needs to know.
            let _ = telling.send(Input::Notice(told));
        });
        if let Some(earlier) = self.errands.copying.replace(errand) {
            earlier.abort();
        }
        Ok(())
    }

    /// Goes on with the export.
    pub(super) fn export(&mut self, step: ExportStep) {
        match (step, &self.errands.export) {
            (ExportStep::Begin(new), _) => match Beside::start(new) {
                Ok(export) => self.errands.export = Some(export),
                Err(error) => self.tell(Input::Export(ExportAnswer::Failed {
                    what: error.to_string(),
                    help: "try it again".into(),
                })),
            },
            (ExportStep::Events(events), Some(export)) => export.events(events),
            (ExportStep::End, Some(export)) => export.end(),
            (ExportStep::Cancel, _) => self.errands.export = None,
            (ExportStep::Events(_) | ExportStep::End, None) => {}
        }
    }

    /// Saves a filter in the configuration.
    pub(super) fn save_filter(&mut self, name: &str, text: &str) {
        let saved = match &self.files.config {
            Some(paths) => config::save_filter(paths, name, text),
            None => Err("the demo has no configuration: the name is good until the end".into()),
        };
        let told = saved.map_or_else(|why| why, |()| format!("saved as '{name}', in the palette"));
        self.tell(Input::Notice(told));
    }
}
