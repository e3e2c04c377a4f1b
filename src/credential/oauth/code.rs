//! The authorisation code with PKCE (RFC 6749 section 4.1, RFC 7636), by a browser on this machine (RFC 8252).

use std::{process::Stdio, sync::Arc, time::Duration};

use oauth2::{AuthorizationCode, CsrfToken, PkceCodeChallenge, RedirectUrl};
use tokio::time::timeout;
use url::Url;

use super::{
    Flow,
    client::{Tokens, Trouble, extra, scopes, trouble},
    loopback::Loopback,
};
use crate::{
    oauth::{Redirect, read_redirect},
    profile::Server,
    secret::Secret,
    time::show_span,
};

/// How long the user is waited for.
const LIMIT: Duration = Duration::from_secs(300);

impl Flow {
    /// Shows the address, waits for the browser to come back, and exchanges the code. Where no port can be taken it is
    /// the device code, if the server knows that.
    pub(super) async fn by_browser(&self, open: bool) -> Result<Tokens, Trouble> {
        let peer = self.peer().await?;
        let loopback = match Loopback::bind(self.oauth.redirect_port).await {
            Ok(loopback) => loopback,
            Err(why) if peer.endpoints.device.is_some() => {
                self.errand.say(format!("{why}; a code is used instead"));
                return self.by_device().await;
            }
            Err(why) => return Err(Trouble::Failed(why)),
        };
        let failed = |error: &dyn std::fmt::Display| Trouble::Failed(error.to_string());
        let redirect =
            RedirectUrl::new(loopback.address.clone()).map_err(|error| failed(&error))?;
        let client = peer.client.set_redirect_uri(redirect);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = client.authorize_url(CsrfToken::new_random);
        let mut request = request
            .map_err(|error| failed(&error))?
            .set_pkce_challenge(challenge)
            .add_scopes(scopes(&self.oauth));
        for (name, value) in extra(&self.oauth).chain(self.oauth.parameters.iter().cloned()) {
            request = request.add_extra_param(name, value);
        }
        let (url, state) = request.url();
        self.invite(&url, open);
        let code = self.code(loopback, state, peer.names_itself).await?;
        let ask = self.http.asker(&peer.endpoints.token);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
            .set_pkce_verifier(verifier)
            .request_async(&ask)
            .await;
        tokens.map_err(|error| trouble(&self.http.server, error))
    }

    async fn code(
        &self,
        loopback: Loopback,
        state: CsrfToken,
        names_itself: bool,
    ) -> Result<Secret, Trouble> {
        let state = Secret::new(state.into_secret());
        let issuer = match &self.oauth.server {
            Server::Issuer(issuer) => Some(issuer.clone()),
            Server::Endpoints(_) => None,
        };
        let read = move |query: &str| read_redirect(query, &state, issuer.as_deref(), names_itself);
        let answer = timeout(LIMIT, loopback.answer(Arc::new(read))).await;
        let late = |_| Trouble::Failed(format!("nobody signed in within {}", show_span(LIMIT)));
        match answer.map_err(late)?.map_err(Trouble::Failed)? {
            Redirect::Code(code) => Ok(code),
            Redirect::Refused(words) => Err(Trouble::Refused(format!(
                "{} refuses: {words}",
                self.http.server
            ))),
            Redirect::Foreign(words) => Err(Trouble::Failed(words.to_owned())),
        }
    }

    fn invite(&self, url: &Url, open: bool) {
        self.errand.say(format!("sign in: open {url}"));
        if open && let Err(why) = open_browser(url, &self.hidden) {
            self.errand.say(format!("no browser can be opened: {why}"));
        }
    }
}

/// Starts the system's browser and leaves it alone.
fn open_browser(url: &Url, hidden: &[String]) -> Result<(), String> {
    let mut command = tokio::process::Command::new(if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    });
    for name in hidden {
        command.env_remove(name);
    }
    command
        .arg(url.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().map(drop).map_err(|error| error.to_string())
}
