//! HTTP calls that belong to a link, with the same steps, trust and limits as the link itself.
//!
//! Redirects are not followed: a credential must not travel to another place. The answer's body is bounded.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use secrecy::zeroize::Zeroizing;
use tokio::time::timeout;
use url::{Position, Url};

use super::{
    answer::kept,
    link::Socket,
    proxy,
    reach::{reach, stays_here},
    stages::Stages,
};
use crate::{
    auth::{Call, CallAnswer},
    cause::{Cause, Stage},
    clock::Clock,
    dialect::Filled,
    log::{Level, Log},
    profile::{Profile, Proxy, Tls},
    redact::Redactor,
};

/// The largest body that is read, in bytes.
const MOST: usize = 1 << 20;

/// Makes a call within `profile.limits.connect`.
///
/// # Errors
/// The cause, with the stage that failed; [`Cause::Credential`] before anything is sent when the call would go over
/// plain `http:` to another machine.
pub(crate) async fn call(
    call: &Call,
    profile: &Profile,
    clock: Clock,
    log: &Log,
) -> Result<CallAnswer, Cause> {
    let address = call.url.expose();
    let wrong = |why: String| Cause::Handshake(format!("the call to {}: {why}", call.url.shown()));
    let url = Url::parse(address.expose()).map_err(|error| wrong(error.to_string()))?;
    let request = request(call, &url).map_err(|error| wrong(error.to_string()))?;
    let shown = call.url.shown();
    let tls = trust(profile, &url);
    let way = Way {
        tls: &tls,
        proxy: &profile.proxy,
        limit: profile.limits.connect,
        clock,
        log,
    };
    let response = exchange(request, &url, &shown, &way).await?;
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let answer = CallAnswer {
        status: response.status().as_u16(),
        headers: readable(response.headers()),
        retry_after: retry_after.map(Duration::from_secs),
        body: String::from_utf8_lossy(response.body()).into_owned(),
    };
    Ok(masked(answer, call))
}

/// The name set for the stream's server is not that of another one.
fn trust(profile: &Profile, url: &Url) -> Tls {
    let mut tls = profile.tls.clone();
    if url.host() != profile.url.host() {
        tls.server_name = None;
    }
    tls
}

/// How a request is made.
pub(crate) struct Way<'p> {
    /// Whom to trust.
    pub(crate) tls: &'p Tls,
    /// Which proxy it goes through.
    pub(crate) proxy: &'p Proxy,
    /// How long the way to the server may take, and again the answer.
    pub(crate) limit: Duration,
    /// The clocks.
    pub(crate) clock: Clock,
    /// Where it is told.
    pub(crate) log: &'p Log,
}

/// Makes a request whose target and headers are set but for `Host` and `User-Agent`. The answer may be of any status;
/// its body is at most 1 MiB. `shown` is the address without secrets.
///
/// # Errors
/// As for [`call`].
pub(crate) async fn exchange(
    request: Request<Full<Bytes>>,
    url: &Url,
    shown: &str,
    way: &Way<'_>,
) -> Result<Response<Bytes>, Cause> {
    let asked = format!("{} {}", request.method(), before_query(shown));
    let answer = exchanged(request, url, shown, way).await;
    match &answer {
        Ok(answer) => {
            let (status, bytes) = (answer.status().as_u16(), answer.body().len());
            way.log.write(
                Level::Info,
                format_args!("{asked}: HTTP {status}, {bytes} bytes"),
            );
        }
        Err(cause) => way.log.write(Level::Warn, format_args!("{asked}: {cause}")),
    }
    answer
}

/// An address up to its query, in which others put secrets that nobody told us of.
fn before_query(shown: &str) -> &str {
    shown.split('?').next().unwrap_or_default()
}

