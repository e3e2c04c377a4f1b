//! How a link ends: the close frame as it was sent, and what we say to servers that break the protocol.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::mpsc,
    task::{Context, Poll},
    time::Duration,
};

use sockeye::{
    auth::Outgoing,
    cause::Cause,
    close_code::CloseCode,
    dialect::Codec,
    message::Message,
    net::link::{Link, Received},
    profile::Limits,
    secret::Secret,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex},
    net::{TcpListener, TcpStream},
};

use crate::support::tail::PATIENCE;

use super::scripted::{CLOSE, PING, PONG, Peer, TEXT, close, frame, text};

/// A link and the server's side of it.
fn pair(tail: &[u8]) -> (Link, Peer<DuplexStream>) {
    pair_with(tail, Duration::from_millis(100))
}

/// With this time for the server to answer our close frame.
fn pair_with(tail: &[u8], close: Duration) -> (Link, Peer<DuplexStream>) {
    let (ours, theirs) = duplex(1 << 16);
    let limits = Limits {
        message: 1000,
        close,
        ..Limits::default()
    };
    let link = Link::new(Box::new(ours), tail.to_vec(), &limits);
    let peer = Peer {
        stream: theirs,
        request: String::new(),
    };
    (link, peer)
}

/// Everything until the end.
async fn rest(link: &mut Link) -> (Vec<Received>, Cause) {
    let mut all = Vec::new();
    loop {
        if let Some(cause) = poll_fn(|cx| link.poll(cx, true, &mut all)).await {
            return (all, cause);
        }
    }
}

async fn end_after(bytes: &[u8]) -> Cause {
    let (mut link, mut peer) = pair(b"");
    peer.send(bytes).await;
    let server = tokio::spawn(async move { peer.drain().await });
    let (_, cause) = rest(&mut link).await;
    drop(link);
    server.await.unwrap();
    cause
}

fn closed(code: u16, reason: &str) -> Cause {
    Cause::Close {
        code: CloseCode(code),
        reason: reason.into(),
        ours: false,
    }
}

fn closed_by_us() -> Cause {
    Cause::Close {
        code: CloseCode(1000),
        reason: String::new(),
        ours: true,
    }
}

#[tokio::test]
async fn every_close_code_arrives_as_it_was_sent() {
    let codes = [
        0, 999, 1000, 1005, 1006, 1008, 1014, 1015, 1016, 2500, 2999, 3000, 4001, 4999, 5000, 65535,
    ];
    for code in codes {
        assert_eq!(end_after(&close(code, b"why")).await, closed(code, "why"));
    }
    let long = "r".repeat(123);
    assert_eq!(
        end_after(&close(4003, long.as_bytes())).await,
        closed(4003, &long)
    );
    assert_eq!(end_after(&frame(CLOSE, b"")).await, closed(1005, ""));
}

#[tokio::test]
async fn a_reason_cut_within_a_character_does_not_hide_the_code() {
    assert_eq!(
        end_after(&close(4001, b"caf\xc3")).await,
        closed(4001, "caf\u{fffd}")
    );
}

#[tokio::test]
async fn a_broken_protocol_is_answered_and_named() {
    let masked = [&[TEXT, 0x82, 0, 0, 0, 0][..], b"hi"].concat();
    let faults = [
        (masked, 1002),
        (frame(0x83, b"unknown"), 1002),
        (frame(0xc1, b"compressed"), 1002),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(TEXT, b"\xff"), 1007),
        (frame(0x82, &[0; 1001]), 1009),
        // What follows a fault does not excuse it.
        ([frame(0x83, b""), close(4001, b"")].concat(), 1002),
        ([frame(TEXT, b"\xff"), close(4001, b"")].concat(), 1007),
    ];
    for (bytes, wanted) in faults {
        let (mut link, mut peer) = pair(b"");
        peer.send(&[text("before"), bytes].concat()).await;
        let server = tokio::spawn(async move { peer.frame().await });
        let (all, cause) = rest(&mut link).await;
        assert_eq!(all, [Received::Message(Message::text("before"))]);
        assert!(
            matches!(&cause, Cause::Protocol { code, .. } if *code == CloseCode(wanted)),
            "{wanted}: {cause:?}"
        );
        assert_eq!(
            server.await.unwrap(),
            (CLOSE, u16::to_be_bytes(wanted).to_vec())
        );
    }
}

