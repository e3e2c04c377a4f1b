//! What leaves the program in other formats can be read again, whatever the server sent.

use std::{
    fs,
    io::Write,
    process::{Command, Output, Stdio},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use proptest::prelude::*;
use serde_json::Value;
use sockeye::{
    cause::Stage,
    event::{
        Encoder, Event, EventKind, Lifecycle, OpenFacts, Record, Recorded, StreamId, read_line,
    },
    export::{Exporter, Format, MOST_STREAMS, Origin},
    exporting::Drain,
    message::{Class, Direction, Kind, Message},
    time::{Now, Wall},
};

use crate::support::demo::Demo;

const NAMES: [&str; 2] = ["orders", "prices \u{202e}\"x\""];

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        r#" {0,2}(\{"type":"(a|b,\\"c)","t":"[a-z\\]{0,3}"\}|null|-1e5|"\\u0000") {0,2}"#
            .prop_map(Message::text),
        any::<String>().prop_map(Message::text),
        "[=@,;\"\r\n\t\u{0}\u{1b}\u{9b}\u{202e}\u{2028}a]{0,12}".prop_map(Message::text),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Message::binary),
    ]
}

prop_compose! {
    fn event()(
        message in message(), out in any::<bool>(), class in 0..4_usize, stream in 0..2_u16,
        n in any::<u64>(), at in 0..4_000_000_000_000_i64,
    ) -> Event {
        let direction = if out { Direction::Out } else { Direction::In };
        let class = [Class::Event, Class::Heartbeat, Class::Control, Class::Duplicate][class];
        let at = Now { wall: Wall(at * 1000), ..Now::default() };
        Event { n, at, stream: StreamId(stream), kind: EventKind::Message(direction, class, message) }
    }
}

fn origins() -> Vec<Origin> {
    let address = "wss://example.com/ws?token=…&depth=…";
    let origin = |name: &&str| Origin {
        schema: None,
        name: (*name).to_owned(),
        address: Some(address.to_owned()),
        links: Vec::new(),
    };
    NAMES.iter().map(origin).collect()
}

fn exported(format: Format, masks: bool, events: &[Event]) -> String {
    let exporter = Exporter::new(format, origins(), masks);
    let mut drain = Drain::new(exporter, Vec::new(), format == Format::Har).expect("memory");
    for event in events {
        drain.event(event).expect("memory");
    }
    let (bytes, count) = drain.finish().expect("memory");
    assert_eq!(count, events.len() as u64);
    String::from_utf8(bytes).expect("UTF-8")
}

fn data(event: &Event) -> (&Message, Direction, Class) {
    match &event.kind {
        EventKind::Message(direction, class, message) => (message, *direction, *class),
        EventKind::Lifecycle(_) => panic!("a message"),
    }
}

fn note(n: u64, text: &str) -> Event {
    Event {
        n,
        at: Now::default(),
        stream: StreamId(0),
        kind: EventKind::Lifecycle(Box::new(Lifecycle::Note(text.to_owned()))),
    }
}

/// Whatever a terminal obeys, but for the ends of lines.
fn is_tame(text: &str) -> bool {
    let obeyed =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    !text.chars().any(|c| obeyed(c) && c != '\n')
}

proptest! {
    #[test]
    fn ndjson_is_read_again(event in event()) {
        let mut line = Vec::new();
        Encoder::new(NAMES).encode(&event, &mut line);
        let name = NAMES[usize::from(event.stream.0)];
        prop_assert_eq!(read_line(&line), Ok(Record::of(&event, name)));
        prop_assert_eq!(exported(Format::Ndjson, false, &[event]).into_bytes(), line);
    }

    #[test]
    fn any_line_is_answered(line in r#"(\{|\}|"n":|1|,|"time":|"2026-11-24T12:03:44.120Z"|"dir":"in"|"payload":|null|.){0,12}"#) {
        if let Err(fault) = read_line(line.as_bytes()) {
            prop_assert!(fault.column >= 1 && !fault.message.is_empty());
        }
    }

    #[test]
    fn csv_is_read_again(events in proptest::collection::vec(event(), 1..5)) {
        let table = exported(Format::Csv, false, &events);
        prop_assert!(is_tame(&table), "{table:?}");
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        prop_assert_eq!(rows.len(), events.len());
        for (row, event) in rows.iter().zip(&events) {
            let (message, _, class) = data(event);
            let payload = match &row[7] {
                "text" => row[8].as_bytes().to_vec(),
                "json" => serde_json::from_str::<String>(&row[8]).expect("JSON").into_bytes(),
                _ => BASE64_STANDARD.decode(&row[8]).expect("base64"),
            };
            prop_assert_eq!(&payload[..], &message.data[..]);
            prop_assert_eq!(&row[2], event.n.to_string());
            prop_assert_eq!(&row[5], class.word());
            prop_assert_eq!(&row[6], message.data.len().to_string());
        }
    }

    #[test]
    fn har_is_read_again(events in proptest::collection::vec(event(), 0..8)) {
        let text = exported(Format::Har, false, &events);
        prop_assert!(is_tame(&text), "{text:?}");
        let har: Value = serde_json::from_str(&text).expect("JSON");
        let entries = har["log"]["entries"].as_array().expect("entries");
        let mut found = Vec::new();
        for entry in entries {
            is_an_entry(entry);
            found.extend(entry["_webSocketMessages"].as_array().expect("messages"));
        }
        prop_assert_eq!(found.len(), events.len());
        let mut sorted: Vec<_> = events.iter().collect();
        sorted.sort_by_key(|event| event.stream);
        for (shown, event) in found.iter().zip(sorted) {
            let (message, direction, _) = data(event);
            let text = shown["data"].as_str().expect("data");
            let payload = match message.kind {
                Kind::Text => text.as_bytes().to_vec(),
                Kind::Binary => BASE64_STANDARD.decode(text).expect("base64"),
            };
            prop_assert_eq!(&payload[..], &message.data[..]);
            prop_assert_eq!(&shown["opcode"], if message.kind == Kind::Text { 1 } else { 2 });
            prop_assert_eq!(&shown["type"], if direction == Direction::In { "receive" } else { "send" });
            let time = shown["time"].as_f64().expect("a time");
            prop_assert!((time - event.at.wall.0 as f64 / 1e6).abs() < 1e-3);
        }
    }
}

