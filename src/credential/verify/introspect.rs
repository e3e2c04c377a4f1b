//! What the server of a token knows of it (RFC 7662), asked by the `oauth2` library.

use oauth2::{
    AccessToken, AuthType, ClientId, ClientSecret, IntrospectionUrl, TokenIntrospectionResponse,
    basic::{BasicClient, BasicTokenIntrospectionResponse},
};
use url::Url;

use super::super::{
    Sources,
    oauth::{client::trouble, client_secret, discover::document, http::Http},
};
use crate::{
    auth::{Checked, Expected},
    clock::Clock,
    event::Verification,
    oauth::Fault,
    profile::{Endpoint, Introspection, Profile},
    secret::Secret,
    time::Wall,
};

impl Sources {
    /// Asks the server of a token what it knows of it.
    pub(super) async fn introspect(
        &self,
        profile: &Profile,
        how: &Introspection,
        token: &Secret,
        clock: Clock,
    ) -> Result<BasicTokenIntrospectionResponse, Fault> {
        // Not the name under which tokens are asked for: nothing here may use up what those are allowed.
        let name = format!("the introspection of {}", how.endpoint);
        let http = Http::new(
            name,
            (&profile.tls, &profile.proxy),
            clock,
            &self.shared,
            self.log(profile),
        );
        let endpoint = address(&how.endpoint, &http).await?;
        let client = BasicClient::new(ClientId::new(how.client.id.clone()))
            .set_auth_type(if how.client.in_form {
                AuthType::RequestBody
            } else {
                AuthType::BasicAuth
            })
            .set_introspection_url(IntrospectionUrl::from_url(endpoint.clone()));
        let client = match &how.client.secret {
            None => client,
            Some(place) => {
                let secret = client_secret(place, self.vault.clone(), &profile.name);
                let secret = secret.await.map_err(Fault)?;
                client.set_client_secret(ClientSecret::new(secret.expose().trim().to_owned()))
            }
        };
        let token = AccessToken::new(token.expose().to_owned());
        let request = client
            .introspect(&token)
            .set_token_type_hint("access_token");
        let answer = request.request_async(&http.asker(&endpoint)).await;
        let answer = answer.map_err(|error| Fault(trouble(&http.server, error).text()))?;
        self.shared.settle(&http.server);
        Ok(answer)
    }
}

/// What an answer means.
pub(super) fn judge(
    how: &Introspection,
    answer: Result<BasicTokenIntrospectionResponse, Fault>,
    expected: &Expected,
) -> Checked {
    let host = how.endpoint.host();
    let answer = match answer {
        Ok(answer) => answer,
        Err(Fault(why)) => return Verification::Open(why).into(),
    };
    if !answer.active() {
        let why = format!("{host} says that it is not active: expired, revoked or never issued");
        return Verification::Failed(why).into();
    }
    let wrong = wrong(&answer, expected);
    let scopes = answer.scopes().map(|scopes| {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        scopes.join(" ")
    });
    Checked {
        verification: match wrong {
            Some(why) => Verification::Failed(why),
            None => Verification::Verified(format!("{host} (active)")),
        },
        expires: answer.exp().map(|at| Wall::from_seconds(at.timestamp())),
        subject: answer
            .sub()
            .or_else(|| answer.username())
            .map(str::to_owned),
        scopes: scopes.filter(|scopes| !scopes.is_empty()),
    }
}

/// What of an answer is not as it must be, as far as it is stated: all of it is optional (RFC 7662 section 2.2).
fn wrong(answer: &BasicTokenIntrospectionResponse, expected: &Expected) -> Option<String> {
    let issuer = expected.issuer.as_deref().zip(answer.iss());
    let issuer = issuer.filter(|(wanted, stated)| wanted != stated);
    let audience = expected.audience.as_ref().zip(answer.aud());
    let audience = audience.filter(|(wanted, stated)| !stated.contains(wanted));
    let issuer = issuer.map(|(wanted, stated)| format!("its issuer is {stated}, not {wanted}"));
    issuer.or_else(|| {
        let (wanted, stated) = audience?;
        Some(format!(
            "its audience is {}, not {wanted}",
            stated.join(" ")
        ))
    })
}

async fn address(endpoint: &Endpoint, http: &Http) -> Result<Url, Fault> {
    let issuer = match endpoint {
        Endpoint::Url(url) => return Ok(url.clone()),
        Endpoint::Issuer(issuer) => issuer,
    };
    let known = document(issuer, http).await?;
    known.introspection.ok_or_else(|| {
        Fault(format!(
            "the document of {issuer} names no introspection endpoint; write it as introspect"
        ))
    })
}
