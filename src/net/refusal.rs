//! An answer to the upgrade that is not 101: its body, however late and however framed, and what the headers say.
//!
//! Redirects are reported, never followed: a credential must not travel to another place.

use std::time::{Duration, SystemTime};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    time::timeout,
};

use super::{answer::Head, request};
use crate::{auth::OpenRequest, cause::HttpRefusal, time::Wall};

/// Reads what is left of the body and sums up. Takes 2 s at most; what came until then counts.
pub(super) async fn read(
    socket: &mut (impl AsyncRead + Unpin),
    mut head: Head,
    request: &OpenRequest,
    now: Wall,
) -> HttpRefusal {
    let body = body(socket, &mut head).await;
    let hide = |text: &str| hide_secrets(text, request);
    HttpRefusal {
        status: head.status,
        retry_after: retry_after(&head, now),
        challenge: joined(&head, "www-authenticate").map(|text| hide(&text)),
        location: head.one("location").map(hide),
        body: hide(&body),
        headers: head
            .kept()
            .into_iter()
            .map(|(name, value)| (name, hide(&value)))
            .collect(),
    }
}

/// Reads what is left of the body, at most 64 KiB and for at most 2 s.
pub(super) async fn body(socket: &mut (impl AsyncRead + Unpin), head: &mut Head) -> String {
    let mut body = std::mem::take(&mut head.tail);
    let length = length(head);
    // What was read before a failure or the time limit is still worth showing.
    let _ = timeout(PATIENCE, read_body(socket, &mut body, length)).await;
    if length == Length::Chunked {
        body = unchunk(&body).0;
    } else if let Length::Bytes(count) = length {
        body.truncate(count);
    }
    body.truncate(MOST_BYTES);
    String::from_utf8_lossy(&body).into_owned()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Bytes(usize),
    Chunked,
    UntilEnd,
}

/// How long the body is (RFC 9112 section 6.3).
fn length(head: &Head) -> Length {
    if head.lists("transfer-encoding", "chunked") {
        return Length::Chunked;
    }
    head.one("content-length")
        .and_then(|text| text.trim().parse().ok())
        .map_or(Length::UntilEnd, Length::Bytes)
}

async fn read_body(socket: &mut (impl AsyncRead + Unpin), body: &mut Vec<u8>, length: Length) {
    // Chunk headers come on top of what is shown.
    while body.len() < 2 * MOST_BYTES {
        let whole = match length {
            Length::Bytes(count) => body.len() >= count.min(MOST_BYTES),
            Length::Chunked => unchunk(body).1,
            Length::UntilEnd => body.len() >= MOST_BYTES,
        };
        if whole || !matches!(socket.read_buf(body).await, Ok(1..)) {
            return;
        }
    }
}

/// The data of a chunked body as far as it has come, and whether it is whole (RFC 9112 section 7.1).
fn unchunk(mut bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut data = Vec::new();
    while let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(bytes) {
        if size == 0 {
            return (data, true);
        }
        let rest = &bytes[start..];
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        data.extend_from_slice(&rest[..size.min(rest.len())]);
        // Behind the data stands a line break.
        match size.checked_add(2).and_then(|next| rest.get(next..)) {
            Some(next) => bytes = next,
            None => return (data, false),
        }
    }
    (data, false)
}

/// `Retry-After` as a span from now: seconds, or a date by the server's own clock (RFC 9110 section 10.2.3).
fn retry_after(head: &Head, now: Wall) -> Option<Duration> {
    let text = head.one("retry-after")?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let now = head.date().unwrap_or_else(|| {
        SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(now.seconds()).unwrap_or(0))
    });
    Some(date.duration_since(now).unwrap_or_default())
}