/// What HAR 1.2 asks of an entry, and what browsers ask of a `WebSocket`'s.
fn is_an_entry(entry: &Value) {
    let time = entry["startedDateTime"].as_str().expect("a start");
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    assert_eq!(entry["time"], entry["timings"]["receive"]);
    assert!(entry["cache"].is_object() && entry["timings"]["send"].is_number());
    assert!(entry["timings"]["wait"].is_number());
    for part in ["request", "response"] {
        let part = &entry[part];
        assert!(part["httpVersion"].is_string() && part["cookies"].is_array());
        assert!(part["headers"].is_array() && part["headersSize"].is_i64());
        assert!(part["bodySize"].is_i64());
    }
    assert_eq!(entry["request"]["method"], "GET");
    assert_eq!(
        entry["request"]["url"],
        "wss://example.com/ws?token=redacted&depth=redacted"
    );
    assert_eq!(entry["request"]["queryString"][0]["name"], "token");
    assert_eq!(entry["response"]["status"], 101);
    assert!(entry["response"]["statusText"].is_string());
    assert!(entry["response"]["redirectURL"].is_string());
    assert!(entry["response"]["content"]["size"].is_i64());
    assert!(entry["response"]["content"]["mimeType"].is_string());
    assert_eq!(entry["_resourceType"], "websocket");
}

#[test]
fn har_tells_what_is_known_of_the_links() {
    let link = |at: i64, peer: &str| {
        let step = |stage, millis| (stage, Duration::from_millis(millis));
        let stages = [
            (Stage::Dns, 3),
            (Stage::Tcp, 11),
            (Stage::Tls, 16),
            (Stage::Upgrade, 8),
        ];
        let facts = OpenFacts {
            peer: peer.to_owned(),
            stages: stages.map(|(stage, millis)| step(stage, millis)).into(),
            ..OpenFacts::default()
        };
        (Wall(at * 1000), facts)
    };
    let origin = Origin {
        links: vec![
            link(1000, "203.0.113.7:443"),
            link(5000, "[2001:db8::1]:443"),
        ],
        ..origins().remove(0)
    };
    let exporter = Exporter::new(Format::Har, vec![origin], true);
    let mut drain = Drain::new(exporter, Vec::new(), true).expect("memory");
    for at in [1500, 2000, 6000] {
        let kind = EventKind::Message(Direction::In, Class::Event, Message::text("x"));
        let at = Now {
            wall: Wall(at * 1000),
            ..Now::default()
        };
        drain
            .event(&Event {
                kind,
                at,
                ..note(1, "")
            })
            .expect("memory");
    }
    let (bytes, _) = drain.finish().expect("memory");
    let har: Value = serde_json::from_slice(&bytes).expect("JSON");
    // No event tells that the first link ended: it was not exported.
    let entries = har["log"]["entries"].as_array().expect("entries");
    let hosts: Vec<_> = entries
        .iter()
        .map(|entry| &entry["serverIPAddress"])
        .collect();
    assert_eq!(hosts, ["203.0.113.7", "2001:db8::1"]);
    let first = &entries[0];
    assert_eq!(first["startedDateTime"], "1970-01-01T00:00:00.962Z");
    let timings = serde_json::json!({
        "dns": 3.0, "connect": 27.0, "ssl": 16.0, "send": 0, "wait": 8, "receive": 1000.0,
    });
    assert_eq!(first["timings"], timings);
    assert_eq!(first["time"], 1038.0);
}

