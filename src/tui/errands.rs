//! What the app wants of the shell that takes a while or touches files: copying, exporting, saving a filter.

use std::{
    future::pending,
    io::{self, Write},
};

use tokio::{sync::mpsc, task::JoinHandle};

use super::{Monitor, clipboard};
use crate::{
    app::{Clip, ExportAnswer, ExportStep, Input},
    config,
    exporting::Beside,
};

/// What is under way beside the loop.
pub(super) struct Errands {
    /// The program that takes a text into the clipboard.
    copying: Option<JoinHandle<()>>,
    export: Option<Beside>,
    /// Where it is told what became of the copying.
    told: mpsc::UnboundedSender<Input>,
    answers: mpsc::UnboundedReceiver<Input>,
}

impl Errands {
    pub(super) fn new() -> Self {
        let (told, answers) = mpsc::unbounded_channel();
        Self {
            copying: None,
            export: None,
            told,
            answers,
        }
    }

    /// What became of one of them.
    pub(super) async fn answer(&mut self) -> Input {
        tokio::select! {
            Some(answer) = self.answers.recv() => answer,
            answer = step(&mut self.export) => Input::Export(answer),
        }
    }

    /// What was copied last is to be there after the end.
    pub(super) async fn finish_copying(&mut self) {
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
