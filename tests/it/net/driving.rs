//! The driver with real sessions: what servers do becomes events, whatever the consumer's pace.

use std::time::Duration;

use sockeye::{
    cause::Cause,
    clock::Clock,
    close_code::CloseCode,
    credential::Sources,
    event::{EventKind, Lifecycle, StreamId},
    net::{Batch, Ports, drive},
    profile::{Profile, WhenFull},
    session::{Command, Session},
};
use tokio::{
    net::TcpStream,
    sync::mpsc::{self, Receiver, Sender},
    task::JoinHandle,
};

use super::{
    profile,
    scripted::{CLOSE, PING, PONG, Peer, close, frame, serve, text},
};

/// A running driver.
pub(super) struct Driven {
    pub(super) events: Receiver<Batch>,
    commands: Sender<Command>,
    task: JoinHandle<()>,
}

pub(super) fn start(mut profile: Profile, change: impl FnOnce(&mut Profile)) -> Driven {
    profile.retry.enabled = false;
    change(&mut profile);
    let (sender, events) = mpsc::channel(1);
    let (commands, receiver) = mpsc::channel(4);
    let ports = Ports {
        events: sender,
        commands: receiver,
        sources: Sources::default(),
        clock: Clock::start(),
    };
    let session = Session::new(profile, StreamId(3), 1);
    Driven {
        events,
        commands,
        task: tokio::spawn(drive(session, ports)),
    }
}

/// What was seen of a stream up to the batch with its first end.
#[derive(Debug, Default)]
pub(super) struct Seen {
    messages: Vec<String>,
    dropped: u64,
    opened: u64,
    wire_in: u64,
}

pub(super) async fn until_end(events: &mut Receiver<Batch>) -> (Seen, Cause) {
    let (mut seen, mut end) = (Seen::default(), None);
    while end.is_none() {
        let batch = events.recv().await.expect("an end comes first");
        assert_eq!(batch.stream, StreamId(3));
        seen.wire_in = batch.wire_in;
        for event in batch.events {
            match event.kind {
                EventKind::Message(_, _, message) => {
                    seen.messages
                        .push(String::from_utf8(message.data.to_vec()).unwrap());
                }
                EventKind::Lifecycle(turn) => match *turn {
                    Lifecycle::Opened(_) => seen.opened += 1,
                    Lifecycle::Dropped(count) => seen.dropped += count,
                    Lifecycle::Ended(ended) => end = Some(ended.cause),
                    _ => {}
                },
            }
        }
    }
    (seen, end.unwrap())
}

/// The first end of a stream whose server sends these bytes after the upgrade.
async fn end_after(bytes: Vec<u8>) -> (Seen, Cause) {
    let (address, _served) = serve(async move |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", &bytes).await;
        peer.drain().await;
    })
    .await;
    let mut driven = start(profile(&format!("ws://{address}/")), |_| ());
    until_end(&mut driven.events).await
}

#[tokio::test]
async fn messages_and_the_true_close_code_become_events() {
    for code in [999, 1014, 2500, 4003, 5000] {
        let bytes = [text("one"), text("two"), close(code, b"because")].concat();
        let size = bytes.len() as u64;
        let (seen, cause) = end_after(bytes).await;
        assert_eq!((seen.opened, seen.wire_in), (1, size));
        assert_eq!(seen.messages, ["one", "two"]);
        let wanted = Cause::Close {
            code: CloseCode(code),
            reason: "because".into(),
            ours: false,
        };
        assert_eq!(cause, wanted);
    }
}

#[tokio::test]
async fn a_refused_dial_is_an_end() {
    let (_, cause) = {
        let (address, _served) = serve(async |stream| {
            let mut peer = Peer::new(stream).await;
            peer.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                .await;
        })
        .await;
        let mut driven = start(profile(&format!("ws://{address}/")), |_| ());
        until_end(&mut driven.events).await
    };
    assert!(
        matches!(&cause, Cause::Http(refusal) if refusal.status == 404),
        "{cause:?}"
    );
}

#[tokio::test]
async fn a_broken_protocol_is_answered_with_1002() {
    let (address, served) = serve(async |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", &frame(0x83, b"unknown")).await;
        peer.frame().await
    })
    .await;
    let mut driven = start(profile(&format!("ws://{address}/")), |_| ());
    let (_, cause) = until_end(&mut driven.events).await;
    assert!(
        matches!(&cause, Cause::Protocol { code, .. } if code.0 == 1002),
        "{cause:?}"
    );
    assert_eq!(served.await.unwrap(), (CLOSE, vec![3, 234]));
}

