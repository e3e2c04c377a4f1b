//! The log: it tells what the program did, to whoever asks for it, and holds no secret in whatever form a server repeats
//! it.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
    thread,
    time::Duration,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use clap::Parser;
use serde_json::json;
use sockeye::{
    cli::Cli,
    clock::Clock,
    log::{Level, Log},
    redact::Redactor,
    secret::Secret,
};
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::support::{
    command::Running,
    demo::Demo,
    tail::write_private,
    token_server::{self, TokenServer},
};

/// A token whose every form is another.
const CANARY: &str = "canary\"7f3a9+c2e/81b\\\u{e9}d04";
/// One that may stand in a subprotocol as it is.
const PLAIN_CANARY: &str = "canary+7f3a9*c2e81b^d04";
/// One that is longer than what is told of an answer.
const LONG_CANARY: &str = "canary-7f3a9.Zm9yIGEgdG9rZW4gdGhhdCBpcyBsb25nIGVub3VnaCB0byBiZSBjdXQgb2ZmIHdoZXJlIGFuIGFuc3dlciBpcy\
                           B0b2xkLCB0aGVyZSBoYXMgdG8gYmUgcXVpdGUgYSBsb3Qgb2YgaXQsIG1vcmUgdGhhbiBhIGh1bmRyZWQgYW5kIHNpeHR5.d04";
const PAYLOAD: &str = "what-only-payloads-hold";

/// The forms in which a server may repeat a token.
fn forms(token: &str) -> Vec<String> {
    let percent = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    let json = serde_json::Value::from(token).to_string();
    vec![
        token.to_owned(),
        token.bytes().map(percent).collect(),
        json.trim_matches('"').to_owned(),
        BASE64_STANDARD.encode(token),
        BASE64_URL_SAFE_NO_PAD.encode(token),
        BASE64_URL_SAFE_NO_PAD.encode(format!("u:{token}")),
    ]
}

fn sockeye(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    command.arg("--config").arg(home);
    command
}

/// `sockeye tail` on the demo until the first message, with this before the command.
fn tail(home: &Path, demo: &Demo, flags: &[&str]) -> Output {
    let mut command = sockeye(home);
    let command = command.args(flags).arg("tail").arg(demo.url("/ws/orders"));
    let command = command.args(["--query", "token", "--count", "1", "--token-file"]);
    let output = command.arg(demo.token_file("good")).output();
    output.expect("sockeye runs")
}

fn home() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read(path: &Path) -> String {
    text(&fs::read(path).expect("the log"))
}

fn holds_all(log: &str, wanted: &[&str]) {
    for words in wanted {
        assert!(log.contains(words), "no '{words}' in\n{log}");
    }
}

#[test]
fn the_turns_of_a_stream_are_written() {
    let (home, demo) = (home(), Demo::start(20.0));
    let config = format!(
        "[profiles.orders]\nurl = \"{}\"\ntoken = {{ file = \"token\" }}\n\
         way = {{ first-message = '{{\"type\":\"auth\",\"token\":\"{{token}}\"}}', ack = {{ type = \"auth_ok\" }}, renew = true }}\n",
        demo.url("/ws/orders")
    );
    write_private(&home, "config.toml", &config);
    let token = |name: &str| {
        let token = fs::read_to_string(demo.token_file("good")).expect("a token");
        write_private(&home, name, &token)
    };
    token("token");
    let log = home.path().join("log");
    let arguments = ["--log", log.to_str().expect("text"), "tail", "orders"];
    let mut running = Running::start(home.path(), &arguments, "");
    running.says("live");
    fs::rename(token("token.new"), home.path().join("token")).expect("another token");
    running.says("new token accepted");
    // What the standard error says stands in the log already.
    let log = read(&log);
    let address = demo.url("/ws/orders");
    holds_all(
        &log,
        &[
            "Z INFO  -  sockeye ",
            ": tail\n",
            "config.toml: profiles orders\n",
            &format!("Z INFO  orders  {address}, by first message, from file "),
            "Z INFO  orders  connected to 127.0.0.1:",
            "Z INFO  orders  login acknowledged ",
            "Z INFO  orders  new token accepted on the live connection\n",
        ],
    );
    assert!(
        !log.contains(" DEBUG ") && !log.contains(" TRACE "),
        "{log}"
    );
}

#[test]
fn more_is_written_where_more_is_asked_for() {
    let (home, demo) = (home(), Demo::start(50.0));
    let log = home.path().join("state/sockeye.log");
    let told = text(&tail(home.path(), &demo, &["-v"]).stderr);
    holds_all(
        &told,
        &[&format!("the log is written to {}\n", log.display())],
    );
    let steps = read(&log);
    holds_all(
        &steps,
        &[
            "/ws/orders, query token\n",
            "Z DEBUG 127.0.0.1  TCP connect took ",
            "Z DEBUG 127.0.0.1  link 1: closes with 1000 Normal Closure ''\n",
            "Z INFO  -  ended with exit code 0\n",
        ],
    );
    assert!(!steps.contains(" TRACE "), "{steps}");
    tail(home.path(), &demo, &["-vv"]);
    let frames = read(&log);
    assert!(frames.starts_with(&steps), "it is appended");
    holds_all(&frames, &["Z TRACE 127.0.0.1  link 1 ← text, "]);
}

