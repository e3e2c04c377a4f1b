//! A tunnel through a proxy: HTTP CONNECT (RFC 9110 section 9.3.6), or SOCKS5 (RFC 1928).
//!
//! The proxy learns where we want to go, and its own user and password; nothing else of the profile's.

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::io::AsyncWriteExt;
use tokio_socks::{TargetAddr, tcp::Socks5Stream};
use url::{Host, Url};

use super::{
    answer::{self, Head},
    link::Socket,
    proxy::Via,
    reach::{self, look_up, port, secure, tcp},
    refusal,
    request::{USER_AGENT, host},
    stages::Stages,
};
use crate::{
    cause::{Cause, HttpRefusal, ProxyFault, Stage},
    profile::{ProxyKind, Tls},
    redact::Redactor,
    secret::Secret,
};

/// Opens a tunnel to the server of an address.
///
/// # Errors
/// [`Cause::Proxy`] for everything on the way; [`Cause::Dns`] where the server's name is looked up here.
pub(super) async fn through(
    url: &Url,
    via: &Via,
    settings: &Tls,
    stages: &mut Stages<'_>,
) -> Result<Box<dyn Socket>, Cause> {
    let proxy = &via.address;
    let tcp = tcp(&proxy.host, proxy.port, stages).await;
    let tcp = tcp.map_err(|cause| unreached(via, &cause))?;
    let open = async {
        match proxy.kind {
            ProxyKind::Http => connect(Box::new(tcp), url, via).await,
            ProxyKind::Https => {
                let secured = secure(tcp, &proxy.host, &trust(settings)).await;
                let secured = secured.map_err(|cause| unreached(via, &cause))?;
                connect(Box::new(secured), url, via).await
            }
            ProxyKind::Socks5 | ProxyKind::Socks5h => socks(Box::new(tcp), url, via).await,
        }
    };
    let opened = stages.run(Stage::Proxy, open).await;
    opened.map_err(|cause| match cause {
        Cause::Timeout(_) => via.fault(
            ProxyFault::Unreachable,
            format!("no way to {} was opened in time", target(url)),
        ),
        cause => cause,
    })
}

/// The host and port that a proxy is asked for.
pub(super) fn target(url: &Url) -> String {
    format!("{}:{}", host(url), port(url))
}

/// Whoever accepts any certificate for a stream has not said so for the proxy, nor who we are to it.
fn trust(settings: &Tls) -> Tls {
    Tls {
        ca: settings.ca.clone(),
        ..Tls::default()
    }
}

/// The proxy itself was not reached.
fn unreached(via: &Via, cause: &Cause) -> Cause {
    let fault = match cause {
        Cause::Tls {
            certificate: true, ..
        } => ProxyFault::Refused,
        _ => ProxyFault::Unreachable,
    };
    via.fault(fault, cause.to_string())
}

async fn connect(
    mut socket: Box<dyn Socket>,
    url: &Url,
    via: &Via,
) -> Result<Box<dyn Socket>, Cause> {
    let target = target(url);
    let unreached = |cause: &Cause| unreached(via, cause);
    let sign_in = via.address.user.as_deref().map(|user| basic(user, via));
    let written = {
        let head = head(&target, sign_in.as_ref());
        socket.write_all(head.expose().as_bytes()).await
    };
    // What it says is worth more than that it did not read on.
    let mut head = match (answer::read(&mut socket, &answer::PROXY).await, written) {
        (Err(Cause::Broken(_)), Err(error)) => {
            return Err(unreached(&answer::broken(&error, &answer::PROXY)));
        }
        (head, _) => head.map_err(|cause| unreached(&cause))?,
    };
    match head.status {
        200..=299 if head.tail.is_empty() => Ok(socket),
        200..=299 => {
            let text = "it sent more than an answer to CONNECT";
            Err(via.fault(ProxyFault::Refused, text))
        }
        _ => {
            let body = refusal::body(&mut socket, &mut head).await;
            let known = via.password.iter().chain(&sign_in);
            let body = Redactor::new(known).text(body);
            Err(refused(&head, body, &target, via))
        }
    }
}

fn head(target: &str, sign_in: Option<&Secret>) -> Secret {
    let (name, value, end) = sign_in.map_or(("", "", ""), |sign_in| {
        ("Proxy-Authorization: Basic ", sign_in.expose(), "\r\n")
    });
    let connect = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{USER_AGENT}");
    Secret::new([&connect, name, value, end, "\r\n"].concat())
}