#[tokio::test]
async fn an_end_without_a_close_frame_is_told_as_such() {
    assert_eq!(
        end_after_hanging_up(&text("half a story")[..5]).await,
        Cause::Eof
    );
    assert_eq!(end_after_hanging_up(b"").await, Cause::Eof);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (theirs, _) = listener.accept().await.unwrap();
    theirs.set_zero_linger().unwrap();
    drop(theirs);
    let mut link = Link::new(Box::new(ours), Vec::new(), &Limits::default());
    let (_, cause) = rest(&mut link).await;
    assert_eq!(cause, Cause::Broken("reset by the server".into()));
}

async fn end_after_hanging_up(bytes: &[u8]) -> Cause {
    let (mut link, mut peer) = pair(b"");
    peer.send(bytes).await;
    drop(peer);
    rest(&mut link).await.1
}

#[tokio::test]
async fn what_came_with_the_answer_is_not_lost() {
    let tail = [text("first"), close(4001, b"bye")].concat();
    for cut in [0, 1, 3, 7, 8, 9, tail.len()] {
        let (mut link, mut peer) = pair(&tail[..cut]);
        peer.send(&tail[cut..]).await;
        let (all, cause) = rest(&mut link).await;
        assert_eq!(all, [Received::Message(Message::text("first"))]);
        assert_eq!(cause, closed(4001, "bye"));
        assert_eq!(link.bytes_in(), tail.len() as u64);
    }
}

#[tokio::test]
async fn pings_are_answered_and_only_our_own_pong_counts() {
    let (mut link, mut peer) = pair(b"");
    link.ping();
    let server = tokio::spawn(async move {
        let (kind, mark) = peer.frame().await;
        assert_eq!(kind, PING);
        let unasked = frame(PONG, b"unasked");
        peer.send(&[unasked, frame(PONG, &mark), frame(PING, b"you?")].concat())
            .await;
        let answer = peer.frame().await;
        peer.send(&close(1000, b"")).await;
        answer
    });
    let (all, _) = rest(&mut link).await;
    assert_eq!(all, [Received::Heard, Received::Pong, Received::Heard]);
    assert_eq!(server.await.unwrap(), (PONG, b"you?".to_vec()));
}

/// The user's ping may come while our own is unanswered: each pong is known by its payload.
#[tokio::test]
async fn the_users_ping_and_close_go_out_as_they_are() {
    let (mut link, mut peer) = pair(b"");
    link.ping();
    link.ping_by_hand("there?".into());
    let server = tokio::spawn(async move {
        let (_, ours) = peer.frame().await;
        let by_hand = peer.frame().await;
        let there = frame(PONG, b"there?");
        peer.send(&[there.clone(), frame(PONG, &ours), there, text("now")].concat())
            .await;
        let asked = peer.frame().await;
        peer.send(&close(1000, b"bye")).await;
        (by_hand, asked)
    });
    let mut all = Vec::new();
    while all.len() < 4 {
        assert_eq!(poll_fn(|cx| link.poll(cx, true, &mut all)).await, None);
    }
    let now = Received::Message(Message::text("now"));
    assert_eq!(
        all,
        [Received::PongByHand, Received::Pong, Received::Heard, now]
    );
    link.close(CloseCode(4001), "enough".into());
    let ended = Cause::Close {
        code: CloseCode(4001),
        reason: "enough".into(),
        ours: true,
    };
    assert_eq!(rest(&mut link).await, (Vec::new(), ended));
    let (by_hand, asked) = server.await.unwrap();
    assert_eq!(by_hand, (PING, b"there?".to_vec()));
    assert_eq!(asked, (CLOSE, b"\x0f\xa1enough".to_vec()));
}

