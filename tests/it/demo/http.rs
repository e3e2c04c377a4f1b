//! The token endpoints and what a browser or curl would see.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

pub(super) struct Answer {
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn status(&self) -> &str {
        self.head.split(' ').nth(1).expect("a status")
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// One request on a connection of its own, byte by byte as given.
pub(super) async fn request(server: &Server, line: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("connects");
    let length = body.len();
    let text = format!(
        "{line}\r\nhost: demo\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("an answer in time").expect("an answer");
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    Answer {
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

async fn post(server: &Server, path: &str, body: &Value) -> Answer {
    let headers = "content-type: application/json\r\n";
    request(
        server,
        &format!("POST {path} HTTP/1.1"),
        headers,
        &body.to_string(),
    )
    .await
}

#[tokio::test]
async fn a_token_is_issued_for_a_form_and_for_json() {
    let server = server(0.0).await;
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let by_form = request(
        &server,
        "POST /token HTTP/1.1",
        form,
        "username=al%20ice&life=30s&alg=ES256&grant_type=password",
    );
    let by_json = json!({"subject": "al ice", "life": 30, "alg": "ES256"});
    for answer in [by_form.await, post(&server, "/token", &by_json).await] {
        assert_eq!(answer.status(), "200");
        assert!(answer.head.contains("cache-control: no-store"));
        let given = answer.json();
        assert_eq!(
            (&given["token_type"], &given["expires_in"]),
            (&json!("Bearer"), &json!(30))
        );
        let mut client = open(&server, "/ws").await;
        client
            .send(login(given["access_token"].as_str().expect("a token")))
            .await
            .expect("sent");
        assert_eq!(json(&mut client).await["subject"], "al ice");
    }
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let server = server(0.0).await;
    for (body, word) in [
        (json!({}), "subject"),
        (json!({"subject": ""}), "subject"),
        (json!({"subject": "a", "role": "root"}), "root"),
        (json!({"subject": "a", "alg": "none"}), "none"),
        (json!({"subject": "a", "life": "2 fortnights"}), "duration"),
        (json!({"subject": "a", "life": 0}), "life"),
        (json!({"subject": "a", "life": "2d"}), "life"),
    ] {
        let answer = post(&server, "/token", &body).await;
        assert_eq!(
            (answer.status(), &answer.json()["error"]),
            ("400", &json!("invalid_request")),
            "{body}"
        );
        assert!(answer.body.contains(word), "{}", answer.body);
    }
    let long = json!({"subject": "a".repeat(100_000)});
    assert_eq!(post(&server, "/token", &long).await.status(), "413");
    assert_eq!(
        request(&server, "GET /token HTTP/1.1", "", "")
            .await
            .status(),
        "405"
    );
    assert_eq!(
        request(&server, "GET /nowhere HTTP/1.1", "", "")
            .await
            .status(),
        "404"
    );
    assert_eq!(
        request(&server, "GET /ws HTTP/1.1", "", "").await.status(),
        "426"
    );
    let guide = request(&server, "GET / HTTP/1.1", "", "").await.body;
    assert!(
        ["/token", "/refresh", "/keys", "/jwks", "/ws", "/strict/ws"]
            .iter()
            .all(|path| guide.contains(path))
    );
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_used_one_ends_the_family() {
    let server = server(0.0).await;
    let first = post(
        &server,
        "/token",
        &json!({"subject": "alice", "role": "guest"}),
    )
    .await
    .json();
    let second = post(
        &server,
        "/refresh",
        &json!({"refresh_token": first["refresh_token"]}),
    )
    .await;
    assert_eq!(second.status(), "200");
    let second = second.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    // The role is that of the login.
    let path = format!(
        "/ws?token={}",
        second["access_token"].as_str().expect("a token")
    );
    assert_eq!(closed(&mut open(&server, &path).await).await.0, 4003);
    let again = post(
        &server,
        "/refresh",
        &json!({"refresh_token": first["refresh_token"]}),
    )
    .await;
    assert_eq!(
        (again.status(), &again.json()["error"]),
        ("401", &json!("invalid_grant"))
    );
    let heir = post(
        &server,
        "/refresh",
        &json!({"refresh_token": second["refresh_token"]}),
    )
    .await;
    assert_eq!(heir.status(), "401");
    let other = post(&server, "/token", &json!({"subject": "bob"}))
        .await
        .json();
    let other = post(
        &server,
        "/refresh",
        &json!({"refresh_token": other["refresh_token"]}),
    )
    .await;
    assert_eq!(other.status(), "200", "another family lives on");
    assert_eq!(
        post(&server, "/refresh", &json!({"refresh_token": "guess"}))
            .await
            .status(),
        "401"
    );
}
