//! Many clients at once: bad ones do not disturb an honest one, and a flood floods.

use tokio::{io::AsyncWriteExt, task::JoinSet};

use super::*;

/// Misbehaves in one of several ways, again and again, until it is dropped.
async fn misbehave(address: std::net::SocketAddr, number: usize, good: String) {
    let upgrade = |query: &str| {
        format!(
            "GET /ws{query} HTTP/1.1\r\nhost: demo\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
    };
    let bytes: Vec<u8> = match number % 6 {
        0 => b"GET /ws HT".to_vec(),
        1 => [upgrade("").as_bytes(), &[0x81, 0xfe, 0xff]].concat(),
        2 => upgrade("?token=wrong").into_bytes(),
        3 => [upgrade("").as_bytes(), &[0xff; 64]].concat(),
        4 => b"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n".to_vec(),
        // Logs in well, then never reads.
        _ => upgrade(&format!("?token={good}")).into_bytes(),
    };
    loop {
        let Ok(mut stream) = TcpStream::connect(address).await else {
            return;
        };
        for part in bytes.chunks(7) {
            if stream.write_all(part).await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
        if number % 2 == 1 {
            std::future::pending::<()>().await;
        }
    }
}

#[tokio::test]
async fn fifty_bad_clients_do_not_disturb_an_honest_one() {
    let server = server(500.0).await;
    let mut honest = live(&server).await;
    let mut crowd = JoinSet::new();
    for number in 0..50 {
        crowd.spawn(misbehave(server.address(), number, token(&server)));
    }
    // Binary events are numbered too, at their start.
    let mut number = None;
    let mut seen = 0;
    while seen < 1500 {
        let now = match next(&mut honest).await {
            Some(Ok(Message::Text(text))) => {
                let event: Value = serde_json::from_str(&text).expect("JSON");
                event["seq"].as_u64()
            }
            Some(Ok(Message::Binary(bytes))) => {
                bytes.first_chunk().map(|first| u64::from_be_bytes(*first))
            }
            other => panic!("the honest client lost its connection: {other:?}"),
        };
        assert!(
            number.is_none_or(|before: u64| now == Some(before + 1)),
            "{now:?} after {number:?}"
        );
        (number, seen) = (now, seen + 1);
    }
    let mut other = live(&server).await;
    assert!(
        json(&mut other).await["seq"].is_u64(),
        "another honest client gets in"
    );
    assert_eq!(crowd.len(), 50);
}

#[tokio::test]
async fn a_flood_is_fast_and_a_client_that_does_not_read_is_still_told_to_go() {
    let server = server(f64::INFINITY).await;
    let mut reader = live(&server).await;
    let mut idle = live(&server).await;
    for _ in 0..20_000 {
        assert!(matches!(next(&mut reader).await, Some(Ok(_))));
    }
    server.play("away").expect("known");
    assert_eq!(closed(&mut reader).await.0, 1001);
    // What was on its way comes first; then the close frame, or the end where the server had no room for it.
    loop {
        match next(&mut idle).await {
            Some(Ok(Message::Close(Some(frame)))) => break assert_eq!(u16::from(frame.code), 1001),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
}
