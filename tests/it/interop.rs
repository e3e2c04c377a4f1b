//! The real program against the guide's own server (`tests/servers/fastapi`): the three ways, the close codes 1008,
//! 4001 and 4003, the refusal before accept, and re-authentication on the live connection.
//!
//! The server counts what it was offered; so "never the same token twice" is the server's word, not ours.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::guide_server::{
    GuideServer, good_token, token_of_wrong_role, token_with_bad_signature,
};

const QUERY: &str = r#"{ query = "token" }"#;
const HEADER: &str = r#"{ header = "Authorization", prefix = "Bearer " }"#;
const FIRST_MESSAGE: &str = r#"{ first-message = '{"type":"auth","token":"{token}"}', ack = { type = "auth_ok" }, renew = true }"#;

/// Long enough for a loaded machine; reached only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(60);
const EXIT_UNAUTHENTICATED: i32 = 4;
const EXIT_FORBIDDEN: i32 = 5;

#[test]
fn a_query_token_is_taken_before_accept() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    delivers_events(&server, "/ws", QUERY);
}

#[test]
fn a_header_token_is_taken() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    delivers_events(&server, "/ws/header", HEADER);
}

#[test]
fn a_first_message_token_is_taken_and_acknowledged() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let tail = delivers_events(&server, "/ws/first", FIRST_MESSAGE);
    let acknowledged = tail.record(|record| record["event"] == "authenticated");
    assert!(
        acknowledged.is_some_and(|record| record["took_ms"].is_u64()),
        "{tail:?}"
    );
}

fn delivers_events(server: &GuideServer, path: &str, way: &str) -> Tail {
    let token = good_token(600);
    let mut tail = Tail::start(&server.url(path), way, &token, 5);
    assert_eq!(tail.finish(), 0, "{tail:?}");
    let seqs = tail.orders().map(|order| order["payload"]["seq"].as_u64());
    assert!(
        seqs.eq((1..).map(Some).take(tail.orders().count())),
        "{tail:?}"
    );
    assert!(tail.orders().count() >= 4, "{tail:?}");
    assert_eq!(server.stats().offers(&token), 1);
    tail
}

#[test]
fn an_invalid_token_is_closed_with_1008_and_not_offered_again() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let token = token_with_bad_signature();
    let mut tail = Tail::start(&server.url("/ws/after"), QUERY, &token, 5);
    assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"], &ended["by"]),
        (&json!(1008), &json!("Invalid token"), &json!("server"))
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&token), stats.all_offers()),
        (1, 1),
        "{stats:?}"
    );
}

#[test]
fn a_missing_token_is_closed_with_1008() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let mut tail = Tail::start(
        &server.url("/ws/header"),
        r#"{ header = "X-Elsewhere" }"#,
        &good_token(600),
        5,
    );
    assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"]),
        (&json!(1008), &json!("Missing token"))
    );
}

#[test]
fn a_refusal_before_accept_arrives_as_http_403() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let token = token_with_bad_signature();
    let mut tail = Tail::start(&server.url("/ws"), QUERY, &token, 5);
    assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["status"], &ended["code"]),
        (&json!(403), &Value::Null)
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&token), stats.all_offers()),
        (1, 1),
        "{stats:?}"
    );
    assert!(stats.accepted.is_empty(), "{stats:?}");
}

#[test]
fn an_expired_token_is_closed_with_4001_and_renewed_from_the_file() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let (first, second) = (good_token(3), good_token(600));
    let mut tail = Tail::start(&server.url("/ws/after"), QUERY, &first, 45);
    tail.wait_for(|line| line["payload"]["type"] == "order.created");
    tail.rewrite_token(&second);
    assert_eq!(tail.finish(), 0, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"], &ended["verdict"]),
        (&json!(4001), &json!("Token expired"), &json!("renew"))
    );
    assert!(
        tail.record(|record| record["event"] == "gap").is_some(),
        "{tail:?}"
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&first), stats.offers(&second)),
        (1, 1),
        "{stats:?}"
    );
    assert_eq!(
        (stats.accepted["/ws/after"], stats.all_offers()),
        (2, 2),
        "{stats:?}"
    );
}

#[test]
fn a_role_without_access_is_closed_with_4003() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let token = token_of_wrong_role();
    let mut tail = Tail::start(&server.url("/ws/after"), QUERY, &token, 5);
    assert_eq!(tail.finish(), EXIT_FORBIDDEN, "{tail:?}");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"], &ended["verdict"]),
        (
            &json!(4003),
            &json!("Role may not read this stream"),
            &json!("ask")
        )
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&token), stats.all_offers()),
        (1, 1),
        "{stats:?}"
    );
}

/// Sixty events take six seconds, and the first token lives for four: the rest can come only by the second one.
#[test]
fn a_new_token_is_taken_on_the_live_connection() {
    let Some(server) = GuideServer::start() else {
        return;
    };
    let (first, second) = (good_token(4), good_token(600));
    let mut tail = Tail::start(&server.url("/ws/first"), FIRST_MESSAGE, &first, 60);
    tail.wait_for(|line| line["payload"]["type"] == "order.created");
    tail.rewrite_token(&second);
    tail.wait_for(|line| line["event"] == "renewed");
    assert_eq!(tail.finish(), 0, "{tail:?}");
    assert!(
        tail.record(|record| record["event"] == "ended").is_none(),
        "{tail:?}"
    );
    let stats = server.stats();
    assert_eq!(
        (stats.offers(&first), stats.offers(&second)),
        (1, 1),
        "{stats:?}"
    );
    assert_eq!(
        (stats.accepted["/ws/first"], stats.all_offers()),
        (1, 2),
        "{stats:?}"
    );
}

/// `sockeye tail` as a child process, with all it has said.
struct Tail {
    child: Child,
    home: TempDir,
    lines: Receiver<Line>,
    /// Standard output: events.
    events: Vec<Value>,
    /// Standard error: the stream's life.
    records: Vec<Value>,
    /// Lines that are not JSON, of either.
    others: Vec<String>,
    tokens: Vec<String>,
}

enum Line {
    Event(String),
    Record(String),
}

impl Tail {
    fn start(url: &str, way: &str, token: &str, count: u32) -> Self {
        let home = TempDir::new().expect("a directory");
        let token_file = home.path().join("token");
        let config = format!(
            r#"[profiles.q]
url = "{url}"
token = {{ file = '{}' }}
way = {way}
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
    fn rewrite_token(&mut self, token: &str) {
        let written = write_private(&self.home, "token.new", token);
        fs::rename(written, self.home.path().join("token")).expect("the token file is replaced");
        self.tokens.push(token.to_owned());
    }

    /// Waits for a line of either output.
    fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            if self.take(line).is_some_and(&wanted) {
                return;
            }
        }
        panic!("what was waited for did not come: {self:?}");
    }

    /// Waits for the end of both outputs and gives the exit code. Neither output may hold a token.
    fn finish(&mut self) -> i32 {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
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

    fn orders(&self) -> impl Iterator<Item = &Value> {
        self.events
            .iter()
            .filter(|event| event["dir"] == "in" && event["payload"]["type"] == "order.created")
    }

    fn record(&self, wanted: impl Fn(&Value) -> bool) -> Option<&Value> {
        self.records.iter().find(|record| wanted(record))
    }

    /// The one record of an end.
    fn only_end(&self) -> &Value {
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
