//! The ways in, the refusals after the upgrade and before it, renewal in place, expiry.

use futures_util::SinkExt;
use sockeye::scenario::Role;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::*;

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let server = server(0.0).await;
    assert!(server.address().ip().is_loopback());
    // A server bound to every address would be found at this one as well.
    let elsewhere = format!("127.0.0.2:{}", server.address().port());
    assert!(TcpStream::connect(elsewhere).await.is_err());
}

#[tokio::test]
async fn a_token_is_taken_from_query_header_and_first_message() {
    let server = server(200.0).await;
    for algorithm in [Algorithm::Hs256, Algorithm::Es256] {
        let grant = Grant {
            algorithm,
            ..grant(Role::Operator)
        };
        let token = server.issue(&grant).access.expose().to_owned();
        for base in ["/ws", "/strict/ws/prices", "/ws/audit"] {
            let mut by_query = open(&server, &format!("{base}?token={token}")).await;
            assert!(json(&mut by_query).await["seq"].is_u64());
            let mut by_header = dial(&server, base, Some(&format!("Bearer {token}")))
                .await
                .expect("an upgrade");
            assert!(json(&mut by_header).await["seq"].is_u64());
        }
        let mut by_message = open(&server, "/ws").await;
        by_message.send(login(&token)).await.expect("sent");
        let ack = json(&mut by_message).await;
        assert_eq!(
            (&ack["type"], &ack["subject"]),
            (&"auth_ok".into(), &"alice".into())
        );
        assert!((118..=120).contains(&ack["expires_in"].as_i64().expect("seconds")));
        assert!(json(&mut by_message).await["seq"].is_u64());
    }
}

#[tokio::test]
async fn feeds_differ() {
    let server = server(1000.0).await;
    for (feed, kind) in [
        ("orders", "order.created"),
        ("prices", "price.tick"),
        ("audit", "audit.login"),
    ] {
        let mut client = open(&server, &format!("/ws/{feed}?token={}", token(&server))).await;
        of_type(&mut client, kind).await;
    }
}

#[tokio::test]
async fn refusals_after_the_upgrade_close_as_the_guide_says() {
    let server = server(0.0).await;
    let viewer = server.issue(&grant(Role::Viewer)).access;
    let refusals = [
        ("/ws", sample(&server, "garbage"), 1008, "Invalid token"),
        ("/ws", sample(&server, "forged"), 1008, "Invalid token"),
        ("/ws", sample(&server, "expired"), 4001, "Token expired"),
        ("/ws", sample(&server, "guest"), 4003, "Role not allowed"),
        (
            "/ws/audit",
            viewer.expose().to_owned(),
            4003,
            "Role not allowed",
        ),
        ("/ws", String::new(), 1008, "Missing token"),
    ];
    for (path, token, code, reason) in refusals {
        let expected = (code, reason.to_owned());
        let mut by_query = open(&server, &format!("{path}?token={token}")).await;
        assert_eq!(closed(&mut by_query).await, expected);
        let mut by_message = open(&server, path).await;
        by_message.send(login(&token)).await.expect("sent");
        assert_eq!(closed(&mut by_message).await, expected);
    }
}

#[tokio::test]
async fn what_is_no_login_message_is_a_missing_token() {
    let server = server(0.0).await;
    let other = r#"{"type":"hello","token":"x"}"#;
    for message in [
        Message::text("hello"),
        Message::text(other),
        Message::binary(other),
    ] {
        let mut client = open(&server, "/ws").await;
        client.send(message).await.expect("sent");
        assert_eq!(
            closed(&mut client).await,
            (1008, "Missing token".to_owned())
        );
    }
}

#[tokio::test]
async fn a_client_that_never_logs_in_is_put_out() {
    let server = server(0.0).await;
    let mut client = open(&server, "/ws").await;
    client
        .send(Message::Ping("still here".into()))
        .await
        .expect("sent");
    assert!(matches!(
        next(&mut client).await,
        Some(Ok(Message::Pong(_)))
    ));
    assert_eq!(
        closed(&mut client).await,
        (1008, "Missing token".to_owned())
    );
}

#[tokio::test]
async fn refusals_before_the_upgrade_are_http() {
    let server = server(0.0).await;
    for (token, status, challenge) in [
        (
            sample(&server, "garbage"),
            401,
            r#"error="invalid_token", error_description="Invalid token""#,
        ),
        (sample(&server, "forged"), 401, r#"error="invalid_token""#),
        (
            sample(&server, "expired"),
            401,
            r#"error_description="Token expired""#,
        ),
        (
            sample(&server, "guest"),
            403,
            r#"error="insufficient_scope""#,
        ),
        (String::new(), 401, "Bearer realm"),
    ] {
        let refused = dial(&server, "/strict/ws", Some(&format!("Bearer {token}"))).await;
        let Err(Error::Http(answer)) = refused else {
            panic!("not refused: {refused:?}");
        };
        assert_eq!(answer.status(), status);
        let shown = answer.headers()["www-authenticate"].to_str().expect("text");
        assert!(shown.contains(challenge), "{shown}");
    }
    let none = dial(&server, "/strict/ws", None).await;
    assert!(matches!(none, Err(Error::Http(answer)) if answer.status() == 401));
}

#[tokio::test]
async fn a_token_is_renewed_on_the_live_connection() {
    let server = server_with(0.0, Duration::from_secs(120)).await;
    let mut client = open(&server, "/ws").await;
    let short = Grant {
        life: Duration::from_secs(2),
        ..grant(Role::Operator)
    };
    let short = server.issue(&short).access;
    client.send(login(short.expose())).await.expect("sent");
    assert!(of_type(&mut client, "auth_ok").await["expires_in"].as_i64() <= Some(2));
    let longer = Grant {
        life: Duration::from_secs(4),
        subject: "bob".into(),
        ..grant(Role::Operator)
    };
    client
        .send(login(server.issue(&longer).access.expose()))
        .await
        .expect("sent");
    let ack = of_type(&mut client, "auth_ok").await;
    assert_eq!(ack["subject"], "bob");
    // A second client with the short token tells when that one would have ended.
    let mut other = open(&server, &format!("/ws?token={}", short.expose())).await;
    assert_eq!(closed(&mut other).await, (4001, "Token expired".to_owned()));
    client
        .send(Message::Ping("alive?".into()))
        .await
        .expect("sent");
    assert!(matches!(
        next(&mut client).await,
        Some(Ok(Message::Pong(_)))
    ));
    assert_eq!(
        closed(&mut client).await,
        (4001, "Token expired".to_owned())
    );
}

#[tokio::test]
async fn a_bad_renewal_ends_the_connection() {
    let server = server(50.0).await;
    for (name, code) in [("garbage", 1008), ("expired", 4001), ("guest", 4003)] {
        let mut client = live(&server).await;
        client
            .send(login(&sample(&server, name)))
            .await
            .expect("sent");
        assert_eq!(closed(&mut client).await.0, code);
    }
}

#[tokio::test]
async fn dropping_the_server_ends_its_connections() {
    let server = server(0.0).await;
    let mut client = live(&server).await;
    let address = server.address();
    drop(server);
    assert!(matches!(next(&mut client).await, None | Some(Err(_))));
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
