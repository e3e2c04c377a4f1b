//! The HTTP side: what teaches, the token endpoints, and the upgrade.

mod upgrade;

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::{net::TcpStream, time::timeout};

use super::{
    form,
    server::Shared,
    token::{Grant, Issued},
};
use upgrade::{Slot, Target};

pub(super) type Answer = Response<Full<Bytes>>;

/// For a request's head, and again for its body.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest head and longest body of a request, in bytes.
const LONGEST: usize = 64 << 10;

const GUIDE: &str = include_str!("guide.txt");

/// Serves one TCP connection to its end, as HTTP and, after an upgrade, as a WebSocket.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let slot = Slot::default();
    let service = service_fn(|request| {
        let (shared, slot) = (Arc::clone(&shared), Arc::clone(&slot));
        async move { Ok::<_, Infallible>(answer(&shared, &slot, request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(LONGEST)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if served.is_ok() {
        upgrade::follow(&shared, &slot).await;
    }
}

async fn answer(shared: &Shared, slot: &Slot, request: Request<Incoming>) -> Answer {
    let path = request.uri().path();
    if let Some(target) = Target::of(path) {
        return upgrade::answer(shared, slot, target, request).await;
    }
    match (path, request.method()) {
        ("/", &Method::GET) => plain(StatusCode::OK, GUIDE),
        ("/keys", &Method::GET) => plain(StatusCode::OK, shared.keys.public_pem()),
        ("/jwks", &Method::GET) => plain(StatusCode::OK, shared.keys.public_set()),
        ("/token", &Method::POST) => token(shared, request).await,
        ("/refresh", &Method::POST) => refresh(shared, request).await,
        ("/" | "/keys" | "/jwks", _) => wrong_method("GET"),
        ("/token" | "/refresh", _) => wrong_method("POST"),
        _ => plain(
            StatusCode::NOT_FOUND,
            "Not found. GET / tells what there is.\n",
        ),
    }
}

async fn token(shared: &Shared, request: Request<Incoming>) -> Answer {
    let grant = match read(request).await {
        Ok((kind, body)) => form::grant(kind.as_deref(), &body, shared.options.token_life),
        Err(answer) => return answer,
    };
    match grant {
        Ok(grant) => granted(&grant, &shared.issue(&grant)),
        Err(error) => oauth_error(StatusCode::BAD_REQUEST, "invalid_request", &error),
    }
}

async fn refresh(shared: &Shared, request: Request<Incoming>) -> Answer {
    let token = match read(request).await {
        Ok((kind, body)) => form::refresh_token(kind.as_deref(), &body),
        Err(answer) => return answer,
    };
    match token.map(|token| shared.rotate(&token)) {
        Ok(Some((grant, issued))) => granted(&grant, &issued),
        Ok(None) => {
            let error = "unknown, expired or used refresh token; sign in at POST /token";
            oauth_error(StatusCode::UNAUTHORIZED, "invalid_grant", error)
        }
        Err(error) => oauth_error(StatusCode::BAD_REQUEST, "invalid_request", &error),
    }
}

/// The type and the bytes of a body, or the answer to one that is too long or too late.
async fn read(request: Request<Incoming>) -> Result<(Option<String>, Bytes), Answer> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    let body = Limited::new(request.into_body(), LONGEST).collect();
    match timeout(PATIENCE, body).await {
        Ok(Ok(body)) => Ok((kind, body.to_bytes())),
        Ok(Err(_)) => Err(plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The body is broken or longer than 64 KiB.\n",
        )),
        Err(_) => Err(plain(
            StatusCode::REQUEST_TIMEOUT,
            "The body took too long.\n",
        )),
    }
}

/// A token answer (RFC 6749 section 5.1).
fn granted(grant: &Grant, issued: &Issued) -> Answer {
    let body = json!({
        "access_token": issued.access.expose(),
        "token_type": "Bearer",
        "expires_in": grant.life.as_secs(),
        "refresh_token": issued.refresh.expose(),
    });
    as_json(StatusCode::OK, &body)
}

/// An error answer (RFC 6749 section 5.2).
fn oauth_error(status: StatusCode, error: &str, description: &str) -> Answer {
    as_json(
        status,
        &json!({"error": error, "error_description": description}),
    )
}

fn as_json(status: StatusCode, body: &serde_json::Value) -> Answer {
    let mut answer = plain(status, format!("{body}\n"));
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    headers.insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    answer
}

fn wrong_method(right: &'static str) -> Answer {
    let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, format!("Use {right}.\n"));
    answer
        .headers_mut()
        .insert(ALLOW, http::HeaderValue::from_static(right));
    answer
}

/// A text answer.
fn plain(status: StatusCode, text: impl Into<String>) -> Answer {
    let mut answer = Response::new(Full::from(text.into()));
    *answer.status_mut() = status;
    let kind = http::HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
