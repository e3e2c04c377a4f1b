//! Every scenario, by what it does on the wire.

use std::fs;

use sockeye::{
    demo::{keep_token_files, profiles},
    scenario::Script,
};

use super::{
    wire::{Seen, Wire},
    *,
};

fn close_frame(code: u16, reason: &str) -> Seen {
    Seen::Frame(0x88, [&code.to_be_bytes(), reason.as_bytes()].concat())
}

/// Plays a scenario on a quiet live connection and returns the connection.
async fn play(server: &Server, name: &str) -> Wire {
    let wire = Wire::live(server, "/ws/orders").await;
    server.play(name).expect("known");
    wire
}

/// A close code and reason, whether valid or not, as bytes.
async fn closes(server: &Server, name: &str) -> (u16, String) {
    let mut wire = play(server, name).await;
    let Seen::Frame(0x88, payload) = wire.next().await else {
        panic!("{name}: no close frame");
    };
    let reason = String::from_utf8(payload[2..].to_vec()).expect("text");
    (u16::from_be_bytes([payload[0], payload[1]]), reason)
}

#[tokio::test]
async fn scenarios_that_close_send_their_code_and_reason() {
    let server = server(0.0).await;
    for (name, code, reason) in [
        ("revoked", 1008, "Token revoked"),
        ("away", 1001, "moving"),
        ("error", 1011, "unhandled"),
        ("restart", 1012, "deploying"),
        ("overload", 1013, "too many"),
        ("gateway", 1014, "upstream"),
        ("private", 4999, "demo"),
        ("invalid-code", 1006, "this is not"),
    ] {
        let (seen, text) = closes(&server, name).await;
        assert_eq!(seen, code, "{name}");
        assert!(text.starts_with(reason), "{name}: {text}");
    }
    let (code, reason) = closes(&server, "long-reason").await;
    assert_eq!((code, reason.len()), (1001, 123));
    assert!(!reason.is_ascii());
    // Last: nobody of this name gets in until another scenario is played.
    let forbidden = closes(&server, "forbidden").await;
    assert_eq!(forbidden, (4003, "Role not allowed".to_owned()));
}

#[tokio::test]
async fn scenarios_below_the_close_frame_reach_the_wire() {
    let server = server(0.0).await;
    assert_eq!(
        play(&server, "no-close-frame").await.next().await,
        Seen::Eof
    );
    assert_eq!(play(&server, "reset").await.next().await, Seen::Reset);
    assert_eq!(
        play(&server, "protocol").await.next().await,
        Seen::Frame(0x83, vec![])
    );
    let not_utf8 = Seen::Frame(0x81, b"caf\xe9".to_vec());
    assert_eq!(play(&server, "not-utf8").await.next().await, not_utf8);
}

#[tokio::test]
async fn silence_keeps_the_socket_and_answers_nothing() {
    let server = server(0.0).await;
    let mut wire = Wire::live(&server, "/ws").await;
    let pong = Seen::Frame(0x8a, b"?".to_vec());
    assert_eq!(wire.ping(PATIENCE).await.as_ref(), Some(&pong));
    server.play("silence").expect("known");
    // Silence begins soon after; until then pings are answered.
    let silence = async {
        while let Some(seen) = wire.ping(Duration::from_secs(1)).await {
            assert_eq!(seen, pong, "the socket stays");
        }
    };
    timeout(PATIENCE, silence).await.expect("silence");
}

