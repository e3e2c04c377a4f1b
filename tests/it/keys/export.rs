//! The dialog of an export: what it asks the shell for, a slice at a time, and what it tells.

use std::{path::Path, process::Command};

use base64::{Engine, prelude::BASE64_STANDARD};
use sockeye::{
    app::{ExportAnswer, ExportStep, Input, NewExport, Output, Overlay},
    cause::Verdict,
    event::{Encoder, Event},
    export::Format,
    exporting::Beside,
    message::{Class, Message},
    store::{Body, Seq},
};

use crate::stage::Stage;

fn step(stage: &mut Stage) -> Option<ExportStep> {
    match stage.outputs().pop() {
        Some(Output::Export(step)) => Some(step),
        None => None,
        other => panic!("{other:?}"),
    }
}

fn begun(stage: &mut Stage, keys: &str) -> NewExport {
    stage.outputs();
    match step(stage.press(keys)) {
        Some(ExportStep::Begin(new)) => new,
        other => panic!("{other:?}"),
    }
}

fn ready(stage: &mut Stage) -> Option<ExportStep> {
    step(stage.tell(Input::Export(ExportAnswer::Ready)))
}

/// The slices up to the end.
fn slices(stage: &mut Stage) -> Vec<Vec<Event>> {
    let mut slices = Vec::new();
    loop {
        match ready(stage) {
            Some(ExportStep::Events(events)) => slices.push(events),
            Some(ExportStep::End) => return slices,
            other => panic!("{other:?}"),
        }
    }
}

fn numbers(stage: &mut Stage) -> Vec<u64> {
    let slices = slices(stage).concat();
    slices.iter().map(|event| event.n).collect()
}

fn orders(count: u32) -> Stage {
    let mut stage = Stage::new(&["orders"]);
    for id in 0..count {
        stage.order(0, id);
    }
    stage
}

#[test]
fn it_asks_for_a_file_and_sends_events_in_their_order() {
    let mut stage = orders(5);
    let new = begun(&mut stage, "e enter");
    assert_eq!(new.path, "sockeye-20261124-120344.ndjson");
    assert_eq!(new.origins[0].name, "orders");
    let address = new.origins[0].address.as_deref();
    assert_eq!(address, Some("wss://feed.example.com/orders?token=…"));
    // What comes later does not belong to it.
    stage.order(0, 5);
    assert_eq!(numbers(&mut stage), [1, 2, 3, 4, 5]);
    let done = ExportAnswer::Done {
        count: 5,
        size: 1234,
    };
    stage.tell(Input::Export(done));
    let told = "5 events, 1.2 kB in sockeye-20261124-120344.ndjson";
    assert!(stage.show(80, 24).contains(told));
}

#[test]
fn format_and_path_go_together_until_the_path_is_changed() {
    let mut stage = orders(1);
    let new = begun(&mut stage, "e right enter");
    assert_eq!(new.format, Format::Csv);
    assert_eq!(new.path, "sockeye-20261124-120344.csv");
    stage.press("esc e left ctrl-u").types("~/har dir/x");
    assert!(stage.show(80, 24).contains("HAR"));
    stage.press("left").types("y");
    let new = begun(&mut stage, "enter");
    assert_eq!((new.format, &*new.path), (Format::Har, "~/har dir/yx"));
    stage.press("esc e ctrl-u enter");
    assert_eq!(
        stage.outputs().pop(),
        Some(Output::Export(ExportStep::Cancel))
    );
    assert!(stage.show(80, 24).contains("the file has no name"));
}

#[test]
fn filters_and_marks_choose_the_events() {
    let mut stage = orders(12);
    stage.receive_as(0, Class::Heartbeat, Message::text("{}"));
    stage.press("k m k k m /").types("o-1").press("enter");
    begun(&mut stage, "e enter");
    assert_eq!(numbers(&mut stage), [2, 11, 12]);
    // Hits or all in the list, it is the filter that counts.
    stage.tell(Input::Export(ExportAnswer::Done { count: 3, size: 9 }));
    stage.press("o");
    begun(&mut stage, "e enter");
    assert_eq!(numbers(&mut stage), [2, 11, 12]);
    stage.tell(Input::Export(ExportAnswer::Done { count: 3, size: 9 }));
    begun(&mut stage, "e down right enter");
    assert_eq!(numbers(&mut stage), (1..=13).collect::<Vec<_>>());
    stage.tell(Input::Export(ExportAnswer::Done { count: 13, size: 9 }));
    begun(&mut stage, "e down left enter");
    assert_eq!(numbers(&mut stage).len(), 2);
    let mut stage = orders(1);
    stage.press("e down left enter");
    assert_eq!(stage.outputs(), []);
    assert!(stage.show(80, 24).contains("there is no event to write"));
}

