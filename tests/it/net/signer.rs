//! A profile's signer, run by the driver: in the middle of a login and for a challenge on a live link.

use sockeye::{dialect, profile::Profile};

use super::{
    driving::{start, until_end},
    profile,
    scripted::{Peer, close, serve, text},
};

const DIALECT: &str = r#"title = "challenges"
[[login]]
await = { "/0" = "AUTH" }
take = { challenge = "/1" }
[[login]]
sign = { give = '{"c":"{challenge}"}', into = "signed" }
[[login]]
send = '["AUTH",{signed},"{signed.sig}"]'
[[on]]
match = { "/0" = "AUTH" }
take = { challenge = "/1" }
sign = { give = '{"c":"{challenge}","n":{it}}', into = "again" }
send = '["AGAIN",{again}]'
"#;

fn speaking(address: std::net::SocketAddr) -> Profile {
    let dialect = dialect::read("challenges.toml", DIALECT).expect("no faults");
    Profile {
        dialect: Some(dialect.into()),
        ..profile(&format!("ws://{address}/"))
    }
}

#[tokio::test]
async fn challenges_are_signed_in_a_login_and_on_a_live_link() {
    let (address, served) = serve(async |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", &text(r#"["AUTH","c-1"]"#)).await;
        let login = peer.frame().await.1;
        peer.send(&text(r#"["AUTH","c-2",7]"#)).await;
        let again = peer.frame().await.1;
        peer.send(&close(4003, b"done")).await;
        peer.drain().await;
        (
            String::from_utf8(login).unwrap(),
            String::from_utf8(again).unwrap(),
        )
    })
    .await;
    let script = r#"read line; printf '{"of":%s,"sig":"s"}' "$line""#;
    let command = ["sh", "-c", script].map(str::to_owned).to_vec();
    let mut driven = start(speaking(address), |profile| profile.signer = Some(command));
    until_end(&mut driven.events).await;
    let (login, again) = served.await.unwrap();
    assert_eq!(login, r#"["AUTH",{"of":{"c":"c-1"},"sig":"s"},"s"]"#);
    assert_eq!(
        again,
        r#"["AGAIN",{"of":{"c":"c-2","n":["AUTH","c-2",7]},"sig":"s"}]"#
    );
}

#[tokio::test]
async fn without_a_signer_a_dialect_that_wants_one_ends_with_the_remedy() {
    let (address, _served) = serve(async |stream| {
        let mut peer = Peer::new(stream).await;
        peer.accept("", &text(r#"["AUTH","c-1"]"#)).await;
        peer.drain().await;
    })
    .await;
    let mut driven = start(speaking(address), |_| ());
    let (_, cause) = until_end(&mut driven.events).await;
    assert_eq!(
        cause.to_string(),
        "not signed: the dialect wants a signature, and the profile has no signer; write signer = { command = [\"PROGRAM\"] }"
    );
}
