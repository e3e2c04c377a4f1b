//! Tells the user of a token that is too short to be taken out of what the server repeats, once of each.

use tokio::sync::mpsc::UnboundedSender;

use crate::{auth::Credential, redact::LEAST, secret::Fingerprint};

/// The token of which the user was told last.
#[derive(Default)]
pub(super) struct Short(Option<Fingerprint>);

impl Short {
    /// Looks at the token with which a link is opened.
    pub(super) fn look(&mut self, token: Option<&Credential>, say: &UnboundedSender<String>) {
        let short = token.filter(|token| token.secret.expose().len() < LEAST);
        let news = short.map(Credential::fingerprint);
        if news.is_some() && news != self.0 {
            self.0 = news;
            // Whoever listens is the one who calls.
            let _ = say.send(format!(
                "the token is shorter than {LEAST} characters: what the server repeats of it is not masked"
            ));
        }
    }
}