async fn exchanged(
    mut request: Request<Full<Bytes>>,
    url: &Url,
    shown: &str,
    way: &Way<'_>,
) -> Result<Response<Bytes>, Cause> {
    let via = proxy::choose(way.proxy, url).await?;
    let via = via.as_ref();
    if url.scheme() != "https" && !(url.scheme() == "http" && stays_here(url, via)) {
        let past = via.map_or_else(String::new, |via| {
            format!(", and {} is a proxy on the way", via.address)
        });
        return Err(Cause::Credential(format!(
            "it is only sent over https:, or http: to this machine{past}"
        )));
    }
    let wrong = |why: String| Cause::Handshake(format!("the call to {shown}: {why}"));
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let host = HeaderValue::from_str(host).map_err(|error| wrong(error.to_string()))?;
    let agent = HeaderValue::from_static(concat!("sockeye/", env!("CARGO_PKG_VERSION")));
    request.headers_mut().insert(header::HOST, host);
    request.headers_mut().insert(header::USER_AGENT, agent);
    let mut stages = Stages::start(way.limit, way.clock, way.log);
    let reached = reach(url, way.tls, via, &mut stages).await?;
    let answer = timeout(way.limit, speak(reached.socket, request)).await;
    let answer = answer.map_err(|_| Cause::Timeout(Stage::Upgrade))?;
    answer.map_err(|error| {
        let cause = wrong(match error.downcast_ref::<LengthLimitError>() {
            Some(_) => format!("the answer is larger than {} KiB", MOST >> 10),
            None => error.to_string(),
        });
        proxy::named(cause, via)
    })
}

/// A refusal is shown, and may repeat what was sent: its secrets are masked. Other answers are taken apart, not shown.
fn masked(mut answer: CallAnswer, call: &Call) -> CallAnswer {
    if (200..300).contains(&answer.status) {
        return answer;
    }
    let headers = call.headers.iter().map(|header| &header.value);
    let body = call.body.as_ref().map(|(_, body)| body);
    let all = headers.chain([&call.url]).chain(body);
    let redactor = Redactor::new(all.flat_map(Filled::secrets));
    answer.body = redactor.text(answer.body);
    for (_, value) in &mut answer.headers {
        *value = redactor.text(std::mem::take(value));
    }
    answer
}

fn request(call: &Call, url: &Url) -> Result<Request<Full<Bytes>>, http::Error> {
    let method = if call.post { "POST" } else { "GET" };
    let mut request = Request::builder()
        .method(method)
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::ACCEPT, "application/json");
    for header in &call.headers {
        let mut value = HeaderValue::from_maybe_shared(cleared(&header.value))?;
        value.set_sensitive(header.value.is_secret());
        request = request.header(&header.name, value);
    }
    let body = match &call.body {
        Some((kind, body)) => {
            request = request.header(header::CONTENT_TYPE, *kind);
            cleared(body)
        }
        None => Bytes::new(),
    };
    request.body(Full::new(body))
}

/// Bytes that are cleared when nobody needs them any more.
fn cleared(filled: &Filled) -> Bytes {
    let bytes = filled.expose().expose().as_bytes().to_vec();
    Bytes::from_owner(Zeroizing::new(bytes))
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

async fn speak(
    socket: Box<dyn Socket>,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, Fault> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    let answer = async move {
        let response = sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MOST).collect().await?.to_bytes();
        Ok(Response::from_parts(head, body))
    };
    // The connection ends when its sender is gone; what is wrong with it shows in the answer.
    let (answer, _) = tokio::join!(answer, connection);
    answer
}

fn readable(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&http::HeaderName, &HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    };
    kept(headers.iter().map(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::{Header, Way as TokenWay},
        profile::Source,
        secret::Secret,
    };
    use url::Host;

    #[test]
    fn the_name_of_a_server_is_not_that_of_another() {
        let url = |text| Url::parse(text).unwrap();
        let stream = url("wss://gate.test/ws");
        let mut profile = Profile::new("a", stream, TokenWay::None, Source::Prompt);
        profile.tls.server_name = Host::parse("feed.test").ok();
        assert_eq!(
            trust(&profile, &url("https://gate.test:8443/a")),
            profile.tls
        );
        let elsewhere = trust(&profile, &url("https://id.test/a"));
        assert_eq!(elsewhere.server_name, None);
    }

    #[test]
    fn a_refusal_that_repeats_the_token_is_masked() {
        let call = Call {
            post: true,
            url: Filled::plain("https://app.example.com/auth"),
            headers: vec![Header {
                name: "Authorization".into(),
                value: Filled::secret(Secret::new("canary/1".into())),
            }],
            body: Some(("text/plain", Filled::secret(Secret::new("canary-2".into())))),
        };
        let answer = |status| CallAnswer {
            status,
            body: "bad token canary/1 or canary%2F1 in canary-2".into(),
            headers: vec![("X-Why".into(), "canary/1".into())],
            ..CallAnswer::default()
        };
        let refused = masked(answer(401), &call);
        assert_eq!(refused.body, "bad token *** or *** in ***");
        assert_eq!(refused.headers[0].1, "***");
        assert_eq!(masked(answer(200), &call), answer(200));
    }
}
