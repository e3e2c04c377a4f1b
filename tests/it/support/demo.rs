//! The embedded server on a thread of its own, for tests of the binary.

use std::{path::PathBuf, time::Duration};

use sockeye::{
    clock::Clock,
    demo::{Options, Server},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A running server and a directory for token files and configuration.
pub(crate) struct Demo {
    pub(crate) server: Server,
    pub(crate) directory: TempDir,
    // Declared last: the server's tasks end before the runtime does.
    _runtime: Runtime,
}

impl Demo {
    /// Starts a server that sends this many events a second.
    pub(crate) fn start(rate: f64) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let options = Options {
            port: 0,
            rate,
            token_life: Duration::from_secs(600),
            seed: 1,
            clock: Clock::start(),
        };
        let server = runtime.block_on(Server::start(options)).expect("a server");
        Self {
            server,
            directory: tempfile::tempdir().expect("a directory"),
            _runtime: runtime,
        }
    }

    /// The address of a path of the server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.server.address())
    }

    /// A file with a sample token.
    pub(crate) fn token_file(&self, sample: &str) -> PathBuf {
        let path = self.directory.path().join(format!("{sample}.token"));
        let secret = self.server.sample(sample).expect("a sample");
        std::fs::write(&path, secret.expose()).expect("a file");
        path
    }
}
