//! The ways in which the server ends a connection, the proper ones and the others.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message, error::CapacityError, protocol::CloseFrame},
};

use crate::scenario::Refusal;

/// How long the client may take for its part of the end.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) type Socket = WebSocketStream<TcpStream>;

/// How a connection ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// A close frame of ours.
    Close(u16, String),
    /// A close frame of the client's, which the library has answered.
    Answered,
    /// The client is gone.
    Gone,
    /// Without a close frame.
    Eof,
    /// By a reset.
    Reset,
    /// By silence; the socket stays this long.
    Silence(Duration),
}

impl From<Refusal> for Ending {
    fn from(refusal: Refusal) -> Self {
        let (code, reason) = refusal.close();
        Self::Close(code, reason.to_owned())
    }
}

impl Ending {
    /// The end that a client earns by a fault of its own (RFC 6455 section 7.4.1).
    pub(super) fn after(fault: &tungstenite::Error) -> Self {
        let (code, reason) = match fault {
            tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }) => {
                (1009, "Message too big")
            }
            tungstenite::Error::Utf8(_) => (1007, "Text that is not UTF-8"),
            tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            ) => {
                return Self::Gone;
            }
            tungstenite::Error::Protocol(_) => (1002, "Protocol error"),
            _ => return Self::Gone,
        };
        Self::Close(code, reason.to_owned())
    }

    /// Carries it out.
    pub(super) async fn carry_out(self, mut socket: Socket) {
        match self {
            Self::Close(code, reason) => close(socket, code, reason).await,
            Self::Answered => drain(&mut socket).await,
            Self::Gone => {}
            Self::Eof => hang_up(socket.into_inner()).await,
            // Fails only on a socket that is gone already.
            Self::Reset => drop(socket.get_ref().set_zero_linger()),
            Self::Silence(span) => sleep(span).await,
        }
    }
}

async fn close(mut socket: Socket, code: u16, reason: String) {
    let frame = CloseFrame {
        code: code.into(),
        reason: reason.into(),
    };
    let sent = timeout(PATIENCE, socket.send(Message::Close(Some(frame)))).await;
    if matches!(sent, Ok(Ok(()))) {
        drain(&mut socket).await;
    }
}

/// Reads on until the client has closed: a socket with unread bytes would be reset, and the close frame lost.
async fn drain(socket: &mut Socket) {
    let ended = async { while let Some(Ok(_)) = socket.next().await {} };
    let _impatient = timeout(PATIENCE, ended).await;
}

async fn hang_up(mut stream: TcpStream) {
    let ended = async {
        stream.shutdown().await?;
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _impatient = timeout(PATIENCE, ended).await;
}