#[tokio::test]
async fn a_half_open_link_is_noticed() {
    let (address, _served) = serve(async |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", b"").await;
        // It never reads again and never hangs up.
        std::future::pending::<()>().await;
    })
    .await;
    let mut driven = start(profile(&format!("ws://{address}/")), |profile| {
        profile.limits.ping = Duration::from_millis(20);
        profile.limits.pong = Duration::from_millis(20);
    });
    let (_, cause) = until_end(&mut driven.events).await;
    assert!(matches!(cause, Cause::Silence(_)), "{cause:?}");
}

#[tokio::test]
async fn stopping_closes_the_link_and_ends_the_driver() {
    let (address, served) = serve(async |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", b"").await;
        let asked = peer.frame().await;
        peer.send(&close(1000, b"")).await;
        asked
    })
    .await;
    let mut driven = start(profile(&format!("ws://{address}/")), |_| ());
    let commands = driven.commands.clone();
    let mut last = None;
    while let Some(batch) = driven.events.recv().await {
        for event in batch.events {
            if let EventKind::Lifecycle(turn) = event.kind {
                if matches!(*turn, Lifecycle::Opened(_)) {
                    commands.send(Command::Stop).await.unwrap();
                }
                last = Some(*turn);
            }
        }
    }
    assert_eq!(served.await.unwrap(), (CLOSE, vec![3, 232]));
    driven.task.await.unwrap();
    assert!(
        matches!(&last, Some(Lifecycle::Status(status)) if status.word() == "stopped"),
        "{last:?}"
    );
}

#[tokio::test]
async fn the_driver_ends_with_its_consumer() {
    let (address, _served) = serve(async |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", b"").await;
        peer.drain().await;
    })
    .await;
    let mut driven = start(profile(&format!("ws://{address}/")), |_| ());
    driven.events.recv().await.unwrap();
    drop(driven.events);
    driven.task.await.unwrap();
}

const FLOOD: usize = 30_000;

/// Sends the flood, then a ping, and waits for its pong: then the driver has read all of it.
async fn flood_until_read(stream: TcpStream) {
    let mut peer = Peer::new(stream).await;
    peer.accept("", b"").await;
    let flood: Vec<u8> = (0..FLOOD).flat_map(|n| text(&n.to_string())).collect();
    peer.send(&flood).await;
    peer.send(&frame(PING, b"read?")).await;
    while peer.frame().await != (PONG, b"read?".to_vec()) {}
    peer.send(&close(1000, b"done")).await;
    peer.drain().await;
}

#[tokio::test]
async fn a_slow_consumer_is_told_what_was_dropped() {
    let (address, served) = serve(async |stream| flood_until_read(stream).await).await;
    let mut driven = start(profile(&format!("ws://{address}/")), |profile| {
        profile.when_full = WhenFull::Drop;
    });
    // The driver reads everything while nobody takes anything.
    served.await.unwrap();
    let (seen, cause) = until_end(&mut driven.events).await;
    assert!(
        matches!(cause, Cause::Close { ours: false, .. }),
        "{cause:?}"
    );
    assert!(seen.dropped > 20_000, "{}", seen.dropped);
    assert_eq!(
        (seen.dropped as usize + seen.messages.len(), seen.opened),
        (FLOOD, 1)
    );
    assert_eq!(seen.messages.last(), Some(&(FLOOD - 1).to_string()));
}

#[tokio::test]
async fn a_held_stream_loses_nothing_and_never_looks_silent() {
    let (held, mut pinged) = mpsc::channel(1);
    let (address, _served) = serve(async move |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", b"").await;
        // Less than the socket buffers take, more than the driver reads ahead.
        let flood: Vec<u8> = (0..FLOOD).flat_map(|n| text(&n.to_string())).collect();
        peer.send(&flood).await;
        for _ in 0..4 {
            assert_eq!(peer.frame().await.0, PING);
        }
        held.send(()).await.unwrap();
        peer.send(&close(1000, b"done")).await;
        peer.drain().await;
    })
    .await;
    let mut driven = start(profile(&format!("ws://{address}/")), |profile| {
        profile.limits.ping = Duration::from_millis(30);
        profile.limits.pong = Duration::from_millis(30);
    });
    // Four pings go unanswered: with the socket held they prove nothing.
    pinged.recv().await.unwrap();
    let (seen, cause) = until_end(&mut driven.events).await;
    assert!(
        matches!(cause, Cause::Close { ours: false, .. }),
        "{cause:?}"
    );
    let wanted: Vec<_> = (0..FLOOD).map(|n| n.to_string()).collect();
    assert!(seen.messages == wanted, "{} messages", seen.messages.len());
    assert_eq!(seen.dropped, 0);
}
