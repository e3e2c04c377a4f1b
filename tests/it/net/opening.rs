//! Opening a link: what servers answer, and what goes wrong before they do.

use std::time::Duration;

use sockeye::{
    auth::{Header, Way},
    cause::{Cause, HttpRefusal, Stage},
    clock::Clock,
    dialect::Filled,
    event::OpenFacts,
    log::Log,
    net::{
        dial,
        link::Link,
        upgrade::{Answer, upgrade},
    },
    profile::Profile,
    secret::Secret,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

use super::{
    profile, request,
    scripted::{Peer, serve},
};

async fn open(profile: &Profile) -> Result<(Link, OpenFacts), Cause> {
    dial(&request(profile), profile, Clock::start(), &Log::default()).await
}

/// The answer of a server that says `answer` to the upgrade; `{accept}` is the right key.
async fn answered(
    answer: &'static str,
    change: impl FnOnce(&mut Profile),
) -> Result<OpenFacts, Cause> {
    let (address, served) = serve(async move |stream| {
        let mut peer = Peer::new(stream).await;
        let answer = answer.replace("{accept}", &peer.accept_key());
        // A client that has heard enough may hang up first.
        let _ = peer.stream.write_all(answer.as_bytes()).await;
        peer.stream
    })
    .await;
    let mut profile = profile(&format!("ws://{address}/feed"));
    change(&mut profile);
    let opened = open(&profile).await;
    drop(served.await.unwrap());
    opened.map(|(_, facts)| facts)
}

fn refusal(answer: Result<OpenFacts, Cause>) -> HttpRefusal {
    match answer {
        Err(Cause::Http(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn fault(answer: Result<OpenFacts, Cause>) -> String {
    match answer {
        Err(cause @ Cause::Handshake(_)) => cause.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_open_link_knows_its_facts() {
    let answer = "HTTP/1.1 101 OK\r\nupgrade: websocket\r\nconnection: keep-alive, Upgrade\r\n\
                  sec-websocket-accept: {accept}\r\nsec-websocket-protocol: v2\r\nDate: Tue, 02 Jan 2024 03:04:05 GMT\r\n\r\n";
    let facts = answered(answer, |profile| {
        profile.subprotocols = vec!["v1".into(), "v2".into()];
    });
    let facts = facts.await.unwrap();
    let stages: Vec<_> = facts.stages.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, [Stage::Tcp, Stage::Upgrade]);
    assert_eq!(facts.subprotocol.as_deref(), Some("v2"));
    assert!(facts.peer.starts_with("127.0.0.1:"));
    assert_eq!((facts.tls, facts.warnings), (None, Vec::new()));
    let days = facts.skew.unwrap() / 86_400_000_000;
    assert!(days < -300, "the server's clock says 2024: {days} days");
}

#[tokio::test]
async fn a_missing_subprotocol_is_only_a_warning() {
    let answer = "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n";
    let facts = answered(answer, |profile| profile.subprotocols.push("v1".into()))
        .await
        .unwrap();
    assert_eq!(
        facts.warnings,
        ["the server chose none of the offered subprotocols"]
    );
    assert_eq!(answered(answer, |_| ()).await.unwrap().warnings, [""; 0]);
}

#[tokio::test]
async fn wrong_answers_are_refused_with_the_reason() {
    let wrong = [
        (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Extensions: permessage-deflate; x=1",
            "the parameter 'x' is not known",
        ),
        (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: v9",
            "'v9', which was not offered",
        ),
        (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: v1, v2",
            "more than one subprotocol",
        ),
        (
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: bm8=",
            "does not fit our key",
        ),
        (
            "Upgrade: websocket\r\nConnection: Upgrade",
            "no Sec-WebSocket-Accept",
        ),
        (
            "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}",
            "Upgrade header",
        ),
        (
            "Upgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: {accept}",
            "Connection header",
        ),
    ];
    for (headers, words) in wrong {
        let answer = format!("HTTP/1.1 101 OK\r\n{headers}\r\n\r\n").leak();
        let told = fault(answered(answer, |profile| profile.subprotocols.push("v1".into())).await);
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn endless_heads_are_given_up() {
    let flood = format!("HTTP/1.1 101 OK\r\n{}", "A: b\r\n".repeat(1 << 18)).leak();
    assert!(fault(answered(flood, |_| ()).await).contains("larger than 64 KiB"));
    let many = format!("HTTP/1.1 101 OK\r\n{}\r\n", "A: b\r\n".repeat(200)).leak();
    assert!(fault(answered(many, |_| ()).await).contains("more than 124 headers"));
}

#[tokio::test]
async fn refusals_are_told_whole() {
    let chunked = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n8\r\n allowed\r\n0\r\n\r\n";
    let refused = refusal(answered(chunked, |_| ()).await);
    assert_eq!((refused.status, &refused.body[..]), (403, "not allowed"));
    let busy = "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(
        refusal(answered(busy, |_| ()).await).retry_after,
        Some(Duration::from_secs(7))
    );
    let moved = "HTTP/1.1 302 Found\r\nLocation: https://else.test/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(
        refusal(answered(moved, |_| ()).await).location.as_deref(),
        Some("https://else.test/")
    );
}

#[tokio::test]
async fn a_body_that_comes_late_is_not_lost() {
    let (mut ours, theirs) = tokio::io::duplex(4096);
    let profile = profile("ws://feed.test/");
    let asked = request(&profile);
    let server = tokio::spawn(async move {
        let mut peer = Peer::new(theirs).await;
        peer.send(b"HTTP/1.1 401 No\r\nContent-Length: 13\r\nWWW-Authenticate: Bearer\r\n\r\n")
            .await;
        peer
    });
    let answer = upgrade(&mut ours, &asked, Clock::start()).await;
    let Ok(Answer::Refused(refused)) = answer else {
        panic!("{answer:?}");
    };
    // The head is here and nothing of the body: now it is sent, in two parts.
    let mut peer = server.await.unwrap();
    let (refusal, ()) = tokio::join!(refused.read(&mut ours, &asked), async {
        peer.send(b"token ").await;
        tokio::task::yield_now().await;
        peer.send(b"expired").await;
    });
    assert_eq!((refusal.status, &refusal.body[..]), (401, "token expired"));
    assert_eq!(refusal.challenge.as_deref(), Some("Bearer"));
}

#[tokio::test]
async fn the_token_goes_where_the_way_says() {
    let (address, served) = serve(async move |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", b"").await;
        peer.request
    })
    .await;
    let profile = profile(&format!("ws://{address}/feed?room=1"));
    let mut asked = request(&profile);
    asked.query = vec![("token".into(), Filled::secret(Secret::new("a b&c".into())))];
    asked.headers.push(Header {
        name: "Authorization".into(),
        value: Filled::secret(Secret::new("Bearer t0ken".into())),
    });
    assert!(
        dial(&asked, &profile, Clock::start(), &Log::default())
            .await
            .is_ok()
    );
    let sent = served.await.unwrap();
    assert!(
        sent.starts_with("GET /feed?room=1&token=a%20b%26c HTTP/1.1\r\n"),
        "{sent}"
    );
    assert!(
        sent.contains("\r\nAuthorization: Bearer t0ken\r\n"),
        "{sent}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_with_the_stage_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    for (scheme, stage) in [("ws", Stage::Upgrade), ("wss", Stage::Tls)] {
        let mut profile = profile(&format!("{scheme}://{address}/"));
        profile.tls.insecure = true;
        profile.limits.connect = Duration::from_millis(100);
        assert_eq!(open(&profile).await.err(), Some(Cause::Timeout(stage)));
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_has_not_answered() {
    let (address, _served) = serve(async |stream: TcpStream| {
        let _read = Peer::new(stream).await;
    })
    .await;
    let cause = open(&profile(&format!("ws://{address}/"))).await.err();
    assert!(matches!(cause, Some(Cause::Broken(_))), "{cause:?}");
}

#[tokio::test]
async fn no_name_and_no_listener_are_told_apart() {
    let long = "a".repeat(64);
    let cause = open(&profile(&format!("ws://{long}.test/"))).await.err();
    assert!(
        matches!(&cause, Some(Cause::Dns(text)) if text.starts_with(&long)),
        "{cause:?}"
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let cause = open(&profile(&format!("ws://{address}/"))).await.err();
    assert_eq!(
        cause,
        Some(Cause::Tcp(format!(
            "{address} refused it; nothing listens there"
        )))
    );
}

#[tokio::test]
async fn localhost_is_found_on_whichever_family_listens() {
    let (address, _served) = serve(async |stream| {
        Peer::new(stream).await.accept("", b"").await;
    })
    .await;
    let (_, facts) = open(&profile(&format!("ws://localhost:{}/", address.port())))
        .await
        .unwrap();
    let stages: Vec<_> = facts.stages.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, [Stage::Dns, Stage::Tcp, Stage::Upgrade]);
}

#[tokio::test]
async fn no_credential_goes_over_plain_ws_to_another_machine() {
    // A name that is never looked up: it would give another cause.
    let mut profile = profile("ws://feed.invalid/");
    profile.way = Way::Query {
        name: "token".into(),
    };
    let cause = open(&profile).await.err();
    assert!(
        matches!(&cause, Some(Cause::Credential(text)) if text.contains("wss:")),
        "{cause:?}"
    );
}
