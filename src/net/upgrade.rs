//! The WebSocket opening handshake (RFC 6455 section 4) over any connection.
//!
//! The library's own is stricter than servers are and loses error bodies that come late; this one tells what the
//! server said. It sets no time limits but that of an error's body: [`dial`](super::dial()) does.

use std::time::SystemTime;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;

use super::{
    answer::{self, Head},
    extension::Agreement,
    refusal, request,
};
use crate::{
    auth::OpenRequest,
    cause::{Cause, HttpRefusal},
    clock::Clock,
    time::Wall,
};

/// What a server that accepted the upgrade said with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The first bytes of the WebSocket stream, where they came along with the answer.
    pub tail: Vec<u8>,
    /// The subprotocol the server chose.
    pub subprotocol: Option<String>,
    /// How the server compresses its messages, if it does.
    pub compression: Option<Agreement>,
    /// How far the server's clock is ahead of ours in microseconds, by its `Date`, half a second added as the date
    /// has whole seconds only.
    pub skew: Option<i64>,
    /// Where the RFC is broken without harm.
    pub warnings: Vec<String>,
}

/// The answer to an upgrade request.
#[derive(Debug)]
pub enum Answer {
    /// 101, and all is as it must be.
    Accepted(Accepted),
    /// Another status. The body may still be on its way.
    Refused(Refused),
}

/// An answer that is not 101, with its body still to be read.
#[derive(Debug)]
pub struct Refused {
    head: Head,
    at: Wall,
}

impl Refused {
    /// Reads the body, at most 64 KiB and for at most 2 s. Secrets of the request that the server repeats are masked.
    pub async fn read(
        self,
        socket: &mut (impl AsyncRead + Unpin),
        request: &OpenRequest,
    ) -> HttpRefusal {
        refusal::read(socket, self.head, request, self.at).await
    }
}

/// Sends the upgrade request and reads the head of its answer.
///
/// # Errors
/// [`Cause::Handshake`] for a request that cannot be written or an answer that breaks the RFC, [`Cause::Broken`] for
/// a connection that ends before the answer does.
pub async fn upgrade(
    socket: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: &OpenRequest,
    clock: Clock,
) -> Result<Answer, Cause> {
    let key = generate_key();
    let written = {
        let head = request::write(request, &key)?;
        send(socket, head.expose().as_bytes()).await
    };
    // A server that refuses early may answer without reading all: its answer says more than our failed write.
    let head = match (answer::read(socket, &answer::SERVER).await, written) {
        (Err(Cause::Broken(_)), Err(error)) => return Err(answer::broken(&error, &answer::SERVER)),
        (head, _) => head?,
    };
    let at = clock.now().wall;
    if head.status != 101 {
        return Ok(Answer::Refused(Refused { head, at }));
    }
    let agreed = answer::check(&head, request, &key)?;
    Ok(Answer::Accepted(Accepted {
        skew: skew(&head, at),
        tail: head.tail,
        subprotocol: agreed.subprotocol,
        compression: agreed.compression,
        warnings: agreed.warnings,
    }))
}

async fn send(socket: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> std::io::Result<()> {
    socket.write_all(bytes).await?;
    socket.flush().await
}

fn skew(head: &Head, at: Wall) -> Option<i64> {
    let since = head.date()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let seconds = i64::try_from(since.as_secs()).ok()?;
    Some(
        Wall::from_seconds(seconds)
            .shifted(500_000)
            .micros_since(at),
    )
}
