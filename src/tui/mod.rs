//! The terminal: takes it, turns keys into inputs of the app, draws when something changed, and gives it back.
//!
//! One loop, in this order: signals, keys, the frame that is due, what became of an errand, at most one batch of events.
//! So a flood starves neither keys nor frames. Nothing wakes it when nothing changes but what is visible, such as a countdown.

mod clipboard;
mod errands;
mod guard;
mod keys;
mod network;
mod pointer;
mod record;

use std::{io, time::Duration};

use crossterm::event::{Event as TerminalEvent, EventStream, KeyEventKind};
use futures_util::StreamExt;
use tokio::time::{Instant, sleep_until};

use crate::{
    app::{App, Input, Output},
    clock::Clock,
    credential::Sources,
    error::{Exit, Failure},
    net::Batch,
    recording::Blank,
    secret::Secret,
    signals::{self, Signals},
    time::Mono,
    view,
};

use errands::Errands;
use guard::{Guard, Screen};
use network::{Network, Request};
use record::Recordings;

pub use network::Plan;
pub use record::Files;

/// Between two frames at least: 60 a second.
const FRAME: Duration = Duration::from_micros(16_667);
/// Between the last frame and one that shows the effect of a key.
const KEY_FRAME: Duration = Duration::from_millis(4);
/// Batches that are taken at once, at most.
const TAKEN: usize = 16;
/// So many events at once are a flood …
const FLOOD: usize = 200;
/// … and then the next are left to gather for this long.
const REST: Duration = Duration::from_millis(4);

/// Opens the monitor and returns when the user quits or a signal ends it. Filters are saved in the configuration, if
/// there is one; at the end it is told how each recording came out.
///
/// # Errors
/// When the terminal cannot be used or the network part cannot start, and when a recording is not whole.
pub fn run(
    plan: Plan,
    sources: Sources,
    setup: impl FnOnce(&[crate::profile::Profile]) -> App,
    mut files: Files,
    clock: Clock,
) -> Result<Exit, Failure> {
    guard::restore_on_panic();
    let recording = files.recording.take();
    let network = match Network::start(plan, sources, clock) {
        Ok(network) => network,
        Err(failure) => {
            // So that it can be tried again with the same file.
            recording.into_iter().for_each(Blank::discard);
            return Err(failure);
        }
    };
    let app = setup(&network.profiles);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut monitor = Monitor {
        app,
        clock,
        drawn: Mono(0),
        dirty: true,
        hurry: false,
        rest: None,
        inbox: Vec::new(),
        network,
        files,
        recordings: Recordings::default(),
        errands: Errands::new(),
    };
    let exit = monitor
        .begin_recording(recording)
        .and_then(|()| runtime.block_on(monitor.run()));
    runtime.block_on(monitor.close());
    monitor.network.end();
    let done = *exit.as_ref().unwrap_or(&Exit::Unexpected);
    let recorded = runtime.block_on(monitor.recordings.finish(done));
    exit.and(recorded)
}

struct Monitor {
    app: App,
    clock: Clock,
    /// When the last frame was drawn.
    drawn: Mono,
    /// Whether something that is shown has changed since then.
    dirty: bool,
    /// Whether a key waits for its frame.
    hurry: bool,
    /// Until when nothing is taken from the network.
    rest: Option<Mono>,
    inbox: Vec<Batch>,
    network: Network,
    files: Files,
    recordings: Recordings,
    errands: Errands,
}

/// Why the loop over one stay in the terminal ended.
enum Leave {
    Quit(Exit),
    Suspend,
}

impl Monitor {
    /// Stays in the terminal until the end, with breaks for suspensions.
    async fn run(&mut self) -> Result<Exit, Failure> {
        let mut signals = signals::listen()?;
        // One for all: the thread behind a stream that is dropped may swallow the first key for the next stream.
        let mut keys = EventStream::new();
        loop {
            let guard = Guard::take(self.app.mouse)?;
            let screen = guard::screen()?;
            let leave = self.stay(screen, &mut keys, &mut signals).await;
            drop(guard);
            match leave? {
                Leave::Quit(exit) => {
                    self.errands.finish_copying().await;
                    return Ok(exit);
                }
                Leave::Suspend => suspend()?,
            }
        }
    }

