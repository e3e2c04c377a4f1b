//! The guide's server as a child process, and tokens for it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use jsonwebtoken::{EncodingKey, Header};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use sockeye::clock::Clock;

use super::python;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/fastapi");
const KEY: &str = "the key of the guide's server in tests";

/// The running server; it ends with this value.
pub(crate) struct GuideServer {
    child: Child,
    /// The server ends when this is closed, so it does not outlive a test that is killed either.
    _stdin: ChildStdin,
    port: u16,
}

/// What the server has seen.
#[derive(Debug, Deserialize)]
pub(crate) struct Stats {
    /// Connections accepted, by path.
    pub(crate) accepted: BTreeMap<String, u32>,
    /// How often each token was offered, by its digest.
    offered: BTreeMap<String, u32>,
}

impl GuideServer {
    /// Starts it; `None` when Python is missing and the test has to be skipped.
    pub(crate) fn start() -> Option<Self> {
        let folder = Path::new(FOLDER);
        let interpreter = python::interpreter(&folder.join("requirements.txt"))?;
        let mut child = Command::new(interpreter)
            .args(["-B", "server.py"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut stdin = child.stdin.take().expect("its input");
        writeln!(stdin, "{KEY}").expect("the server takes its key");
        let mut port = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        stdout.read_line(&mut port).expect("its first line");
        let port = port.trim().parse().expect("the port on its first line");
        Some(Self {
            child,
            _stdin: stdin,
            port,
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("ws://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn stats(&self) -> Stats {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        connection
            .write_all(b"GET /stats HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .expect("a request");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("the figures")
    }
}

impl Drop for GuideServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Stats {
    /// How often a token was offered.
    pub(crate) fn offers(&self, token: &str) -> u32 {
        let digest = format!("{:x}", Sha256::digest(token));
        self.offered.get(&digest).copied().unwrap_or(0)
    }

    /// How many offers there were, of whatever token.
    pub(crate) fn all_offers(&self) -> u32 {
        self.offered.values().sum()
    }
}

/// A token that may read, for this many seconds from now.
pub(crate) fn good_token(seconds: i64) -> String {
    token(seconds, "reader", KEY)
}

/// A token whose owner may not read.
pub(crate) fn token_of_wrong_role() -> String {
    token(600, "visitor", KEY)
}

/// A token signed by somebody else.
pub(crate) fn token_with_bad_signature() -> String {
    token(600, "reader", "another key")
}

fn token(seconds: i64, role: &str, key: &str) -> String {
    let expires = Clock::start().now().wall.0 / 1_000_000 + seconds;
    let claims = json!({ "sub": "alice", "role": role, "exp": expires });
    jsonwebtoken::encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret(key.as_bytes()),
    )
    .expect("a token")
}
