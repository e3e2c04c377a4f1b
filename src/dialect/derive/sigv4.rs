//! Requests signed for AWS (Signature Version 4), by Amazon's own crate, where the program is built with it.

use std::time::Duration;

use super::super::{template::Template, vars::Vars};
use crate::time::Wall;

/// A request and what it is signed with.
#[derive(Clone, Debug, PartialEq)]
pub struct SigV4 {
    /// What is made of it.
    pub part: Part,
    /// The service: `execute-api`.
    pub service: Template,
    /// The region: `eu-west-1`.
    pub region: Template,
    /// The access key's identifier.
    pub key_id: Template,
    /// The secret access key.
    pub secret: Template,
    /// The session token of temporary credentials; left out while it is not set.
    pub session: Option<Template>,
    /// Whether that token is added behind the signature, as AWS wants it for `IoT`.
    pub session_unsigned: bool,
    /// The address.
    pub url: Template,
    /// Headers that are signed.
    pub headers: Vec<(String, Template)>,
    /// The body of a POST; without one it is a GET.
    pub body: Option<Template>,
    /// For how long a signed address is good.
    pub expires: Duration,
}

/// What is made of a signed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Its address, with the signature in the query.
    Url,
    /// Its headers as a JSON object, the signature among them.
    Headers,
}

impl SigV4 {
    /// What must be set before it can be signed.
    pub(super) fn wants(&self) -> Vec<&Template> {
        let own = [
            &self.service,
            &self.region,
            &self.key_id,
            &self.secret,
            &self.url,
        ];
        let headers = self.headers.iter().map(|(_, value)| value);
        own.into_iter().chain(&self.body).chain(headers).collect()
    }

    /// Without Amazon's crate nothing can be signed.
    #[cfg(not(feature = "sigv4"))]
    #[expect(clippy::unused_self, reason = "it is used where the crate is there")]
    pub(super) fn sign(&self, _: &Vars, _: Wall) -> Result<String, String> {
        Err("this program is built without signatures for AWS; build it with: cargo install sockeye --features sigv4".into())
    }
}

#[cfg(feature = "sigv4")]
mod made {
    use std::time::{Duration, UNIX_EPOCH};

    use aws_credential_types::Credentials;
    use aws_sigv4::{
        http_request::{
            SessionTokenMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
            sign,
        },
        sign::v4,
    };
    use serde_json::{Map, Value};
    use url::Url;

    use super::{Part, SigV4, Template, Vars, Wall};

    /// Headers or query parameters.
    type Pairs = Vec<(String, String)>;

    impl SigV4 {
        /// Signs it at a time of AWS's clock.
        ///
        /// # Errors
        /// What is wrong with the address, or a header.
        pub(in super::super) fn sign(&self, vars: &Vars, now: Wall) -> Result<String, String> {
            let url = self.url.fill(vars).expose();
            let mut url = Url::parse(url.expose()).map_err(|error| error.to_string())?;
            let filled = self
                .headers
                .iter()
                .map(|(name, value)| (name.clone(), value.fill(vars).expose().expose().to_owned()));
            let mut headers: Pairs = filled.collect();
            let (added, query) = self.instructions(&url, &headers, vars, now)?;
            match self.part {
                Part::Url => {
                    url.query_pairs_mut().extend_pairs(query);
                    Ok(url.into())
                }
                Part::Headers => {
                    let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
                    headers.push(("host".into(), host));
                    headers.extend(added);
                    let object = headers
                        .into_iter()
                        .map(|(name, value)| (name, value.into()));
                    Ok(Value::Object(object.collect::<Map<_, _>>()).to_string())
                }
            }
        }

        /// The headers and query parameters that a signed request has besides its own.
        fn instructions(
            &self,
            url: &Url,
            headers: &Pairs,
            vars: &Vars,
            now: Wall,
        ) -> Result<(Pairs, Pairs), String> {
            let text = |template: &Template| template.fill(vars).expose().expose().to_owned();
            let session = self.session.as_ref().filter(|token| token.is_ready(vars));
            let (id, secret) = (text(&self.key_id), text(&self.secret));
            let identity = Credentials::new(id, secret, session.map(text), None, "profile").into();
            let (region, service) = (text(&self.region), text(&self.service));
            let params = v4::SigningParams::builder()
                .identity(&identity)
                .region(&region)
                .name(&service)
                .time(UNIX_EPOCH + Duration::from_secs(now.seconds().unsigned_abs()))
                .settings(self.settings())
                .build()
                .map_err(|error| error.to_string())?
                .into();
            let body = self.body.as_ref().map(text).unwrap_or_default();
            let request = SignableRequest::new(
                if self.body.is_some() { "POST" } else { "GET" },
                url.as_str(),
                headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
                SignableBody::Bytes(body.as_bytes()),
            );
            let signed = sign(request.map_err(|error| error.to_string())?, &params);
            let (made, _) = signed.map_err(|error| error.to_string())?.into_parts();
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            let query = made.params().iter();
            let query = query.map(|(name, value)| owned((*name, value.as_ref())));
            Ok((made.headers().map(owned).collect(), query.collect()))
        }

        fn settings(&self) -> SigningSettings {
            let mut settings = SigningSettings::default();
            if self.part == Part::Url {
                settings.signature_location = SignatureLocation::QueryParams;
                settings.expires_in = Some(self.expires);
            }
            if self.session_unsigned {
                settings.session_token_mode = SessionTokenMode::Exclude;
            }
            settings
        }
    }
}
