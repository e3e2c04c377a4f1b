//! `RabbitMQ` with STOMP over WebSocket, as Debian has it. It takes seconds to start, so one test does it all.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::rounds::{Service, says};
use crate::support::{
    made::or_skip,
    program::{Program, Publisher, answers, free_address},
    token::good_token,
};

/// Past the wrapper, which changes the user.
const PROGRAM: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const ORDERS: &str = r#"dialect = "stomp"
subscribe = ["/topic/orders"]
variables = { login = "watcher" }"#;
const SECRET: &str = r#"dialect = "stomp"
subscribe = ["/queue/secret"]
variables = { login = "watcher" }"#;

struct Rabbit {
    ports: Ports,
    _server: Program,
    _names: Program,
    _publisher: Publisher,
    _home: TempDir,
}

#[derive(Clone, Copy)]
struct Ports {
    /// Where Erlang's nodes are named.
    names: SocketAddr,
    node: SocketAddr,
    stomp: SocketAddr,
    websocket: SocketAddr,
}

impl Rabbit {
    /// A broker for `watcher` with this password; `None` when the test has to be skipped.
    fn start(password: &str) -> Option<Self> {
        loop {
            let home = TempDir::new().expect("a directory");
            let ports = Ports {
                names: free_address(),
                node: free_address(),
                stomp: free_address(),
                websocket: free_address(),
            };
            configure(home.path(), ports, password);
            let names = or_skip(Program::start(Command::new("epmd").args([
                "-address",
                "127.0.0.1",
                "-port",
                &ports.names.port().to_string(),
            ])))?;
            // Erlang would start one of its own, which stays for ever.
            answers(ports.names);
            let mut command = program(home.path(), ports);
            let server = or_skip(Program::start(&mut command))?;
            // It ends when somebody else has taken a port by now.
            if server.says("Server startup complete").is_some() {
                return Some(Self {
                    ports,
                    _home: home,
                    _server: server,
                    _names: names,
                    _publisher: Publisher::start(
                        ports.stomp,
                        b"CONNECT\naccept-version:1.2\nhost:/\nlogin:publisher\npasscode:publisher\n\n\0",
                        b"SEND\ndestination:/topic/orders\n\n{\"id\":7}\0",
                    ),
                });
            }
        }
    }

    fn service(&self, speech: &'static str) -> Service<'static> {
        Service {
            url: format!("ws://{}/ws", self.ports.websocket),
            speech,
            is_event: |line| {
                let text = line["text"].as_str().unwrap_or_default();
                text.starts_with("MESSAGE\n") && text.contains("{\"id\":7}")
            },
        }
    }
}

fn program(home: &Path, ports: Ports) -> Command {
    let mut command = Command::new(PROGRAM);
    let node = format!("sockeye-{}@localhost", ports.node.port());
    command
        .env("HOME", home)
        .env("ERL_EPMD_PORT", ports.names.port().to_string())
        .env("ERL_EPMD_ADDRESS", "127.0.0.1")
        .env("RABBITMQ_NODENAME", node)
        .env("RABBITMQ_DIST_PORT", ports.node.port().to_string())
        .env("RABBITMQ_CONF_ENV_FILE", "/dev/null")
        .env("RABBITMQ_CONFIG_FILE", home.join("rabbitmq"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", home.join("plugins"))
        .env("RABBITMQ_MNESIA_BASE", home.join("data"))
        .env("RABBITMQ_LOG_BASE", home.join("log"))
        .env("RABBITMQ_LOGS", "-")
        .env("RABBITMQ_PID_FILE", home.join("pid"));
    command
}

fn configure(home: &Path, ports: Ports, password: &str) {
    let definitions = home.join("definitions.json");
    let config = format!(
        "listeners.tcp = none\nstomp.listeners.tcp.1 = {}\nweb_stomp.tcp.ip = 127.0.0.1\nweb_stomp.tcp.port = {}\n\
         load_definitions = {}\n",
        ports.stomp,
        ports.websocket.port(),
        definitions.display()
    );
    fs::write(home.join("rabbitmq.conf"), config).expect("its configuration");
    fs::write(home.join("plugins"), "[rabbitmq_web_stomp].").expect("its plugins");
    fs::write(definitions, users(password).to_string()).expect("its users");
}

/// `watcher` may read topics only.
fn users(password: &str) -> Value {
    let may = |user, what| json!({ "user": user, "vhost": "/", "configure": what, "write": what, "read": what });
    json!({
        "vhosts": [{ "name": "/" }],
        "users": [
            { "name": "watcher", "password": password, "tags": "" },
            { "name": "publisher", "password": "publisher", "tags": "" },
        ],
        "permissions": [may("watcher", "^(stomp-subscription-.*|amq[.]topic)$"), may("publisher", ".*")],
    })
}

#[test]
fn rabbitmq_delivers_and_refuses() {
    let password = good_token(600);
    let Some(rabbit) = Rabbit::start(&password) else {
        return;
    };
    let service = rabbit.service(ORDERS);
    service.delivers(&password);
    is_refused(&service.refuses());
    is_ended_for_the_subscription(&rabbit, &password);
}

fn is_refused(ended: &Value) {
    assert_eq!(ended["verdict"], "renew", "{ended}");
    says(ended, "Bad CONNECT");
}

/// The broker closes without the ERROR that tells why.
fn is_ended_for_the_subscription(rabbit: &Rabbit, password: &str) {
    let mut tail = rabbit.service(SECRET).tail(password, 10_000);
    tail.wait_for(|line| line["event"] == "ended");
    let ended = tail.only_end();
    assert_eq!(
        (&ended["code"], &ended["reason"], &ended["verdict"]),
        (&json!(1000), &json!("STOMP died"), &json!("reconnect"))
    );
}
