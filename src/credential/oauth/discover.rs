//! Asks an issuer where its endpoints are.

use super::http::Http;
use crate::{
    oauth::{Fault, Metadata, well_known},
    profile::Server,
};

/// What is known of a server. An issuer is asked once a process.
pub(super) async fn discover(server: &Server, http: &Http) -> Result<Metadata, Fault> {
    let issuer = match server {
        Server::Issuer(issuer) => issuer,
        Server::Endpoints(endpoints) => {
            return Ok(Metadata {
                endpoints: endpoints.as_ref().clone(),
                names_itself: false,
            });
        }
    };
    if let Some(known) = http.shared.document(issuer) {
        return Ok(known);
    }
    let mut status = 0;
    for url in well_known(issuer).map_err(Fault)? {
        let answer = http.get(&url).await?;
        status = answer.status().as_u16();
        if status == 200 {
            let body = String::from_utf8_lossy(answer.body());
            let document = Metadata::read(issuer, &body).map_err(Fault)?;
            http.shared.learn(issuer, document.clone());
            return Ok(document);
        }
    }
    Err(Fault(format!(
        "{issuer} does not tell its endpoints ({status}); check the issuer, or write the endpoints themselves"
    )))
}
