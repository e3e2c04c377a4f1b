//! What keys do by hand on a live link: messages, pings, a close.

use sockeye::{
    app::Output,
    close_code::CloseCode,
    event::{Answer, EventKind, Lifecycle, StreamId},
    message::{Class, Direction, Message},
    session::Command,
};

use crate::stage::Stage;

/// A live stream whose profile has two messages.
fn stage() -> Stage {
    let mut stage = Stage::with(&["orders"], |setup| {
        setup.streams[0].messages = vec![
            ("ping".into(), r#"{"op":"ping"}"#.into()),
            ("hello".into(), r#"{"op":"hello"}"#.into()),
        ];
    });
    stage.goes_live(0, 300);
    stage
}

/// What is said to sessions, in order.
fn said(stage: &mut Stage) -> Vec<String> {
    let texts = stage
        .outputs()
        .into_iter()
        .filter_map(|output| match output {
            Output::Command(_, Command::Say(text)) => Some(text),
            _ => None,
        });
    texts.collect()
}

fn answers(stage: &mut Stage, answer: Answer) {
    stage.happens(0, Lifecycle::Answer(answer));
}

/// The text in the dialog: its first line.
fn written(stage: &mut Stage) -> String {
    let screen = stage.show(80, 24);
    let mut lines = screen.lines().skip_while(|line| !line.contains("send · "));
    let line = lines.nth(1).expect("a line").to_owned();
    let inside = line.split('│').nth(1).expect("a box");
    inside.trim().to_owned()
}

#[test]
fn a_message_is_written_sent_and_answered() {
    let mut stage = stage();
    stage.press("c").types(r#"{"a":1}"#);
    assert!(stage.show(80, 24).contains("JSON · 7 bytes"));
    stage.press("enter");
    assert_eq!(said(&mut stage), [r#"{"a":1}"#]);
    assert!(!stage.show(80, 24).contains("send · orders"));
    let message = Message::text(r#"{"a":1}"#);
    let out = stage.event(0, EventKind::Message(Direction::Out, Class::Event, message));
    stage.tell(sockeye::app::Input::Batch(vec![out]));
    answers(&mut stage, Answer::Sent(7));
    let screen = stage.show(80, 24);
    assert!(screen.contains("orders: sent, 7 bytes"), "{screen}");
    assert!(screen.contains("→"), "{screen}");
}

#[test]
fn what_is_not_json_is_sent_at_the_second_enter() {
    let mut stage = stage();
    stage.press("c").types(r#"{"op" 1}"#);
    let screen = stage.show(80, 24);
    assert!(
        screen.contains("not JSON: expected `:` at column 7"),
        "{screen}"
    );
    stage.press("enter");
    assert!(stage.show(80, 24).contains("this is not JSON"));
    // A change makes it another text, which is judged anew.
    stage.types("x").press("enter");
    assert_eq!(said(&mut stage), [""; 0]);
    stage.press("enter");
    assert_eq!(said(&mut stage), [r#"{"op" 1}x"#]);
}

#[test]
fn a_draft_outlives_the_dialog_and_a_refusal() {
    let mut stage = stage();
    stage.press("c").types("[1]").press("esc c");
    assert_eq!(written(&mut stage), "[1]");
    stage.press("enter");
    answers(
        &mut stage,
        Answer::Unsent("not sent: the stream is not live".into()),
    );
    assert!(stage.show(80, 24).contains("orders: not sent"));
    stage.press("c");
    assert_eq!(written(&mut stage), "[1]");
    stage.press("enter");
    answers(&mut stage, Answer::Sent(3));
    stage.press("c");
    assert_eq!(written(&mut stage), "type or paste a message");
}

#[test]
fn what_was_sent_comes_back_unless_it_held_a_secret() {
    let mut stage = stage();
    let secret = r#"{"password":"hunter2"}"#;
    for text in ["[1]", "[2]", "[2]", secret] {
        stage.press("c").paste(text).press("enter");
        answers(&mut stage, Answer::Sent(3));
    }
    stage.press("c").types("[3]");
    for (keys, wanted) in [
        ("up", "[2]"),
        ("up", "[1]"),
        ("up", "[1]"),
        ("down", "[2]"),
        ("down", "[3]"),
        ("down", "[3]"),
    ] {
        stage.press(keys);
        assert_eq!(written(&mut stage), wanted, "{keys}");
    }
    stage.press("ctrl-u").paste(secret);
    let screen = stage.show(80, 24);
    assert!(screen.contains(r#"{"password":"*******"}"#), "{screen}");
    assert!(!screen.contains("hunter2"));
}

#[test]
fn tab_goes_through_the_messages_of_the_profile() {
    let mut stage = stage();
    stage.press("c").types("[3]");
    for wanted in [r#"{"op":"ping"}"#, r#"{"op":"hello"}"#, "[3]"] {
        stage.press("tab");
        assert_eq!(written(&mut stage), wanted);
    }
    stage.press("tab enter");
    assert_eq!(said(&mut stage), [r#"{"op":"ping"}"#]);
    stage.press(":").types("send hello").press("enter");
    assert_eq!(said(&mut stage), [r#"{"op":"hello"}"#]);
}

#[test]
fn lines_of_a_text_stay_lines() {
    let mut stage = stage();
    stage
        .press("c")
        .paste("[1,\r\n2,\u{1b}[2J")
        .press("alt-enter");
    stage.types("3]").press("enter enter");
    assert_eq!(said(&mut stage), ["[1,\n2,[2J\n3]"]);
}

/// Each stream has a desk of its own, and what it expects is its own.
#[test]
fn another_stream_is_written_to() {
    let mut stage = Stage::with(&["orders", "queue"], |setup| {
        setup.streams[1].event.codec = sockeye::codec::Codec::Mqtt;
    });
    stage.goes_live(0, 300).goes_live(1, 300);
    stage.press("1 c").types("for orders").press("shift-tab");
    stage.types("hello").press("enter");
    let screen = stage.show(80, 24);
    assert!(
        screen.contains("send · queue") && screen.contains("it cannot be sent"),
        "{screen}"
    );
    stage
        .press("ctrl-u")
        .types(r#"{"packet":"PINGREQ"}"#)
        .press("enter");
    let outputs = stage.outputs();
    let wanted = Command::Say(r#"{"packet":"PINGREQ"}"#.into());
    assert_eq!(outputs, [Output::Command(StreamId(1), wanted)]);
    stage.press("c");
    assert_eq!(written(&mut stage), "for orders");
}

#[test]
fn a_ping_is_sent_and_its_answer_told() {
    let mut stage = stage();
    stage.press("ctrl-p");
    let outputs = stage.outputs();
    assert!(
        matches!(&outputs[..], [Output::Command(StreamId(0), Command::Ping(payload))] if payload.len() <= 125),
        "{outputs:?}"
    );
    answers(
        &mut stage,
        Answer::Told("the ping was answered after 23 ms".into()),
    );
    assert!(
        stage
            .show(80, 24)
            .contains("orders: the ping was answered after 23 ms")
    );
}

#[test]
fn a_close_is_checked_before_it_is_made() {
    let mut stage = stage();
    for (typed, told) in [
        ("1006", "'1006' is no code to close with"),
        ("done", "'done' is no code to close with"),
        (
            &format!("3000 {}", "x".repeat(124)),
            "the reason takes 124 bytes",
        ),
    ] {
        stage.press("X ctrl-u").types(typed);
        assert!(stage.show(80, 24).contains(told), "{typed}");
        stage.press("enter");
        assert_eq!(stage.outputs(), [], "{typed}");
        stage.press("esc");
    }
    stage.press("X").types("done");
    let screen = stage.show(80, 24);
    assert!(
        screen.contains("1000 Normal Closure, with a reason of 4 bytes"),
        "{screen}"
    );
    assert!(
        screen.contains("stopped until you reconnect (r)"),
        "{screen}"
    );
    stage.press("enter");
    let close = Command::Close {
        code: CloseCode(1000),
        reason: "done".into(),
    };
    assert_eq!(stage.outputs(), [Output::Command(StreamId(0), close)]);
}
