//! The shipped dialects: each is read without a fault and does what its transcripts say.

use std::{fmt::Write, fs, path::Path};

use sockeye::{
    diagnostic::{Diagnostic, report},
    dialect,
    message::Message,
    transcript,
};

/// The table of what was proven is made of the files, and true. `UPDATE_DOCS=1 cargo test dialects::` writes it anew.
#[test]
fn the_table_of_services_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/services.md");
    let wanted = services();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &wanted).expect("docs/services.md is written");
    }
    let found = fs::read_to_string(&path).expect("docs/services.md");
    assert_eq!(
        found, wanted,
        "write it anew: UPDATE_DOCS=1 cargo test dialects::"
    );
}

fn services() -> String {
    let proven = fs::read_to_string(transcripts().join("proven.toml")).expect("proven.toml");
    let proven: toml::Table = proven.parse().expect("proven.toml is TOML");
    let mut text = String::from(HEAD);
    for name in dialect::NAMES {
        let dialect = dialect::shipped(name).expect("a shipped dialect");
        let file = format!("{name}.txt");
        let script =
            fs::read_to_string(transcripts().join(&file)).expect("each dialect has transcripts");
        let cases = transcript::check(&dialect, &file, &script).unwrap_or(0);
        let real = proven
            .get(*name)
            .and_then(|row| row.get("real")?.as_str())
            .unwrap_or("");
        let open = dialect.unconfirmed.join("; ").replace('|', "\\|");
        let title = &dialect.title;
        writeln!(text, "| `{name}` | {title} | {real} | {cases} | {open} |").expect("a String");
    }
    for name in proven.keys() {
        assert!(
            dialect::shipped(name).is_some(),
            "proven.toml: there is no dialect '{name}'"
        );
    }
    text
}

const HEAD: &str = "# Services

What is known to work with which service. This page is made of `assets/dialects/` and `tests/dialects/` by a test, which
fails when it is not true.

- *Real server*: a test starts it and proves that a good token brings events and a wrong one is refused as told.
- *Transcripts*: so many scripts of what a server says are played, and the client does what the facts demand.
- *Not confirmed*: points for which no source was found.

| dialect | service | real server | transcripts | not confirmed |
|---|---|---|---|---|
";

fn transcripts() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects")
}

#[test]
fn every_file_is_read_without_a_fault() {
    for name in dialect::NAMES {
        let text = dialect::text(name).expect("a shipped file");
        let read = dialect::read(&format!("{name}.toml"), text);
        assert!(
            read.is_ok(),
            "\n{}",
            report(&read.err().unwrap_or_default())
        );
    }
}

