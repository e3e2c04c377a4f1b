//! Letting a connection in after the upgrade: by the token of the upgrade or by the first message.

use std::time::Duration;

use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::{
    ending::{Ending, Socket},
    server::Shared,
    token::Bearer,
};
use crate::{
    scenario::{Feed, Refusal},
    secret::Secret,
    time::Wall,
};

/// From the upgrade to the first message.
const PATIENCE: Duration = Duration::from_secs(10);

/// Judges the token of the upgrade or, when it had none, of the first message. Tells whether it came by message: then
/// it is to be acknowledged.
pub(super) async fn admit(
    shared: &Shared,
    socket: &mut Socket,
    feed: Feed,
    token: Option<Secret>,
) -> Result<(Bearer, bool), Ending> {
    let by_message = token.is_none();
    let token = match token {
        Some(token) => token,
        None => first_message(socket).await?,
    };
    Ok((shared.admit(token.expose(), feed)?, by_message))
}

async fn first_message(socket: &mut Socket) -> Result<Secret, Ending> {
    let message = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) => return Err(Ending::Answered),
                Some(Ok(message)) => return Ok(message),
                Some(Err(fault)) => return Err(Ending::after(&fault)),
                None => return Err(Ending::Gone),
            }
        }
    };
    let missing = || Ending::from(Refusal::Missing);
    let message = timeout(PATIENCE, message).await.map_err(|_| missing())?;
    token(&message?).ok_or_else(missing)
}

/// The token of `{"type":"auth","token":…}`.
pub(super) fn token(message: &Message) -> Option<Secret> {
    #[derive(Deserialize)]
    struct Login {
        r#type: String,
        token: String,
    }
    let Message::Text(text) = message else {
        return None;
    };
    let login: Login = serde_json::from_str(text).ok()?;
    (login.r#type == "auth").then(|| Secret::new(login.token))
}

/// What answers a login message.
pub(super) fn acknowledgement(bearer: &Bearer, now: Wall) -> Message {
    let left = bearer.expires.seconds() - now.seconds();
    let ack = json!({"type": "auth_ok", "subject": bearer.subject, "expires_in": left});
    Message::text(ack.to_string())
}