fn joined(head: &Head, name: &str) -> Option<String> {
    let values: Vec<_> = head.all(name).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// A text of the server with every secret of our request masked: redirects and error pages repeat the address.
fn hide_secrets(text: &str, request: &OpenRequest) -> String {
    request::secrets(request)
        .iter()
        .fold(text.to_owned(), |text, secret| {
            text.replace(secret.expose(), "***")
        })
}

const MOST_BYTES: usize = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::{dialect::Filled, net::answer, secret::Secret};

    async fn refusal(mut bytes: &[u8]) -> HttpRefusal {
        let request = OpenRequest {
            compression: false,
            url: Url::parse("ws://feed.test/").unwrap(),
            query: vec![(
                "token".into(),
                Filled::secret(Secret::new("s3/cret".into())),
            )],
            headers: Vec::new(),
            subprotocols: Vec::new(),
        };
        let head = answer::read(&mut bytes, &answer::SERVER).await.unwrap();
        // 2024-01-02T03:04:05Z
        let now = Wall::from_seconds(1_704_164_645);
        read(&mut bytes, head, &request, now).await
    }

    #[tokio::test]
    async fn bodies_are_read_in_every_framing() {
        let counted = refusal(b"HTTP/1.1 401 No\r\nContent-Length: 4\r\n\r\nnope, and more").await;
        let chunked = b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n2;x=y\r\npe\r\n0\r\n\r\n";
        let until_end = refusal(b"HTTP/1.1 500 No\r\n\r\nnope").await;
        let cut = b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\nFFFFFFFFFFFFFFFF\r\npe";
        for refusal in [
            counted,
            refusal(chunked).await,
            until_end,
            refusal(cut).await,
        ] {
            assert_eq!(refusal.body, "nope");
        }
    }

    #[tokio::test]
    async fn bodies_are_bounded() {
        let mut bytes = b"HTTP/1.1 500 No\r\n\r\n".to_vec();
        bytes.extend(vec![b'x'; 1 << 20]);
        assert_eq!(refusal(&bytes).await.body.len(), MOST_BYTES);
        assert_eq!(unchunk(b"FFFFFFFFFFFFFFFF\r\nab"), (b"ab".to_vec(), false));
    }

    #[tokio::test]
    async fn retry_after_is_seconds_or_a_date() {
        let seconds = refusal(b"HTTP/1.1 429 No\r\nRetry-After: 7\r\n\r\n").await;
        assert_eq!(seconds.retry_after, Some(Duration::from_secs(7)));
        let by_ours = b"HTTP/1.1 503 No\r\nRetry-After: Tue, 02 Jan 2024 03:04:35 GMT\r\n\r\n";
        assert_eq!(
            refusal(by_ours).await.retry_after,
            Some(Duration::from_secs(30))
        );
        let by_theirs = b"HTTP/1.1 503 No\r\nDate: Tue, 02 Jan 2024 03:04:30 GMT\r\n\
                          Retry-After: Tue, 02 Jan 2024 03:04:35 GMT\r\n\r\n";
        assert_eq!(
            refusal(by_theirs).await.retry_after,
            Some(Duration::from_secs(5))
        );
        let wrong = refusal(b"HTTP/1.1 503 No\r\nRetry-After: soon\r\n\r\n").await;
        assert_eq!(wrong.retry_after, None);
    }

    #[tokio::test]
    async fn the_token_is_masked_wherever_the_server_repeats_it() {
        let answer = b"HTTP/1.1 302 Found\r\nLocation: /login?token=s3%2Fcret\r\n\
                       WWW-Authenticate: Bearer\r\nWWW-Authenticate: Basic realm=\"s3/cret\"\r\n\r\nno s3/cret";
        let refusal = refusal(answer).await;
        assert_eq!(refusal.location.as_deref(), Some("/login?token=***"));
        assert_eq!(
            refusal.challenge.as_deref(),
            Some("Bearer, Basic realm=\"***\"")
        );
        assert_eq!(refusal.body, "no ***");
    }

    #[tokio::test]
    async fn headers_are_kept_without_cookies_and_secrets() {
        let answer =
            b"HTTP/1.1 400 No\r\nDg-Error: no model for s3/cret\r\nSet-Cookie: a=b\r\n\r\n";
        let headers = refusal(answer).await.headers;
        let wanted = [("Dg-Error".to_owned(), "no model for ***".to_owned())];
        assert_eq!(headers, wanted);
    }
}
