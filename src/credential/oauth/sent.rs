//! What an authorisation server was sent in secret: its answers may repeat it, and what is told of them must not.

use std::sync::{Mutex, PoisonError};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::header;
use oauth2::HttpRequest;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::{redact::Redactor, secret::Secret};

/// Parameters of requests that are no secrets (RFC 6749 section 11.2, RFC 7009, RFC 8707). All others are taken for some.
const PUBLIC: [&str; 9] = [
    "audience",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "grant_type",
    "redirect_uri",
    "resource",
    "scope",
    "token_type_hint",
];

/// Members of answers that are taken and never told: they may be what was sent, as a refresh token that stays.
const TAKEN: [&str; 4] = ["access_token", "device_code", "id_token", "refresh_token"];

/// Every secret of an errand's requests so far.
#[derive(Debug, Default)]
pub(super) struct Sent(Mutex<Vec<Secret>>);

impl Sent {
    /// Takes in what a request holds.
    pub(super) fn note(&self, request: &HttpRequest) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets(request) {
            if !known.contains(&secret) {
                known.push(secret);
            }
        }
    }

    /// A text without them.
    pub(super) fn hide(&self, text: String) -> String {
        self.redactor().text(text)
    }

    /// An answer without them, but for the members that are never told. They are looked for once its texts are read, as
    /// JSON can write each character in several ways. `None`: it is no object.
    pub(super) fn hide_in(&self, body: &[u8]) -> Option<Map<String, Value>> {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return None;
        };
        let redactor = self.redactor();
        let hidden = members.into_iter().map(|(name, value)| {
            if TAKEN.contains(&name.as_str()) {
                (name, value)
            } else {
                (redactor.text(name), hidden(&redactor, value))
            }
        });
        Some(hidden.collect())
    }

    fn redactor(&self) -> Redactor {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Redactor::new(known.iter())
    }
}

fn hidden(redactor: &Redactor, value: Value) -> Value {
    match value {
        Value::String(text) => redactor.text(text).into(),
        Value::Array(values) => {
            let values = values.into_iter().map(|value| hidden(redactor, value));
            values.collect()
        }
        Value::Object(members) => {
            let members = members.into_iter();
            let hide = |(name, value)| (redactor.text(name), hidden(redactor, value));
            Value::Object(members.map(hide).collect())
        }
        other => {
            let text = other.to_string();
            let clean = redactor.text(text.clone());
            if clean == text { other } else { clean.into() }
        }
    }
}

/// The secrets of a request: in its form, and the password of the client (RFC 6749 section 2.3.1).
fn secrets(request: &HttpRequest) -> Vec<Secret> {
    let form = form_urlencoded::parse(request.body());
    let form = form.filter(|(name, _)| !PUBLIC.contains(&name.as_ref()));
    let mut secrets: Vec<_> = form
        .map(|(_, value)| Secret::new(value.into_owned()))
        .collect();
    let basic = request.headers().get(header::AUTHORIZATION);
    let basic = basic.and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    if let Some(basic) = basic {
        secrets.push(Secret::new(basic.to_owned()));
        secrets.extend(password(basic));
    }
    secrets
}

fn password(basic: &str) -> Option<Secret> {
    let pair = Secret::from_utf8(BASE64_STANDARD.decode(basic).ok()?)?;
    let (_, encoded) = pair.expose().split_once(':')?;
    // It was form-encoded first. As a name of a form it has no value behind it.
    let (plain, _) = form_urlencoded::parse(encoded.as_bytes()).next()?;
    Some(Secret::new(plain.into_owned()))
}
