//! Which proxy the connections of a profile go through, and how its address is written.

use std::{borrow::Cow, fmt};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::{
    SecretRef,
    check::{self, Fault, plain},
    oauth::outside,
};
use crate::{
    document::{Faults, Table, Value, any_text},
    secret::Secret,
};

/// What an address of a proxy looks like.
const FORM: &str =
    "write it as in http://proxy.example.com:3128; https, socks5 and socks5h are known too";
/// The safe ways to give a proxy's password.
const WAYS: &str = "leave it out; give it by proxy-password = { env = \"NAME\" } or { file = \"PATH\" } in the profile, by \
                    --proxy-password-env VAR or --proxy-password-file FILE, or within HTTPS_PROXY";
/// The longest user name of SOCKS5, in bytes (RFC 1929 section 2).
const LONGEST: usize = 255;

/// Which proxy connections go through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// What the environment names: `HTTPS_PROXY` and its like.
    #[default]
    Environment,
    /// None, whatever the environment names.
    Direct,
    /// This one, for every host.
    At {
        /// Where it is.
        address: ProxyAddress,
        /// Where its password stands, if it wants one.
        password: Option<SecretRef>,
    },
}

impl Proxy {
    /// A proxy as it is written, `none` for none at all; without a password.
    ///
    /// # Errors
    /// What is wrong, without the text.
    pub fn read(text: &str) -> Result<Self, Fault> {
        if text == "none" {
            return Ok(Self::Direct);
        }
        let (address, password) = ProxyAddress::read(text)?;
        if password.is_some() {
            return Err(Fault::new(
                "the address of a proxy must not hold its password",
                WAYS,
            ));
        }
        Ok(Self::At {
            address,
            password: None,
        })
    }

    /// The same with the place of its password.
    ///
    /// # Errors
    /// When there is no user to whom it would belong.
    pub fn with_password(self, place: SecretRef) -> Result<Self, Fault> {
        match self {
            Self::At { address, .. } if address.user.is_some() => Ok(Self::At {
                address,
                password: Some(place),
            }),
            _ => {
                let message = "a proxy's password needs a proxy and a user";
                let help = "write the user before the host, as in alice@proxy.example.com:3128";
                Err(Fault::new(message, help))
            }
        }
    }

    /// Where its password stands, if it wants one.
    pub const fn password(&self) -> Option<&SecretRef> {
        match self {
            Self::At { password, .. } => password.as_ref(),
            _ => None,
        }
    }
}

/// Where a proxy is, and who we are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyAddress {
    /// How it is spoken to.
    pub kind: ProxyKind,
    /// Its host.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// The user's name.
    pub user: Option<String>,
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// HTTP CONNECT (RFC 9110 section 9.3.6).
    Http,
    /// The same over TLS.
    Https,
    /// SOCKS5 (RFC 1928) with the server's address, which is looked up here.
    Socks5,
    /// SOCKS5 with the server's name, which is looked up by the proxy.
    Socks5h,
}

impl ProxyKind {
    /// The kinds by scheme, with the port of each where none is written.
    const SCHEMES: [(&str, Self, u16); 4] = [
        ("http", Self::Http, 80),
        ("https", Self::Https, 443),
        ("socks5", Self::Socks5, 1080),
        ("socks5h", Self::Socks5h, 1080),
    ];
}

impl ProxyAddress {
    /// The address of a proxy and the password in it. Without a scheme it is one for HTTP, as everywhere.
    ///
    /// # Errors
    /// What is wrong, without the text.
    pub fn read(text: &str) -> Result<(Self, Option<Secret>), Fault> {
        plain(text)?;
        let wrong = || Fault::new("this is not the address of a proxy", FORM);
        let text = if text.contains("://") {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(format!("http://{text}"))
        };
        let url = Url::parse(&text).map_err(|_| wrong())?;
        let known = ProxyKind::SCHEMES
            .iter()
            .find(|(scheme, ..)| *scheme == url.scheme());
        let &(_, kind, usual) = known.ok_or_else(wrong)?;
        let more = !matches!(url.path(), "" | "/") || url.query().is_some();
        if more || url.fragment().is_some() {
            return Err(Fault::new("a proxy is a host and a port alone", FORM));
        }
        let host = url.host_str().ok_or_else(wrong)?;
        let user = Some(decoded(url.username())?).filter(|user| !user.is_empty());
        if user
            .as_ref()
            .is_some_and(|user| user.len() > LONGEST || user.contains(':'))
        {
            let help = "a user's name has no ':' and at most 255 bytes";
            return Err(Fault::new("this cannot be the user of a proxy", help));
        }
        let address = Self {
            kind,
            host: Host::parse(host).map_err(|_| wrong())?,
            port: url.port().unwrap_or(usual),
            user,
        };
        let password = url.password().map(decoded).transpose()?;
        Ok((address, password.map(Secret::new)))
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        check::is_local(&self.host)
    }
}

