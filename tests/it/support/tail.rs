//! The real program, `sockeye tail`, on a profile with a token file.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use serde_json::Value;
use sockeye::clock::Clock;
use tempfile::TempDir;

pub(crate) const EXIT_UNAUTHENTICATED: i32 = 4;
pub(crate) const EXIT_FORBIDDEN: i32 = 5;
pub(crate) const EXIT_NETWORK: i32 = 6;

/// Long enough for a loaded machine; reached only by a test that fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// `sockeye tail` as a child process, with all it has said.
pub(crate) struct Tail {
    child: Child,
    home: TempDir,
    lines: Receiver<Line>,
    /// Standard output: events.
    pub(crate) events: Vec<Value>,
    /// Standard error: the stream's life.
    pub(crate) records: Vec<Value>,
    /// Lines that are not JSON, of either.
    others: Vec<String>,
    tokens: Vec<String>,
}

enum Line {
    Event(String),
    Record(String),
}

impl Tail {
    /// On an address, with lines of the profile that say how it is spoken to, until so many messages have come.
    pub(crate) fn start(url: &str, speech: &str, token: &str, count: u32) -> Self {
        let home = TempDir::new().expect("a directory");
        let token_file = home.path().join("token");
        let config = format!(
            r#"[profiles.q]
url = "{url}"
token = {{ file = '{}' }}
{speech}
margins = {{ warn = "2m", alarm = "30s", renew = "3s" }}
retry = {{ base = "50ms", cap = "200ms", stable = "30s" }}
"#,
            token_file.display()
        );
        write_private(&home, "config.toml", &config);
        write_private(&home, "token", token);
        let mut child = Command::new(env!("CARGO_BIN_EXE_sockeye"))
            .args([
                "tail",
                "q",
                "--lifecycle",
                "json",
                "--count",
                &count.to_string(),
                // Longer than any test: so it does not outlive by much one that is killed.
                "--for",
                "5m",
            ])
            .arg("--config")
            .arg(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (sender, lines) = mpsc::channel();
        forward(
            child.stdout.take().expect("its output"),
            sender.clone(),
            Line::Event,
        );
        forward(
            child.stderr.take().expect("its errors"),
            sender,
            Line::Record,
        );
        Self {
            child,
            home,
            lines,
            events: Vec::new(),
            records: Vec::new(),
            others: Vec::new(),
            tokens: vec![token.to_owned()],
        }
    }

    /// Replaces the token file's content in one step.
    pub(crate) fn rewrite_token(&mut self, token: &str) {
        let written = write_private(&self.home, "token.new", token);
        fs::rename(written, self.home.path().join("token")).expect("the token file is replaced");
        self.tokens.push(token.to_owned());
    }

    /// Waits for a line of either output.
    pub(crate) fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            if self.take(line).is_some_and(&wanted) {
                return;
            }
        }
        panic!("what was waited for did not come: {self:?}");
    }

    /// Waits for the end of both outputs and gives the exit code. Neither output may hold a token.
    pub(crate) fn finish(&mut self) -> i32 {
        let clock = Clock::start();
        let begun = clock.now().mono;
        let left = || PATIENCE.saturating_sub(clock.now().mono.since(begun));
        loop {
            match self.lines.recv_timeout(left()) {
                Ok(line) => drop(self.take(line)),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end: {self:?}"),
            }
        }
        let said = format!("{:?}{:?}{:?}", self.events, self.records, self.others);
        for token in &self.tokens {
            assert!(!said.contains(token), "a token was shown: {self:?}");
        }
        assert!(self.others.is_empty(), "{self:?}");
        let status = self.child.wait().expect("its status");
        status.code().expect("an exit code")
    }

    fn take(&mut self, line: Line) -> Option<&Value> {
        let (text, list) = match line {
            Line::Event(text) => (text, &mut self.events),
            Line::Record(text) => (text, &mut self.records),
        };
        if let Ok(value) = serde_json::from_str(&text) {
            list.push(value);
            list.last()
        } else {
            self.others.push(text);
            None
        }
    }

    pub(crate) fn record(&self, wanted: impl Fn(&Value) -> bool) -> Option<&Value> {
        self.records.iter().find(|record| wanted(record))
    }

    /// The one record of an end.
    pub(crate) fn only_end(&self) -> &Value {
        let mut ends = self
            .records
            .iter()
            .filter(|record| record["event"] == "ended");
        let (first, more) = (ends.next(), ends.next());
        assert!(more.is_none(), "{self:?}");
        first.unwrap_or_else(|| panic!("no end: {self:?}"))
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines = |f: &mut std::fmt::Formatter<'_>, name, lines: &[Value]| {
            writeln!(f, "\n{name}:")?;
            lines.iter().try_for_each(|line| writeln!(f, "  {line}"))
        };
        lines(f, "events", &self.events)?;
        lines(f, "records", &self.records)?;
        self.others
            .iter()
            .try_for_each(|line| writeln!(f, "  {line}"))
    }
}

fn forward(output: impl Read + Send + 'static, sender: Sender<Line>, line: fn(String) -> Line) {
    thread::spawn(move || {
        for text in BufReader::new(output).lines().map_while(Result::ok) {
            // The test has stopped listening.
            let _ = sender.send(line(text));
        }
    });
}

/// Writes a file that only we can read, as credential files have to be.
fn write_private(home: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = home.path().join(name);
    fs::write(&path, text).expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
    }
    path
}
