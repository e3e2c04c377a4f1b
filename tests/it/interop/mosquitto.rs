//! `mosquitto` with a WebSocket listener, as Debian has it. Its passwords do not expire; one ends when the password file
//! no longer has it.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::rounds::{Service, bytes_of, verdicts};
use crate::support::{
    made::{or_skip, run},
    program::{Program, Publisher, free_address},
    token::good_token,
};

const VERSION_5: &str = r#"dialect = "mqtt"
subscribe = ["orders/#"]
variables = { user = "watcher" }"#;
const VERSION_3_1_1: &str = r#"dialect = "mqtt"
subscribe = ["orders/#"]
variables = { user = "watcher", version = "4", qos = "1" }"#;

/// MQTT 3.1.1: CONNECT as `pub` with the password `pub`.
const CONNECT: &[u8] = b"\x10\x17\x00\x04MQTT\x04\xc2\x00\x00\x00\x01p\x00\x03pub\x00\x03pub";
/// PUBLISH of `{"id":7}` to `orders/paid`, quality 1: what is subscribed to with quality 0 comes with that.
const PUBLISH: &[u8] = b"\x32\x17\x00\x0borders/paid\x00\x01{\"id\":7}";

struct Mosquitto {
    program: Program,
    home: TempDir,
    websocket: SocketAddr,
    _publisher: Publisher,
}

impl Mosquitto {
    /// A broker for `watcher` with this password; `None` when the test has to be skipped.
    fn start(password: &str) -> Option<Self> {
        let home = TempDir::new().expect("a directory");
        or_skip(set_password(home.path(), password))?;
        loop {
            let (websocket, clients) = (free_address(), free_address());
            let mut command = Command::new("mosquitto");
            command
                .arg("-c")
                .arg(configure(home.path(), websocket, clients));
            let program = or_skip(Program::start(&command))?;
            // It ends when somebody else has taken a port by now.
            if program.says(" running").is_some() {
                return Some(Self {
                    program,
                    home,
                    websocket,
                    _publisher: Publisher::start(clients, CONNECT, PUBLISH),
                });
            }
        }
    }

    fn service(&self, speech: &'static str) -> Service<'static> {
        Service {
            url: format!("ws://{}/", self.websocket),
            speech,
            is_event: |line| {
                let bytes = bytes_of(line);
                bytes.first().is_some_and(|first| first >> 4 == 3) && bytes.ends_with(b"{\"id\":7}")
            },
        }
    }

    fn replace_password(&self, password: &str) {
        set_password(self.home.path(), password).expect("the password file is written");
        self.program.reload();
    }
}

fn configure(home: &Path, websocket: SocketAddr, clients: SocketAddr) -> PathBuf {
    let path = home.join("mosquitto.conf");
    // As root it would become a user who cannot read our files.
    let config = format!(
        "user root\nallow_anonymous false\npassword_file {}\nlistener {} 127.0.0.1\nprotocol websockets\n\
         listener {} 127.0.0.1\n",
        home.join("passwords").display(),
        websocket.port(),
        clients.port()
    );
    fs::write(&path, config).expect("its configuration");
    path
}

fn set_password(home: &Path, password: &str) -> Result<(), String> {
    let file = home.join("passwords");
    let set = |option, user, password| {
        let mut command = Command::new("mosquitto_passwd");
        run(command.arg(option).arg(&file).args([user, password]))
    };
    // Without a file `-b` has nothing to add to.
    fs::write(&file, "").map_err(|error| error.to_string())?;
    set("-b", "pub", "pub")?;
    set("-b", "watcher", password)?;
    Ok(())
}

#[test]
fn a_good_password_delivers_events() {
    let password = good_token(600);
    if let Some(broker) = Mosquitto::start(&password) {
        broker.service(VERSION_5).delivers(&password);
    }
}

/// The broker sends the next one only after the one before was acknowledged, beyond its window of 20.
#[test]
fn a_good_password_delivers_acknowledged_events_by_mqtt_3_1_1() {
    let password = good_token(600);
    if let Some(broker) = Mosquitto::start(&password) {
        let service = broker.service(VERSION_3_1_1);
        let mut tail = service.tail(&password, 50);
        assert_eq!(tail.finish(), 0, "{tail:?}");
    }
}

#[test]
fn a_wrong_password_is_refused() {
    is_refused(VERSION_5);
}

#[test]
fn a_wrong_password_is_refused_by_mqtt_3_1_1() {
    is_refused(VERSION_3_1_1);
}

fn is_refused(speech: &'static str) {
    if let Some(broker) = Mosquitto::start(&good_token(600)) {
        let ended = broker.service(speech).refuses();
        assert_eq!(ended["verdict"], "renew", "{ended}");
    }
}

/// The broker drops the link without a word, and refuses the password at the next one.
#[test]
fn a_password_that_ends_is_told() {
    let password = good_token(600);
    if let Some(broker) = Mosquitto::start(&password) {
        let ends = broker.service(VERSION_5).outlives(&password, || {
            broker.replace_password(&good_token(700));
        });
        assert_eq!(verdicts(&ends), ["reconnect", "renew"], "{ends:?}");
    }
}

#[test]
fn a_new_password_in_the_file_is_taken_by_reconnecting() {
    let (first, second) = (good_token(600), good_token(700));
    if let Some(broker) = Mosquitto::start(&first) {
        let ends = broker.service(VERSION_5).renews(&first, &second, || {
            broker.replace_password(&second);
        });
        assert_eq!(verdicts(&ends), ["reconnect"], "{ends:?}");
    }
}