impl fmt::Display for ProxyAddress {
    /// `proxy.example.com:3128`: nothing of the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

fn decoded(text: &str) -> Result<String, Fault> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| {
        let help = "write other signs than letters and digits percent-encoded, as UTF-8";
        Fault::new("the user of this proxy is not text", help)
    })?;
    plain(&text)?;
    Ok(text.into_owned())
}

/// Reads `proxy` and `proxy-password`.
pub(super) fn proxy(table: &Table<'_>, faults: &mut Faults<'_>) -> Proxy {
    let proxy = table.read("proxy", faults, address);
    let place = table.read("proxy-password", faults, outside);
    let Some(place) = place else {
        return proxy.unwrap_or_default();
    };
    // What is wrong with the address itself is told already.
    if proxy.is_none() && table.has("proxy") {
        return Proxy::default();
    }
    let whole = proxy.unwrap_or_default().with_password(place);
    whole.unwrap_or_else(|fault| {
        faults.add(table.span("proxy-password"), fault);
        Proxy::default()
    })
}

fn address(name: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Proxy> {
    let text = any_text(name, value, faults)?;
    let read = Proxy::read(text);
    read.map_err(|fault| {
        // It may hold a password, however wrong the rest is.
        if text.contains('@') {
            faults.hide(value.span());
        }
        faults.add(value.span(), fault);
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_their_usual_ports() {
        for (text, kind, shown, user) in [
            (
                "http://proxy.test:3128",
                ProxyKind::Http,
                "proxy.test:3128",
                None,
            ),
            ("http://proxy.test/", ProxyKind::Http, "proxy.test:80", None),
            ("proxy.test:8080", ProxyKind::Http, "proxy.test:8080", None),
            (
                "https://a@proxy.test",
                ProxyKind::Https,
                "proxy.test:443",
                Some("a"),
            ),
            (
                "SOCKS5://127.0.0.1",
                ProxyKind::Socks5,
                "127.0.0.1:1080",
                None,
            ),
            (
                "socks5h://a%40b@[::1]:80",
                ProxyKind::Socks5h,
                "[::1]:80",
                Some("a@b"),
            ),
        ] {
            let (address, password) = ProxyAddress::read(text).expect(text);
            assert_eq!((address.kind, address.to_string().as_str()), (kind, shown));
            assert_eq!((address.user.as_deref(), password), (user, None), "{text}");
        }
        assert!(
            ProxyAddress::read("socks5://127.0.0.1")
                .unwrap()
                .0
                .is_local()
        );
    }

    #[test]
    fn a_password_is_taken_from_the_environment_alone() {
        let text = "http://alice:can%3Aary@proxy.test:1";
        let (address, password) = ProxyAddress::read(text).unwrap();
        assert_eq!(password.unwrap().expose(), "can:ary");
        assert_eq!(address.user.as_deref(), Some("alice"));
        let fault = Proxy::read(text).unwrap_err();
        assert!(fault.help.contains("--proxy-password-env"), "{fault:?}");
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_repeating_it() {
        for text in [
            "",
            "http://",
            "ftp://canary@h:1",
            "socks4://canary:1",
            "http://canary:99999",
            "http://h:1/canary",
            "http://h:1?canary",
            "http://%00canary@h:1",
            "http://%ffcanary@h:1",
            "canary h",
        ] {
            let fault = Proxy::read(text).expect_err(text);
            assert!(!format!("{fault:?}").contains("canary"), "{fault:?}");
        }
        assert_eq!(Proxy::read("none").unwrap(), Proxy::Direct);
    }
}
