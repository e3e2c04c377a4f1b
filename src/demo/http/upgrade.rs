//! The upgrade to a WebSocket (RFC 6455 section 4.2): who may have it, who must wait, who is refused.

use std::sync::{Arc, Mutex, PoisonError};

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        AUTHORIZATION, CONNECTION, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_VERSION, UPGRADE, WWW_AUTHENTICATE,
    },
};
use hyper::{Request, StatusCode, body::Incoming, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::sleep};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};

use super::{Answer, plain};
use crate::{
    demo::{live, login, server::Shared},
    scenario::{Feed, Refusal, Upgrades},
    secret::Secret,
};

/// Longest message that is read, in bytes.
const LONGEST: usize = 2 << 20;

/// Where a granted upgrade waits until HTTP has let go of the socket.
pub(super) type Slot = Arc<Mutex<Option<Granted>>>;

pub(super) struct Granted {
    upgrade: OnUpgrade,
    feed: Feed,
    token: Option<Secret>,
}

/// A WebSocket path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    feed: Feed,
    /// Whether the token is judged before the upgrade.
    strict: bool,
}

impl Target {
    pub(super) fn of(path: &str) -> Option<Self> {
        let (path, strict) = path
            .strip_prefix("/strict")
            .map_or((path, false), |path| (path, true));
        let feed = match path {
            "/ws" | "/ws/orders" => Feed::Orders,
            "/ws/prices" => Feed::Prices,
            "/ws/audit" => Feed::Audit,
            _ => return None,
        };
        Some(Self { feed, strict })
    }
}

pub(super) async fn answer(
    shared: &Shared,
    slot: &Slot,
    target: Target,
    mut request: Request<Incoming>,
) -> Answer {
    let Some(accept) = accept_key(&request) else {
        return upgrade_required();
    };
    let staged = shared.clients().upgrade(target.feed);
    if let Some(staged) = staged {
        sleep(staged.delay).await;
        if let Some(answer) = staged_refusal(&staged) {
            return answer;
        }
    }
    let token = token(&request);
    if target.strict {
        let offered = token.as_ref().map_or("", Secret::expose);
        if let Err(refusal) = shared.admit(offered, target.feed) {
            return refused(refusal);
        }
    }
    let upgrade = hyper::upgrade::on(&mut request);
    let granted = Granted {
        upgrade,
        feed: target.feed,
        token,
    };
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(granted);
    switching(accept)
}

/// Goes on as a WebSocket where an upgrade was granted.
pub(super) async fn follow(shared: &Shared, slot: &Slot) {
    let granted = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(Granted {
        upgrade,
        feed,
        token,
    }) = granted
    else {
        return;
    };
    let Ok(upgraded) = upgrade.await else {
        return;
    };
    let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
        return;
    };
    let limits = WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .max_message_size(Some(LONGEST))
        .max_frame_size(Some(LONGEST));
    let (stream, early) = (parts.io.into_inner(), parts.read_buf.to_vec());
    let mut socket =
        WebSocketStream::from_partially_read(stream, early, Role::Server, Some(limits)).await;
    let ending = match login::admit(shared, &mut socket, feed, token).await {
        Ok(admitted) => live::run(shared, &mut socket, feed, admitted).await,
        Err(ending) => ending,
    };
    ending.carry_out(socket).await;
}

/// The value of `Sec-WebSocket-Accept`; `None`: it is no upgrade request.
fn accept_key(request: &Request<Incoming>) -> Option<HeaderValue> {
    let headers = request.headers();
    let upgrade = has(headers, &CONNECTION, "upgrade") && has(headers, &UPGRADE, "websocket");
    let version = has(headers, &SEC_WEBSOCKET_VERSION, "13");
    let key = headers
        .get(SEC_WEBSOCKET_KEY)
        .filter(|_| upgrade && version)?;
    derive_accept_key(key.as_bytes()).parse().ok()
}

fn upgrade_required() -> Answer {
    let text =
        "This is a WebSocket: connect with an upgrade request of version 13. GET / tells more.\n";
    let mut answer = plain(StatusCode::UPGRADE_REQUIRED, text);
    let headers = answer.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    answer
}

/// Whether a list header has this word (RFC 9110 section 5.6.1).
fn has(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|item| item.trim().eq_ignore_ascii_case(word))
}

/// The token of the query or else of the `Authorization` header.
fn token(request: &Request<Incoming>) -> Option<Secret> {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let by_query = pairs.find(|(name, _)| name == "token");
    by_query
        .map(|(_, token)| Secret::new(token.into_owned()))
        .or_else(|| bearer(request.headers()))
}

/// The token of `Authorization: Bearer …` (RFC 6750 section 2.1).
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer");
    known.then(|| Secret::new(token.trim().to_owned()))
}

fn switching(accept: HeaderValue) -> Answer {
    let mut answer = plain(StatusCode::SWITCHING_PROTOCOLS, "");
    let headers = answer.headers_mut();
    headers.clear();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    answer
}

/// The refusal before the upgrade, with its challenge (RFC 6750 section 3).
fn refused(refusal: Refusal) -> Answer {
    let (_, reason) = refusal.close();
    let (status, error) = match refusal {
        Refusal::Missing => (StatusCode::UNAUTHORIZED, None),
        Refusal::Forbidden => (StatusCode::FORBIDDEN, Some("insufficient_scope")),
        _ => (StatusCode::UNAUTHORIZED, Some("invalid_token")),
    };
    let error = error.map_or_else(String::new, |error| {
        format!(r#", error="{error}", error_description="{reason}""#)
    });
    let challenge = format!(r#"Bearer realm="sockeye demo"{error}"#);
    let mut answer = plain(status, format!("{reason}\n"));
    if let Ok(challenge) = challenge.parse() {
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    answer
}

/// The refusal that a scenario wants.
fn staged_refusal(staged: &Upgrades) -> Option<Answer> {
    let status = StatusCode::from_u16(staged.status?).ok()?;
    let mut answer = plain(status, staged.body.clone());
    if let Some(seconds) = staged.retry_after {
        answer.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Some(answer)
}
