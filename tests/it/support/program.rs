//! Servers that the system brings, as child processes, and a client that publishes to them.

use std::os::unix::process::CommandExt;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use sockeye::clock::Clock;

use super::tail::PATIENCE;

/// Runs what follows as this process, in whose group a watcher waits for the end of the standard input. That comes when
/// the test lets go, and also when the test is killed: then the watcher ends the group. These servers do not look at
/// their standard input themselves.
const WATCHED: &str = r#"exec 3<&0 </dev/null
{ cat <&3; kill -KILL 0; } >/dev/null 2>&1 &
exec 3<&-
exec "$@""#;

/// A running server; it ends with this value, and with its test however that ends.
pub(crate) struct Program {
    child: Child,
    /// When it is closed the server ends.
    _input: ChildStdin,
    /// What it says, on either output.
    lines: Receiver<String>,
}

impl Program {
    /// Fails when the program is not on the path.
    pub(crate) fn start(command: &Command) -> Result<Self, String> {
        let program = command.get_program();
        let name = program.display();
        is_there(Path::new(program))
            .then_some(())
            .ok_or_else(|| format!("{name} is needed, from the package of this name"))?;
        let variables = command.get_envs();
        let variables = variables.filter_map(|(name, value)| Some((name, value?)));
        let mut child = Command::new("sh")
            .args(["-c", WATCHED, "sh"])
            .arg(program)
            .args(command.get_args())
            .envs(variables)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Some are scripts that start what really runs; a group can be ended as a whole.
            .process_group(0)
            .spawn()
            .expect("a shell");
        let (sender, lines) = mpsc::channel();
        forward(child.stdout.take().expect("its output"), sender.clone());
        forward(child.stderr.take().expect("its errors"), sender);
        Ok(Self {
            _input: child.stdin.take().expect("its input"),
            child,
            lines,
        })
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

/// Whether a program is there: at its place, or in a folder of the path.
fn is_there(program: &Path) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&folders).map(|folder| folder.join(program));
    places.any(|place| place.is_file())
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

#[cfg(test)]
mod tests {
    use std::{fs::File, io::read_to_string};

    use super::*;

    const HOLDS: &str = "SOCKEYE_TEST_HOLDS";

    /// Not a test by itself: what the next one starts and kills.
    #[test]
    fn a_test_that_holds_a_server() {
        let Some(pipe) = std::env::var_os(HOLDS) else {
            return;
        };
        let mut command = Command::new("sh");
        // A script that starts what really runs, and none of them ever reads or writes.
        command
            .args(["-c", r#"sleep 1000 >"$0"; exit 1"#])
            .arg(pipe);
        let _program = Program::start(&command).expect("a shell");
        loop {
            thread::park();
        }
    }

    /// A pipe by name ends for its reader when the last process that may write to it is gone.
    #[test]
    fn a_server_ends_with_a_test_that_is_killed() {
        let home = tempfile::TempDir::new().expect("a directory");
        let pipe = home.path().join("pipe");
        super::super::made::run(Command::new("mkfifo").arg(&pipe)).expect("a pipe");
        let mut test = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "--exact",
                "support::program::tests::a_test_that_holds_a_server",
            ])
            .env(HOLDS, &pipe)
            .stdout(Stdio::null())
            .spawn()
            .expect("this program");
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || {
            // Waits until the server runs …
            let mut pipe = File::open(pipe).expect("a pipe");
            test.kill().expect("it runs");
            test.wait().expect("its end");
            // … and until it is gone.
            let _ = sender.send(read_to_string(&mut pipe).expect("text"));
        });
        let said = ended.recv_timeout(PATIENCE).expect("the server has ended");
        assert_eq!(said, "");
    }

    #[test]
    fn a_program_that_is_nowhere_is_told() {
        for name in ["no-such-server-of-sockeye", "/no/such/server"] {
            let why = Program::start(&Command::new(name))
                .err()
                .expect("nothing runs");
            assert!(why.starts_with(name), "{why}");
        }
    }
}