#[test]
fn what_looks_like_a_secret_is_masked_in_every_format() {
    let secret = Event {
        kind: EventKind::Message(
            Direction::In,
            Class::Event,
            Message::text(r#"{"password":"hunter2"}"#),
        ),
        ..note(1, "")
    };
    let events = [secret, note(2, r#"it said {"password":"hunter2"}"#)];
    for format in Format::ALL {
        assert!(!exported(format, true, &events).contains("hunter2"));
        assert!(exported(format, false, &events).contains("hunter2"));
    }
}

#[test]
fn turns_are_read_again() {
    let event = note(3, "a \u{1b}[2J note");
    let mut line = Vec::new();
    Encoder::new(NAMES).encode(&event, &mut line);
    let record = read_line(&line).expect("a record");
    assert_eq!(record, Record::of(&event, NAMES[0]));
    assert!(matches!(record.body, Recorded::Turn { .. }));
    let list = br#"[1,"2026-11-24T12:03:44Z","s","in",null,null,"x",null,null,null]"#;
    assert!(read_line(list).is_err());
}

fn sockeye(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    command.args(arguments).stdin(Stdio::null());
    command.env("SOCKEYE_CONFIG_DIR", "/nonexistent/sockeye");
    command
}

fn run(arguments: &[&str]) -> Output {
    sockeye(arguments).output().expect("sockeye runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_tail_writes_is_exported() {
    let demo = Demo::start(500.0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let token = demo.token_file("good").display().to_string();
    let tail = run(&[
        "tail",
        &demo.url("/ws/orders"),
        "--token-file",
        &token,
        "--count",
        "20",
    ]);
    assert!(tail.status.success(), "{}", stderr(&tail));
    let (recording, har) = (path("a.ndjson"), path("a.har"));
    fs::write(&recording, &tail.stdout).expect("written");
    let same = run(&["export", &recording, "--format", "ndjson"]);
    assert_eq!(same.stdout, tail.stdout, "{}", stderr(&same));
    let export = ["export", &recording, "--format", "har", "--output", &har];
    let output = run(&export);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = fs::read_to_string(&har).expect("a file");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let messages = value["log"]["entries"][0]["_webSocketMessages"].as_array();
    let lines = tail.stdout.split_inclusive(|byte| *byte == b'\n').count();
    assert_eq!(messages.map(Vec::len), Some(lines));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&har).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let again = run(&export);
    assert_eq!(again.status.code(), Some(2));
    assert!(
        stderr(&again).contains("there already"),
        "{}",
        stderr(&again)
    );
    assert_eq!(fs::read_to_string(&har).expect("a file"), text);
}

#[test]
fn every_bad_line_is_told_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = folder.path().join("bad.ndjson");
    let good = r#"{"n":1,"time":"2026-11-24T12:03:44.120Z","stream":"s","dir":"in","payload":{}}"#;
    let mut file = fs::File::create(&recording).expect("a file");
    writeln!(file, "{good}\n[1,\n{}\n{good}", good.replace("in", "up")).expect("written");
    drop(file);
    let name = recording.display().to_string();
    let out = folder.path().join("out.csv").display().to_string();
    let output = run(&["export", &name, "--format", "csv", "--output", &out]);
    assert_eq!(output.status.code(), Some(3));
    let told = stderr(&output);
    assert!(told.contains(&format!("{name}:2:")), "{told}");
    assert!(told.contains(&format!("{name}:3:55")), "{told}");
    assert!(
        told.contains("'in' or 'out'") && told.contains("help:"),
        "{told}"
    );
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    // Half a last line is what a program that was cut off leaves.
    fs::write(&recording, format!("{good}\n{}", &good[..40])).expect("written");
    let output = run(&["export", &name, "--format", "ndjson"]);
    assert!(output.status.success());
    assert_eq!(output.stdout, format!("{good}\n").into_bytes());
    assert!(stderr(&output).contains(":2: the last line is cut off"));
}

#[test]
fn a_recording_of_too_many_streams_is_told() {
    let line = |n: usize| {
        format!(
            r#"{{"n":{n},"time":"2026-11-24T12:03:44.120Z","stream":"s{n}","dir":"in","payload":{{}}}}"#
        )
    };
    let lines = |count| (0..count).map(line).collect::<Vec<_>>().join("\n");
    let folder = tempfile::tempdir().expect("a folder");
    let recording = folder.path().join("many.ndjson");
    let export = |count| {
        fs::write(&recording, lines(count) + "\n").expect("written");
        run(&[
            "export",
            &recording.display().to_string(),
            "--format",
            "har",
        ])
    };
    let output = export(MOST_STREAMS);
    assert!(output.status.success(), "{}", stderr(&output));
    let output = export(MOST_STREAMS + 1);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        stderr(&output).contains(&format!("many.ndjson:{}:1", MOST_STREAMS + 1)),
        "{}",
        stderr(&output)
    );
}
