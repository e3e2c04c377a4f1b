//! The embedded server on a thread of its own, for tests of the binary.

use std::{path::PathBuf, sync::Arc, sync::mpsc, thread, time::Duration};

use sockeye::{
    clock::Clock,
    demo::{Options, Server},
};
use tempfile::TempDir;
use tokio::sync::oneshot;

/// A running server and a directory for token files and configuration.
pub(crate) struct Demo {
    pub(crate) server: Arc<Server>,
    pub(crate) directory: TempDir,
    // Its end ends the thread.
    _running: oneshot::Sender<()>,
}

impl Demo {
    /// Starts a server that sends this many events a second.
    pub(crate) fn start(rate: f64) -> Self {
        let (started, ready) = mpsc::channel();
        let (running, ended) = oneshot::channel::<()>();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                let server = Server::start(options(rate)).await.expect("a server");
                started.send(Arc::new(server)).expect("the test waits");
                let _test_is_over = ended.await;
            });
        });
        Self {
            server: ready.recv().expect("a server"),
            directory: tempfile::tempdir().expect("a directory"),
            _running: running,
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

fn options(rate: f64) -> Options {
    Options {
        port: 0,
        rate,
        token_life: Duration::from_secs(600),
        seed: 1,
        clock: Clock::start(),
    }
}
