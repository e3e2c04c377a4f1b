//! What keys do in the demo: tokens to try, scenarios, the tour.

use std::time::Duration;

use sockeye::{
    app::{Input, Output},
    event::{Lifecycle, Status, StreamId},
    secret::Secret,
    session::Command,
};

use super::CLAIMS;
use crate::stage::{Stage, menu, token};

#[test]
fn the_demo_fills_in_its_tokens() {
    let mut stage = Stage::demo(&["orders"]);
    stage.goes_live(0, 300).press("R down down");
    let names = ["short", "none"].map(str::to_owned);
    assert_eq!(stage.outputs(), names.clone().map(Output::Sample));
    for name in names {
        stage.tell(Input::Sample(
            name.clone(),
            Secret::new(format!("token-{name}")),
        ));
    }
    stage.press("enter");
    let outputs = stage.outputs();
    let [Output::Command(_, Command::SignIn(credential))] = &outputs[..] else {
        panic!("{outputs:?}");
    };
    assert_eq!(credential.secret, Secret::new("token-none".into()));
}

#[test]
fn the_demo_plays_by_key_and_by_palette() {
    let mut stage = Stage::demo(&["orders"]);
    stage.goes_live(0, 300).press("d x");
    assert_eq!(stage.outputs(), [Output::Play("reset".into())]);
    assert!(stage.show(80, 24).contains("TCP reset"));
    stage.press(":").types("restart").press("enter");
    assert_eq!(stage.outputs(), [Output::Play("restart".into())]);
    stage.pass(21_000);
    assert!(!stage.show(80, 24).contains("playing"));
}

#[test]
fn the_tour_goes_from_one_to_the_next() {
    let mut stage = Stage::demo(&["orders"]);
    stage.goes_live(0, 300).press("t");
    assert_eq!(stage.outputs(), [Output::Play("restart".into())]);
    stage.pass(6_000).press("t").pass(60_000);
    assert!(stage.show(80, 24).contains("held"));
    stage.press("t").pass(5_900);
    assert_eq!(stage.outputs(), []);
    stage.pass(1_100);
    assert_eq!(stage.outputs(), [Output::Play("expire".into())]);
    stage.pass(13_000);
    assert!(stage.show(80, 24).contains("the tour is over"));
    stage.press("t > T").pass(60_000);
    assert_eq!(stage.outputs().len(), 2);
}

#[test]
fn a_scenario_waits_until_its_stream_is_signed_in() {
    let mut stage = Stage::demo(&["orders"]);
    stage.status(
        0,
        Status::SignInNeeded {
            why: "no credential".into(),
        },
    );
    stage.press("t");
    assert_eq!(stage.outputs(), [Output::Sample("short".into())]);
    let secret = token(r#"{"alg":"HS256"}"#, CLAIMS);
    stage.tell(Input::Sample("short".into(), Secret::new(secret.clone())));
    assert!(matches!(
        stage.outputs()[..],
        [Output::Command(_, Command::SignIn(_))]
    ));
    stage.status(0, Status::Connecting { attempt: 1 });
    let credential = sockeye::auth::Credential::new(&secret, "the demo");
    stage.happens(0, Lifecycle::Credential(credential.facts(false)));
    assert_eq!(stage.outputs(), []);
    stage.status(0, Status::Live);
    assert_eq!(stage.outputs(), [Output::Play("restart".into())]);
}

#[test]
fn a_scenario_does_not_sit_out_the_wait_of_the_one_before() {
    let reconnect = [Output::Command(StreamId(0), Command::Reconnect)];
    let mut stage = Stage::with(&["orders"], |setup| {
        setup.demo = Some(menu());
        setup.streams[0].stable = Duration::from_secs(10);
    });
    stage.waits(0, 3, 20_000).press("d e").pass(3_000);
    assert_eq!(stage.outputs(), reconnect, "once");
    stage.status(0, Status::Connecting { attempt: 3 });
    stage.waits(0, 4, 20_000).pass(1_000);
    assert_eq!(stage.outputs(), reconnect, "and for the next attempt");
    stage.status(0, Status::Live).pass(9_000);
    assert_eq!(
        stage.outputs(),
        [],
        "so many attempts are not forgotten yet"
    );
    stage.pass(2_000);
    assert_eq!(stage.outputs(), [Output::Play("expire".into())]);
    stage.waits(0, 2, 20_000).pass(1_000);
    assert_eq!(stage.outputs(), [], "what it plays itself is left alone");
}

#[test]
fn a_scenario_begins_even_when_its_stream_never_gets_ready() {
    let mut stage = Stage::demo(&["orders"]);
    stage.press("d e").pass(19_000);
    assert_eq!(stage.outputs(), []);
    stage.pass(2_000);
    assert_eq!(stage.outputs(), [Output::Play("expire".into())]);
}
