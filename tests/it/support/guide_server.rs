//! The guide's server and what it has seen.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{python, server::Server};

pub(crate) struct GuideServer(Server);

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
        python::serve("fastapi").map(Self)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.0.url(path)
    }

    pub(crate) fn stats(&self) -> Stats {
        let mut connection = TcpStream::connect(self.0.address()).expect("a connection");
        connection
            .write_all(b"GET /stats HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .expect("a request");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("the figures")
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