#[test]
fn large_exports_go_in_slices_and_tell_how_far_they_are() {
    let mut stage = Stage::new(&["orders"]);
    for _ in 0..40 {
        stage.receive(0, Message::text("x".repeat(20_000)));
    }
    begun(&mut stage, "e enter");
    let Some(ExportStep::Events(first)) = ready(&mut stage) else {
        panic!("events");
    };
    assert!((10..20).contains(&first.len()), "{}", first.len());
    let percent = first.len() * 100 / 40;
    let told = format!("writing: {} events so far, {percent} %", first.len());
    assert!(stage.show(80, 24).contains(&told));
    // Nothing is sent until that is written.
    assert_eq!(step(&mut stage), None);
    assert_eq!(stage.press("enter right x").outputs(), []);
    assert_eq!(first.len() + slices(&mut stage).concat().len(), 40);
    // The end was sent: it cannot be given up any more.
    assert_eq!(stage.press("esc").outputs(), []);
}

#[test]
fn what_is_let_go_meanwhile_is_told() {
    let mut stage = Stage::with(&["orders"], |setup| setup.budget = 1 << 16);
    let flood = |stage: &mut Stage| {
        for _ in 0..100 {
            stage.receive(0, Message::text("x".repeat(3000)));
        }
    };
    flood(&mut stage);
    // What is held back is not listed, and in the end none of the others is there.
    stage.press("space");
    let kept = stage.app.store.end().0 - stage.app.store.first().0;
    begun(&mut stage, "e enter");
    flood(&mut stage);
    assert_eq!(slices(&mut stage), [Vec::new()]);
    stage.tell(Input::Export(ExportAnswer::Done { count: 0, size: 0 }));
    let told = format!("; {kept} were let go before");
    assert!(stage.show(80, 24).contains(&told));
    stage.press("e enter");
    assert_eq!(stage.outputs(), []);
    assert!(stage.show(80, 24).contains("there is no event to write"));
}

#[test]
fn it_can_be_given_up_and_tells_what_is_wrong() {
    let mut stage = orders(3);
    begun(&mut stage, "e enter");
    stage.press("esc");
    assert_eq!(step(&mut stage), Some(ExportStep::Cancel));
    assert!(stage.show(80, 24).contains("no file was written"));
    // What is told late is of no account.
    assert_eq!(ready(&mut stage), None);
    begun(&mut stage, "e enter");
    stage.tell(Input::Export(ExportAnswer::Failed {
        what: "x.ndjson is there already".into(),
        help: "nothing is overwritten: give another name".into(),
    }));
    let screen = stage.show(80, 24);
    assert!(screen.contains("! x.ndjson is there already"), "{screen}");
    assert!(screen.contains("give another name"), "{screen}");
    stage.types("2");
    assert!(!stage.show(80, 24).contains("! x.ndjson"));
    assert!(begun(&mut stage, "enter").path.ends_with(".ndjson2"));
}

