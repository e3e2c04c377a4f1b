//! Servers that the system brings, as child processes, and a client that publishes to them.

use std::os::unix::process::CommandExt;
use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use sockeye::clock::Clock;

use super::tail::PATIENCE;

/// A running server; it ends with this value.
pub(crate) struct Program {
    child: Child,
    /// What it says, on either output.
    lines: Receiver<String>,
}

impl Program {
    /// Fails when the program is not on the path.
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Some are scripts that start what really runs; a group can be ended as a whole.
            .process_group(0)
            .spawn()
            .map_err(|error| {
                let name = command.get_program().display();
                assert_eq!(error.kind(), ErrorKind::NotFound, "{name}: {error}");
                format!("{name} is needed, from the package of this name")
            })?;
        let (sender, lines) = mpsc::channel();
        forward(child.stdout.take().expect("its output"), sender.clone());
        forward(child.stderr.take().expect("its errors"), sender);
        Ok(Self { child, lines })
    }

    /// Waits for a line with these words; `None` when the server ended instead.
    pub(crate) fn says(&self, words: &str) -> Option<String> {
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return Some(line),
                Ok(line) => said.push(line),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => panic!("no '{words}' in {said:#?}"),
            }
        }
    }

    /// Makes it read its files again.
    pub(crate) fn reload(&self) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::HUP).expect("it runs");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let group = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.child.wait();
    }
}

fn forward(output: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // The test listens only until the server is ready; what comes after is taken all the same.
            let _ = sender.send(line);
        }
    });
}

/// An address that nobody listened at just now. Somebody may be quicker: whoever uses it has to try again then.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}

/// Waits until somebody listens there.
pub(crate) fn answers(address: SocketAddr) {
    let clock = Clock::start();
    let begun = clock.now().mono;
    while TcpStream::connect(address).is_err() {
        let waited = clock.now().mono.since(begun);
        assert!(waited < PATIENCE, "nobody listens at {address}");
        thread::park_timeout(Duration::from_millis(10));
    }
}

/// A client that publishes the same message every 50 ms, for as long as this value is there.
pub(crate) struct Publisher {
    _running: Sender<()>,
}

impl Publisher {
    pub(crate) fn start(server: SocketAddr, login: &[u8], message: &[u8]) -> Self {
        let mut connection = TcpStream::connect(server).expect("a connection");
        connection.write_all(login).expect("the server listens");
        let message = message.to_owned();
        let (running, ended) = mpsc::channel();
        thread::spawn(move || {
            while ended.recv_timeout(Duration::from_millis(50)) == Err(RecvTimeoutError::Timeout)
                && connection.write_all(&message).is_ok()
            {}
        });
        Self { _running: running }
    }
}