#[test]
fn every_dialect_does_what_its_transcripts_say() {
    let mut told = Vec::new();
    for name in dialect::NAMES {
        let Ok(dialect) = dialect::read(
            &format!("{name}.toml"),
            dialect::text(name).expect("a shipped file"),
        ) else {
            continue;
        };
        let file = format!("{name}.txt");
        let text =
            fs::read_to_string(transcripts().join(&file)).expect("each dialect has transcripts");
        match transcript::check(&dialect.into(), &file, &text) {
            Ok(cases) => assert!(cases >= 2, "{file} has only {cases} cases"),
            Err(faults) => told.push(report(&faults)),
        }
    }
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

/// A subscription that is refused is told, also where a row of `[[on]]` says what kind of message that is.
#[test]
fn transcripts_show_that_a_refused_subscription_is_told() {
    for name in dialect::NAMES {
        let dialect = dialect::shipped(name).expect("a shipped dialect");
        let mut refusals = dialect.subscribe.iter().flat_map(|how| &how.fail);
        let script = fs::read_to_string(transcripts().join(format!("{name}.txt")));
        let told = script
            .expect("transcripts")
            .contains("= note a subscription was refused: ");
        assert!(told || refusals.next().is_none(), "{name}.txt shows none");
    }
}

fn faults_of(text: &str) -> String {
    report(&dialect::read("own.toml", text).expect_err("faults"))
}

#[test]
fn every_fault_of_a_file_is_told_with_its_remedy() {
    let text = r#"codec = "jsn"
[open]
query = { token = "{tokn}", sig = "{token|rot13}", key = "{token" }
[[login]]
await = { type = "ok" }
[[login]]
send = "a"
await = { "/a" = { from = 1, has = "x" } }
"#;
    insta::assert_snapshot!(faults_of(text), @r##"
    error: the dialect has no 'title'
      --> own.toml:1:1
       |
     1 | codec = "jsn"
       | ^
    help: say in one line what it describes

    error: 'codec' cannot be 'jsn'
      --> own.toml:1:9
       |
     1 | codec = "jsn"
       |         ^^^^^
    help: did you mean 'json'?

    error: nothing sets the variable 'tokn' that 'open' wants
      --> own.toml:2:1
       |
     2 | [open]
       | ^^^^^^
    help: name it under [variables], take it from a message, or derive it; always there are token, seq, sent, uuid, now_s, now_ms, now_iso, host, http, own_url, signer

    error: a brace of 'open' is not closed: '{token'
      --> own.toml:2:1
       |
     2 | [open]
       | ^^^^^^
    help: write {token}

    error: there is no filter 'rot13'
      --> own.toml:3:35
       |
     3 | query = { token = "{tokn}", sig = "{token|rot13}", key = "{token" }
       |                                   ^^^^^^^^^^^^^^^
    help: filters are base64, base64url, hex, json, percent, as in {token|base64url}

    error: 'type' is no JSON pointer
      --> own.toml:5:11
       |
     5 | await = { type = "ok" }
       |           ^^^^
    help: write "/type" = …

    error: a step sends, awaits, makes a call or signs
      --> own.toml:6:1
       |
     6 | [[login]]
       | ^^^^^^^^^
    help: write send = '…', await = { … }, post = "https://…" or sign = { … }; what belongs together stands in steps of their own

    error: '/a' needs one condition
      --> own.toml:8:18
       |
     8 | await = { "/a" = { from = 1, has = "x" } }
       |                  ^^^^^^^^^^^^^^^^^^^^^^^
    help: one of: exists, in, from and to, has, begins, type, is, not
    "##);
}

#[test]
fn faults_of_timers_and_tables_are_told_too() {
    let text = r#"title = "t"
[keepalive]
every = { s = "interval", ms = "interval" }
[[close]]
code = 70000
verdict = "agian"
[[on]]
match = { "/a" = 1 }
text = "/b"
[[on]]
match = { "/a" = 2 }
advice = "b"
"#;
    insta::assert_snapshot!(faults_of(text), @r##"
    error: one of 'send' and 'every' is missing
      --> own.toml:2:1
       |
     2 | [keepalive]
       | ^^^^^^^^^^^
    help: a message that is sent again and again needs 'send' and 'every'

    error: the time needs one unit
      --> own.toml:3:9
       |
     3 | every = { s = "interval", ms = "interval" }
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write { s = "VARIABLE" } or { ms = "VARIABLE" }

    error: 'close' has no 'advice'
      --> own.toml:4:1
       |
     4 | [[close]]
       | ^^^^^^^^^
    help: say in one sentence what it means and what helps

    error: 'code' is no such number or range
      --> own.toml:5:8
       |
     5 | code = 70000
       |        ^^^^^
    help: write a number from 0 to 65535, or [first, last]

    error: 'verdict' cannot be 'agian'
      --> own.toml:6:11
       |
     6 | verdict = "agian"
       |           ^^^^^^^
    help: write one of: reconnect, now, fresh, renew, later, ask, stop

    error: 'on' has no 'note'
      --> own.toml:7:1
       |
     7 | [[on]]
       | ^^^^^^
    help: say what is told, with the server's words behind it, or give a verdict

    error: 'on' has no 'verdict'
      --> own.toml:10:1
        |
     10 | [[on]]
        | ^^^^^^
    help: say what is done, as in verdict = "reconnect"
    "##);
}

#[test]
fn faults_of_calls_and_subscriptions_are_told() {
    let text = r#"title = "t"
[[before]]
get = "https://a"
post = "https://b"
[[login]]
await = { "/a" = 1 }
post = "https://a"
[[login]]
post = "https://a"
json = "{}"
form = { a = "{b}" }
[subscribe]
pace = "1s"
[[subscribe.case]]
match = { "" = { begins = 1 } }
send = "{item}"
keep = { a = "/a" }
[subscribe.case.call]
url = "https://a"
[[on]]
match = { "/a" = { not = "{nothing}", has = "x" } }
delay = ["1s"]
keep-of = "/a"
verdict = "now"
advice = "a"
[renew]
how = "reconnect"
each = "a"
[resume]
needs = []
within = "soon"
[[http]]
status = 401
header = "dg-error"
verdict = "renew"
advice = "a"
[outgoing]
rate = { messages = 0 }
"#;
    let faults = dialect::read("own.toml", text).expect_err("faults");
    let told: Vec<_> = faults.iter().map(Diagnostic::brief).collect();
    insta::assert_snapshot!(told.join("\n"), @r##"
    own.toml:2:1: the call needs one address; write get = "https://…" or post = "https://…"
    own.toml:5:1: a step sends, awaits, makes a call or signs; write send = '…', await = { … }, post = "https://…" or sign = { … }; what belongs together stands in steps of their own
    own.toml:5:1: nothing sets the variable 'b' that 'login' wants; name it under [variables], take it from a message, or derive it; always there are token, seq, sent, uuid, now_s, now_ms, now_iso, host, http, own_url, signer
    own.toml:8:1: a call has one body; leave one of the two out
    own.toml:14:1: 'case' has no 'answer'; say which message it is taken from
    own.toml:15:27: 'begins' is an integer; write a text in quotes
    own.toml:18:1: the call needs one address; write get = "https://…" or post = "https://…"
    own.toml:19:1: unknown key 'url'; known here: get, post, path, query, headers, json, form, take, keep, secret, fail
    own.toml:20:1: 'on' has no 'keep'; say what is kept
    own.toml:21:18: '/a' needs one condition; one of: exists, in, from and to, has, begins, type, is, not
    own.toml:22:9: 'delay' needs two times; write ["5s", "30s"]
    own.toml:28:8: 'each' goes with renewing in place; leave it out, or write how = "in place"
    own.toml:31:10: 'soon' is not a duration; write a number and a unit, as in '500ms', '30s', '2m' or '1h30m'
    own.toml:34:10: 'header' is a string; write a table, as in '{ key = "value" }'
    own.toml:38:8: 'rate' has no 'within'; say in which time, as in "60s"
    own.toml:38:21: 'messages' is out of range; write a whole number from 1
    "##);
}

#[test]
fn a_profile_with_a_dialect_is_checked() {
    let faults = |text: &str| {
        let text = format!("[profiles.p]\nurl = \"wss://example.com\"\n{text}");
        let found = sockeye::profile::read("config.toml", &text).expect_err("faults");
        found
            .iter()
            .map(Diagnostic::brief)
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(faults("dialect = \"phonix\""), @r##"config.toml:3:11: there is no dialect 'phonix'; did you mean 'phoenix'?"##);
    insta::assert_snapshot!(faults("dialect = \"zzz\""), @r##"config.toml:3:11: there is no dialect 'zzz'; 'sockeye dialect list' shows which there are, 'auto' recognises one"##);
    insta::assert_snapshot!(faults("dialect = \"auto\"\nvariables = { passphrase = \"hunter2\", topc = 1, zzz = 2 }"), @r##"
    config.toml:4:28: 'passphrase' is a secret and must not stand in this file; write { env = "NAME" }
    config.toml:4:39: no dialect has a variable 'topc'; did you mean 'topic'?
    config.toml:4:49: no dialect has a variable 'zzz'; 'sockeye dialect show NAME' shows which there are
    "##);
    insta::assert_snapshot!(faults("dialect = \"auto\"\nsubprotocols = [\"phoenix\", 7]\nvariables = { topc = 1 }"), @r##"
    config.toml:4:28: 'subprotocols' is an integer; write a text in quotes
    config.toml:5:15: the dialect 'phoenix' has no variable 'topc'; did you mean 'topic'?
    "##);
    insta::assert_snapshot!(faults("dialect = \"okx\"\nvariables = { passphrase = \"hunter2\", kye = 1 }\nway = { query = \"t\" }"), @r##"
    config.toml:3:11: the dialect 'okx' wants the variable 'key': the API key; write variables = { key = … }
    config.toml:3:11: the dialect 'okx' wants the variable 'passphrase': the passphrase of the API key; write variables = { passphrase = … }
    config.toml:4:28: 'passphrase' is a secret and must not stand in this file; write { env = "NAME" }
    config.toml:4:39: the dialect 'okx' has no variable 'kye'; did you mean 'key'?
    config.toml:5:7: 'way' and 'dialect' do not go together; leave 'way' out: the dialect says where the token goes; or write way = "none" for no token
    "##);
    insta::assert_snapshot!(faults("subscribe = [\"a\"]\nvariables = { topic = \"t\" }"), @r##"
    config.toml:3:13: 'subscribe' goes with a dialect; write dialect = "NAME"
    config.toml:4:13: 'variables' goes with a dialect; write dialect = "NAME"
    "##);
    insta::assert_snapshot!(faults("dialect = \"slack\"\nsubscribe = [\"a\"]"), @r##"config.toml:4:13: the dialect 'slack' has no subscriptions; leave 'subscribe' out"##);
}

/// `dialect = "auto"` looks at the host and the subprotocols, as `--dialect auto` does.
#[test]
fn a_profile_may_have_its_dialect_recognised() {
    let read = |text: &str| {
        let text = format!("[profiles.p]\ndialect = \"auto\"\n{text}");
        let config = sockeye::profile::read("config.toml", &text).expect("no faults");
        config.profiles.into_iter().next().expect("a profile")
    };
    let name = |profile: &sockeye::profile::Profile| {
        let dialect = profile.dialect.as_ref();
        dialect.map(|dialect| dialect.name.clone())
    };
    let by_host = read("url = \"wss://gateway.discord.gg/?v=10\"");
    assert_eq!(name(&by_host).as_deref(), Some("discord"));
    assert_eq!(
        by_host.recognised.as_deref(),
        Some("its host gateway.discord.gg")
    );
    let by_name = read("url = \"wss://h\"\nsubprotocols = [\"graphql-ws\"]\nway = \"none\"");
    assert_eq!(name(&by_name).as_deref(), Some("graphql-ws"));
    assert!(by_name.auto.is_none() && !by_name.wants_credential());
    let later = read(
        "url = \"wss://h\"\nway = { query = \"t\" }\nsubscribe = [\"a\"]\nvariables = { topic = \"t\" }",
    );
    assert_eq!((name(&later), later.auto.is_some()), (None, true));
    assert_eq!(later.way_in_words(), "auto, else query");
    assert_eq!((later.variables.len(), later.subscribe.len()), (1, 1));
}

/// What the program writes, on both outputs, and its exit code.
fn run(arguments: &[&str]) -> String {
    let config = tempfile::tempdir().expect("a directory");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_sockeye"))
        .args(arguments)
        .env("SOCKEYE_CONFIG_DIR", config.path())
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}{}exit {}",
        text(&output.stdout),
        text(&output.stderr),
        output.status.code().unwrap_or(-1)
    )
}

#[test]
fn dialects_are_listed_shown_checked_and_explained() {
    let listed = run(&["dialect", "list"]);
    assert_eq!(listed.lines().count(), dialect::NAMES.len() + 1);
    assert!(
        listed.contains("phoenix               Phoenix Channels\n"),
        "{listed}"
    );
    assert!(run(&["dialect", "show", "nats"]).starts_with(dialect::text("nats").expect("a file")));
    insta::assert_snapshot!(run(&["dialect", "show", "natz"]), @r##"
    error: there is no dialect 'natz'
    help: did you mean 'nats'?
    exit 2
    "##);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = |path: &str| root.join(path).display().to_string();
    let checked = run(&[
        "dialect",
        "check",
        &file("assets/dialects/pusher.toml"),
        "--transcripts",
        &file("tests/dialects/pusher.txt"),
    ]);
    assert!(
        checked.ends_with("pusher.toml: no faults; 8 transcripts came true\nexit 0"),
        "{checked}"
    );
    let wrong = run(&[
        "dialect",
        "check",
        &file("assets/dialects/pusher.toml"),
        "--transcripts",
        &file("tests/dialects/nats.txt"),
    ]);
    assert!(
        wrong.contains("the client did") && wrong.ends_with("exit 3"),
        "{wrong}"
    );
    insta::assert_snapshot!(run(&["explain", "4003", "--dialect", "pusher"]), @r##"
    4003 in general: Unauthorized Access
      meaning   Private use; by the guide's convention the user is not allowed.
      may send  server
      source    guide for WebSocket authentication: close codes for auth failures

    4003 in pusher: Not to be reconnected unchanged
      verdict   ask
      advice    The application cannot be used like this; check key, cluster and path of the profile.
    exit 0
    "##);
    insta::assert_snapshot!(run(&["explain", "429"]), @r##"
    HTTP 429 in answer to the upgrade
      verdict   later
      advice    Too many requests; Sockeye waits as long as the server says.
    exit 0
    "##);
}

#[test]
fn a_secret_variable_is_refused_on_the_command_line() {
    let told = run(&[
        "tail",
        "wss://example.com",
        "--dialect",
        "okx",
        "--var",
        "passphrase=hunter2",
    ]);
    insta::assert_snapshot!(told, @r##"
    error: 'passphrase' is a secret; every user of this machine could read it on the command line
    help: write --var-env passphrase=VARIABLE
    exit 2
    "##);
    assert!(!told.contains("hunter2"));
}

#[test]
fn own_dialects_go_before_the_shipped_ones() {
    let config = tempfile::tempdir().expect("a directory");
    fs::create_dir(config.path().join("dialects")).expect("a directory");
    let path = config.path().join("dialects/nats.toml");
    fs::write(&path, "title = \"mine\"\n").expect("a file");
    let paths = sockeye::config::Paths::within(config.path().to_owned(), None);
    let library = sockeye::config::dialects(&paths).expect("no faults");
    assert_eq!(
        library.find("nats").map(|dialect| dialect.title.clone()),
        Some("mine".into())
    );
    assert_eq!(library.names().len(), dialect::NAMES.len());
    fs::write(&path, "title = 1\ncodec = 2\n").expect("a file");
    assert_eq!(
        sockeye::config::dialects(&paths).expect_err("faults").len(),
        2
    );
}

/// The first messages of services that speak first, each as its documents or sources show it.
const FIRST: &[(&str, &str)] = &[
    (
        "ably",
        r#"{"action":4,"connectionId":"c","connectionDetails":{"connectionKey":"k","maxIdleInterval":15000}}"#,
    ),
    ("actioncable", r#"{"type":"welcome"}"#),
    ("alpaca", r#"[{"T":"success","msg":"connected"}]"#),
    (
        "discord",
        r#"{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250,"_trace":[]}}"#,
    ),
    (
        "homeassistant",
        r#"{"type":"auth_required","ha_version":"2026.11.0"}"#,
    ),
    (
        "kraken",
        r#"{"channel":"status","type":"update","data":[{"api_version":"v2","connection_id":12393906104898154338,"system":"online","version":"2.0.0"}]}"#,
    ),
    (
        "mattermost",
        r#"{"event":"hello","data":{"connection_id":"c","server_version":"10.0.0"},"broadcast":{},"seq":0}"#,
    ),
    (
        "nats",
        "INFO {\"server_id\":\"N\",\"version\":\"2.12.0\",\"auth_required\":true} \r\n",
    ),
    ("nostr", r#"["AUTH","challenge"]"#),
    (
        "openai-realtime",
        r#"{"type":"session.created","event_id":"e","session":{"id":"s","object":"realtime.session"}}"#,
    ),
    (
        "polygon",
        r#"[{"ev":"status","status":"connected","message":"Connected Successfully"}]"#,
    ),
    (
        "pusher",
        r#"{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",\"activity_timeout\":120}"}"#,
    ),
    ("rocketchat", r#"{"server_id":"0"}"#),
    (
        "slack",
        r#"{"type":"hello","num_connections":1,"connection_info":{"app_id":"a"},"debug_info":{"host":"h"}}"#,
    ),
    (
        "socketio",
        r#"0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#,
    ),
    (
        "twitch-eventsub",
        r#"{"metadata":{"message_id":"m","message_type":"session_welcome"},"payload":{"session":{"id":"s"}}}"#,
    ),
];

#[test]
fn every_first_message_tells_one_dialect() {
    let library = dialect::Library::default();
    let names = |message: Message| -> Vec<String> {
        let found = dialect::by_first(&library, &message);
        found.iter().map(|one| one.dialect.name.clone()).collect()
    };
    for (name, text) in FIRST {
        assert_eq!(names(Message::text(*text)), [*name], "{text}");
    }
    // As nats-server sends it.
    let (_, info) = FIRST
        .iter()
        .find(|(name, _)| *name == "nats")
        .expect("NATS");
    assert_eq!(names(Message::binary(info.as_bytes())), ["nats"]);
    let told: Vec<_> = FIRST.iter().map(|(name, _)| *name).collect();
    let speaks_first = |name: &&&str| {
        let dialect = dialect::shipped(name).expect("a shipped dialect");
        dialect.recognise.first.is_some()
    };
    let all: Vec<_> = dialect::NAMES
        .iter()
        .filter(speaks_first)
        .copied()
        .collect();
    assert_eq!(told, all, "each dialect that has `first` stands above");
}

#[test]
fn what_no_service_says_first_tells_no_dialect() {
    let library = dialect::Library::default();
    let large = format!(
        r#"{{"type":"auth_required","x":"{}"}}"#,
        "x".repeat(1 << 16)
    );
    for text in [
        r#"{"type":"hello"}"#,
        r#"{"op":10}"#,
        r#"{"type":"order.created","id":1}"#,
        "hello",
        "0",
        "[]",
        "",
        &large,
    ] {
        let found = dialect::by_first(&library, &Message::text(text));
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn ones_own_dialect_is_preferred_to_a_shipped_one() {
    let own = |name: &str| {
        let text = r#"title = "ours"
[recognise]
first = [{ "/type" = "hallo" }, { "/type" = "auth_required", "/ha_version" = { exists = true } }]
"#;
        dialect::read(name, text).expect("a dialect").into()
    };
    let found = |own, text: &str| -> Vec<String> {
        let library = dialect::Library::new(own);
        let found = dialect::by_first(&library, &Message::text(text));
        found
            .iter()
            .map(|one| format!("{} by {}", one.dialect.name, one.by))
            .collect()
    };
    let first = r#"{"type":"auth_required","ha_version":"1"}"#;
    assert_eq!(
        found(vec![own("ours.toml")], first),
        ["ours by its first message: /type = auth_required, /ha_version is there"]
    );
    assert_eq!(
        found(vec![own("a.toml"), own("b.toml")], r#"{"type":"hallo"}"#),
        [
            "a by its first message: /type = hallo",
            "b by its first message: /type = hallo"
        ]
    );
}

#[test]
fn what_a_dialect_says_of_answers_ends_and_sums_is_checked() {
    let faults = |name: &str, text: &str| {
        let found = dialect::read(name, text).expect_err("faults");
        let brief: Vec<_> = found.iter().map(Diagnostic::brief).collect();
        brief.join("\n")
    };
    insta::assert_snapshot!(faults("auto.toml", "title = \"t\""), @r#"auto.toml:1:1: a dialect cannot be named 'auto'; give the file another name: "auto" in a profile recognises a dialect"#);
    let text = r#"title = "t"
[[derive]]
name = "next"
sum = "{last}"
[[login]]
await = { "/a" = 1 }
ended = { verdict = "rnew", foo = 1 }
[subscribe]
call = { get = "https://example.com" }
answer = { "/a" = "{itm}" }
again = "yes"
"#;
    insta::assert_snapshot!(faults("own.toml", text), @r#"
    own.toml:2:1: 'derive' has no 'plus'; say what is added
    own.toml:7:9: 'ended' has no 'advice'; say in one sentence what it means and what helps
    own.toml:7:21: 'verdict' cannot be 'rnew'; did you mean 'renew'?
    own.toml:7:29: unknown key 'foo'; known here: verdict, advice, token, forbidden, limit, delay
    own.toml:8:1: 'subscribe' has no 'send'; say what is answered
    own.toml:8:1: nothing sets the variable 'itm' that 'subscribe' wants; name it under [variables], take it from a message, or derive it; always there are token, seq, sent, uuid, now_s, now_ms, now_iso, host, http, own_url, signer
    own.toml:11:9: 'again' is a string; write true or false
    "#);
}