#[tokio::test]
async fn logins_and_messages_are_sent() {
    let (mut link, mut peer) = pair(b"");
    link.send(Outgoing::Login(Codec::Json, Secret::new("t0ken".into())));
    link.send(Outgoing::Plain(Message::binary(&b"\x00\xff"[..])));
    let server = tokio::spawn(async move {
        let sent = [peer.frame().await, peer.frame().await];
        peer.send(&close(1000, b"")).await;
        sent
    });
    rest(&mut link).await;
    let sent = server.await.unwrap();
    assert_eq!(sent, [(TEXT, b"t0ken".to_vec()), (0x82, vec![0, 0xff])]);
}

#[tokio::test]
async fn our_own_close_is_no_surprise() {
    let ours = closed_by_us();
    let (mut link, mut peer) = pair(b"");
    link.close(CloseCode(1000), String::new());
    let server = tokio::spawn(async move {
        let asked = peer.frame().await;
        peer.send(&[text("late"), close(1000, b"bye")].concat())
            .await;
        asked
    });
    let late = vec![Received::Message(Message::text("late"))];
    assert_eq!(rest(&mut link).await, (late, ours.clone()));
    assert_eq!(server.await.unwrap(), (CLOSE, vec![3, 232]));
    // A server that never answers is not waited for longer than the limit.
    let (mut link, _silent) = pair(b"");
    link.close(CloseCode(1000), String::new());
    assert_eq!(rest(&mut link).await, (Vec::new(), ours));
}

#[tokio::test]
async fn a_held_link_still_answers_but_takes_nothing() {
    let (mut link, mut peer) = pair(b"");
    peer.send(&text("unread")).await;
    link.ping();
    let mut none = Vec::new();
    let held = tokio::select! {
        _ = poll_fn(|cx| link.poll(cx, false, &mut none)) => None,
        frame = peer.frame() => Some(frame),
    };
    assert_eq!((held.map(|(kind, _)| kind), none), (Some(PING), Vec::new()));
    peer.stream.shutdown().await.unwrap();
    let (all, _) = rest(&mut link).await;
    assert_eq!(all, [Received::Message(Message::text("unread"))]);
}

/// A server that sends small messages without end, and tells how much each read asks for.
struct Flood {
    asked: mpsc::Sender<usize>,
    sent: usize,
}

impl AsyncRead for Flood {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.asked.send(buf.remaining()).unwrap();
        while buf.remaining() > 0 {
            buf.put_slice(&[text("hi")[self.sent % 4]]);
            self.sent += 1;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Flood {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Messages that are kept share the library's buffer; it must not read in small bits because of that.
#[tokio::test]
async fn reads_stay_large_while_messages_are_kept() {
    let (asked, sizes) = mpsc::channel();
    let flood = Flood { asked, sent: 0 };
    let mut link = Link::new(Box::new(flood), text("tail"), &Limits::default());
    let mut kept = Vec::new();
    while kept.len() < 100_000 {
        assert_eq!(poll_fn(|cx| link.poll(cx, true, &mut kept)).await, None);
    }
    drop(link);
    let sizes: Vec<_> = sizes.iter().collect();
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    assert!(mean > 32 << 10, "{mean} bytes at a time: {sizes:?}");
}

/// Only the bound ends it in time: the server never stops and never closes, and would be waited for for an hour.
#[tokio::test]
async fn a_flood_is_not_read_on_after_our_close_frame() {
    let (mut link, mut peer) = pair_with(b"", Duration::from_secs(3600));
    let flood = tokio::spawn(async move {
        let message = text("one more");
        while peer.stream.write_all(&message).await.is_ok() {}
    });
    let mut all = Vec::new();
    while all.is_empty() {
        assert_eq!(poll_fn(|cx| link.poll(cx, true, &mut all)).await, None);
    }
    link.close(CloseCode(1000), String::new());
    let before = link.bytes_in();
    let ended = tokio::time::timeout(PATIENCE, rest(&mut link)).await;
    let (_, cause) = ended.expect("it does not wait for the hour");
    assert_eq!(cause, closed_by_us());
    let more = link.bytes_in() - before;
    assert!(more < 1 << 20, "{more} bytes were read on");
    drop(link);
    flood.await.unwrap();
}