#[test]
fn nothing_is_written_unless_it_is_asked_for() {
    let (home, demo) = (home(), Demo::start(50.0));
    assert!(tail(home.path(), &demo, &[]).status.success());
    let state = home.path().join("state");
    let entries = fs::read_dir(state).expect("the audit is there");
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["audit.ndjson"]);
}

#[test]
fn what_ends_the_program_is_written() {
    let home = home();
    let log = home.path().join("log");
    let mut command = sockeye(home.path());
    let output = command.args(["tail", "nobody", "--log"]).arg(&log).output();
    assert_eq!(output.expect("sockeye runs").status.code(), Some(2));
    holds_all(
        &read(&log),
        &[
            "Z ERROR -  error: there is no profile 'nobody'\\nhelp: ",
            "ended with exit code 2\n",
        ],
    );
}

/// Answers every connection as told; `{key}` stands for what accepts the upgrade.
fn server(answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = head(&mut stream);
            let key = head
                .lines()
                .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
            let key = derive_accept_key(key.unwrap_or_default().as_bytes());
            let answer = keyed(&answer, &key);
            // The client may have gone.
            let _ = stream.write_all(&answer);
            let _ = stream.read_to_end(&mut Vec::new());
        }
    });
    address
}

fn keyed(answer: &[u8], key: &str) -> Vec<u8> {
    match answer.windows(5).position(|bytes| bytes == b"{key}") {
        Some(at) => [&answer[..at], key.as_bytes(), &answer[at + 5..]].concat(),
        None => answer.to_vec(),
    }
}

fn head(stream: &mut TcpStream) -> String {
    // Only for a client that never ends.
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).expect("a limit");
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        bytes.push(byte[0]);
    }
    text(&bytes)
}

/// Refusals, a redirect, and a stream that repeat a token in every form.
fn answers(token: &str) -> Vec<Vec<u8>> {
    let echo = forms(token).join(" ");
    let refuse = |head: &str| {
        let length = echo.len();
        format!("HTTP/1.1 {head}\r\nWWW-Authenticate: Bearer error=\"{echo}\"\r\nContent-Length: {length}\r\n\r\n{echo}")
            .into_bytes()
    };
    let redirect = format!(
        "302 Found\r\nLocation: http://127.0.0.1:1/?t={}",
        forms(token)[1]
    );
    let refused = vec![
        refuse("400 Bad Request"),
        refuse("401 Unauthorized"),
        refuse(&redirect),
    ];
    if token == LONG_CANARY {
        return refused;
    }
    let mut stream = b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {key}\r\n\r\n".to_vec();
    let payload = format!("{{\"{PAYLOAD}\":{}}}", serde_json::Value::from(token));
    stream.extend([0x81, u8::try_from(payload.len()).expect("a short one")]);
    stream.extend(payload.bytes());
    let reason = format!("bad {}", forms(token)[3]);
    stream.extend([0x88, u8::try_from(reason.len() + 2).expect("a short one")]);
    stream.extend(4001_u16.to_be_bytes());
    stream.extend(reason.bytes());
    [refused, vec![stream]].concat()
}

/// How a token is sent, as a profile says it.
const WAYS: [(&str, &str); 6] = [
    (LONG_CANARY, "# The usual: in the header Authorization."),
    (CANARY, "# The usual: in the header Authorization."),
    (CANARY, "way = { query = \"token\" }"),
    (
        CANARY,
        "way = { first-message = '{\"token\":\"{token}\"}' }",
    ),
    (PLAIN_CANARY, "dialect = \"bearer-cookie\""),
    (PLAIN_CANARY, "dialect = \"subprotocol\""),
];

const SUBPROTOCOL: &str = "title = \"Token as a subprotocol\"\nsources = [\"made up\"]\ncodec = \"json\"\n\
                           [open]\nsubprotocols = [\"bearer.{token}\"]\n";

#[test]
fn no_secret_is_written_whatever_a_server_repeats() {
    let home = home();
    fs::create_dir(home.path().join("dialects")).expect("a directory");
    fs::write(home.path().join("dialects/subprotocol.toml"), SUBPROTOCOL).expect("written");
    let log = home.path().join("log");
    for (token, way) in WAYS {
        write_private(&home, "token", token);
        for answer in answers(token) {
            let address = server(answer);
            let config = format!(
                "[profiles.q]\nurl = \"ws://{address}/ws\"\ntoken = {{ file = \"token\" }}\n{way}\n"
            );
            write_private(&home, "config.toml", &config);
            let mut command = sockeye(home.path());
            let command = command
                .args(["tail", "q", "--no-reconnect", "-vv", "--log"])
                .arg(&log);
            let output = command.output().expect("sockeye runs");
            assert!(!output.status.success(), "{way}: {}", text(&output.stderr));
            let written = read(&log);
            holds_all(&written, &["***", "Z WARN  q  ", "Z DEBUG q  link 1: "]);
            let forms = forms(token);
            // A part is as bad as the whole.
            let parts = forms.iter().map(|form| &form[..form.len().min(16)]);
            for form in parts.chain([PAYLOAD]) {
                assert!(!written.contains(form), "{way}: {form} in\n{written}");
            }
            fs::remove_file(&log).expect("it was there");
        }
    }
}

