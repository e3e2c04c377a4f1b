//! Signing out: tokens are given back to the server (RFC 7009) and forgotten.

use oauth2::{AccessToken, RefreshToken, StandardRevocableToken};

use super::{
    Flow, Peer,
    client::{Trouble, trouble},
};
use crate::oauth::Granted;

/// What signing out did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Farewell {
    /// What was done, in words.
    pub done: Vec<String>,
    /// What could not be done, in words.
    pub failed: Vec<String>,
}

impl Flow {
    /// Gives back what is kept. Whoever forgets it does so whatever the server says.
    pub(in crate::credential) async fn revoke(&self) -> Farewell {
        let mut farewell = Farewell::default();
        let kept = match self.kept().await {
            Ok(Some(kept)) => kept,
            Ok(None) => return farewell,
            Err(why) => {
                farewell.failed.push(why);
                return farewell;
            }
        };
        match self.peer().await {
            Ok(peer) if peer.endpoints.revocation.is_none() => {
                farewell.done.push(format!(
                    "{} has no place to give tokens back; they end by themselves",
                    self.http.server
                ));
            }
            Ok(peer) => self.give_back(&peer, &kept, &mut farewell).await,
            Err(trouble) => farewell.failed.push(trouble.text()),
        }
        farewell
    }

    /// The refresh token first: with it no new access token can be got.
    async fn give_back(&self, peer: &Peer, kept: &Granted, farewell: &mut Farewell) {
        let access = AccessToken::new(kept.access.expose().to_owned());
        let refresh = kept.refresh.as_ref();
        let refresh = refresh.map(|token| RefreshToken::new(token.expose().to_owned()));
        let tokens = [
            (
                "refresh token",
                refresh.map(StandardRevocableToken::RefreshToken),
            ),
            (
                "access token",
                Some(StandardRevocableToken::AccessToken(access)),
            ),
        ];
        for (name, token) in tokens {
            let Some(token) = token else { continue };
            match self.give_back_one(peer, token).await {
                Ok(()) => farewell
                    .done
                    .push(format!("the {name} was revoked by {}", self.http.server)),
                Err(trouble) => farewell
                    .failed
                    .push(format!("the {name} was not revoked: {}", trouble.text())),
            }
        }
    }

    async fn give_back_one(
        &self,
        peer: &Peer,
        token: StandardRevocableToken,
    ) -> Result<(), Trouble> {
        let Some(endpoint) = &peer.endpoints.revocation else {
            return Ok(());
        };
        let request = peer.client.revoke_token(token);
        let request = request.map_err(|error| Trouble::Failed(error.to_string()))?;
        let ask = self.http.asker(endpoint);
        let done = request.request_async(&ask).await;
        done.map_err(|error| trouble(&self.http.server, error))
    }
}
