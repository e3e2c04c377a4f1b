//! Any keys, any events, any size: nothing breaks the screen.

use std::time::Duration;

use proptest::prelude::*;
use sockeye::{
    app::{Gesture, Input, Mouse},
    cause::Verdict,
    event::{Answer, Lifecycle, Status},
    keymap::{Chord, Key, Keymap, Mode},
    message::Message,
};

use crate::stage::Stage;

#[derive(Clone, Debug)]
enum Step {
    Key(Chord),
    Paste(String),
    Mouse(Mouse),
    Text(u16, Vec<u8>),
    Turn(u16, u8),
    Pass(u16),
    Size(u16, u16),
}

fn chord() -> impl Strategy<Value = Chord> {
    let bound: Vec<Chord> = Mode::NAMES
        .iter()
        .flat_map(|(_, mode)| Keymap::standard().bindings(*mode))
        .flat_map(|binding| binding.keys.clone())
        .collect();
    prop_oneof![4 => proptest::sample::select(bound), 1 => any::<char>().prop_map(|c| Chord::new(Key::Char(c)))]
}

fn mouse() -> impl Strategy<Value = Mouse> {
    let gestures = [Gesture::Click, Gesture::WheelUp, Gesture::WheelDown];
    (
        0..220_u16,
        0..60_u16,
        proptest::sample::select(gestures.to_vec()),
    )
        .prop_map(|(column, row, gesture)| Mouse {
            column,
            row,
            gesture,
        })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => chord().prop_map(Step::Key),
        1 => ".{0,40}".prop_map(Step::Paste),
        3 => mouse().prop_map(Step::Mouse),
        4 => (0..3_u16, prop::collection::vec(any::<u8>(), 0..120)).prop_map(|(stream, bytes)| Step::Text(stream, bytes)),
        3 => (0..3_u16, any::<u8>()).prop_map(|(stream, what)| Step::Turn(stream, what)),
        2 => any::<u16>().prop_map(Step::Pass),
        2 => (0..220_u16, 0..60_u16).prop_map(|(width, height)| Step::Size(width, height)),
    ]
}

fn turn(stage: &mut Stage, stream: u16, what: u8) {
    let why = || "\u{1b}[2J".to_owned();
    match what % 11 {
        0 => stage.goes_live(stream, i64::from(what) - 40),
        1 => stage.ends(stream, u16::from(what) * 20, "why", Verdict::Ask),
        2 => stage.waits(stream, 3, u64::from(what) * 100),
        3 => stage.gap(stream, 1_000),
        4 => stage.status(stream, Status::SignInNeeded { why: why() }),
        5 => stage.status(stream, Status::Forbidden { why: why() }),
        6 => stage.status(stream, Status::Stopped { why: why() }),
        7 => stage.happens(stream, Lifecycle::Dropped(u64::MAX / 1000)),
        8 => stage.happens(stream, Lifecycle::Pong(Duration::MAX)),
        9 => stage.happens(stream, Lifecycle::Answer(Answer::Refused(why()))),
        _ => stage.happens(stream, Lifecycle::Note(why())),
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_and_no_event_breaks_the_screen(steps in prop::collection::vec(step(), 1..60)) {
        let mut stage = Stage::demo(&["orders", "prices", "audit"]);
        let (mut width, mut height) = (80, 24);
        for step in steps {
            match step {
                Step::Key(chord) => drop(stage.tell(Input::Key(chord))),
                Step::Paste(text) => drop(stage.paste(&text)),
                Step::Mouse(mouse) => drop(stage.tell(Input::Mouse(mouse))),
                Step::Text(stream, bytes) => {
                    let message = match String::from_utf8(bytes) {
                        Ok(text) => Message::text(text),
                        Err(error) => Message::binary(error.into_bytes()),
                    };
                    stage.receive(stream, message);
                }
                Step::Turn(stream, what) => turn(&mut stage, stream, what),
                Step::Pass(millis) => drop(stage.pass(u64::from(millis))),
                Step::Size(w, h) => (width, height) = (w, h),
            }
            let cells = stage.cells(width, height);
            let unsafe_char = |c: char| c.is_control() || sockeye::payload::escape::is_unsafe(c);
            prop_assert!(cells.content().iter().all(|cell| !cell.symbol().contains(unsafe_char)));
            stage.outputs();
        }
    }
}

#[test]
fn every_size_can_be_drawn() {
    let mut stage = Stage::demo(&["orders", "prices"]);
    stage.goes_live(0, 60).press("t");
    stage.status(
        1,
        Status::SignInNeeded {
            why: "no credential".into(),
        },
    );
    for id in 0..40 {
        stage.order(0, id);
    }
    for keys in [
        "",
        "k",
        "enter",
        "esc ?",
        "esc R",
        "esc :",
        "esc d",
        "esc S",
        "n /",
        "x",
        "esc esc esc w",
        "z",
        "z tab z",
        "m ,",
        "c { a ctrl-j b",
        "esc X",
        "esc k enter C p",
        "esc C",
        "esc p",
    ] {
        stage.press(keys);
        for width in (0..130).step_by(9).chain([1, 2, 119, 120]) {
            for height in [0, 1, 2, 3, 5, 7, 8, 10, 16, 24, 45] {
                stage.cells(width, height);
            }
        }
    }
}
