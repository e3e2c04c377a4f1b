//! The way to a server: name resolution, TCP, a proxy where one is wanted, and TLS. Links and calls take the same way.

use std::{io, net::SocketAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use rustls::pki_types::ServerName;
use tokio::{
    net::{TcpStream, lookup_host},
    task::spawn_blocking,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::{Host, Url};

use super::{
    link::Socket,
    proxy::{self, Via},
    stages::Stages,
    tls, tunnel,
};
use crate::{
    cause::{Cause, Stage},
    profile::{Tls, check},
};

/// A server that was reached.
pub(super) struct Reached {
    /// The connection, behind TLS where the address asks for it.
    pub(super) socket: Box<dyn Socket>,
    /// The address that was reached, or that the proxy was asked for.
    pub(super) peer: String,
    /// The proxy on the way.
    pub(super) proxy: Option<String>,
    /// The TLS version and cipher suite.
    pub(super) tls: Option<String>,
}

/// Goes to the server of an address, through a proxy if there is one.
pub(super) async fn reach(
    url: &Url,
    settings: &Tls,
    via: Option<&Via>,
    stages: &mut Stages<'_>,
) -> Result<Reached, Cause> {
    let Some(via) = via else {
        let tcp = tcp(&host(url)?, port(url), stages).await?;
        let peer = tcp.peer_addr();
        let peer = peer.map_or_else(|_| String::new(), |peer| peer.to_string());
        let (socket, tls) = encrypted(tcp, url, settings, stages).await?;
        return Ok(Reached {
            socket,
            peer,
            proxy: None,
            tls,
        });
    };
    let tunnel = tunnel::through(url, via, settings, stages).await?;
    let encrypted = encrypted(tunnel, url, settings, stages).await;
    let (socket, tls) = encrypted.map_err(|cause| proxy::named(cause, Some(via)))?;
    Ok(Reached {
        socket,
        peer: tunnel::target(url),
        proxy: Some(via.address.to_string()),
        tls,
    })
}

/// Whether what is sent to an address in plain text stays on this machine.
pub(super) fn stays_here(url: &Url, via: Option<&Via>) -> bool {
    let local = url.host().is_some_and(|host| check::is_local(&host));
    local && via.is_none_or(|via| via.address.is_local())
}

/// The host of an address.
pub(super) fn host(url: &Url) -> Result<Host<&str>, Cause> {
    let none = || Cause::Dns("the address names no host".into());
    url.host().ok_or_else(none)
}

/// The port of an address.
pub(super) fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or(80)
}

/// A connection to a host.
pub(super) async fn tcp(
    host: &Host<impl AsRef<str>>,
    port: u16,
    stages: &mut Stages<'_>,
) -> Result<TcpStream, Cause> {
    let addresses = match host {
        Host::Domain(name) => stages.run(Stage::Dns, look_up(name.as_ref(), port)).await?,
        Host::Ipv4(address) => vec![(*address, port).into()],
        Host::Ipv6(address) => vec![(*address, port).into()],
    };
    stages.run(Stage::Tcp, connect(addresses)).await
}

/// TLS where the address asks for it.
async fn encrypted<S: Socket + 'static>(
    socket: S,
    url: &Url,
    settings: &Tls,
    stages: &mut Stages<'_>,
) -> Result<(Box<dyn Socket>, Option<String>), Cause> {
    if !matches!(url.scheme(), "wss" | "https") {
        return Ok((Box::new(socket), None));
    }
    let host = match &settings.server_name {
        Some(name) => name.clone(),
        None => host(url)?.to_owned(),
    };
    let secured = secure(socket, &host, settings);
    let secured = stages.run(Stage::Tls, secured).await?;
    let facts = tls_facts(&secured);
    Ok((Box::new(secured), facts))
}

/// The addresses of a name.
pub(super) async fn look_up(name: &str, port: u16) -> Result<Vec<SocketAddr>, Cause> {
    let found = lookup_host((name, port)).await.map_err(|error| {
        let text = error.to_string();
        let reason = text.strip_prefix(LOOKUP_FAILED).unwrap_or(&text);
        Cause::Dns(format!("{name}: {reason}"))
    })?;
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        return Err(Cause::Dns(format!("{name} has no address")));
    }
    Ok(alternate(found))
}

/// The families in turn, beginning with that of the first address (RFC 8305 section 4).
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let six_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == six_first);
    let mut second = second.into_iter();
    let mut turns = Vec::with_capacity(first.len() + second.len());
    for address in first {
        turns.push(address);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns
}

/// Connects to the first address that answers; the next is tried when one fails or after 250 ms (RFC 8305 section 5).
async fn connect(addresses: Vec<SocketAddr>) -> Result<TcpStream, Cause> {
    let mut addresses = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut fault = Cause::Tcp("no address is left to try".into());
    loop {
        match addresses.next() {
            Some(address) => attempts.push(connect_to(address)),
            None if attempts.is_empty() => return Err(fault),
            None => {}
        }
        match timeout(STAGGER, attempts.next()).await {
            Ok(Some(Ok(stream))) => {
                // Only slower without it.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Some(Err(cause))) => fault = cause,
            Ok(None) | Err(_) => {}
        }
    }
}

async fn connect_to(address: SocketAddr) -> Result<TcpStream, Cause> {
    TcpStream::connect(address).await.map_err(|error| {
        Cause::Tcp(match error.kind() {
            io::ErrorKind::ConnectionRefused => {
                format!("{address} refused it; nothing listens there")
            }
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                format!("{address} cannot be reached from here")
            }
            io::ErrorKind::TimedOut => format!("{address} does not answer"),
            _ => format!("{address}: {error}"),
        })
    })
}

/// TLS with a host.
pub(super) async fn secure<S: Socket>(
    socket: S,
    host: &Host<impl AsRef<str>>,
    settings: &Tls,
) -> Result<TlsStream<S>, Cause> {
    let name = match host {
        Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
        Host::Domain(name) => {
            let name = name.as_ref();
            ServerName::try_from(name.to_owned())
                .map_err(|error| tls_fault(format!("{name}: {error}")))?
        }
    };
    let settings = settings.clone();
    let config = spawn_blocking(move || tls::config(&settings))
        .await
        .map_err(|error| tls_fault(error.to_string()))??;
    TlsConnector::from(config)
        .connect(name, socket)
        .await
        .map_err(|error| tls::handshake_fault(&error))
}

fn tls_facts<S>(stream: &TlsStream<S>) -> Option<String> {
    let (_, connection) = stream.get_ref();
    let version = connection
        .protocol_version()?
        .as_str()?
        .replace("TLSv1_", "TLS 1.");
    let suite = connection.negotiated_cipher_suite()?.suite();
    Some(format!(
        "{version}, {}",
        suite.as_str()?.trim_start_matches("TLS13_")
    ))
}

const fn tls_fault(text: String) -> Cause {
    Cause::Tls {
        certificate: false,
        text,
    }
}

const STAGGER: Duration = Duration::from_millis(250);
const LOOKUP_FAILED: &str = "failed to lookup address information: ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let addresses = ["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"];
        let addresses = addresses.map(|text| text.parse().unwrap());
        let turns = alternate(addresses.to_vec());
        let shown: Vec<_> = turns.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]
        );
    }
}
