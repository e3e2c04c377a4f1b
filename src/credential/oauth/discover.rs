//! Asks an issuer where its endpoints are.

use super::http::Http;
use crate::{
    oauth::{Fault, Metadata, well_known},
    profile::{Endpoints, Server},
};

/// The endpoints of a server, and whether it names itself in the redirect.
pub(super) async fn discover(server: &Server, http: &Http) -> Result<(Endpoints, bool), Fault> {
    let issuer = match server {
        Server::Issuer(issuer) => issuer,
        Server::Endpoints(endpoints) => return Ok((endpoints.as_ref().clone(), false)),
    };
    let known = document(issuer, http).await?;
    let missing = || Fault(format!("the document of {issuer} names no token endpoint"));
    Ok((known.endpoints.ok_or_else(missing)?, known.names_itself))
}

/// What an issuer says of itself. It is asked once a process.
pub(in crate::credential) async fn document(issuer: &str, http: &Http) -> Result<Metadata, Fault> {
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
