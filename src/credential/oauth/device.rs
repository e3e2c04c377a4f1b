//! The device code (RFC 8628): the user types a code elsewhere while we ask whether it was typed.

use futures_util::{FutureExt, future::BoxFuture};
use oauth2::{HttpRequest, HttpResponse, StandardDeviceAuthorizationResponse};
use serde_json::json;

use url::Url;

use super::{
    Flow,
    client::{NO_ANSWER, Tokens, Trouble, extra, scopes, trouble},
};
use crate::{oauth::Fault, time::show_span};

impl Flow {
    /// Shows the code and waits until the user has typed it, said no, or let it expire.
    pub(super) async fn by_device(&self) -> Result<Tokens, Trouble> {
        let peer = self.peer().await?;
        let Some(endpoint) = &peer.endpoints.device else {
            return Err(Trouble::Refused(format!(
                "{} knows no device codes; write grant = \"code\"",
                self.http.server
            )));
        };
        let other = |error: oauth2::ConfigurationError| Trouble::Failed(error.to_string());
        let mut request = peer.client.exchange_device_code().map_err(other)?;
        request = request.add_scopes(scopes(&self.oauth));
        for (name, value) in extra(&self.oauth) {
            request = request.add_extra_param(name, value);
        }
        let ask = self.http.asker(endpoint);
        let details: Result<StandardDeviceAuthorizationResponse, _> =
            request.request_async(&ask).await;
        let details = details.map_err(|error| trouble(&self.http.server, error))?;
        self.show(&details);
        let poll = self.poller(&peer.endpoints.token);
        peer.client
            .exchange_device_access_token(&details)
            .request_async(&poll, tokio::time::sleep, None)
            .await
            .map_err(|error| trouble(&self.http.server, error))
    }

    /// What asks whether the code was typed. The library goes on after an error of ours, so an answer that is none
    /// becomes a refusal.
    fn poller(
        &self,
        token: &Url,
    ) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Fault>> + use<> {
        let (http, token) = (self.http.clone(), token.clone());
        move |request| {
            let (http, token) = (http.clone(), token.clone());
            async move {
                let answer = http.exchange(request, &token).await?;
                let passing = answer.status().as_u16() >= 500 || answer.status().as_u16() == 429;
                match http.judged(answer) {
                    Err(Fault(text)) if !passing => Ok(no_answer(&text)),
                    judged => judged,
                }
            }
            .boxed()
        }
    }

    /// Shows what is to be typed: the code first, as lists cut lines.
    fn show(&self, details: &StandardDeviceAuthorizationResponse) {
        self.errand.say(format!(
            "sign in: type the code {} at {} within {}",
            details.user_code().secret(),
            details.verification_uri().as_str(),
            show_span(details.expires_in())
        ));
        if let Some(whole) = details.verification_uri_complete() {
            self.errand.say(format!("or open {}", whole.secret()));
        }
    }
}

/// An answer that ends the polling with these words.
fn no_answer(text: &str) -> HttpResponse {
    let body = json!({ "error": NO_ANSWER, "error_description": text });
    let mut response = HttpResponse::new(body.to_string().into_bytes());
    *response.status_mut() = http::StatusCode::BAD_REQUEST;
    response
}
