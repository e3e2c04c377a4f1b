//! HTTP calls that belong to a link, with the same steps, trust and limits as the link itself.
//!
//! Redirects are not followed: a credential must not travel to another place. The answer's body is bounded.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use url::{Position, Url};

use super::{
    dial::{Stages, connect, is_loopback, resolve, secure},
    link::Socket,
};
use crate::{
    auth::{Call, CallAnswer},
    cause::{Cause, Stage},
    clock::Clock,
    profile::Profile,
};

/// The largest body that is read, in bytes.
const MOST: usize = 1 << 20;

/// Makes a call within `profile.limits.connect`.
///
/// # Errors
/// The cause, with the stage that failed; [`Cause::Credential`] before anything is sent when the call would go over
/// plain `http:` to another machine.
pub(super) async fn call(
    call: &Call,
    profile: &Profile,
    clock: Clock,
) -> Result<CallAnswer, Cause> {
    let address = call.url.expose();
    let wrong = |why: String| Cause::Handshake(format!("the call to {}: {why}", call.url.shown()));
    let url = Url::parse(address.expose()).map_err(|error| wrong(error.to_string()))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(Cause::Credential(
            "it is only sent over https:, or http: to this machine".into(),
        ));
    }
    let request = request(call, &url).map_err(|error| wrong(error.to_string()))?;
    let mut stages = Stages::start(profile.limits.connect, clock);
    let addresses = resolve(&url, &mut stages).await?;
    let tcp = stages.run(Stage::Tcp, connect(addresses)).await?;
    let socket: Box<dyn Socket> = if url.scheme() == "https" {
        let secured = stages.run(Stage::Tls, secure(tcp, &url, profile)).await?;
        Box::new(secured)
    } else {
        Box::new(tcp)
    };
    let exchange = timeout(profile.limits.connect, exchange(socket, request));
    let answer = exchange.await.map_err(|_| Cause::Timeout(Stage::Upgrade))?;
    answer.map_err(|error| wrong(error.to_string()))
}

fn request(call: &Call, url: &Url) -> Result<Request<Full<Bytes>>, http::Error> {
    let method = if call.post { "POST" } else { "GET" };
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut request = Request::builder()
        .method(method)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, host)
        .header(header::ACCEPT, "application/json")
        .header(
            header::USER_AGENT,
            concat!("sockeye/", env!("CARGO_PKG_VERSION")),
        );
    for header in &call.headers {
        let mut value = HeaderValue::from_str(header.value.expose().expose())?;
        value.set_sensitive(header.value.is_secret());
        request = request.header(&header.name, value);
    }
    let body = match &call.body {
        Some((kind, body)) => {
            request = request.header(header::CONTENT_TYPE, *kind);
            Bytes::copy_from_slice(body.expose().expose().as_bytes())
        }
        None => Bytes::new(),
    };
    request.body(Full::new(body))
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

async fn exchange(
    socket: Box<dyn Socket>,
    request: Request<Full<Bytes>>,
) -> Result<CallAnswer, Fault> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    let answer = async move {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let headers = shown(response.headers());
        let retry_after = response.headers().get(header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = Limited::new(response.into_body(), MOST)
            .collect()
            .await?
            .to_bytes();
        Ok(CallAnswer {
            status,
            retry_after: retry_after.map(Duration::from_secs),
            body: String::from_utf8_lossy(&body).into_owned(),
            headers,
        })
    };
    // The connection ends when its sender is gone; what is wrong with it shows in the answer.
    let (answer, _) = tokio::join!(answer, connection);
    answer
}

/// Every header but cookies, which are secrets.
fn shown(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let shown = headers
        .iter()
        .filter(|(name, _)| **name != header::SET_COOKIE);
    let text = |(name, value): (&http::HeaderName, &HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    };
    shown.map(text).collect()
}
