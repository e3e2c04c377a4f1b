//! The embedded server, seen from outside by clients that share no code with Sockeye's own.

mod crowd;
mod forged;
mod http;
mod login;
mod played;
mod wire;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use sockeye::{
    clock::Clock,
    demo::{Grant, Options, Server},
    scenario::{Algorithm, Role},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

type Client = WebSocketStream<TcpStream>;

/// Longer than anything that works takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

async fn server(rate: f64) -> Server {
    server_with(rate, Duration::from_secs(120)).await
}

async fn server_with(rate: f64, token_life: Duration) -> Server {
    let options = Options {
        port: 0,
        rate,
        token_life,
        seed: 7,
        clock: Clock::start(),
    };
    Server::start(options).await.expect("starts")
}

fn grant(role: Role) -> Grant {
    Grant {
        subject: "alice".into(),
        role,
        life: Duration::from_secs(120),
        age: Duration::ZERO,
        algorithm: Algorithm::Hs256,
    }
}

fn token(server: &Server) -> String {
    let issued = server.issue(&grant(Role::Operator));
    issued.access.expose().to_owned()
}

fn sample(server: &Server, name: &str) -> String {
    server.sample(name).expect("a sample").expose().to_owned()
}

async fn dial(server: &Server, path: &str, header: Option<&str>) -> Result<Client, Error> {
    let stream = TcpStream::connect(server.address()).await?;
    let mut request = format!("ws://{}{path}", server.address()).into_client_request()?;
    if let Some(value) = header {
        let value = value.parse().expect("a header value");
        request.headers_mut().insert("authorization", value);
    }
    let opened = timeout(PATIENCE, client_async(request, stream)).await;
    opened.expect("an answer in time").map(|(client, _)| client)
}

async fn open(server: &Server, path: &str) -> Client {
    dial(server, path, None).await.expect("an upgrade")
}

fn login(token: &str) -> Message {
    Message::text(serde_json::json!({"type": "auth", "token": token}).to_string())
}

async fn next(client: &mut Client) -> Option<Result<Message, Error>> {
    timeout(PATIENCE, client.next())
        .await
        .expect("something in time")
}

/// The next text message as JSON; binary ones are passed over.
async fn json(client: &mut Client) -> Value {
    loop {
        match next(client).await {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).expect("JSON"),
            Some(Ok(Message::Binary(_))) => {}
            other => panic!("no event: {other:?}"),
        }
    }
}

/// The next message of this type.
async fn of_type(client: &mut Client, kind: &str) -> Value {
    loop {
        let event = json(client).await;
        if event["type"] == kind {
            return event;
        }
    }
}

/// A client that logged in by message, so that scenarios reach it.
async fn live(server: &Server) -> Client {
    let mut client = open(server, "/ws").await;
    client.send(login(&token(server))).await.expect("sent");
    of_type(&mut client, "auth_ok").await;
    client
}

/// The close frame that ends the connection.
async fn closed(client: &mut Client) -> (u16, String) {
    loop {
        match next(client).await {
            Some(Ok(Message::Close(Some(frame)))) => {
                return (frame.code.into(), frame.reason.to_string());
            }
            Some(Ok(Message::Text(_) | Message::Binary(_))) => {}
            other => panic!("no close frame: {other:?}"),
        }
    }
}
