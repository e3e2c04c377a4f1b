//! Proxies: what they are told, what the server is told, and what is said when they do not let us through.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use rustls::ServerConfig;
use sockeye::{
    auth::{Header, OpenRequest},
    cause::{Cause, ProxyFault, Stage},
    clock::Clock,
    dialect::Filled,
    event::OpenFacts,
    log::Log,
    net::dial,
    profile::{Profile, Proxy, SecretRef},
    secret::Secret,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;

use super::{
    profile, request,
    scripted::{Peer, serve},
    secured::{authority, server_config},
};
use crate::support::{demo::Demo, proxy::Proxy as Recorder};

const PASSWORD: &str = "canary:proxy";
const TOKEN: &str = "canary-token";

/// A proxy of this kind and user, with the password in a file.
fn proxy(url: &str, folder: &Path) -> Proxy {
    let file = folder.join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let proxy = Proxy::read(url).unwrap();
    proxy.with_password(SecretRef::File(file)).unwrap()
}

fn with_token(profile: &Profile) -> OpenRequest {
    OpenRequest {
        headers: vec![Header {
            name: "Authorization".into(),
            value: Filled::secret(Secret::new(TOKEN.into())),
        }],
        ..request(profile)
    }
}

async fn open(profile: &Profile) -> Result<OpenFacts, Cause> {
    let opened = dial(
        &with_token(profile),
        profile,
        Clock::start(),
        &Log::default(),
    )
    .await;
    opened.map(|(_, facts)| facts)
}

/// An authority in a file, and a server that it vouches for.
fn tls(name: &str, folder: &Path) -> Arc<ServerConfig> {
    let trusted = authority("Trusted");
    std::fs::write(folder.join("ca.pem"), trusted.pem()).unwrap();
    server_config(&trusted, name, false)
}

const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

#[tokio::test]
async fn proxy_and_server_learn_only_what_is_theirs() {
    let folder = TempDir::new().unwrap();
    let config = tls("feed.test", folder.path());
    let (address, served) = serve(async |stream: TcpStream| {
        let mut proxy = Peer::new(stream).await;
        proxy.send(ESTABLISHED).await;
        let stream = TlsAcceptor::from(config).accept(proxy.stream).await;
        let mut server = Peer::new(stream.unwrap()).await;
        server.accept("", b"").await;
        (proxy.request, server.request)
    })
    .await;
    let mut profile = profile("wss://feed.test/ws");
    profile.tls.ca = Some(folder.path().join("ca.pem"));
    profile.proxy = proxy(&format!("http://al%20ice@{address}"), folder.path());
    let facts = open(&profile).await.unwrap();
    let (asked, upgrade) = served.await.unwrap();
    let agent = concat!("User-Agent: sockeye/", env!("CARGO_PKG_VERSION"));
    // base64 of "al ice:canary:proxy"
    let wanted = format!(
        "CONNECT feed.test:443 HTTP/1.1\r\nHost: feed.test:443\r\n{agent}\r\n\
         Proxy-Authorization: Basic YWwgaWNlOmNhbmFyeTpwcm94eQ==\r\n\r\n"
    );
    assert_eq!(asked, wanted);
    assert!(upgrade.contains(TOKEN), "{upgrade}");
    assert!(!upgrade.to_lowercase().contains("proxy"), "{upgrade}");
    let stages: Vec<_> = facts.stages.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(
        stages,
        [Stage::Tcp, Stage::Proxy, Stage::Tls, Stage::Upgrade]
    );
    let words = facts.to_string();
    let begin = format!("connected to feed.test:443 via {address} · ");
    assert!(words.starts_with(&begin), "{words}");
}

#[tokio::test]
async fn a_proxy_behind_tls_is_identified() {
    let folder = TempDir::new().unwrap();
    let config = tls("localhost", folder.path());
    for trusted in [true, false] {
        let config = config.clone();
        let (address, served) = serve(async |stream: TcpStream| {
            let stream = TlsAcceptor::from(config).accept(stream).await.ok()?;
            let mut proxy = Peer::new(stream).await;
            proxy.send(ESTABLISHED).await;
            let mut server = Peer::new(proxy.stream).await;
            server.accept("", b"").await;
            Some(proxy.request)
        })
        .await;
        let mut profile = profile("ws://feed.test:8080/");
        profile.plain_text = true;
        // It was not said for the proxy.
        profile.tls.insecure = true;
        profile.tls.ca = trusted.then(|| folder.path().join("ca.pem"));
        let url = format!("https://alice@localhost:{}", address.port());
        profile.proxy = proxy(&url, folder.path());
        let opened = open(&profile).await;
        match served.await.unwrap() {
            Some(asked) => {
                assert!(trusted && opened.is_ok(), "{opened:?}");
                assert!(asked.starts_with("CONNECT feed.test:8080 "), "{asked}");
            }
            None => assert!(!trusted && refused(opened).contains("no authority trusted")),
        }
    }
}

/// The words of a fault that is not mended by trying again.
fn refused(opened: Result<OpenFacts, Cause>) -> String {
    match opened {
        Err(
            cause @ Cause::Proxy {
                fault: ProxyFault::Refused,
                ..
            },
        ) => cause.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A server for links that only accepts.
async fn accepting() -> SocketAddr {
    let served = serve(async |stream: TcpStream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", b"").await;
        peer.drain().await;
    });
    served.await.0
}

#[tokio::test]
async fn socks_proxies_get_the_name_or_the_address() {
    let folder = TempDir::new().unwrap();
    for (scheme, host, sign_in, wanted) in [
        (
            "socks5h",
            "feed.test",
            "alice:canary:proxy",
            "alice:canary:proxy feed.test:80",
        ),
        ("socks5h", "feed.test", "", "feed.test:80"),
        ("socks5", "127.0.0.9", "", "127.0.0.9:80"),
        ("socks5", "ip4.localhost", "", "127.0.0.1:80"),
    ] {
        let recorder = Recorder::socks(accepting().await, sign_in, 0);
        let mut profile = profile(&format!("ws://{host}/"));
        profile.plain_text = true;
        let user = if sign_in.is_empty() { "" } else { "alice@" };
        let url = format!("{scheme}://{user}{}", recorder.address);
        profile.proxy = if sign_in.is_empty() {
            Proxy::read(&url).unwrap()
        } else {
            proxy(&url, folder.path())
        };
        let opened = open(&profile).await;
        // Where the system does not know such names, there is nothing to compare.
        if host == "ip4.localhost" && matches!(opened, Err(Cause::Dns(_))) {
            continue;
        }
        let facts = opened.unwrap();
        assert_eq!(recorder.seen(), [wanted]);
        assert_eq!(facts.proxy, Some(recorder.address.to_string()));
    }
}

/// What is said when a proxy at this address is in the way.
async fn fault(url: &str, folder: &Path) -> (ProxyFault, String) {
    let mut profile = profile("wss://feed.test/");
    profile.limits.connect = Duration::from_secs(5);
    profile.proxy = if url.contains('@') {
        proxy(url, folder)
    } else {
        Proxy::read(url).unwrap()
    };
    match open(&profile).await {
        Err(Cause::Proxy { fault, text, .. }) => (fault, text),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn answers_of_http_proxies_are_told() {
    let folder = TempDir::new().unwrap();
    for (user, answer, wanted, words) in [
        (
            "",
            "407 Sign in\r\n",
            ProxyFault::SignIn,
            "it wants sign-in: HTTP 407",
        ),
        (
            "alice@",
            "407 No\r\nProxy-Authenticate: basic realm=\"x\"\r\n",
            ProxyFault::SignIn,
            "it refuses the user 'alice' or the password: HTTP 407",
        ),
        (
            "alice@",
            "407 No\r\nProxy-Authenticate: NTLM\r\n",
            ProxyFault::SignIn,
            "it wants sign-in by NTLM, and only Basic is known here",
        ),
        (
            "",
            "502 Bad Gateway\r\n",
            ProxyFault::Unreachable,
            "it does not reach feed.test:443: HTTP 502 Bad Gateway: body ",
        ),
        (
            "alice@",
            "403 Forbidden\r\n",
            ProxyFault::Refused,
            "it does not let us through to feed.test:443: HTTP 403 Forbidden: body *** *** end",
        ),
        (
            "",
            "302 Found\r\nLocation: /\r\n",
            ProxyFault::Refused,
            "HTTP 302",
        ),
    ] {
        let (address, _served) = serve(async move |stream: TcpStream| {
            let mut proxy = Peer::new(stream).await;
            let body = "body canary:proxy YWxpY2U6Y2FuYXJ5OnByb3h5 end";
            let answer = format!(
                "HTTP/1.1 {answer}Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            proxy.send(answer.as_bytes()).await;
            proxy.drain().await;
        })
        .await;
        let (fault, text) = fault(&format!("http://{user}{address}"), folder.path()).await;
        assert_eq!(fault, wanted, "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn what_is_no_proxy_is_told() {
    let folder = TempDir::new().unwrap();
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let nobody = closed.local_addr().unwrap();
    drop(closed);
    let unreached = [
        (format!("http://{nobody}"), "nothing listens there"),
        (
            "http://proxy.invalid:1".to_owned(),
            "name not resolved: proxy.invalid",
        ),
    ];
    for (url, words) in unreached {
        let (fault, text) = fault(&url, folder.path()).await;
        assert_eq!(fault, ProxyFault::Unreachable, "{text}");
        assert!(text.contains(words), "{text}");
    }
    for (scheme, answer, words) in [
        (
            "http",
            &b"\x15\x03\x01\x00\x02\x02\x46"[..],
            "write https:// in place of http://",
        ),
        ("http", b"SSH-2.0-x\r\n", "it does not speak HTTP"),
        (
            "http",
            b"HTTP/1.1 200 OK\r\n\r\nhello",
            "more than an answer",
        ),
        (
            "http",
            b"",
            "it closed the connection without a whole answer to CONNECT",
        ),
        (
            "socks5h",
            b"HTTP/1.1 400 Bad\r\n\r\n",
            "it does not speak SOCKS5",
        ),
    ] {
        let (address, _served) = serve(async move |mut stream: TcpStream| {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(answer).await;
        })
        .await;
        let (_, text) = fault(&format!("{scheme}://{address}"), folder.path()).await;
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn answers_of_socks_proxies_are_told() {
    let folder = TempDir::new().unwrap();
    for (sign_in, user, reply, wanted, words) in [
        (
            "alice:other",
            "alice@",
            0,
            ProxyFault::SignIn,
            "it refuses the user 'alice'",
        ),
        ("alice:other", "", 0, ProxyFault::SignIn, "it wants sign-in"),
        (
            "",
            "",
            2,
            ProxyFault::Refused,
            "it does not let us through to feed.test:443",
        ),
        (
            "",
            "",
            5,
            ProxyFault::Unreachable,
            "it does not reach feed.test:443",
        ),
    ] {
        let recorder = Recorder::socks(accepting().await, sign_in, reply);
        let url = format!("socks5h://{user}{}", recorder.address);
        let (fault, text) = fault(&url, folder.path()).await;
        assert_eq!(fault, wanted, "{text}");
        assert!(text.contains(words) && !text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn a_silent_proxy_ends_with_the_connect_limit() {
    let (address, _served) = serve(async |stream: TcpStream| {
        let mut proxy = Peer::new(stream).await;
        proxy.drain().await;
    })
    .await;
    let mut profile = profile("wss://feed.test/");
    profile.limits.connect = Duration::from_millis(50);
    profile.proxy = Proxy::read(&format!("http://{address}")).unwrap();
    let told = open(&profile).await.unwrap_err().to_string();
    let wanted = format!("proxy {address}: no way to feed.test:443 was opened in time");
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn plain_text_to_this_machine_is_not_plain_text_to_a_proxy() {
    let mut profile = profile("ws://localhost/");
    profile.proxy = Proxy::read("http://proxy.invalid:1").unwrap();
    let told = open(&profile).await.unwrap_err().to_string();
    assert!(
        told.contains("plain ws: to localhost via proxy.invalid:1"),
        "{told}"
    );
}

/// Runs `sockeye tail` on a server that only a proxy finds.
fn tail(demo: &Demo, environment: &[(&str, &str)], more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
        .env("SOCKEYE_CONFIG_DIR", demo.directory.path())
        .env("SOCKEYE_STATE_DIR", env!("CARGO_TARGET_TMPDIR"))
        .envs(environment.iter().copied())
        .args(["tail", "--count", "3", "--no-reconnect"])
        .args(more)
        .stdin(Stdio::null());
    command.output().expect("sockeye runs")
}

const BARE: [&str; 2] = ["ws://feed.test/ws/orders?x=1", "--plain-text"];

#[test]
fn the_environment_leads_through_a_proxy() {
    let demo = Demo::start(500.0);
    let file = demo.token_file("good");
    let token = ["--query", "token", "--token-file", file.to_str().unwrap()];
    let bare = [&BARE[..], &token].concat();
    let recorder = Recorder::http(demo.server.address());
    let secret = format!("http://alice:canary-pw@{}", recorder.address);
    let output = tail(&demo, &[("HTTP_PROXY", &secret)], &bare);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
    let via = format!("connected to feed.test:80 via {} · ", recorder.address);
    assert!(told.contains(&via) && !told.contains("canary"), "{told}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout)
            .matches("\"dir\":\"in\"")
            .count(),
        3
    );
    let [asked] = &recorder.seen()[..] else {
        panic!("{:?}", recorder.seen());
    };
    assert!(
        asked.contains("\r\nProxy-Authorization: Basic YWxpY2U6Y2FuYXJ5LXB3\r\n"),
        "{asked}"
    );
    let token = demo.server.sample("good").unwrap();
    assert!(!asked.contains(token.expose()), "{asked}");

    for (environment, more) in [
        (
            [("HTTP_PROXY", secret.as_str()), ("NO_PROXY", ".test")],
            &[][..],
        ),
        ([("HTTP_PROXY", &secret), ("REQUEST_METHOD", "GET")], &[]),
        ([("HTTP_PROXY", &secret), ("X", "")], &["--proxy", "none"]),
    ] {
        let output = tail(&demo, &environment, &[&bare[..], more].concat());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains("name not resolved: feed.test"), "{told}");
    }
    assert_eq!(recorder.seen().len(), 1);
}

#[test]
fn a_profile_names_its_proxy_and_a_flag_another() {
    let demo = Demo::start(500.0);
    let (own, other) = (
        Recorder::http(demo.server.address()),
        Recorder::http(demo.server.address()),
    );
    std::fs::write(demo.directory.path().join("pw"), PASSWORD).unwrap();
    let config = format!(
        "[profiles.q]\nurl = \"ws://feed.test/ws/orders\"\nplain-text = true\nway = {{ query = \"token\" }}\n\
         token = {{ file = '{}' }}\nproxy = \"http://alice@{}\"\nproxy-password = {{ file = \"pw\" }}\n",
        demo.token_file("good").display(),
        own.address
    );
    std::fs::write(demo.directory.path().join("config.toml"), config).unwrap();
    let output = tail(&demo, &[("NO_PROXY", "*")], &["q"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // base64 of "alice:canary:proxy"
    assert!(
        own.seen()[0].contains("Basic YWxpY2U6Y2FuYXJ5OnByb3h5\r\n"),
        "{:?}",
        own.seen()
    );

    let flag = format!("http://bob@{}", other.address);
    let more = ["q", "--proxy", &flag, "--proxy-password-env", "PW"];
    let output = tail(&demo, &[("PW", "x")], &more);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        other.seen()[0].contains("Basic Ym9iOng=\r\n"),
        "{:?}",
        other.seen()
    );
    assert_eq!(own.seen().len(), 1);

    let output = tail(&demo, &[], &more);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(6), "{told}");
    assert!(
        told.contains("the environment variable PW is not set"),
        "{told}"
    );
}

#[test]
fn a_password_on_the_command_line_is_refused() {
    let demo = Demo::start(1.0);
    let output = tail(
        &demo,
        &[],
        &["ws://feed.test/", "--proxy", "http://a:canary@h:1"],
    );
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("--proxy-password-env VAR") && !told.contains("canary"),
        "{told}"
    );
}
