//! What an authorisation server says of itself (RFC 8414; `OpenID` Connect Discovery 1.0 section 4).

use serde::Deserialize;
use url::Url;

use crate::profile::Endpoints;

/// An authorisation server's endpoints, as its document names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Where it is asked what; `None`: it names no endpoint for tokens.
    pub endpoints: Option<Endpoints>,
    /// Where its key set is (`jwks_uri`).
    pub keys: Option<Url>,
    /// Where it is asked what it knows of a token (RFC 7662).
    pub introspection: Option<Url>,
    /// Whether it names itself in the redirect (RFC 9207 section 3).
    pub names_itself: bool,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    token_endpoint: Option<String>,
    authorization_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    jwks_uri: Option<String>,
    introspection_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Where an issuer's document may stand, in the order to ask: `OpenID`'s place behind the path, RFC 8414's before it.
///
/// # Errors
/// When the issuer is no URL.
pub fn well_known(issuer: &str) -> Result<[Url; 2], String> {
    let url = Url::parse(issuer).map_err(|error| format!("the issuer is no URL: {error}"))?;
    let path = url.path().trim_end_matches('/').to_owned();
    let (mut openid, mut oauth) = (url.clone(), url);
    openid.set_path(&format!("{path}/.well-known/openid-configuration"));
    oauth.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    Ok([openid, oauth])
}

impl Metadata {
    /// Reads the document of an issuer. The issuer in it must be the same, letter by letter (RFC 8414 section 3.3), as
    /// must be the trust in its endpoints: `https:`, or `http:` for an issuer of this machine.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(issuer: &str, body: &str) -> Result<Self, String> {
        let document: Document = serde_json::from_str(body)
            .map_err(|error| format!("the document of {issuer} is not understood: {error}"))?;
        if document.issuer != issuer {
            return Err(format!(
                "the document of {issuer} is of another issuer, {}; write that one if it is meant",
                document.issuer
            ));
        }
        let plain = issuer.starts_with("http:");
        let endpoint = |name: &str, text: Option<String>| {
            let Some(text) = text else { return Ok(None) };
            match Url::parse(&text) {
                Ok(url) if url.scheme() == "https" || plain && url.scheme() == "http" => {
                    Ok(Some(url))
                }
                _ => Err(format!(
                    "the document of {issuer} has a {name} that is no https: address: {text}"
                )),
            }
        };
        let token = endpoint("token endpoint", document.token_endpoint)?;
        let authorization = endpoint("authorization endpoint", document.authorization_endpoint)?;
        let device = endpoint("device endpoint", document.device_authorization_endpoint)?;
        let revocation = endpoint("revocation endpoint", document.revocation_endpoint)?;
        Ok(Self {
            endpoints: token.map(|token| Endpoints {
                token,
                authorization,
                device,
                revocation,
            }),
            keys: endpoint("key set", document.jwks_uri)?,
            introspection: endpoint("introspection endpoint", document.introspection_endpoint)?,
            names_itself: document.authorization_response_iss_parameter_supported,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_stand_behind_and_before_the_path() {
        let places = |issuer| well_known(issuer).map(|urls| urls.map(String::from));
        assert_eq!(
            places("https://id.example/tenant/"),
            Ok([
                "https://id.example/tenant/.well-known/openid-configuration".to_owned(),
                "https://id.example/.well-known/oauth-authorization-server/tenant".to_owned(),
            ])
        );
        assert_eq!(
            places("https://id.example").map(|[_, oauth]| oauth),
            Ok("https://id.example/.well-known/oauth-authorization-server".to_owned())
        );
    }

    #[test]
    fn a_document_of_another_issuer_is_refused() {
        let body = |issuer: &str, token: &str| {
            format!(r#"{{"issuer":"{issuer}","token_endpoint":"{token}"}}"#)
        };
        let issuer = "https://id.example";
        let good = Metadata::read(issuer, &body(issuer, "https://id.example/token"));
        assert_eq!(
            good.map(|read| read.endpoints.map(|all| all.token.to_string())),
            Ok(Some("https://id.example/token".to_owned()))
        );
        for (body, said) in [
            (
                body("https://id.example/", "https://id.example/t"),
                "of another issuer",
            ),
            (body(issuer, "http://id.example/t"), "no https: address"),
            (body(issuer, "nowhere"), "no https: address"),
            ("<html>".to_owned(), "is not understood"),
        ] {
            let fault = Metadata::read(issuer, &body).expect_err("a fault");
            assert!(fault.contains(said), "{fault}");
        }
    }
}