#[tokio::test]
async fn the_next_upgrades_are_refused_or_slow() {
    let server = server(0.0).await;
    let path = format!("/ws?token={}", token(&server));
    for (name, refusals, status) in [("rate-limit", 1, "429"), ("unavailable", 3, "503")] {
        let mut wire = play(&server, name).await;
        assert!(matches!(wire.next().await, Seen::Frame(0x88, _)));
        for _ in 0..refusals {
            let (_, head) = Wire::upgrade(&server, &path).await;
            assert_eq!(head.split(' ').nth(1), Some(status), "{name}");
            assert_eq!(head.contains("retry-after: 6\r\n"), name == "rate-limit");
            assert!(
                Wire::upgrade(&server, &path.replace("/ws", "/ws/prices"))
                    .await
                    .1
                    .contains(" 101 ")
            );
        }
        assert!(
            Wire::upgrade(&server, &path).await.1.contains(" 101 "),
            "{name}"
        );
    }
    let mut wire = play(&server, "slow").await;
    assert_eq!(wire.next().await, close_frame(1001, "back soon"));
    let slow = Wire::upgrade(&server, &path);
    tokio::pin!(slow);
    // The first upgrade must have reached the server before the second one, which is answered at once.
    let first = timeout(Duration::from_millis(300), &mut slow).await;
    assert!(first.is_err(), "it waits");
    assert!(Wire::upgrade(&server, &path).await.1.contains(" 101 "));
    assert!(slow.await.1.contains(" 101 "), "it is answered in the end");
}

#[tokio::test]
async fn a_burst_comes_whole() {
    let server = server(0.0).await;
    let mut client = live(&server).await;
    server.play("burst").expect("known");
    for _ in 0..20_000 {
        assert!(matches!(
            next(&mut client).await,
            Some(Ok(Message::Text(_) | Message::Binary(_)))
        ));
    }
    client
        .send(Message::Ping("more?".into()))
        .await
        .expect("sent");
    assert!(matches!(
        next(&mut client).await,
        Some(Ok(Message::Pong(_)))
    ));
}

#[tokio::test]
async fn hostile_messages_carry_controls() {
    let server = server(0.0).await;
    let mut wire = play(&server, "hostile").await;
    let mut texts = Vec::new();
    let close = loop {
        match wire.next().await {
            Seen::Frame(0x81, text) => texts.push(String::from_utf8(text).expect("text")),
            other => break other,
        }
    };
    let all = texts.concat();
    assert!(
        ['\x1b', '\x07', '\r', '\u{202e}', '\u{9b}', '漢']
            .iter()
            .all(|c| all.contains(*c))
    );
    assert_eq!(
        close,
        close_frame(4000, "\x1b[31mred\x1b[0m \u{202e}desrever")
    );
}

#[tokio::test]
async fn a_withdrawn_token_stays_refused_and_another_is_accepted() {
    let server = server(0.0).await;
    for (name, code, others) in [("revoked", 1008, "good"), ("forbidden", 4003, "other")] {
        let mut client = open(&server, "/ws").await;
        let token = sample(&server, "good");
        client.send(login(&token)).await.expect("sent");
        of_type(&mut client, "auth_ok").await;
        server.play(name).expect("known");
        assert_eq!(closed(&mut client).await.0, code);
        let mut again = open(&server, &format!("/ws?token={token}")).await;
        assert_eq!(closed(&mut again).await.0, code);
        let strict = dial(&server, &format!("/strict/ws?token={token}"), None).await;
        assert!(strict.is_err(), "{name}");
        let mut other = open(&server, "/ws").await;
        other
            .send(login(&sample(&server, others)))
            .await
            .expect("sent");
        assert_eq!(json(&mut other).await["type"], "auth_ok", "{name}");
    }
    // alice has no role until the next scenario begins.
    let alice = format!("/ws?token={}", sample(&server, "good"));
    assert_eq!(closed(&mut open(&server, &alice).await).await.0, 4003);
    let mut next = play_as_bob(&server).await;
    assert_eq!(closed(&mut next).await.0, 1001);
    live(&server).await;
}

async fn play_as_bob(server: &Server) -> Client {
    let mut client = open(server, "/ws").await;
    client
        .send(login(&sample(server, "other")))
        .await
        .expect("sent");
    of_type(&mut client, "auth_ok").await;
    server.play("away").expect("known");
    client
}