#[test]
fn calls_are_written_with_their_status() {
    let home = home();
    let server = TokenServer::start(|asked| {
        let echo = format!("{:?} {:?}", asked.headers, asked.form);
        let answer = json!({ "error": "invalid_client", "error_description": echo });
        token_server::json(401, &answer)
    });
    write_private(&home, "secret", CANARY);
    let config = format!(
        "[profiles.q]\nurl = \"ws://127.0.0.1:9/\"\n[profiles.q.token.oauth]\nclient-id = \"c\"\n\
         client-secret = {{ file = \"secret\" }}\ngrant = \"client\"\ntoken-endpoint = \"{}\"\n",
        server.url("/token")
    );
    write_private(&home, "config.toml", &config);
    let log = home.path().join("log");
    let mut command = sockeye(home.path());
    let command = command.args(["tail", "q", "-vv", "--log"]).arg(&log);
    assert_eq!(
        command.output().expect("sockeye runs").status.code(),
        Some(4)
    );
    let written = read(&log);
    let call = format!("Z INFO  q  POST {}: HTTP 401, ", server.url("/token"));
    holds_all(&written, &[&call, "Z DEBUG q  asks ", "***"]);
    for form in forms(CANARY) {
        assert!(!written.contains(&form), "{form} in\n{written}");
    }
}

#[test]
fn a_line_is_a_line_and_drives_no_terminal() {
    let home = home();
    let (log, path) = opened(&home);
    let secret = Arc::new(Redactor::new([&Secret::new("canary-7f3a9".into())]));
    log.about("orders").hide(&secret);
    let hostile = "one\ntwo\u{1b}[2J canary-7f3a9\u{202e}";
    log.about("pri\nces").write(Level::Warn, hostile);
    log.write(Level::Info, "x".repeat(1 << 20));
    log.write(Level::Debug, "not asked for");
    let text = read(&path);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    let words = r"Z WARN  pri\nces  one\ntwo\e[2J ***\u{202e}";
    assert!(lines[0].ends_with(words), "{text}");
    assert!(lines[1].len() < 10_000);
}

fn opened(home: &TempDir) -> (Log, PathBuf) {
    let path = home.path().join("log");
    let arguments = ["sockeye", "--log", path.to_str().expect("text")];
    let cli = Cli::try_parse_from(arguments).expect("a command line");
    (
        sockeye::log::open(&cli, Clock::start()).expect("a log"),
        path,
    )
}

#[test]
fn a_large_log_is_put_aside() {
    let home = home();
    let (log, path) = opened(&home);
    log.write(Level::Info, "before");
    let mut bytes = fs::read(&path).expect("a log");
    bytes.resize(6 << 20, b'\n');
    fs::write(&path, bytes).expect("written");
    log.write(Level::Info, "after");
    let aside = read(&home.path().join("log.1"));
    assert!(aside.contains("before") && !aside.contains("after"));
    assert_eq!(read(&path).lines().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_log_that_ends_is_told_once() {
    use std::os::unix::fs::PermissionsExt;
    let home = home();
    let (log, path) = opened(&home);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    log.write(Level::Info, "lost");
    let told = log.about("orders").take_fault().expect("a fault");
    assert!(
        told.starts_with("the log ends here: ") && told.contains("its mode is 0644"),
        "{told}"
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    log.write(Level::Info, "lost, too");
    assert_eq!(log.take_fault(), None);
    assert_eq!(read(&path), "");
}

#[cfg(unix)]
#[test]
fn the_log_is_its_owners_alone_or_nothing_is_begun() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (home, demo) = (home(), Demo::start(50.0));
    let at = |name: &str| home.path().join(name);
    tail(home.path(), &demo, &["-v"]);
    let mode = |path: PathBuf| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
    };
    assert_eq!(mode(at("state")) & 0o777, 0o700);
    assert_eq!(mode(at("state/sockeye.log")) & 0o777, 0o600);
    fs::write(at("open"), "").expect("written");
    fs::set_permissions(at("open"), fs::Permissions::from_mode(0o644)).expect("a mode");
    symlink(at("state/sockeye.log"), at("link")).expect("a link");
    for (name, words) in [
        ("missing/log", "error: there is no such directory\n"),
        ("open/log", "error: this is no directory\n"),
        (
            "open",
            "error: others can use this file: its mode is 0644\n",
        ),
        ("link", "error: this is a link, which is not followed\n"),
        ("state", "Is a directory"),
    ] {
        let path = at(name);
        let output = tail(home.path(), &demo, &["--log", path.to_str().expect("text")]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{told}");
        holds_all(&told, &[words, "help: "]);
        assert!(!told.contains("connecting"), "{told}");
    }
}
