//! HTTP calls of a dialect, over the wire: for a subscription while the link is live.

use sockeye::{
    cause::{Cause, Verdict},
    clock::Clock,
    credential::Sources,
    dialect,
    event::{EventKind, Lifecycle, StreamId},
    net::{Batch, Ports, drive},
    session::Session,
};
use tokio::{
    io::AsyncReadExt,
    net::TcpStream,
    sync::mpsc::{self, Receiver},
};

use super::{
    profile,
    scripted::{Peer, close, serve},
};

const DIALECT: &str = r#"title = "t"
[subscribe]
send = '{"join":"{item}","sign":"{sign}"}'
[subscribe.call]
post = "http://ADDRESS/app"
path = "sign"
query = { for = "{item}" }
form = { channel = "{item}" }
take = { sign = "/data/sign" }
secret = ["sign"]
[[http]]
status = 403
header = { X-Why = "expired" }
text = "X-Why"
verdict = "stop"
advice = "a"
"#;

/// Plays a stream against a server for links and one for a call; what the call asked, and the session's events.
async fn played(answer: &'static str) -> (String, String, Receiver<Batch>) {
    let (app, asked) = serve(async move |stream: TcpStream| {
        let mut peer = Peer::new(stream).await;
        let mut body = vec![0; "channel=a%2Fb".len()];
        peer.stream.read_exact(&mut body).await.unwrap();
        peer.send(answer.as_bytes()).await;
        format!("{}{}", peer.request, String::from_utf8(body).unwrap())
    })
    .await;
    let (address, joined) = serve(async |stream: TcpStream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", &[]).await;
        let (_, message) = peer.frame().await;
        peer.send(&close(1001, b"bye")).await;
        peer.drain().await;
        String::from_utf8_lossy(&message).into_owned()
    })
    .await;
    let text = DIALECT.replace("ADDRESS", &app.to_string());
    let mut profile = profile(&format!("ws://{address}/"));
    profile.dialect = Some(dialect::read("t.toml", &text).expect("no faults").into());
    profile.subscribe = vec!["a/b".into()];
    profile.retry.enabled = false;
    let (sender, events) = mpsc::channel(64);
    let (_commands, receiver) = mpsc::channel(1);
    let ports = Ports {
        events: sender,
        commands: receiver,
        sources: Sources::default(),
        clock: Clock::start(),
    };
    tokio::spawn(drive(Session::new(profile, StreamId(0), 1), ports));
    (asked.await.unwrap(), joined.await.unwrap(), events)
}

/// The first end of the stream and everything that may be shown of it.
async fn end(events: &mut Receiver<Batch>) -> (Cause, Verdict, String) {
    let mut shown = String::new();
    loop {
        let batch = events.recv().await.expect("an end comes first");
        for event in batch.events {
            match event.kind {
                EventKind::Message(_, _, message) => {
                    shown.push_str(&String::from_utf8_lossy(&message.data));
                }
                EventKind::Lifecycle(turn) => match *turn {
                    Lifecycle::Ended(ended) => {
                        shown.push_str(&ended.words);
                        return (ended.cause, ended.verdict, shown);
                    }
                    other => shown.push_str(&other.to_string()),
                },
            }
        }
    }
}

#[tokio::test]
async fn a_subscription_is_signed_by_a_call() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n{\"data\":\"{\\\"sign\\\":\\\"canary\\\"}\",\"more\":true}";
    let (asked, joined, mut events) = played(answer).await;
    assert!(
        asked.starts_with("POST /app/sign?for=a%2Fb HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.ends_with("\r\n\r\nchannel=a%2Fb"), "{asked}");
    assert_eq!(joined, r#"{"join":"a/b","sign":"canary"}"#);
    let (cause, _, shown) = end(&mut events).await;
    assert!(
        matches!(cause, Cause::Close { ours: false, .. }),
        "{cause:?}"
    );
    assert!(
        shown.contains(r#"{"join":"a/b","sign":"***"}"#) && !shown.contains("canary"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_header_of_a_refused_call_is_heeded() {
    let answer =
        "HTTP/1.1 403 No\r\nX-Why: it has expired\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n";
    let (_, _, mut events) = played(answer).await;
    let (cause, verdict, shown) = end(&mut events).await;
    assert_eq!(verdict, Verdict::Stop, "{cause:?}");
    assert!(
        shown.ends_with("HTTP 403 Forbidden: it has expired"),
        "{shown}"
    );
    assert!(!format!("{cause:?}").contains("a=b"), "{cause:?}");
}