#[tokio::test]
async fn no_secret_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let packed = b"\x81\xacaccess_token\xa7hunter2";
    let mut stage = Stage::new(&["orders"]);
    stage.receive(0, Message::text(r#"{"password":"hunter2"}"#));
    stage.receive(0, Message::binary(&packed[..]));
    // Also when it is shown.
    stage.press("k u");
    let path = folder.path().join("x");
    stage
        .press("e ctrl-u")
        .types(path.to_str().expect("a name"));
    write(&mut stage, "enter").await;
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains(r#""password":"*******""#), "{text}");
    let stars = BASE64_STANDARD.encode(b"\x81\xacaccess_token\xa7*******");
    assert!(text.contains(&stars) && !text.contains("hunter2"), "{text}");
}

fn export(recording: &Path, format: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    let output = command
        .arg("export")
        .arg(recording)
        .args(["--format", format])
        .output();
    String::from_utf8(output.expect("sockeye runs").stdout).expect("UTF-8")
}

#[tokio::test]
async fn it_writes_what_the_export_of_a_recording_writes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::new(&["orders", "prices"]);
    let messages = [
        Message::text(r#"{"type":"a","secret":"hunter2"}"#),
        Message::text("=1+1\n\u{1b}[2J"),
        Message::binary(&b"\0\xff"[..]),
    ];
    for (at, message) in messages.into_iter().enumerate() {
        stage.pass(7);
        stage.receive(at as u16 % 2, message);
    }
    stage.ends(0, 1012, r#"{"password":"hunter2"}"#, Verdict::Reconnect);
    stage.order(0, 1);
    // What was recorded of the same events: all that the store has, as `tail` writes it.
    let mut lines = Vec::new();
    let mut encoder = Encoder::new(["orders", "prices"]);
    for seq in 0..stage.app.store.end().0 {
        let row = stage.app.store.row(Seq(seq)).expect("an event");
        let payload = match row.body {
            Body::Message { data, .. } => data.to_vec(),
            Body::Lifecycle(_) => Vec::new(),
        };
        encoder.encode(&row.event(payload.into()), &mut lines);
    }
    let recording = folder.path().join("recording");
    std::fs::write(&recording, lines).expect("written");
    for (keys, format) in [("right left", "ndjson"), ("right", "csv"), ("left", "har")] {
        let path = folder.path().join(format);
        stage.press(&format!("e {keys} ctrl-u"));
        stage.types(path.to_str().expect("a name"));
        write(&mut stage, "enter").await;
        let mut text = std::fs::read_to_string(&path).expect("a file");
        let mut wanted = export(&recording, format);
        if format == "har" {
            // A recording does not know the addresses.
            let url = |name: &str| format!("wss://feed.example.com/{name}?token=redacted");
            let query = r#""queryString":[{"name":"token","value":"redacted"}]"#;
            text = text.replace(query, r#""queryString":[]"#);
            for name in ["orders", "prices"] {
                let unknown = format!("ws://recording.invalid/{name}");
                assert!(text.contains(&url(name)), "{text}");
                wanted = wanted.replace(&unknown, &url(name));
            }
        }
        assert_eq!(text, wanted, "{format}");
        assert!(!text.contains("hunter2") && text.contains("*******"));
    }
}

/// Does what the shell does, to the end.
async fn write(stage: &mut Stage, keys: &str) {
    let mut beside = Beside::start(begun(stage, keys)).expect("a thread");
    while let Some(answer) = beside.answer().await {
        match step(stage.tell(Input::Export(answer))) {
            Some(ExportStep::Events(events)) => beside.events(events),
            Some(ExportStep::End) => beside.end(),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.har");
    let mut stage = orders(3);
    stage
        .press("e left ctrl-u")
        .types(path.to_str().expect("a name"));
    write(&mut stage, "enter").await;
    assert!(matches!(stage.app.overlay, Overlay::None));
    let text = std::fs::read_to_string(&path).expect("a file");
    let har: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let entry = &har["log"]["entries"][0];
    assert_eq!(
        entry["request"]["url"],
        "wss://feed.example.com/orders?token=redacted"
    );
    assert_eq!(
        entry["_webSocketMessages"].as_array().map(Vec::len),
        Some(3)
    );
    // It is not overwritten.
    stage
        .press("e left ctrl-u")
        .types(path.to_str().expect("a name"));
    write(&mut stage, "enter").await;
    let screen = stage.show(160, 45);
    assert!(screen.contains("a.har is there already"), "{screen}");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), text);
    // Where there is no folder, and where it is given up.
    let nowhere = folder.path().join("none/x");
    stage
        .press("ctrl-u")
        .types(nowhere.to_str().expect("a name"));
    write(&mut stage, "enter").await;
    let screen = stage.show(160, 45);
    assert!(screen.contains("make its folder first"), "{screen}");
    let other = folder.path().join("b");
    stage.press("ctrl-u").types(other.to_str().expect("a name"));
    let mut beside = Beside::start(begun(&mut stage, "enter")).expect("a thread");
    assert_eq!(beside.answer().await, Some(ExportAnswer::Ready));
    drop(beside);
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("a folder").count(),
        1
    );
}
