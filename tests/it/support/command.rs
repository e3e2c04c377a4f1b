//! The real program as a child process whose lines are waited for.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
};

use sockeye::{clock::Clock, time::Mono};

use super::tail::PATIENCE;

/// The program, without a configuration and with nothing on its standard input.
pub(crate) fn sockeye() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    command
        .env("SOCKEYE_CONFIG_DIR", "/nonexistent/sockeye")
        .env("SOCKEYE_STATE_DIR", env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null());
    command
}

/// The program.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    /// What it has said so far, on either output.
    pub(crate) said: Vec<String>,
}

impl Running {
    /// Starts it on this configuration, with this on its standard input.
    pub(crate) fn start(config: &Path, arguments: &[&str], input: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sockeye"))
            .args(arguments)
            .arg("--config")
            .arg(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("its input");
        stdin
            .write_all(input.as_bytes())
            .expect("it takes its input");
        let (sender, lines) = mpsc::channel();
        forward(child.stdout.take().expect("its output"), sender.clone());
        forward(child.stderr.take().expect("its errors"), sender);
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Waits for a line with these words.
    pub(crate) fn says(&mut self, words: &str) -> String {
        let clock = Clock::start();
        let left = || PATIENCE.saturating_sub(clock.now().mono.since(Mono(0)));
        while let Ok(line) = self.lines.recv_timeout(left()) {
            self.said.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
        panic!("no '{words}' in {:#?}", self.said);
    }

    /// Waits for its end; gives its exit code.
    pub(crate) fn finish(&mut self) -> i32 {
        let clock = Clock::start();
        let left = || PATIENCE.saturating_sub(clock.now().mono.since(Mono(0)));
        loop {
            match self.lines.recv_timeout(left()) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end: {:#?}", self.said),
            }
        }
        let status = self.child.wait().expect("its status");
        status.code().expect("an exit code")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn forward(output: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // The test has stopped listening.
            let _ = sender.send(line);
        }
    });
}
