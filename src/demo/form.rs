//! What `POST /token` and `POST /refresh` read: a form or JSON.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::token::Grant;
use crate::{
    scenario::{Algorithm, Role},
    time::parse_span,
};

/// The longest life of a token that is given.
const LONGEST: Duration = Duration::from_secs(86_400);
/// The longest user name, in bytes: a token of more than 8 KiB would be refused.
const LONGEST_NAME: usize = 256;

#[derive(Deserialize)]
struct Wanted {
    #[serde(alias = "username")]
    subject: String,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    life: Option<Life>,
    #[serde(default)]
    alg: Algorithm,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Life {
    Seconds(u64),
    Span(String),
}

#[derive(Deserialize)]
struct Offered {
    refresh_token: String,
}

/// The grant that a request for a token asks for.
///
/// # Errors
/// What is wrong, for the client.
pub(super) fn grant(kind: Option<&str>, body: &[u8], life: Duration) -> Result<Grant, String> {
    let wanted: Wanted = read(kind, body)?;
    let life = wanted.life.map_or(Ok(life), span)?;
    if life.as_secs() == 0 || life > LONGEST {
        return Err("life: from 1s to 1d".to_owned());
    }
    if wanted.subject.is_empty() || wanted.subject.len() > LONGEST_NAME {
        return Err(format!("subject: from 1 to {LONGEST_NAME} bytes"));
    }
    Ok(Grant {
        subject: wanted.subject,
        role: wanted.role,
        life,
        age: Duration::ZERO,
        algorithm: wanted.alg,
    })
}

/// The refresh token of a request.
///
/// # Errors
/// What is wrong, for the client.
pub(super) fn refresh_token(kind: Option<&str>, body: &[u8]) -> Result<String, String> {
    read::<Offered>(kind, body).map(|offered| offered.refresh_token)
}

fn span(life: Life) -> Result<Duration, String> {
    match life {
        Life::Seconds(seconds) => Ok(Duration::from_secs(seconds)),
        Life::Span(text) => text
            .parse()
            .map(Duration::from_secs)
            .or_else(|_| parse_span(&text).map_err(|error| format!("life: {error}"))),
    }
}

fn read<T: for<'de> Deserialize<'de>>(kind: Option<&str>, body: &[u8]) -> Result<T, String> {
    let json = kind.is_some_and(|kind| kind.starts_with("application/json"));
    let value = if json {
        serde_json::from_slice(body).map_err(|error| error.to_string())?
    } else {
        let pairs = url::form_urlencoded::parse(body);
        Value::Object(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into()))
                .collect(),
        )
    };
    serde_json::from_value(value).map_err(|error| error.to_string())
}
