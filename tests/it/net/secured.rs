//! TLS: whom we believe, and what we say when we do not.

use std::{path::Path, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer, server::WebPkiClientVerifier};
use sockeye::{
    cause::Cause, clock::Clock, event::OpenFacts, log::Log, net::dial, profile::Identity,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::TlsAcceptor;
use url::Host;

use super::{
    profile, request,
    scripted::{Peer, serve},
};

pub(super) fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

pub(super) fn server_config(
    authority: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
    expired: bool,
) -> Arc<ServerConfig> {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    if expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 2, 3);
    }
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key);
    Arc::new(config.unwrap())
}

/// Dials a TLS server, and whether the server has seen a request.
async fn dialed(
    config: Arc<ServerConfig>,
    ca: Option<&Path>,
    insecure: bool,
) -> (Result<OpenFacts, Cause>, bool) {
    let (address, served) =
        serve(
            async move |stream| match TlsAcceptor::from(config).accept(stream).await {
                Ok(stream) => {
                    let mut peer = Peer::new(stream).await;
                    peer.accept("", b"").await;
                    true
                }
                Err(_) => false,
            },
        )
        .await;
    let mut profile = profile(&format!("wss://localhost:{}/", address.port()));
    profile.tls.ca = ca.map(Path::to_owned);
    profile.tls.insecure = insecure;
    let opened = dial(
        &request(&profile),
        &profile,
        Clock::start(),
        &Log::default(),
    )
    .await;
    (opened.map(|(_, facts)| facts), served.await.unwrap())
}

/// Files with a certificate that an authority has given for a key, and with some text as the key.
fn client(
    folder: &Path,
    authority: &CertifiedIssuer<'static, KeyPair>,
    key: &KeyPair,
    text: &str,
) -> Identity {
    let params = CertificateParams::new(["alice".to_owned()]).unwrap();
    let certificate = params.signed_by(key, authority).unwrap();
    let (cert, file) = (folder.join("client.pem"), folder.join("client.key"));
    std::fs::write(&cert, certificate.pem()).unwrap();
    std::fs::write(&file, text).unwrap();
    Identity { cert, key: file }
}

/// A server that wants to know who comes, and lets in whom the authority has signed.
#[tokio::test]
async fn a_certificate_says_who_we_are() {
    let trusted = authority("Trusted");
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, trusted.pem()).unwrap();
    let client_key = KeyPair::generate().unwrap();
    let identity = client(
        folder.path(),
        &trusted,
        &client_key,
        &client_key.serialize_pem(),
    );
    let open = async |identity: Option<Identity>| {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "server");
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &trusted).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(trusted.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let asks = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(asks.build().unwrap())
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        let (address, served) = serve(async move |stream| {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            if let Ok(stream) = acceptor.accept(stream).await {
                let shown = stream.get_ref().1.peer_certificates().is_some();
                Peer::new(stream).await.accept("", b"").await;
                return shown;
            }
            false
        })
        .await;
        let mut profile = profile(&format!("wss://localhost:{}/", address.port()));
        profile.tls.ca = Some(ca.clone());
        profile.tls.identity = identity;
        let opened = dial(
            &request(&profile),
            &profile,
            Clock::start(),
            &Log::default(),
        )
        .await;
        (opened.map(|(_, facts)| facts), served.await)
    };
    let (opened, shown) = open(Some(identity)).await;
    assert!(opened.is_ok() && shown.unwrap(), "{opened:?}");
    let (opened, _) = open(None).await;
    assert!(
        matches!(
            opened,
            Err(Cause::Tls { .. } | Cause::Broken(_) | Cause::Eof)
        ),
        "{opened:?}"
    );
}

