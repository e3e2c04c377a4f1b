//! What is copied: payloads, lines, values and paths, and never a secret that was not revealed.

use sockeye::{
    app::{Clip, Output},
    cause::Verdict,
    event::read_line,
    message::Message,
    profile::Clipboard,
};

use crate::stage::Stage;

const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

/// What the keys copied.
fn copied(stage: &mut Stage, keys: &str) -> Clip {
    stage.outputs();
    match &stage.press(keys).outputs()[..] {
        [Output::Copy(clip)] => clip.clone(),
        other => panic!("{other:?}"),
    }
}

fn text(stage: &mut Stage, keys: &str) -> String {
    copied(stage, keys).text.expose().to_owned()
}

fn stage(message: Message) -> Stage {
    let mut stage = Stage::new(&["orders"]);
    stage.receive(0, message);
    stage.show(80, 24);
    stage
}

#[test]
fn the_list_gives_payloads_and_lines() {
    let json = r#"{"type":"a", "n":1.50}"#;
    let mut orders = stage(Message::text(json));
    orders.receive(0, Message::text("later"));
    assert_eq!(text(&mut orders, "y"), "later");
    assert_eq!(text(&mut orders, "k k y"), json);
    let clip = copied(&mut orders, "y");
    assert_eq!(clip.told(), "payload of event 1 copied (22 bytes)");
    let line = text(&mut orders, "Y");
    assert_eq!(
        line,
        format!(
            r#"{{"n":1,"time":"2026-11-24T12:03:44.000Z","stream":"orders","dir":"in","payload":{json}}}"#
        )
    );
    read_line(line.as_bytes()).expect("a record");
    orders.ends(0, 1012, "deploy", Verdict::Reconnect);
    let turn = text(&mut orders, "j j y");
    assert!(turn.contains("1012"), "{turn}");
    let line = text(&mut orders, "Y");
    assert!(line.contains(r#""event":"ended""#), "{line}");
}

#[test]
fn what_is_no_text_is_copied_in_hexadecimal() {
    let mut binary = stage(Message::binary(&b"\0\xffA"[..]));
    assert_eq!(text(&mut binary, "y"), "00ff41");
    let mut json = stage(Message::binary(&b"{\"a\":1}"[..]));
    assert_eq!(text(&mut json, "y"), r#"{"a":1}"#);
    // In the pane as it is shown there: as a tree, raw, in hexadecimal.
    assert_eq!(text(&mut json, "k enter v v y"), "7b2261223a317d");
    // What a terminal would obey is not put where it may be pasted into one.
    let mut escape = stage(Message::text("\u{1b}[201~rm -rf\n"));
    assert_eq!(text(&mut escape, "y"), r#""\u001b[201~rm -rf\n""#);
}

#[test]
fn the_detail_gives_values_and_paths() {
    let json = r#"{"data":{"id":"o \"7\"","n":12345678901234567890,"lines":[1, 2]}}"#;
    let mut stage = stage(Message::text(json));
    stage.press("k enter");
    assert_eq!(text(&mut stage, "Y"), ".data");
    assert_eq!(text(&mut stage, "j y"), r#"o "7""#);
    let clip = copied(&mut stage, "y");
    assert_eq!(clip.told(), "value of .data.id copied (5 bytes)");
    assert_eq!(text(&mut stage, "j y"), "12345678901234567890");
    assert_eq!(text(&mut stage, "j y"), "[1, 2]");
    assert_eq!(text(&mut stage, "j Y"), ".data.lines[0]");
    stage.press("v");
    assert_eq!(text(&mut stage, "y"), json);
    assert_eq!(stage.press("Y").outputs(), []);
    assert!(stage.show(80, 24).contains("only what is shown as a tree"));
}

#[test]
fn a_secret_is_copied_only_when_it_was_revealed() {
    let payload = format!(r#"{{"access_token":"hunter2","t":"{TOKEN}"}}"#);
    // A map of MessagePack with the same member.
    let packed = b"\x81\xacaccess_token\xa7hunter2";
    for message in [
        Message::text(&*payload),
        Message::binary(&packed[..]),
        Message::text(format!("say {payload}")),
    ] {
        let mut stage = stage(message);
        for keys in ["k y", "Y", "enter y", "j y"] {
            let clip = copied(&mut stage, keys);
            let text = clip.text.expose();
            for secret in ["hunter2", "68756e74657232", "c2lnbmF0dXJl", "aHVudGVyM"] {
                assert!(!text.contains(secret), "{keys}: {text}");
            }
            assert!(!clip.told().contains("unmasked"), "{}", clip.told());
        }
        let clip = copied(&mut stage, "u g y");
        assert!(clip.told().contains("copied unmasked ("), "{}", clip.told());
        assert_eq!(format!("{:?}", clip.text), "Secret(***)");
    }
    let mut stage = stage(Message::text(payload));
    assert!(copied(&mut stage, "k y").told().contains("copied masked ("));
    assert_eq!(text(&mut stage, "u enter g y"), "hunter2");
    assert!(text(&mut stage, "esc Y").contains(TOKEN));
}

#[test]
fn copying_can_be_off() {
    let mut stage = Stage::with(&["orders"], |setup| setup.clipboard = Clipboard::Off);
    stage.order(0, 1).outputs();
    assert_eq!(stage.press("y").outputs(), []);
    assert!(stage.show(80, 24).contains("copying is off"));
}
