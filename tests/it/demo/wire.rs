//! A client that sees every byte: frames as they came, and how TCP ended.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// What came from the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The first byte of a frame's head, and its payload.
    Frame(u8, Vec<u8>),
    /// TCP closed in the ordinary way.
    Eof,
    /// TCP reset.
    Reset,
}

pub(super) struct Wire(TcpStream);

impl Wire {
    /// Sends an upgrade request and returns the answer's head.
    pub(super) async fn upgrade(server: &Server, path: &str) -> (Self, String) {
        let mut stream = TcpStream::connect(server.address())
            .await
            .expect("connects");
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: demo\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        (Self(stream), String::from_utf8(head).expect("text"))
    }

    /// Logged in by message, so that scenarios reach it.
    pub(super) async fn live(server: &Server, path: &str) -> Self {
        let (mut wire, head) = Self::upgrade(server, path).await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        wire.send(0x81, login(&token(server)).into_data().as_ref())
            .await;
        let Seen::Frame(0x81, ack) = wire.next().await else {
            panic!("no acknowledgement");
        };
        assert!(ack.starts_with(br#"{"type":"auth_ok""#));
        wire
    }

    /// Sends a frame of the 16-bit length form, masked with zeros.
    pub(super) async fn send(&mut self, first: u8, payload: &[u8]) {
        let mut frame = vec![first, 0xfe];
        frame.extend(
            u16::try_from(payload.len())
                .expect("a short payload")
                .to_be_bytes(),
        );
        frame.extend([0; 4]);
        frame.extend(payload);
        self.0.write_all(&frame).await.expect("sent");
    }

    pub(super) async fn next(&mut self) -> Seen {
        let read = timeout(PATIENCE, self.frame())
            .await
            .expect("something in time");
        read.unwrap_or_else(|error| match error.kind() {
            ErrorKind::UnexpectedEof => Seen::Eof,
            ErrorKind::ConnectionReset => Seen::Reset,
            _ => panic!("{error}"),
        })
    }

    async fn frame(&mut self) -> std::io::Result<Seen> {
        let (first, second) = (self.0.read_u8().await?, self.0.read_u8().await?);
        let length = match second {
            126 => u64::from(self.0.read_u16().await?),
            127 => self.0.read_u64().await?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).expect("a short payload")];
        self.0.read_exact(&mut payload).await?;
        Ok(Seen::Frame(first, payload))
    }

    /// Sends a ping and waits for what comes, its pong most likely; `None`: nothing came within `limit`.
    pub(super) async fn ping(&mut self, limit: Duration) -> Option<Seen> {
        self.send(0x89, b"?").await;
        timeout(limit, self.next()).await.ok()
    }
}
