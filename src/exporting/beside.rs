//! An export that is written beside the screen, on a thread of its own, a slice at a time.

use std::{
    io,
    path::{Path, PathBuf},
    sync::mpsc as blocking,
    thread::JoinHandle,
};

use tokio::sync::mpsc;

use super::{Drain, NewFile, refused};
use crate::{
    app::{ExportAnswer, NewExport},
    event::Event,
    export::{Exporter, Format},
};

/// What is still to be done.
enum Order {
    Events(Vec<Event>),
    End,
}

/// An export under way. Dropping it before its end leaves nothing behind.
pub struct Beside {
    orders: Option<blocking::Sender<Order>>,
    answers: mpsc::UnboundedReceiver<ExportAnswer>,
    thread: Option<JoinHandle<()>>,
}

impl Beside {
    /// Begins a file. It answers when the first slice may come.
    ///
    /// # Errors
    /// When there can be no thread.
    pub fn start(new: NewExport) -> io::Result<Self> {
        let (orders, inbox) = blocking::channel();
        let (answer, answers) = mpsc::unbounded_channel();
        let thread = std::thread::Builder::new().name("export".into());
        let thread = thread.spawn(move || {
            let path = resolved(&new.path);
            // When nobody listens, the export was given up.
            let ready = || drop(answer.send(ExportAnswer::Ready));
            let last = match write(new, &path, &inbox, ready) {
                Ok(None) => return,
                Ok(Some((count, size))) => ExportAnswer::Done { count, size },
                Err(error) => failed(&path, &error),
            };
            drop(answer.send(last));
        })?;
        Ok(Self {
            orders: Some(orders),
            answers,
            thread: Some(thread),
        })
    }

    /// Writes these events.
    pub fn events(&self, events: Vec<Event>) {
        self.order(Order::Events(events));
    }

    /// Finishes the file.
    pub fn end(&self) {
        self.order(Order::End);
    }

    /// What became of the last step; `None`: that was the last.
    pub async fn answer(&mut self) -> Option<ExportAnswer> {
        self.answers.recv().await
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // A thread that has failed has told so.
            let _ = orders.send(order);
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // Else the file without a name could stay behind.
            let _ = thread.join();
        }
    }
}

/// Returns the number of events and bytes; `None`: it was given up.
fn write(
    new: NewExport,
    path: &Path,
    orders: &blocking::Receiver<Order>,
    ready: impl Fn(),
) -> io::Result<Option<(u64, u64)>> {
    let apart = new.format == Format::Har;
    let exporter = Exporter::new(new.format, new.origins, true);
    let mut drain = Drain::new(exporter, NewFile::create(path)?, apart)?;
    loop {
        ready();
        match orders.recv() {
            Ok(Order::Events(events)) => {
                events.iter().try_for_each(|event| drain.event(event))?;
            }
            Ok(Order::End) => {
                let (file, count) = drain.finish()?;
                return Ok(Some((count, file.keep()?)));
            }
            Err(_) => return Ok(None),
        }
    }
}

/// `~/` stands for the home directory.
fn resolved(path: &str) -> PathBuf {
    let home = directories::BaseDirs::new();
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.home_dir().join(rest),
        _ => path.into(),
    }
}

fn failed(path: &Path, error: &io::Error) -> ExportAnswer {
    let failure = refused(&path.display().to_string(), error);
    ExportAnswer::Failed {
        what: failure.text,
        help: failure.help.unwrap_or_default(),
    }
}
