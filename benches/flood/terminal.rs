//! The monitor in a terminal of 200 by 50, drained by a reader that keeps the screen.

use std::{
    error::Error,
    io::{Read, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use sockeye::clock::Clock;

const SIZE: PtySize = PtySize {
    rows: 50,
    cols: 200,
    pixel_width: 0,
    pixel_height: 0,
};
/// Reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Monitor {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    written: Arc<AtomicU64>,
    screen: vt100::Parser,
    // The terminal is gone when this is dropped.
    _terminal: Box<dyn MasterPty + Send>,
}

impl Monitor {
    /// Opens the monitor on an address, with an empty configuration; a closed stream stays closed.
    pub(crate) fn start(url: &str, config: &Path) -> Result<Self, Box<dyn Error>> {
        let pair = native_pty_system().openpty(SIZE)?;
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sockeye"));
        command.args(["watch", url, "--no-reconnect", "--config"]);
        command.arg(config);
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command)?;
        // Else the reader never ends.
        drop(pair.slave);
        let written = Arc::new(AtomicU64::new(0));
        let output = drain(pair.master.try_clone_reader()?, Arc::clone(&written));
        Ok(Self {
            child,
            keys: pair.master.take_writer()?,
            output,
            written,
            screen: vt100::Parser::new(SIZE.rows, SIZE.cols, 0),
            _terminal: pair.master,
        })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.process_id()
    }

    /// Bytes it has written to the terminal so far.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Waits until the screen shows this text, in capitals or not.
    pub(crate) fn wait_for(&mut self, text: &str) -> Result<(), Box<dyn Error>> {
        let clock = Clock::start();
        while !self.shows(text) {
            let left = PATIENCE.saturating_sub(clock.now().mono.since(sockeye::time::Mono(0)));
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(RecvTimeoutError::Timeout) => {
                    return Err(self.fault(&format!("'{text}' did not come")));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.fault(&format!("it ended without '{text}'")));
                }
            }
        }
        Ok(())
    }

    /// The number that stands after this word on the screen.
    pub(crate) fn number_after(&self, word: &str) -> Option<u64> {
        let text = self.screen.screen().contents();
        let rest = text.split_once(word)?.1.trim_start();
        let digits: String = rest
            .split("  ")
            .next()?
            .chars()
            .take_while(|c| c.is_ascii_digit() || c.is_whitespace())
            .filter(char::is_ascii_digit)
            .collect();
        digits.parse().ok()
    }

    /// Presses `q` and waits for the end.
    pub(crate) fn quit(mut self) -> Result<(), Box<dyn Error>> {
        self.keys.write_all(b"q")?;
        self.keys.flush()?;
        // What it still writes must be taken, or it waits for us.
        while let Ok(bytes) = self.output.recv() {
            self.screen.process(&bytes);
        }
        let status = self.child.wait()?;
        if status.success() {
            return Ok(());
        }
        Err(self.fault(&format!("the monitor ended with {status}")))
    }

    fn shows(&self, text: &str) -> bool {
        self.screen
            .screen()
            .contents()
            .to_lowercase()
            .contains(text)
    }

    fn fault(&self, what: &str) -> Box<dyn Error> {
        format!("{what}; the screen:\n{}", self.screen.screen().contents()).into()
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        // It has usually ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn drain(mut reader: Box<dyn Read + Send>, written: Arc<AtomicU64>) -> Receiver<Vec<u8>> {
    let (sender, output) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            written.fetch_add(length as u64, Ordering::Relaxed);
            // The monitor is gone.
            let _ = sender.send(buffer[..length].to_vec());
        }
    });
    output
}