/// User and password as RFC 7617 section 2 writes them.
fn basic(user: &str, via: &Via) -> Secret {
    let password = via.password.as_ref().map_or("", Secret::expose);
    let both = Secret::new([user, ":", password].concat());
    Secret::new(BASE64_STANDARD.encode(both.expose()))
}

/// What an answer other than 2xx means.
fn refused(head: &Head, body: String, target: &str, via: &Via) -> Cause {
    let answer = HttpRefusal {
        status: head.status,
        body,
        ..HttpRefusal::default()
    };
    match head.status {
        407 => {
            let asks = challenges(head);
            let known = asks.is_empty() || asks.iter().any(|it| it.eq_ignore_ascii_case("basic"));
            let text = if known {
                wants_sign_in(via)
            } else {
                let asks = asks.join(", ");
                format!("it wants sign-in by {asks}, and only Basic is known here")
            };
            via.fault(ProxyFault::SignIn, format!("{text}: {answer}"))
        }
        408 | 429 | 500..=599 => via.fault(
            ProxyFault::Unreachable,
            format!("it does not reach {target}: {answer}"),
        ),
        _ => via.fault(
            ProxyFault::Refused,
            format!("it does not let us through to {target}: {answer}"),
        ),
    }
}

/// The schemes by which a proxy lets one sign in (RFC 9110 section 11.7.1).
fn challenges(head: &Head) -> Vec<String> {
    let scheme = |challenge: &str| challenge.split_whitespace().next().map(str::to_owned);
    head.all("proxy-authenticate").filter_map(scheme).collect()
}

fn wants_sign_in(via: &Via) -> String {
    match (&via.address.user, &via.password) {
        (None, _) => "it wants sign-in".to_owned(),
        (Some(user), None) => format!("it wants sign-in, and there is no password for '{user}'"),
        (Some(user), Some(_)) => format!("it refuses the user '{user}' or the password"),
    }
}

async fn socks(socket: Box<dyn Socket>, url: &Url, via: &Via) -> Result<Box<dyn Socket>, Cause> {
    let address = match reach::host(url)? {
        Host::Ipv4(address) => TargetAddr::Ip((address, port(url)).into()),
        Host::Ipv6(address) => TargetAddr::Ip((address, port(url)).into()),
        Host::Domain(name) if via.address.kind == ProxyKind::Socks5h => {
            TargetAddr::Domain(name.into(), port(url))
        }
        Host::Domain(name) => {
            let found = look_up(name, port(url)).await?;
            let none = || Cause::Dns(format!("{name} has no address"));
            TargetAddr::Ip(found.first().copied().ok_or_else(none)?)
        }
    };
    let opened = match (&via.address.user, &via.password) {
        (Some(user), password) => {
            let password = password.as_ref().map_or("", Secret::expose);
            Socks5Stream::connect_with_password_and_socket(socket, address, user, password).await
        }
        (None, _) => Socks5Stream::connect_with_socket(socket, address).await,
    };
    match opened {
        Ok(stream) => Ok(stream.into_inner()),
        Err(error) => Err(socks_fault(&error, url, via)),
    }
}

fn socks_fault(error: &tokio_socks::Error, url: &Url, via: &Via) -> Cause {
    use tokio_socks::Error;
    let target = target(url);
    match error {
        Error::PasswordAuthFailure(_)
        | Error::NoAcceptableAuthMethods
        | Error::AuthorizationRequired
        | Error::UnknownAuthMethod
        | Error::InvalidAuthValues(_) => via.fault(ProxyFault::SignIn, wants_sign_in(via)),
        Error::Io(error) => {
            let cause = answer::broken(error, &answer::PROXY);
            via.fault(ProxyFault::Unreachable, cause.to_string())
        }
        Error::GeneralSocksServerFailure
        | Error::NetworkUnreachable
        | Error::HostUnreachable
        | Error::ConnectionRefused
        | Error::TtlExpired => via.fault(
            ProxyFault::Unreachable,
            format!("it does not reach {target}: {error}"),
        ),
        Error::ConnectionNotAllowedByRuleset
        | Error::CommandNotSupported
        | Error::AddressTypeNotSupported => via.fault(
            ProxyFault::Refused,
            format!("it does not let us through to {target}: {error}"),
        ),
        _ => via.fault(
            ProxyFault::Refused,
            format!("it does not speak SOCKS5: {error}"),
        ),
    }
}
