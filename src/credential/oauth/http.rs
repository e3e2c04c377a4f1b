//! Requests to an authorisation server: bounded in time, size and number; their answers judged, and without what was
//! sent in secret.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http::{Request, header};
use http_body_util::Full;
use oauth2::{HttpRequest, HttpResponse};
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};
use tokio::time::timeout;
use url::{Position, Url};

use super::sent::Sent;
use crate::{
    clock::Clock,
    credential::shared::Shared,
    log::Log,
    net::call::{Way, exchange},
    oauth::{Fault, MOST, WITHIN, judge},
    profile::{Proxy, Tls},
    time::show_span,
};

/// How long a request may take in all.
const LIMIT: Duration = Duration::from_secs(10);

/// The name under which the life of a token reaches us: the library would refuse a whole answer for a wrong one, and
/// with it a refresh token that took the place of the one we had.
pub(super) const LIFE: &str = "stated_life";

/// How an authorisation server is asked.
#[derive(Clone)]
pub(in crate::credential) struct Http {
    /// The server, for messages and for counting.
    pub(in crate::credential) server: String,
    pub(super) tls: Tls,
    pub(super) proxy: Proxy,
    pub(in crate::credential) clock: Clock,
    pub(super) shared: Arc<Shared>,
    /// What may not be told of its answers.
    pub(super) sent: Arc<Sent>,
    log: Log,
}

impl Http {
    /// For a server of this name.
    pub(in crate::credential) fn new(
        server: String,
        (tls, proxy): (&Tls, &Proxy),
        clock: Clock,
        shared: &Arc<Shared>,
        log: Log,
    ) -> Self {
        Self {
            server,
            tls: tls.clone(),
            proxy: proxy.clone(),
            clock,
            shared: shared.clone(),
            sent: Arc::default(),
            log,
        }
    }

    /// A GET of a document.
    pub(in crate::credential) async fn get(&self, url: &Url) -> Result<HttpResponse, Fault> {
        let request = Request::get(url.as_str())
            .header(header::ACCEPT, "application/json")
            .body(Vec::new());
        let request = request.map_err(|error| Fault(error.to_string()))?;
        self.count()?;
        self.exchange(request, url).await
    }

    /// A request of the library's to an endpoint; its answer is judged.
    async fn ask(&self, request: HttpRequest, endpoint: &Url) -> Result<HttpResponse, Fault> {
        self.count()?;
        self.judged(self.exchange(request, endpoint).await?)
    }

    /// The same as a function for the library.
    pub(in crate::credential) fn asker(
        &self,
        endpoint: &Url,
    ) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Fault>> + use<> {
        let (http, endpoint) = (self.clone(), endpoint.clone());
        move |request| {
            let (http, endpoint) = (http.clone(), endpoint.clone());
            async move { http.ask(request, &endpoint).await }.boxed()
        }
    }

    /// An answer, if it is one, as the library takes it.
    pub(in crate::credential) fn judged(
        &self,
        mut response: HttpResponse,
    ) -> Result<HttpResponse, Fault> {
        let media = response.headers().get(header::CONTENT_TYPE);
        let media = media.and_then(|media| media.to_str().ok());
        let status = response.status().as_u16();
        judge(&self.server, status, media, response.body())?;
        if let Some(mut members) = self.sent.hide_in(response.body()) {
            rename_life(&mut members);
            if let Ok(body) = serde_json::to_vec(&members) {
                *response.body_mut() = body;
            }
        }
        // It is JSON, whatever it is called.
        response.headers_mut().remove(header::CONTENT_TYPE);
        Ok(response)
    }

    fn count(&self) -> Result<(), Fault> {
        let spent = self.shared.spend(&self.server, self.clock.now().mono);
        spent.map_err(|wait| {
            Fault(format!(
                "{} gave no good answer to {MOST} requests within {}; it is asked again in {}",
                self.server,
                show_span(WITHIN),
                show_span(wait)
            ))
        })
    }

    /// A request that does not count: polling for a device code has its own measure, which the server sets.
    pub(super) async fn exchange(
        &self,
        request: HttpRequest,
        url: &Url,
    ) -> Result<HttpResponse, Fault> {
        self.sent.note(&request);
        let fault = |why: String| Fault(self.sent.hide(format!("{}: {why}", self.server)));
        let (mut head, body) = request.into_parts();
        head.uri = url[Position::BeforePath..Position::AfterQuery]
            .parse()
            .map_err(|error: http::uri::InvalidUri| fault(error.to_string()))?;
        let request = Request::from_parts(head, Full::new(Bytes::from_owner(Zeroizing::new(body))));
        // Whoever accepts any certificate for a stream has not said so for what tokens are renewed with.
        let tls = Tls {
            server_name: None,
            insecure: false,
            ..self.tls.clone()
        };
        let way = Way {
            tls: &tls,
            proxy: &self.proxy,
            // So that it is one limit that ends it.
            limit: 2 * LIMIT,
            clock: self.clock,
            log: &self.log,
        };
        let shown = &url[..Position::AfterPath];
        let answer = timeout(LIMIT, exchange(request, url, shown, &way)).await;
        let answer = answer.map_err(|_| fault(format!("no answer within {}", show_span(LIMIT))))?;
        let answer = answer.map_err(|cause| fault(cause.to_string()))?;
        Ok(answer.map(|body| body.to_vec()))
    }
}

fn rename_life(members: &mut Map<String, Value>) {
    if members.contains_key("access_token")
        && let Some(life) = members.remove("expires_in")
    {
        members.insert(LIFE.to_owned(), life);
    }
}
