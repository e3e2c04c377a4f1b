//! Servers that compress: what is agreed, and what is done about messages that are wrong or too large.

use std::future::poll_fn;

use flate2::{Compress, Compression, FlushCompress};
use sockeye::{
    cause::Cause,
    clock::Clock,
    event::OpenFacts,
    log::Log,
    message::Message,
    net::{
        Agreement, dial,
        link::{Link, Received},
    },
    profile::Limits,
};
use tokio::io::duplex;

use super::{
    profile, request,
    scripted::{CLOSE, PING, Peer, TEXT, frame, serve, text},
};

const RSV1: u8 = 0x40;
const LIMIT: usize = 100_000;

fn packed(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 1024);
    let mut stream = Compress::new(Compression::best(), false);
    stream
        .compress_vec(text, &mut out, FlushCompress::Sync)
        .unwrap();
    out.truncate(out.len() - 4);
    out
}

/// All that comes over a compressed link until it ends, the end, the code we close with, and the bytes received.
async fn outcome(bytes: Vec<u8>) -> (Vec<Received>, Cause, Vec<u8>, u64) {
    let (ours, stream) = duplex(1 << 20);
    let limits = Limits {
        message: LIMIT,
        ..Limits::default()
    };
    let link = Link::new(Box::new(ours), Vec::new(), &limits);
    let mut link = link.inflating(Agreement::default(), &limits);
    let mut peer = Peer {
        stream,
        request: String::new(),
    };
    peer.send(&bytes).await;
    let server = tokio::spawn(async move { peer.frame().await });
    let mut all = Vec::new();
    let cause = loop {
        if let Some(cause) = poll_fn(|cx| link.poll(cx, true, &mut all)).await {
            break cause;
        }
    };
    let received = link.bytes_in();
    let (first, payload) = server.await.unwrap();
    assert_eq!(first, CLOSE);
    (all, cause, payload, received)
}

#[tokio::test]
async fn compressed_messages_arrive_and_wire_bytes_are_counted() {
    let long = "event ".repeat(10_000);
    let bytes = [
        frame(TEXT | RSV1, &packed(long.as_bytes())),
        text("plain"),
        frame(CLOSE, &4001_u16.to_be_bytes()),
    ]
    .concat();
    let sent = bytes.len() as u64;
    let (all, cause, _, received) = outcome(bytes).await;
    let wanted = [
        Received::Message(Message::text(long)),
        Received::Message(Message::text("plain")),
    ];
    assert_eq!(all, wanted);
    assert!(cause.to_string().starts_with("closed 4001"), "{cause}");
    assert_eq!(received, sent);
}

#[tokio::test]
async fn what_is_wrong_is_answered_and_named() {
    let bomb = packed(&vec![0; 64 << 20]);
    assert!(bomb.len() < LIMIT);
    let split = [frame(RSV1 | 1, &packed(b"a")), frame(RSV1 | 0x80, b"")].concat();
    for (bytes, code) in [
        (frame(0x82 | RSV1, &bomb), 1009),
        (frame(TEXT | RSV1, &packed(&vec![b'x'; LIMIT + 1])), 1009),
        (frame(TEXT | RSV1, b"\xff\xff\xff\xff"), 1007),
        (frame(TEXT | RSV1, &packed(b"\xff")), 1007),
        (frame(PING | RSV1, b""), 1002),
        (frame(TEXT | RSV1 | 0x20, &packed(b"a")), 1002),
        (split, 1002),
    ] {
        let (all, cause, closed, _) = outcome([text("before"), bytes].concat()).await;
        assert_eq!(all, [Received::Message(Message::text("before"))]);
        assert!(
            matches!(&cause, Cause::Protocol { code: told, .. } if told.0 == code),
            "{code}: {cause}"
        );
        assert_eq!(closed, u16::to_be_bytes(code));
    }
    let (all, ..) = outcome(
        [
            frame(TEXT | RSV1, &packed(&vec![b'x'; LIMIT])),
            frame(CLOSE, b""),
        ]
        .concat(),
    )
    .await;
    assert!(matches!(&all[..], [Received::Message(message)] if message.data.len() == LIMIT));
}

/// What a server's answer leads to, and the extensions that were offered.
async fn answered(
    extensions: &'static str,
    wanted: Option<bool>,
) -> (Result<OpenFacts, Cause>, bool) {
    let (address, served) = serve(async move |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept(extensions, b"").await;
        peer.request
            .contains("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")
    })
    .await;
    let mut profile = profile(&format!("ws://{address}/"));
    profile.compression = wanted;
    let opened = dial(
        &request(&profile),
        &profile,
        Clock::start(),
        &Log::default(),
    )
    .await;
    (opened.map(|(_, facts)| facts), served.await.unwrap())
}

#[tokio::test]
async fn compression_is_offered_and_its_answer_judged() {
    let agrees = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12\r\n";
    let (facts, offered) = answered(agrees, None).await;
    let facts = facts.unwrap();
    assert!(offered && facts.compression);
    assert!(facts.to_string().contains(" · compressed"), "{facts}");

    let (facts, offered) = answered("", None).await;
    assert!(offered && !facts.unwrap().compression);

    let (fault, offered) = answered(agrees, Some(false)).await;
    assert!(!offered && fault.unwrap_err().to_string().contains("nobody asked for"));

    let twice = "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate\r\n";
    let odd = "Sec-WebSocket-Extensions: permessage-deflate; odd=1\r\n";
    for (answer, words) in [(twice, "on top of"), (odd, "'odd' is not known")] {
        let (fault, _) = answered(answer, None).await;
        let told = fault.unwrap_err().to_string();
        assert!(
            told.contains(words) && told.contains("compression = false"),
            "{told}"
        );
    }
}