    async fn stay(
        &mut self,
        mut screen: Screen,
        keys: &mut EventStream,
        signals: &mut Signals,
    ) -> Result<Leave, Failure> {
        let size = screen.size()?;
        self.tell(Input::Resize(size.width, size.height));
        self.draw(&mut screen)?;
        rehearse("screen");
        loop {
            if let Some(leave) = self.perform(&mut screen)? {
                return Ok(leave);
            }
            // Here and not when the timer tells: it does so only after the runtime had its turn.
            self.timer(&mut screen)?;
            let wake = self.wake();
            let timer = async {
                match wake {
                    Some(at) => sleep_until(Instant::from_std(self.clock.instant(at))).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                number = signals.next() => return Ok(Leave::Quit(Exit::Signal(number))),
                key = keys.next() => match key {
                    Some(Ok(event)) => self.terminal_event(event),
                    // The terminal is gone.
                    Some(Err(_)) | None => return Ok(Leave::Quit(Exit::Signal(1))),
                },
                () = timer => {}
                answer = self.errands.answer() => self.tell(answer),
                taken = self.network.batches.recv_many(&mut self.inbox, TAKEN), if self.rest.is_none() => {
                    if taken == 0 {
                        return Err(Failure::new(Exit::Unexpected, "the network thread ended"));
                    }
                    self.take(taken);
                }
                Some(answer) = self.network.answers.recv() => self.tell(answer),
                report = self.recordings.news() => self.recording_news(report),
            }
        }
    }

    /// Takes in what arrived. In a flood it rests for a moment when it has taken all there was: to be woken for every
    /// batch costs both threads more than the batches do.
    fn take(&mut self, taken: usize) {
        let mut events = 0;
        let mut inbox = std::mem::take(&mut self.inbox);
        for batch in inbox.drain(..) {
            events += batch.events.len();
            self.recorded(&batch);
            self.tell(Input::Wire(batch.stream, batch.wire_in));
            self.tell(Input::Batch(batch.events));
        }
        self.inbox = inbox;
        if taken < TAKEN && events >= FLOOD {
            self.rest = Some(self.clock.now().mono.after(REST));
        }
    }

    fn tell(&mut self, input: Input) {
        self.app.handle(input, self.clock.now());
        self.dirty |= self.app.take_changed();
    }

    fn terminal_event(&mut self, event: TerminalEvent) {
        match event {
            TerminalEvent::Key(key) if key.kind != KeyEventKind::Release => {
                if let Some(chord) = keys::chord(key) {
                    self.hurry = true;
                    self.tell(Input::Key(chord));
                }
            }
            TerminalEvent::Paste(text) => {
                self.hurry = true;
                self.tell(Input::Paste(Secret::new(text)));
            }
            TerminalEvent::Mouse(event) => {
                if let Some(mouse) = pointer::mouse(event) {
                    self.hurry = true;
                    self.tell(Input::Mouse(mouse));
                }
            }
            TerminalEvent::Resize(width, height) => self.tell(Input::Resize(width, height)),
            _ => {}
        }
    }

    /// When the loop must wake by itself: for the frame that is due, else for the app's next visible change.
    fn wake(&self) -> Option<Mono> {
        let frame = self.dirty.then(|| self.next_frame());
        let wakes = [frame, self.app.deadline(), self.rest];
        wakes.into_iter().flatten().min()
    }

    fn next_frame(&self) -> Mono {
        self.drawn.after(if self.hurry { KEY_FRAME } else { FRAME })
    }

    fn timer(&mut self, screen: &mut Screen) -> io::Result<()> {
        let now = self.clock.now();
        self.rest = self.rest.filter(|until| *until > now.mono);
        if self
            .app
            .deadline()
            .is_some_and(|deadline| deadline <= now.mono)
        {
            self.app.handle(Input::Tick, now);
            self.dirty |= self.app.take_changed();
        }
        if self.dirty && self.next_frame() <= now.mono {
            self.draw(screen)?;
        }
        Ok(())
    }

    fn draw(&mut self, screen: &mut Screen) -> io::Result<()> {
        let now = self.clock.now();
        screen.draw(|frame| view::draw(&self.app, frame, now))?;
        (self.drawn, self.dirty, self.hurry) = (now.mono, false, false);
        Ok(())
    }

    /// Does what the app wants of the shell.
    fn perform(&mut self, screen: &mut Screen) -> Result<Option<Leave>, Failure> {
        while let Some(output) = self.app.poll() {
            match output {
                Output::Command(stream, command) => self.request(Request::Command(stream, command)),
                Output::Play(scenario) => self.request(Request::Play(scenario)),
                Output::Verify(stream, credential) => {
                    self.request(Request::Verify(stream, credential));
                }
                Output::Sample(name) => self.request(Request::Sample(name)),
                Output::SaveFilter(name, text) => self.save_filter(&name, &text),
                Output::Record(on) => self.record(on),
                Output::Mouse(on) => guard::mouse(on)?,
                Output::Copy(clip) => self.copy(clip)?,
                Output::Export(step) => self.export(step),
                Output::Redraw => {
                    *screen = guard::screen()?;
                    self.draw(screen)?;
                }
                Output::Suspend => return Ok(Some(Leave::Suspend)),
                Output::Quit => return Ok(Some(Leave::Quit(Exit::Done))),
            }
        }
        Ok(None)
    }

    fn request(&self, request: Request) {
        // When the network thread is gone, the closed batches end the loop.
        let _ = self.network.requests.send(request);
    }
}

/// Panics when `SOCKEYE_REHEARSE_PANIC` names this part of the program. Nothing else can show that the terminal is given
/// back then; users have no reason to set it.
fn rehearse(part: &str) {
    const WANTED: &str = "SOCKEYE_REHEARSE_PANIC";
    assert!(
        std::env::var_os(WANTED).is_none_or(|wanted| wanted != part),
        "{WANTED} asks for it"
    );
}

/// Stops the program as Ctrl-Z does, until it is continued.
#[cfg(unix)]
fn suspend() -> io::Result<()> {
    // Raising SIGTSTP is ignored in an orphaned process group; this falls back on SIGSTOP.
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
}

#[cfg(not(unix))]
fn suspend() -> io::Result<()> {
    Ok(())
}
