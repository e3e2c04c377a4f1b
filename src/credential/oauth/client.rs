//! The library's client for an authorisation server, and its answers in our terms.

use oauth2::{
    AuthType, AuthUrl, ClientId, ClientSecret, DeviceAuthorizationUrl, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, ErrorResponse, ExtraTokenFields, RequestTokenError, RevocationUrl,
    Scope, StandardErrorResponse, StandardRevocableToken, StandardTokenResponse, TokenResponse,
    TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
        BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::{
    auth::Claims,
    credential::token::check,
    oauth::{Fault, Granted, life, skew},
    profile::{Endpoints, OAuth},
    secret::Secret,
    time::Now,
};

/// What stands in an answer besides the library's fields.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Extra {
    /// See [`super::http::LIFE`].
    stated_life: Option<Value>,
}

impl ExtraTokenFields for Extra {}

/// An answer with tokens.
pub(super) type Tokens = StandardTokenResponse<Extra, BasicTokenType>;

/// A client that knows the endpoint for tokens, and of the others those that there are.
pub(super) type Client = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointMaybeSet,
    EndpointMaybeSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointSet,
>;

/// What stands in the place of an error's name when an answer was none.
pub(super) const NO_ANSWER: &str = "no_answer";

/// Why there are no tokens.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::credential) enum Trouble {
    /// The server will not give any for this grant.
    Refused(String),
    /// It may give some later.
    Failed(String),
}

impl Trouble {
    pub(in crate::credential) fn text(self) -> String {
        let (Self::Refused(text) | Self::Failed(text)) = self;
        text
    }
}

impl From<Fault> for Trouble {
    fn from(Fault(text): Fault) -> Self {
        Self::Failed(text)
    }
}

/// Makes the client.
pub(super) fn client(oauth: &OAuth, endpoints: &Endpoints, secret: Option<&Secret>) -> Client {
    let client = oauth2::Client::new(ClientId::new(oauth.client_id.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
        .set_auth_uri_option(endpoints.authorization.clone().map(AuthUrl::from_url))
        .set_device_authorization_url_option(
            endpoints
                .device
                .clone()
                .map(DeviceAuthorizationUrl::from_url),
        )
        .set_revocation_url_option(
            endpoints
                .revocation
                .clone()
                .map(|url| RevocationUrl::from_url(secured(url))),
        )
        .set_auth_type(if oauth.secret_in_form {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        });
    match secret {
        Some(secret) => {
            client.set_client_secret(ClientSecret::new(secret.expose().trim().to_owned()))
        }
        None => client,
    }
}

/// The library refuses to revoke anything over `http:`, even on this machine. Where a request goes is decided by us.
fn secured(mut url: Url) -> Url {
    // It fails for schemes without a host alone.
    let _ = url.set_scheme("https");
    url
}

/// The scopes that are asked for.
pub(super) fn scopes(oauth: &OAuth) -> impl Iterator<Item = Scope> + '_ {
    oauth.scopes.iter().cloned().map(Scope::new)
}

/// Parameters that the library has no name for.
pub(super) fn extra(oauth: &OAuth) -> impl Iterator<Item = (String, String)> + '_ {
    let extra = [("audience", &oauth.audience), ("resource", &oauth.resource)];
    extra
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)))
}

/// What an answer grants, with the refresh token of before where it brings none, and what is wrong with its
/// access token.
pub(super) fn granted(
    tokens: &Tokens,
    what: String,
    before: Option<Secret>,
    now: Now,
) -> (Granted, Result<(), Fault>) {
    let life = life(tokens.extra_fields().stated_life.as_ref());
    let refresh = tokens
        .refresh_token()
        .map(|token| Secret::new(token.secret().clone()))
        .filter(|token| check(token.expose()).is_ok());
    let until = life.clone().ok().flatten().map(|life| {
        let micros = i64::try_from(life.as_micros()).unwrap_or(i64::MAX);
        now.wall.shifted(micros)
    });
    let access = Secret::new(tokens.access_token().secret().clone());
    let claims = Claims::read(access.expose());
    let granted = Granted {
        what,
        access,
        until,
        refresh: refresh.or(before),
        skew: claims.and_then(|claims| skew(&claims, until, now.wall)),
    };
    let whole = check(granted.access.expose());
    let whole = whole.map_err(|why| Fault(format!("the access token {why}")));
    (granted, life.and(whole))
}

/// What an error of the library means.
pub(in crate::credential) fn trouble<T>(
    server: &str,
    error: RequestTokenError<Fault, StandardErrorResponse<T>>,
) -> Trouble
where
    T: oauth2::ErrorResponseType + std::fmt::Display + 'static,
    StandardErrorResponse<T>: ErrorResponse,
{
    match error {
        RequestTokenError::Request(fault) => fault.into(),
        RequestTokenError::ServerResponse(answer) => {
            let name = answer.error().to_string();
            let words = answer.error_description().map_or("", String::as_str);
            let between = if words.is_empty() { "" } else { ": " };
            if name == NO_ANSWER {
                return Trouble::Failed(words.to_owned());
            }
            let text = format!("{server} refuses: {name}{between}{words}");
            if is_lasting(&name) {
                Trouble::Refused(text)
            } else {
                Trouble::Failed(text)
            }
        }
        // Not the library's words, which may hold a part of the answer.
        RequestTokenError::Parse(error, _) => Trouble::Failed(format!(
            "the answer of {server} is not understood at '{}'",
            error.path()
        )),
        RequestTokenError::Other(text) => Trouble::Failed(format!("{server}: {text}")),
    }
}

/// Whether asking again changes nothing (RFC 6749 section 5.2, RFC 8628 section 3.5).
fn is_lasting(error: &str) -> bool {
    [
        BasicErrorResponseType::InvalidGrant.as_ref(),
        BasicErrorResponseType::UnauthorizedClient.as_ref(),
        BasicErrorResponseType::InvalidClient.as_ref(),
        BasicErrorResponseType::InvalidScope.as_ref(),
        BasicErrorResponseType::UnsupportedGrantType.as_ref(),
        "access_denied",
        "expired_token",
        "consent_required",
        "interaction_required",
    ]
    .contains(&error)
}