#[test]
fn a_wrong_key_is_told() {
    let (trusted, folder) = (authority("Trusted"), tempfile::tempdir().unwrap());
    let own = KeyPair::generate().unwrap();
    for (key, words) in [
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n-----END ENCRYPTED PRIVATE KEY-----\n",
            "is encrypted; decrypt it",
        ),
        ("", "holds no private key"),
        (
            &KeyPair::generate().unwrap().serialize_pem(),
            "does not fit the certificate",
        ),
    ] {
        let mut profile = profile("wss://localhost:1/");
        profile.tls.identity = Some(client(folder.path(), &trusted, &own, key));
        match sockeye::net::tls::config(&profile.tls) {
            Err(Cause::Tls { text, .. }) => assert!(text.contains(words), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

/// A gateway's address, the server's name behind it: asked for, and looked for in the certificate.
#[tokio::test]
async fn a_servers_name_can_be_told() {
    let trusted = authority("Trusted");
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, trusted.pem()).unwrap();
    let config = server_config(&trusted, "feed.test", false);
    let open = async |name: &str| {
        let config = config.clone();
        let (address, asked) = serve(async move |stream| {
            let stream = TlsAcceptor::from(config).accept(stream).await.ok()?;
            let asked = stream.get_ref().1.server_name().map(str::to_owned);
            let mut peer = Peer::new(stream).await;
            peer.accept("", b"").await;
            Some((asked, peer.request))
        })
        .await;
        let mut profile = profile(&format!("wss://localhost:{}/", address.port()));
        profile.tls.ca = Some(ca.clone());
        profile.tls.server_name = Some(Host::parse(name).unwrap());
        let opened = dial(
            &request(&profile),
            &profile,
            Clock::start(),
            &Log::default(),
        )
        .await;
        (opened.map(|_| address.port()), asked.await.unwrap())
    };
    let (opened, asked) = open("feed.test").await;
    let (name, asked) = asked.unwrap();
    assert_eq!(name.as_deref(), Some("feed.test"));
    let host = format!("Host: localhost:{}\r\n", opened.unwrap());
    assert!(asked.contains(&host), "{asked}");
    let (refused, _) = open("other.test").await;
    assert!(
        matches!(&refused, Err(Cause::Tls { text, .. }) if text.contains("not for other.test")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn certificates_are_judged() {
    let (trusted, stranger) = (authority("Trusted"), authority("Stranger"));
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, trusted.pem()).unwrap();

    let good = server_config(&trusted, "localhost", false);
    let (opened, seen) = dialed(good, Some(&ca), false).await;
    assert_eq!(
        (opened.unwrap().tls.as_deref(), seen),
        (Some("TLS 1.3, AES_256_GCM_SHA384"), true)
    );

    let faults = [
        (
            server_config(&stranger, "localhost", false),
            "no authority trusted",
        ),
        (
            server_config(&trusted, "other.test", false),
            "it is for other.test, not for localhost",
        ),
        (
            server_config(&trusted, "localhost", true),
            "it expired on 2021-02-03",
        ),
    ];
    for (config, words) in faults {
        let (opened, seen) = dialed(config.clone(), Some(&ca), false).await;
        match opened {
            Err(Cause::Tls {
                certificate: true,
                text,
            }) => assert!(text.contains(words), "{text}"),
            other => panic!("{other:?}"),
        }
        assert!(!seen, "nothing is sent to a server that is not believed");
        let (opened, _) = dialed(config, None, true).await;
        assert!(opened.is_ok(), "insecure accepts it: {opened:?}");
    }
}

#[tokio::test]
async fn a_plain_server_on_the_tls_port_is_named() {
    let (address, _served) = serve(async |mut stream: TcpStream| {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        stream
    })
    .await;
    let mut profile = profile(&format!("wss://{address}/"));
    profile.tls.insecure = true;
    match dial(
        &request(&profile),
        &profile,
        Clock::start(),
        &Log::default(),
    )
    .await
    .err()
    {
        Some(Cause::Tls {
            certificate: false,
            text,
        }) => assert!(text.contains("write ws: in place of wss:"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_tls_server_on_the_plain_port_is_named() {
    let config = server_config(&authority("Any"), "localhost", false);
    let (address, _served) =
        serve(async move |stream| TlsAcceptor::from(config).accept(stream).await.err()).await;
    let profile = profile(&format!("ws://{address}/"));
    match dial(
        &request(&profile),
        &profile,
        Clock::start(),
        &Log::default(),
    )
    .await
    .err()
    {
        Some(Cause::Handshake(text)) => {
            assert!(text.contains("write wss: in place of ws:"), "{text}");
        }
        other => panic!("{other:?}"),
    }
}
