//! `RabbitMQ` with STOMP over WebSocket, as Debian has it. It takes seconds to start, so one test does it all. Its passwords do
//! not expire; a session goes on with a password that was changed, until an operator closes it.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::rounds::{Service, ends, says, verdicts};
use crate::support::{
    made::{or_skip, run},
    program::{Program, Publisher, answers, free_address},
    tail::{EXIT_FORBIDDEN, EXIT_NETWORK},
    token::good_token,
};

/// Past the wrapper, which changes the user.
const PROGRAM: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const CONTROL: &str = "/usr/lib/rabbitmq/bin/rabbitmqctl";
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
    home: TempDir,
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
            let mut command = Command::new(PROGRAM);
            surroundings(&mut command, home.path(), ports);
            let server = or_skip(Program::start(&command))?;
            // It ends when somebody else has taken a port by now.
            if server.says("Server startup complete").is_some() {
                return Some(Self {
                    ports,
                    home,
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

    /// Tells the broker something, as its operator does.
    fn control(&self, words: &[&str]) {
        let mut command = Command::new(CONTROL);
        surroundings(&mut command, self.home.path(), self.ports);
        run(command.args(words)).expect("the broker obeys");
    }

    /// Closes the connections of `watcher`. No command of the operator's knows those by STOMP, so it is done as the
    /// management plugin does it.
    fn close_connections(&self) {
        self.control(&[
            "eval",
            r#"[amqp_direct_connection:server_close(P, 320, <<"closed by the operator">>)
                || {P, I} <- ets:tab2list(connection_created), proplists:get_value(user, I) =:= <<"watcher">>]."#,
        ]);
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

/// Where the broker keeps its things, and by which name it is known.
fn surroundings(command: &mut Command, home: &Path, ports: Ports) {
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
fn rabbitmq_delivers_refuses_and_revokes() {
    let (first, second) = (good_token(600), good_token(700));
    let Some(rabbit) = Rabbit::start(&first) else {
        return;
    };
    let service = rabbit.service(ORDERS);
    service.delivers(&first);
    is_refused(&service.refuses());
    is_left_alone_after_refused_subscriptions(&rabbit, &first);
    comes_back_after_its_connection_was_closed(&rabbit, &service, &first);
    let ends = service.renews(&first, &second, || {
        rabbit.control(&["change_password", "watcher", &second]);
        rabbit.close_connections();
    });
    assert_eq!(verdicts(&ends), ["reconnect"], "{ends:?}");
    let ends = service.outlives(&second, || {
        rabbit.control(&["delete_user", "watcher"]);
    });
    assert_eq!(verdicts(&ends), ["reconnect", "renew"], "{ends:?}");
    says(&ends[0], "STOMP died");
}

fn is_refused(ended: &Value) {
    assert_eq!(ended["verdict"], "renew", "{ended}");
    says(ended, "Bad CONNECT");
}

/// Version 3 closes without the ERROR that would tell why, each time; later ones send it.
fn is_left_alone_after_refused_subscriptions(rabbit: &Rabbit, password: &str) {
    let mut tail = rabbit.service(SECRET).tail(password, 10_000);
    let exit = tail.finish();
    let ends: Vec<_> = ends(&tail).cloned().collect();
    if exit == EXIT_FORBIDDEN {
        assert_eq!(verdicts(&ends), ["ask"], "{ends:?}");
        return says(&ends[0], "access_refused");
    }
    assert_eq!(exit, EXIT_NETWORK, "{tail:?}");
    assert_eq!(
        verdicts(&ends),
        ["reconnect", "reconnect", "reconnect", "stop"]
    );
    for ended in &ends {
        assert_eq!(
            (&ended["code"], &ended["reason"]),
            (&json!(1000), &json!("STOMP died")),
            "{ended}"
        );
    }
}

/// As an operator closes a connection; the password is still good.
fn comes_back_after_its_connection_was_closed(
    rabbit: &Rabbit,
    service: &Service<'_>,
    password: &str,
) {
    let mut tail = service.tail(password, 10_000);
    tail.wait_for(service.is_event);
    rabbit.close_connections();
    tail.wait_for(|line| line["event"] == "gap");
    tail.wait_for(service.is_event);
    assert_eq!(tail.only_end()["verdict"], "reconnect", "{tail:?}");
}
