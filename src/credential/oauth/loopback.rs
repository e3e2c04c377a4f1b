//! The redirect on the loopback interface (RFC 8252 section 7.3): a server for one answer.

use std::{convert::Infallible, net::Ipv4Addr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::mpsc, task::JoinSet, time::timeout};

use crate::oauth::Redirect;

/// Where the browser is sent.
const PATH: &str = "/callback";

/// How long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// The most connections at a time; browsers open some that they do not use.
const MOST: usize = 32;

/// A port that waits for the redirect.
pub(super) struct Loopback {
    listener: TcpListener,
    /// What the browser is to come back to.
    pub(super) address: String,
}

/// Reads the query of a request for our path.
type Reader = dyn Fn(&str) -> Redirect + Send + Sync;

impl Loopback {
    /// Takes this port, or a free one.
    pub(super) async fn bind(port: Option<u16>) -> Result<Self, String> {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await;
        let listener = bound.map_err(|error| match port {
            Some(port) => format!("port {port} of this machine cannot be taken: {error}"),
            None => format!("no port of this machine can be taken: {error}"),
        })?;
        let own = listener.local_addr().map_err(|error| error.to_string())?;
        Ok(Self {
            address: format!("http://{own}{PATH}"),
            listener,
        })
    }

    /// Waits for an answer that is ours; everything else is refused and changes nothing.
    pub(super) async fn answer(self, read: Arc<Reader>) -> Result<Redirect, String> {
        let (found, mut answers) = mpsc::channel(1);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                answer = answers.recv() => {
                    // The page still has to reach the browser.
                    let rest = timeout(Duration::from_secs(1), async { while connections.join_next().await.is_some() {} });
                    let _ = rest.await;
                    return answer.ok_or_else(|| "the redirect broke off".to_owned());
                }
                accepted = self.listener.accept(), if connections.len() < MOST => {
                    let (stream, _) = accepted.map_err(|error| error.to_string())?;
                    let (read, found) = (read.clone(), found.clone());
                    let service = service_fn(move |request| {
                        let page = page(&request, read.as_ref(), &found);
                        async move { Ok::<_, Infallible>(page) }
                    });
                    let connection = http1::Builder::new()
                        .keep_alive(false)
                        .timer(TokioTimer::new())
                        .header_read_timeout(PATIENCE)
                        .serve_connection(TokioIo::new(stream), service);
                    connections.spawn(async move { timeout(PATIENCE, connection).await.is_ok() });
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

fn page(
    request: &Request<Incoming>,
    read: &Reader,
    found: &mpsc::Sender<Redirect>,
) -> Response<Full<Bytes>> {
    if request.uri().path() != PATH || request.method() != Method::GET {
        return text(StatusCode::NOT_FOUND, "There is nothing here.");
    }
    let redirect = read(request.uri().query().unwrap_or_default());
    let page = match &redirect {
        Redirect::Foreign(why) => return text(StatusCode::BAD_REQUEST, why),
        Redirect::Code(_) => text(
            StatusCode::OK,
            "Sockeye has the answer. You may close this window.",
        ),
        Redirect::Refused(_) => text(
            StatusCode::OK,
            "The sign-in was refused; Sockeye says why. You may close this window.",
        ),
    };
    // A second answer comes too late.
    let _ = found.try_send(redirect);
    page
}

fn text(status: StatusCode, words: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(format!("{words}\n"))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}
