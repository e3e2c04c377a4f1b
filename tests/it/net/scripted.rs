//! A server that does what a test says, byte by byte.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Serves one connection by a script; the handle gives what the script returned.
pub(crate) async fn serve<Script, Done>(script: Script) -> (SocketAddr, JoinHandle<Done::Output>)
where
    Script: FnOnce(TcpStream) -> Done + Send + 'static,
    Done: Future<Output: Send + 'static> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        script(stream).await
    });
    (address, served)
}

/// The server's side of a connection.
pub(crate) struct Peer<S> {
    pub(crate) stream: S,
    /// The upgrade request.
    pub(crate) request: String,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// Reads the upgrade request.
    pub(crate) async fn new(mut stream: S) -> Self {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        let request = String::from_utf8(request).unwrap();
        Self { stream, request }
    }

    /// The `Sec-WebSocket-Accept` that fits the request.
    pub(crate) fn accept_key(&self) -> String {
        let mut lines = self.request.lines();
        let key = lines.find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
        derive_accept_key(key.unwrap().as_bytes())
    }

    /// Accepts the upgrade with further header lines, and sends `tail` in the same packet.
    pub(crate) async fn accept(&mut self, headers: &str, tail: &[u8]) {
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n\
             Sec-WebSocket-Accept: {}\r\n{headers}\r\n",
            self.accept_key()
        );
        self.send(&[head.as_bytes(), tail].concat()).await;
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Reads one frame of the client's: its first byte and its payload.
    pub(crate) async fn frame(&mut self) -> (u8, Vec<u8>) {
        let first = self.stream.read_u8().await.unwrap();
        let length = self.stream.read_u8().await.unwrap() & 0x7f;
        assert!(length < 126, "tests send short frames only");
        let mut mask = [0; 4];
        self.stream.read_exact(&mut mask).await.unwrap();
        let mut payload = vec![0; length.into()];
        self.stream.read_exact(&mut payload).await.unwrap();
        let masks = mask.iter().cycle();
        payload
            .iter_mut()
            .zip(masks)
            .for_each(|(byte, mask)| *byte ^= mask);
        (first, payload)
    }

    /// Reads until the client hangs up.
    pub(crate) async fn drain(&mut self) {
        let _ = self.stream.read_to_end(&mut Vec::new()).await;
    }
}

/// A frame as servers send it: not masked.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    if payload.len() < 126 {
        frame.push(payload.len() as u8);
    } else {
        frame.push(127);
        frame.extend((payload.len() as u64).to_be_bytes());
    }
    frame.extend(payload);
    frame
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    frame(TEXT, text.as_bytes())
}

pub(crate) fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes()[..], reason].concat())
}

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;
pub(crate) const PONG: u8 = 0x8a;