#[tokio::test]
async fn expiry_comes_when_it_was_announced() {
    let server = server(0.0).await;
    let mut client = open(&server, "/ws").await;
    client
        .send(login(&sample(&server, "short")))
        .await
        .expect("sent");
    assert!(of_type(&mut client, "auth_ok").await["expires_in"].as_i64() <= Some(15));
    let mut with_long_token = live(&server).await;
    server.play("expire").expect("known");
    assert_eq!(
        closed(&mut client).await,
        (4001, "Token expired".to_owned())
    );
    assert_eq!(
        closed(&mut with_long_token).await,
        (4001, "Token expired".to_owned())
    );
}

#[tokio::test]
async fn revoking_prices_puts_a_fresh_token_into_its_file() {
    let server = server(0.0).await;
    let home = tempfile::tempdir().expect("a directory");
    let directory = home.path().join("tokens");
    keep_token_files(&server, &directory).expect("written");
    let file = directory.join("prices.jwt");
    let token = fs::read_to_string(&file).expect("a token");
    #[cfg(unix)]
    for (path, mode) in [(&directory, 0o700), (&file, 0o600)] {
        let permissions = fs::metadata(path).expect("it").permissions();
        let seen = std::os::unix::fs::PermissionsExt::mode(&permissions);
        assert_eq!(seen & 0o777, mode, "{}", path.display());
    }
    let mut client = open(&server, "/ws/prices").await;
    client.send(login(token.trim())).await.expect("sent");
    of_type(&mut client, "auth_ok").await;
    server.play("prices-revoked").expect("known");
    assert_eq!(
        closed(&mut client).await,
        (1008, "Token revoked".to_owned())
    );
    let fresh = fs::read_to_string(&file).expect("a token");
    let header = format!("Bearer {}", fresh.trim());
    assert!(
        dial(&server, "/strict/ws/prices", Some(&header))
            .await
            .is_ok()
    );
    assert_eq!(
        fs::read_dir(&directory).expect("it").count(),
        2,
        "nothing is left lying about"
    );
}

#[tokio::test]
async fn token_files_are_fresh_before_the_old_token_expires() {
    let server = server_with(0.0, Duration::from_secs(4)).await;
    let home = tempfile::tempdir().expect("a directory");
    keep_token_files(&server, home.path()).expect("written");
    let read = || fs::read_to_string(home.path().join("audit.jwt")).expect("a token");
    let first = read();
    let mut client = open(&server, &format!("/ws/audit?token={}", first.trim())).await;
    assert_eq!(closed(&mut client).await.0, 4001);
    let fresh = read();
    assert_ne!(first, fresh);
    assert!(
        dial(
            &server,
            &format!("/strict/ws/audit?token={}", fresh.trim()),
            None
        )
        .await
        .is_ok()
    );
}

#[tokio::test]
async fn every_scenario_is_tested_here_and_names_are_checked() {
    let source = include_str!("played.rs");
    for scenario in &Script::standard().scenarios {
        let quoted = format!("\"{}\"", scenario.name);
        assert!(source.contains(&quoted), "{} has no test", scenario.name);
    }
    assert_eq!(Script::standard().tour().next(), Some(0));
    let error = server(0.0).await.play("nonesuch").expect_err("unknown");
    assert!(error.to_string().contains("'nonesuch'") && error.to_string().contains("restart"));
}

#[tokio::test]
async fn profiles_name_the_three_ways_and_renewal() {
    let server = server(0.0).await;
    let home = tempfile::tempdir().expect("a directory");
    let profiles = profiles(&server, home.path());
    let shown: Vec<_> = profiles
        .iter()
        .map(|profile| {
            (
                profile.name.as_str(),
                profile.way.word(),
                profile.source.renews_itself(),
                profile.url.path(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("orders@demo", "first message", false, "/ws/orders"),
            ("prices@demo", "header", true, "/strict/ws/prices"),
            ("audit@demo", "query", true, "/ws/audit"),
        ]
    );
    assert!(
        profiles
            .iter()
            .all(|profile| profile.margins.warn == Duration::from_secs(60))
    );
}
