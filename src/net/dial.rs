//! Opening a link: name resolution, TCP, TLS and upgrade, each named, timed and within one time limit.

use std::{io, net::SocketAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use rustls::pki_types::ServerName;
use tokio::{
    net::{TcpStream, lookup_host},
    task::spawn_blocking,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::{Host, Url};

use super::{
    link::{Link, Socket},
    request, tls,
    upgrade::{Accepted, Answer, upgrade},
};
use crate::{
    auth::OpenRequest,
    cause::{Cause, Stage},
    clock::Clock,
    event::OpenFacts,
    profile::{Profile, Tls},
};

/// Opens a link within `profile.limits.connect`. The body of a refusal may take 2 s on top.
///
/// # Errors
/// The cause, with the stage that failed; [`Cause::Credential`] before anything is sent when a credential would go
/// over plain `ws:` to another machine.
pub async fn dial(
    request: &OpenRequest,
    profile: &Profile,
    clock: Clock,
) -> Result<(Link, OpenFacts), Cause> {
    refuse_plain_text(request, profile)?;
    let mut stages = Stages::start(profile.limits.connect, clock);
    let addresses = resolve(&request.url, &mut stages).await?;
    let tcp = stages.run(Stage::Tcp, connect(addresses)).await?;
    let mut facts = OpenFacts {
        peer: tcp
            .peer_addr()
            .map_or_else(|_| String::new(), |peer| peer.to_string()),
        ..OpenFacts::default()
    };
    let mut socket: Box<dyn Socket> = if request.url.scheme() == "wss" {
        let secured = stages
            .run(Stage::Tls, secure(tcp, &request.url, &profile.tls))
            .await?;
        facts.tls = tls_facts(&secured);
        Box::new(secured)
    } else {
        Box::new(tcp)
    };
    let answer = stages
        .run(Stage::Upgrade, upgrade(&mut socket, request, clock))
        .await?;
    let accepted = match answer {
        Answer::Accepted(accepted) => accepted,
        Answer::Refused(refused) => {
            return Err(Cause::Http(refused.read(&mut socket, request).await));
        }
    };
    facts.stages = stages.taken;
    Ok(open(socket, accepted, facts, profile))
}

fn open(
    socket: Box<dyn Socket>,
    accepted: Accepted,
    mut facts: OpenFacts,
    profile: &Profile,
) -> (Link, OpenFacts) {
    facts.skew = accepted.skew;
    facts.subprotocol = accepted.subprotocol;
    facts.warnings = accepted.warnings;
    facts.compression = accepted.compression.is_some();
    let link = Link::new(socket, accepted.tail, &profile.limits);
    let link = match accepted.compression {
        Some(agreement) => link.inflating(agreement, &profile.limits),
        None => link,
    };
    (link, facts)
}

/// Runs the stages one by one, each for as long as the common limit allows, and times them.
pub(super) struct Stages {
    clock: Clock,
    until: Instant,
    taken: Vec<(Stage, Duration)>,
}

impl Stages {
    pub(super) fn start(limit: Duration, clock: Clock) -> Self {
        let until = clock.instant(clock.now().mono.after(limit));
        Self {
            clock,
            until: until.into(),
            taken: Vec::new(),
        }
    }

    pub(super) async fn run<T>(
        &mut self,
        stage: Stage,
        work: impl Future<Output = Result<T, Cause>>,
    ) -> Result<T, Cause> {
        let start = self.clock.now().mono;
        let done = timeout_at(self.until, work)
            .await
            .map_err(|_| Cause::Timeout(stage))??;
        self.taken.push((stage, self.clock.now().mono.since(start)));
        Ok(done)
    }
}

/// A credential over plain `ws:` can be read on the way; only this machine is near enough.
fn refuse_plain_text(request: &OpenRequest, profile: &Profile) -> Result<(), Cause> {
    let plain = request.url.scheme() != "wss" && !is_loopback(&request.url);
    let secret = request::carries_secret(request) || profile.wants_credential();
    if plain && secret && !profile.plain_text {
        return Err(Cause::Credential(format!(
            "it is not sent over plain ws: to {}, where others can read it; use wss:, or allow it with `plain-text = true`",
            request::host(&request.url)
        )));
    }
    Ok(())
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

pub(super) async fn resolve(url: &Url, stages: &mut Stages) -> Result<Vec<SocketAddr>, Cause> {
    let port = url.port_or_known_default().unwrap_or(80);
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(vec![(address, port).into()]),
        Some(Host::Ipv6(address)) => Ok(vec![(address, port).into()]),
        Some(Host::Domain(name)) => stages.run(Stage::Dns, look_up(name, port)).await,
        None => Err(Cause::Dns("the address names no host".into())),
    }
}

async fn look_up(name: &str, port: u16) -> Result<Vec<SocketAddr>, Cause> {
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
pub(super) async fn connect(addresses: Vec<SocketAddr>) -> Result<TcpStream, Cause> {
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

pub(super) async fn secure(
    tcp: TcpStream,
    url: &Url,
    settings: &Tls,
) -> Result<TlsStream<TcpStream>, Cause> {
    let host = settings.server_name.clone();
    let name = match host.or_else(|| url.host().map(|host| host.to_owned())) {
        Some(Host::Ipv4(address)) => ServerName::from(std::net::IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => ServerName::from(std::net::IpAddr::V6(address)),
        Some(Host::Domain(name)) => ServerName::try_from(name.as_str())
            .map_err(|error| tls_fault(format!("{name}: {error}")))?
            .to_owned(),
        None => return Err(tls_fault("the address names no host".into())),
    };
    let settings = settings.clone();
    let config = spawn_blocking(move || tls::config(&settings))
        .await
        .map_err(|error| tls_fault(error.to_string()))??;
    TlsConnector::from(config)
        .connect(name, tcp)
        .await
        .map_err(|error| tls::handshake_fault(&error))
}

fn tls_facts(stream: &TlsStream<TcpStream>) -> Option<String> {
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
    use crate::{auth::Way, dialect::Filled, profile::Source, secret::Secret};

    fn plain(url: &str, way: Way) -> (OpenRequest, Profile) {
        let url = Url::parse(url).unwrap();
        let request = OpenRequest {
            compression: true,
            url: url.clone(),
            query: matches!(way, Way::Query { .. })
                .then(|| ("token".into(), Filled::secret(Secret::new("s3cret".into()))))
                .into_iter()
                .collect(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
        };
        (request, Profile::new("test", url, way, Source::Prompt))
    }

    #[test]
    fn no_credential_goes_over_plain_ws_to_another_machine() {
        let query = || Way::Query {
            name: "token".into(),
        };
        for (url, way, refused) in [
            ("ws://feed.test/", query(), true),
            ("ws://192.0.2.1/", query(), true),
            ("ws://localhost.feed.test/", query(), true),
            ("ws://feed.test/", Way::None, false),
            ("wss://feed.test/", query(), false),
            ("ws://localhost:1/", query(), false),
            ("ws://127.1.2.3/", query(), false),
            ("ws://[::1]/", query(), false),
            ("ws://[::ffff:127.0.0.1]/", query(), false),
        ] {
            let (request, mut profile) = plain(url, way);
            let answer = refuse_plain_text(&request, &profile);
            assert_eq!(
                matches!(answer, Err(Cause::Credential(_))),
                refused,
                "{url}"
            );
            profile.plain_text = true;
            assert_eq!(refuse_plain_text(&request, &profile), Ok(()));
        }
    }

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
