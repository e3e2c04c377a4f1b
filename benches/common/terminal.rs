//! A program in a terminal of 200 by 50, drained by a reader that keeps the screen and counts frames.

use std::{
    io::{Read, Write},
    mem,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use sockeye::time::Mono;

use super::{Result, now};

const SIZE: PtySize = PtySize {
    rows: 50,
    cols: 200,
    pixel_width: 0,
    pixel_height: 0,
};
/// Reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);
/// The cursor is hidden at the end of each frame, and at the start of the program.
const FRAME_END: &[u8] = b"\x1b[?25l";

pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Drawn>,
    tally: Arc<Tally>,
    screen: vt100::Parser,
    // The terminal is gone when this is dropped.
    _master: Box<dyn MasterPty + Send>,
}

/// What was written for a frame.
struct Drawn {
    /// When its end was read.
    at: Mono,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Tally {
    bytes: AtomicU64,
    frames: AtomicU64,
}

/// What a program has written to its terminal.
#[derive(Clone, Copy)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    pub(crate) frames: u64,
}

impl Written {
    pub(crate) const fn since(self, earlier: Self) -> Self {
        Self {
            bytes: self.bytes - earlier.bytes,
            frames: self.frames - earlier.frames,
        }
    }
}

impl Terminal {
    /// Opens the monitor on an address or a profile of this configuration; a closed stream stays closed.
    pub(crate) fn monitor(target: &str, config: &Path) -> Result<Self> {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sockeye"));
        command.args(["watch", target, "--no-reconnect", "--config"]);
        command.arg(config);
        Self::start(command)
    }

    /// Starts a program.
    pub(crate) fn start(mut command: CommandBuilder) -> Result<Self> {
        let pair = native_pty_system().openpty(SIZE)?;
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command)?;
        // Else the reader never ends.
        drop(pair.slave);
        let tally = Arc::new(Tally::default());
        let (frames, output) = mpsc::channel();
        let (reader, shared) = (pair.master.try_clone_reader()?, Arc::clone(&tally));
        thread::spawn(move || drain(reader, &shared, &frames));
        Ok(Self {
            child,
            keys: pair.master.take_writer()?,
            output,
            tally,
            screen: vt100::Parser::new(SIZE.rows, SIZE.cols, 0),
            _master: pair.master,
        })
    }

    pub(crate) fn pid(&self) -> Result<u32> {
        self.child
            .process_id()
            .ok_or_else(|| "the program has no process id".into())
    }

    /// What it has written to the terminal so far.
    pub(crate) fn written(&self) -> Written {
        Written {
            bytes: self.tally.bytes.load(Ordering::Relaxed),
            frames: self.tally.frames.load(Ordering::Relaxed),
        }
    }

    /// Presses keys and returns when.
    pub(crate) fn press(&mut self, keys: &str) -> Result<Mono> {
        let at = now();
        self.keys.write_all(keys.as_bytes())?;
        self.keys.flush()?;
        Ok(at)
    }

    /// Waits until the screen shows this text, in capitals or not, and returns when that frame was read.
    pub(crate) fn wait_for(&mut self, text: &str) -> Result<Mono> {
        self.wait_until(text, |screen| screen.contains(text))
    }

    /// Waits until this holds of the screen, all in small letters, and returns when that frame was read.
    pub(crate) fn wait_until(
        &mut self,
        what: &str,
        mut holds: impl FnMut(&str) -> bool,
    ) -> Result<Mono> {
        let begun = now();
        let mut at = begun;
        while !holds(&self.text()) {
            let left = PATIENCE.saturating_sub(now().since(begun));
            match self.output.recv_timeout(left) {
                Ok(drawn) => {
                    at = drawn.at;
                    self.screen.process(&drawn.bytes);
                }
                Err(RecvTimeoutError::Timeout) => {
                    return Err(self.fault(&format!("'{what}' did not come")));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.fault(&format!("it ended without '{what}'")));
                }
            }
        }
        Ok(at)
    }

    /// Whether the screen shows this text, in small letters.
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// Takes what it writes, until this time.
    pub(crate) fn watch_until(&mut self, end: Mono) -> Result<()> {
        loop {
            let left = end.since(now());
            match self.output.recv_timeout(left) {
                Ok(drawn) => self.screen.process(&drawn.bytes),
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(self.fault("it ended")),
            }
            if left.is_zero() {
                return Ok(());
            }
        }
    }

    /// Takes what it writes for this long.
    pub(crate) fn watch_for(&mut self, span: Duration) -> Result<()> {
        self.watch_until(now().after(span))
    }

    /// The number that stands after this word on the screen.
    pub(crate) fn number_after(&self, word: &str) -> Result<u64> {
        number_after(&self.text(), word)
            .ok_or_else(|| self.fault(&format!("no number after '{word}'")))
    }

    /// Waits until this number stands after this word.
    pub(crate) fn wait_for_number(&mut self, word: &str, wanted: u64) -> Result<Mono> {
        self.wait_until(&format!("{word} {wanted}"), |screen| {
            number_after(screen, word) == Some(wanted)
        })
    }

    /// Presses `q` and waits for the end.
    pub(crate) fn quit(mut self) -> Result<()> {
        self.press("q")?;
        // What it still writes must be taken, or it waits for us.
        while let Ok(drawn) = self.output.recv() {
            self.screen.process(&drawn.bytes);
        }
        let status = self.child.wait()?;
        if status.success() {
            return Ok(());
        }
        Err(self.fault(&format!("the program ended with {status}")))
    }

    fn text(&self) -> String {
        self.screen.screen().contents().to_lowercase()
    }

    pub(crate) fn fault(&self, what: &str) -> Box<dyn std::error::Error> {
        format!("{what}; the screen:\n{}", self.screen.screen().contents()).into()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has usually ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The number behind the first place of this word that has one behind it.
fn number_after(screen: &str, word: &str) -> Option<u64> {
    screen.split(word).skip(1).find_map(number)
}

/// The number that a text begins with; its digits stand in groups of three.
pub(crate) fn number(text: &str) -> Option<u64> {
    let group = text.trim_start().split("  ").next()?;
    let digits: String = group
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ' ')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

/// Gives whole frames on, so that no screen is half of one and half of another.
fn drain(mut reader: Box<dyn Read + Send>, tally: &Tally, frames: &Sender<Drawn>) {
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = Vec::new();
    while let Ok(length @ 1..) = reader.read(&mut buffer) {
        let at = now();
        tally.bytes.fetch_add(length as u64, Ordering::Relaxed);
        for byte in &buffer[..length] {
            bytes.push(*byte);
            if bytes.ends_with(FRAME_END) {
                tally.frames.fetch_add(1, Ordering::Relaxed);
                let bytes = mem::take(&mut bytes);
                // Nobody looks any more.
                let _ = frames.send(Drawn { at, bytes });
            }
        }
    }
}
