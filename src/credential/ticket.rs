//! A ticket for one connection, got with another token.

use secrecy::zeroize::Zeroizing;
use serde_json::Value;

use super::{Errand, Sources, token};
use crate::{
    auth::{Call, CallAnswer, Credential, Header},
    dialect::{Filled, text_of},
    net::call::call,
    profile::{Profile, Ticket},
    secret::{Secret, SecretJson},
    session::FetchFault,
};

impl Sources {
    /// Gets a ticket. A token that is refused is replaced once, where its source has another.
    pub(super) async fn ticket(
        &self,
        ticket: &Ticket,
        profile: &Profile,
        errand: &Errand,
    ) -> Result<Credential, FetchFault> {
        let mut errand = errand.clone();
        let mut token = self.fetch_from(&ticket.from, profile, &errand).await?;
        let mut answer = self.ask(ticket, &token, profile, &errand).await?;
        if answer.status == 401 && ticket.from.renews_itself() {
            errand.unwanted.insert(token.fingerprint());
            let next = self.fetch_from(&ticket.from, profile, &errand).await?;
            if next.secret != token.secret {
                token = next;
                answer = self.ask(ticket, &token, profile, &errand).await?;
            }
        }
        let origin = format!("the call for a ticket to {}", ticket.url.path());
        let read = match answer.status {
            200..=299 => read(ticket, &Zeroizing::new(answer.body)),
            401 => {
                let text = format!("{origin} refuses the token of {}", ticket.from);
                return Err(FetchFault::SignIn(text));
            }
            status => Err(format!("was answered with {status}")),
        };
        let secret = read.map_err(|why| FetchFault::Failed(format!("{origin} {why}")))?;
        Ok(Credential::new(secret.expose(), profile.source.to_string()).for_one_link())
    }

    async fn ask(
        &self,
        ticket: &Ticket,
        token: &Credential,
        profile: &Profile,
        errand: &Errand,
    ) -> Result<CallAnswer, FetchFault> {
        let bearer = Secret::new(["Bearer ", token.secret.expose()].concat());
        let wanted = Call {
            post: ticket.post,
            url: Filled::plain(ticket.url.as_str()),
            headers: vec![Header {
                name: "Authorization".into(),
                value: Filled::secret(bearer),
            }],
            body: None,
        };
        let answer = call(&wanted, profile, errand.clock, &self.log(profile)).await;
        answer.map_err(|cause| FetchFault::Failed(format!("no ticket: {cause}")))
    }
}

fn read(ticket: &Ticket, body: &str) -> Result<Secret, String> {
    let value = SecretJson(match serde_json::from_str(body) {
        Ok(value) => value,
        Err(_) if ticket.pointer.is_empty() => Value::from(body.trim()),
        Err(_) => return Err("was answered with something that is not JSON".into()),
    });
    let found = value.0.pointer(&ticket.pointer);
    let found = found.filter(|found| found.is_string() || found.is_number());
    let found = found.ok_or_else(|| {
        format!(
            "was answered without a text at '{}'; see 'pointer'",
            ticket.pointer
        )
    })?;
    let secret = Secret::new(text_of(found));
    let checked = token::check(secret.expose().trim());
    checked
        .map(|()| secret)
        .map_err(|why| format!("gave a ticket that {why}"))
}
