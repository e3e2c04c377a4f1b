//! Which proxy the way to an address goes through: the profile's, or the one that the environment names.

use std::ffi::OsString;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::{Position, Url};

use crate::{
    cause::{Cause, ProxyFault},
    credential::proxy_password,
    profile::{Proxy, ProxyAddress, check},
    secret::Secret,
};

/// A proxy to go through.
#[derive(Debug)]
pub(super) struct Via {
    /// Where it is.
    pub(super) address: ProxyAddress,
    /// The user's password there.
    pub(super) password: Option<Secret>,
}

impl Via {
    /// A fault of this proxy.
    pub(super) fn fault(&self, fault: ProxyFault, text: impl Into<String>) -> Cause {
        Cause::Proxy {
            proxy: self.address.to_string(),
            fault,
            text: text.into(),
        }
    }
}

/// The proxy for an address, if any.
///
/// # Errors
/// [`Cause::Proxy`] when its password is not there, or when the environment names something else than a proxy: nothing
/// goes around a proxy because its name is mistyped.
pub(super) async fn choose(proxy: &Proxy, url: &Url) -> Result<Option<Via>, Cause> {
    match proxy {
        Proxy::Direct => Ok(None),
        Proxy::Environment => by_environment(url, |name| std::env::var_os(name)),
        Proxy::At { address, password } => {
            let mut via = Via {
                address: address.clone(),
                password: None,
            };
            if let Some(place) = password {
                let read = proxy_password(place).await;
                via.password = Some(read.map_err(|why| via.fault(ProxyFault::SignIn, why))?);
            }
            Ok(Some(via))
        }
    }
}

/// The proxy that the environment names for an address; never for this machine.
fn by_environment(
    url: &Url,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<Via>, Cause> {
    let set = |name: &&'static str| {
        let value = variable(name).filter(|value| !value.is_empty());
        Some((*name, value?))
    };
    let names: &[&'static str] = match url.scheme() {
        "wss" | "https" => &["https_proxy", "HTTPS_PROXY"],
        // A CGI program finds the header `Proxy` of whoever calls it in HTTP_PROXY.
        _ if variable("REQUEST_METHOD").is_some() => &[],
        _ => &["http_proxy", "HTTP_PROXY"],
    };
    let mut all = names.iter().chain(&["all_proxy", "ALL_PROXY"]);
    let Some((name, value)) = all.find_map(set) else {
        return Ok(None);
    };
    let except = ["no_proxy", "NO_PROXY"].iter().find_map(set);
    let except = except.map(|(_, value)| value.to_string_lossy().into_owned());
    let local = url.host().is_some_and(|host| check::is_local(&host));
    if local || is_excepted(url, &except.unwrap_or_default()) {
        return Ok(None);
    }
    let wrong = |why: &str| Cause::Proxy {
        proxy: format!("of the environment variable {name}"),
        fault: ProxyFault::Refused,
        text: why.to_owned(),
    };
    let value = value.to_str().ok_or_else(|| wrong("it is not UTF-8"))?;
    let read = ProxyAddress::read(value);
    let (address, password) =
        read.map_err(|fault| wrong(&format!("{}; {}", fault.message, fault.help)))?;
    Ok(Some(Via { address, password }))
}

/// Whether `NO_PROXY` names an address.
fn is_excepted(url: &Url, list: &str) -> bool {
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let Ok(uri) = format!("http://{host}/").parse::<Uri>() else {
        return false;
    };
    let matcher = Matcher::builder().all("http://proxy").no(list).build();
    matcher.intercept(&uri).is_none()
}

/// Names the proxy in what went wrong behind it: it may have had its hand in it.
pub(super) fn named(cause: Cause, via: Option<&Via>) -> Cause {
    let Some(via) = via else {
        return cause;
    };
    let add = |text: String| format!("{text} (via {})", via.address);
    match cause {
        Cause::Tls { certificate, text } => Cause::Tls {
            certificate,
            text: add(text),
        },
        Cause::Handshake(text) => Cause::Handshake(add(text)),
        Cause::Broken(text) => Cause::Broken(add(text)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, environment: &[(&str, &str)]) -> String {
        let url = Url::parse(url).unwrap();
        let variable = |name: &str| {
            let found = environment.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| OsString::from(value))
        };
        match by_environment(&url, variable) {
            Ok(via) => via.map_or_else(String::new, |via| via.address.to_string()),
            Err(cause) => cause.to_string(),
        }
    }

    #[test]
    fn the_environment_names_the_proxy_as_everywhere() {
        let both = [("HTTP_PROXY", "plain:1"), ("HTTPS_PROXY", "http://tls:2")];
        for (url, environment, wanted) in [
            ("ws://feed.test/", &both[..], "plain:1"),
            ("wss://feed.test/", &both, "tls:2"),
            ("https://feed.test/", &both, "tls:2"),
            ("wss://feed.test/", &[("HTTP_PROXY", "plain:1")], ""),
            (
                "wss://feed.test/",
                &[("ALL_PROXY", "socks5h://any:3"), ("HTTPS_PROXY", "")],
                "any:3",
            ),
            (
                "wss://feed.test/",
                &[("https_proxy", "low:1"), ("HTTPS_PROXY", "high:1")],
                "low:1",
            ),
            (
                "ws://feed.test/",
                &[("HTTP_PROXY", "plain:1"), ("REQUEST_METHOD", "GET")],
                "",
            ),
            (
                "wss://feed.test/",
                &[("HTTPS_PROXY", "tls:2"), ("REQUEST_METHOD", "GET")],
                "tls:2",
            ),
            ("wss://localhost/", &both, ""),
            ("wss://127.0.0.9/", &both, ""),
            ("wss://[::1]/", &both, ""),
        ] {
            assert_eq!(chosen(url, environment), wanted, "{url} {environment:?}");
        }
    }

    #[test]
    fn no_proxy_is_heeded() {
        for (url, list, wanted) in [
            ("wss://feed.test/", "feed.test", ""),
            ("wss://a.feed.test:8443/", "x, .feed.test", ""),
            ("wss://notfeed.test/", "feed.test", "tls:2"),
            ("wss://10.1.2.3/", "10.0.0.0/8", ""),
            ("wss://[fd00::1]:8443/", "fd00::/8", ""),
            ("wss://feed.test/", "*", ""),
        ] {
            let environment = [("HTTPS_PROXY", "tls:2"), ("NO_PROXY", list)];
            assert_eq!(chosen(url, &environment), wanted, "{url} {list}");
        }
    }

    #[test]
    fn a_mistyped_proxy_is_told_and_its_password_is_not() {
        let told = chosen("wss://feed.test/", &[("HTTPS_PROXY", "htp://a:canary@h:1")]);
        assert!(
            told.starts_with("proxy of the environment variable HTTPS_PROXY: "),
            "{told}"
        );
        assert!(!told.contains("canary"), "{told}");
    }
}
