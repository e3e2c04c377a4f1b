//! `nats-server` with a WebSocket listener, as Debian has it. Its tokens do not expire; one ends when the configuration
//! no longer has it.

use std::{fs, net::SocketAddr, path::Path, process::Command};

use nkeys::{KeyPair, KeyPairType};
use serde_json::Value;
use tempfile::TempDir;

use super::rounds::{Service, bytes_of, says, verdicts};
use crate::support::{
    made::or_skip,
    program::{Program, Publisher},
    tail::EXIT_UNAUTHENTICATED,
    token::good_token,
};

const TOKEN: &str = r#"dialect = "nats"
subscribe = ["orders.>"]"#;
const USER: &str = r#"dialect = "nats"
subscribe = ["orders.>"]
variables = { user = "watcher" }"#;

const SEED: &str = r#"dialect = "nats"
subscribe = ["orders.>"]
variables = { token_is_seed = true }"#;

struct Nats {
    program: Program,
    home: TempDir,
    websocket: String,
    _publisher: Publisher,
}

impl Nats {
    /// A server that knows this token, or the key of this seed, or `watcher` with it as the password; `None` when the test has to be skipped.
    fn start(speech: &str, token: &str) -> Option<Self> {
        let home = TempDir::new().expect("a directory");
        configure(home.path(), speech, token);
        let mut command = Command::new("nats-server");
        command.arg("-c").arg(home.path().join("nats.conf"));
        let program = or_skip(Program::start(&command))?;
        let websocket = listens(&program, "websocket clients on ws://");
        let clients = listens(&program, "client connections on ");
        let clients: SocketAddr = clients.parse().expect("an address");
        let login = if speech == TOKEN {
            format!(r#"CONNECT {{"verbose":false,"auth_token":"{token}"}}"#)
        } else {
            r#"CONNECT {"verbose":false,"user":"publisher","pass":"publisher"}"#.to_owned()
        };
        let publisher = Publisher::start(
            clients,
            format!("{login}\r\n").as_bytes(),
            b"PUB orders.paid 8\r\n{\"id\":7}\r\n",
        );
        Some(Self {
            program,
            home,
            websocket,
            _publisher: publisher,
        })
    }

    fn service<'s>(&self, speech: &'s str) -> Service<'s> {
        Service {
            url: format!("ws://{}/", self.websocket),
            speech,
            is_event: |line| said(line).starts_with("MSG orders.paid "),
        }
    }

    /// The password is another one from now on.
    fn replace_token(&self, token: &str) {
        configure(self.home.path(), USER, token);
        self.program.reload();
    }
}

fn configure(home: &Path, speech: &str, token: &str) {
    let authorization = if speech == SEED {
        let key = KeyPair::from_seed(token).expect("a seed").public_key();
        format!(
            r#"users: [
    {{ nkey: "{key}", permissions: {{ subscribe: "orders.>" }} }}
    {{ user: "publisher", password: "publisher" }}
  ]"#
        )
    } else if speech == USER {
        format!(
            r#"users: [
    {{ user: "watcher", password: "{token}", permissions: {{ subscribe: "orders.>" }} }}
    {{ user: "publisher", password: "publisher" }}
  ]"#
        )
    } else {
        format!(r#"token: "{token}""#)
    };
    let config = format!(
        r#"listen: "127.0.0.1:-1"
websocket {{ listen: "127.0.0.1:-1", no_tls: true }}
authorization {{ {authorization} }}
"#
    );
    fs::write(home.join("nats.conf"), config).expect("its configuration");
}

fn listens(program: &Program, words: &str) -> String {
    let line = program.says(words).expect("the server runs");
    let (_, address) = line.split_once(words).expect("the words");
    address.trim().to_owned()
}

/// What a message says; the server sends binary ones.
fn said(line: &Value) -> String {
    String::from_utf8_lossy(&bytes_of(line)).into_owned()
}

#[test]
fn a_good_token_delivers_events() {
    delivers(TOKEN);
}

#[test]
fn a_good_password_delivers_events() {
    delivers(USER);
}

fn delivers(speech: &str) {
    let token = good_token(600);
    if let Some(nats) = Nats::start(speech, &token) {
        nats.service(speech).delivers(&token);
    }
}

#[test]
fn a_wrong_token_is_refused() {
    is_refused(TOKEN);
}

#[test]
fn a_wrong_password_is_refused() {
    is_refused(USER);
}

fn is_refused(speech: &str) {
    if let Some(nats) = Nats::start(speech, &good_token(600)) {
        let ended = nats.service(speech).refuses();
        assert_eq!(ended["verdict"], "ask", "{ended}");
        says(&ended, "Authorization Violation");
    }
}

#[test]
fn a_token_that_ends_is_told() {
    let token = good_token(600);
    if let Some(nats) = Nats::start(USER, &token) {
        let ends = nats.service(USER).outlives(&token, || {
            nats.replace_token(&good_token(700));
        });
        assert_eq!(verdicts(&ends), ["renew"], "{ends:?}");
        says(&ends[0], "Authorization Violation");
    }
}

#[test]
fn a_new_token_in_the_file_is_taken_by_reconnecting() {
    let (first, second) = (good_token(600), good_token(700));
    if let Some(nats) = Nats::start(USER, &first) {
        let ends = nats.service(USER).renews(&first, &second, || {
            nats.replace_token(&second);
        });
        assert_eq!(verdicts(&ends), ["renew"], "{ends:?}");
    }
}

#[test]
fn a_subject_that_is_not_permitted_leaves_the_link() {
    let token = good_token(600);
    if let Some(nats) = Nats::start(USER, &token) {
        let speech = USER.replace(r#"["orders.>"]"#, r#"["secret", "orders.>"]"#);
        let tail = nats.service(&speech).delivers(&token);
        let refused = |event: &Value| said(event).contains("Permissions Violation");
        assert!(tail.events.iter().any(refused), "{tail:?}");
    }
}

#[test]
fn the_server_is_recognised_by_its_info() {
    let token = good_token(600);
    if let Some(nats) = Nats::start(TOKEN, &token) {
        let more = ["--subscribe", "orders.>"];
        nats.service(TOKEN)
            .is_recognised("nats", "/op = INFO", &token, &more);
    }
}

/// The seed of a user's key.
fn seed(number: u8) -> String {
    let key = KeyPair::new_from_raw(KeyPairType::User, [number; 32]).expect("a key");
    key.seed().expect("its seed")
}

#[test]
fn a_good_key_signs_the_nonce_and_delivers_events() {
    if let Some(nats) = Nats::start(SEED, &seed(1)) {
        let tail = nats.service(SEED).delivers(&seed(1));
        let told = format!("{:?}{:?}", tail.events, tail.records);
        assert!(!told.contains(&seed(1)), "the seed is told");
    }
}

#[test]
fn a_key_that_the_server_does_not_know_is_refused() {
    if let Some(nats) = Nats::start(SEED, &seed(1)) {
        let mut tail = nats.service(SEED).tail(&seed(2), 10_000);
        assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
        let ended = tail.only_end();
        assert_eq!(ended["verdict"], "ask", "{ended}");
        says(ended, "Authorization Violation");
    }
}

#[test]
fn what_is_no_seed_is_told_before_anything_is_sent() {
    if let Some(nats) = Nats::start(SEED, &seed(1)) {
        let mut tail = nats.service(SEED).tail("SUAnoseed", 10_000);
        assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
        let sent = tail.events.iter().any(|event| event["dir"] == "out");
        assert!(!sent, "{tail:?}");
        says(tail.only_end(), "nkey");
    }
}
