//! A server as a child process: it gets the key of the tokens on its standard input and tells its port on its first line.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr},
    process::{Child, ChildStdin, Command, Stdio},
};

use super::token::KEY;

/// The running server; it ends with this value.
pub(crate) struct Server {
    child: Child,
    /// The server ends when this is closed, so it does not outlive a test that is killed either.
    _stdin: ChildStdin,
    port: u16,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
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
        Self {
            child,
            _stdin: stdin,
            port,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
