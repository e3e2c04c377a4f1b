//! What the screen looks like, as a stranger would see it.

use std::time::Duration;

use ratatui::style::{Color, Modifier};
use sockeye::{
    cause::{Cause, Verdict},
    close_code::CloseCode,
    event::{Lifecycle, OpenFacts, Status},
    message::Message,
};

use crate::stage::{START, Stage, opened, token};

/// Orders, a restart, a gap, more orders.
fn after_a_restart() -> Stage {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(2_000);
    for id in 70..78 {
        stage.order(0, id).pass(121);
    }
    stage.receive(
        0,
        Message::text(r#"{"type":"alert","level":"warn","text":"stock low","sku":"kettle"}"#),
    );
    stage
        .ends(0, 1012, "deploy", Verdict::Reconnect)
        .waits(0, 2, 4_200)
        .pass(4_200);
    stage.status(0, Status::Connecting { attempt: 2 }).pass(38);
    stage.happens(0, Lifecycle::Opened(opened())).pass(12);
    stage.happens(0, Lifecycle::Authenticated(Some(Duration::from_millis(12))));
    stage.status(0, Status::Live).gap(0, 4_250);
    for id in 78..84 {
        stage.order(0, id).pass(92);
    }
    stage.happens(0, Lifecycle::Pong(Duration::from_millis(23)));
    stage
}

fn three_streams() -> Stage {
    let mut stage = Stage::new(&["orders", "prices", "audit"]);
    stage
        .goes_live(0, 252)
        .goes_live(1, 3000)
        .goes_live(2, 20)
        .pass(1_000);
    for id in 1..6 {
        stage.order(0, id).pass(40);
        stage
            .receive(
                1,
                Message::text(format!(
                    r#"{{"type":"price","symbol":"EUR/USD","bid":1.0{id}}}"#
                )),
            )
            .pass(13);
    }
    stage
        .ends(1, 1012, "deploy", Verdict::Reconnect)
        .waits(1, 3, 4_000);
    stage.ends(2, 4001, "token expired at 12:04:04", Verdict::Renew);
    stage.status(
        2,
        Status::SignInNeeded {
            why: "closed 4001 Token Expired: token expired at 12:04:04".into(),
        },
    );
    stage.order(0, 6).pass(30);
    stage
}

#[test]
fn a_live_stream() {
    insta::assert_snapshot!("live-80x24", after_a_restart().show(80, 24));
    insta::assert_snapshot!("live-120x40", after_a_restart().show(120, 40));
    insta::assert_snapshot!("live-24x8", after_a_restart().show(24, 8));
}

#[test]
fn several_streams() {
    insta::assert_snapshot!("streams-80x24", three_streams().show(80, 24));
    insta::assert_snapshot!("streams-120x40", three_streams().show(120, 40));
}

#[test]
fn a_wait() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(1_000).order(0, 1).pass(1_000);
    stage
        .ends(0, 1012, "deploy", Verdict::Reconnect)
        .waits(0, 3, 4_200)
        .pass(700);
    insta::assert_snapshot!("waiting-80x24", stage.show(80, 24));
}

#[test]
fn a_sign_in() {
    let mut stage = three_streams();
    stage.press("3 R");
    insta::assert_snapshot!("sign-in-empty-80x24", stage.show(80, 24));
    let claims = format!(
        r#"{{"sub":"alice","iss":"https://id.example.com/","aud":["orders","audit"],"scope":"read write","iat":{},"exp":{}}}"#,
        START - 60,
        START + 840
    );
    stage.paste(&format!("{}\n", token(r#"{"alg":"HS256"}"#, &claims)));
    insta::assert_snapshot!("sign-in-80x24", stage.show(80, 24));
    stage.press("ctrl-u");
    let claims = format!(
        r#"{{"sub":"eve\u001b[31m","exp":{},"nbf":{}}}"#,
        START - 200,
        START + 60
    );
    stage.paste(&token(r#"{"alg":"none"}"#, &claims));
    insta::assert_snapshot!("sign-in-bad-80x24", stage.show(80, 24));
    stage.press("ctrl-u").types("sk-live-12345");
    insta::assert_snapshot!("sign-in-opaque-120x40", stage.show(120, 40));
}

#[test]
fn a_forbidden_stream() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(1_000).order(0, 1);
    stage.ends(0, 4003, "role 'reader' may not watch orders", Verdict::Ask);
    stage.status(
        0,
        Status::Forbidden {
            why: "closed 4003 Forbidden: role 'reader' may not watch orders".into(),
        },
    );
    insta::assert_snapshot!("forbidden-80x24", stage.show(80, 24));
    stage.press("k ?");
    insta::assert_snapshot!("forbidden-why-80x24", stage.show(80, 24));
}

#[test]
fn help_and_palette() {
    let mut stage = Stage::demo(&["orders", "prices"]);
    stage.press("?");
    insta::assert_snapshot!("help-80x24", stage.show(80, 24));
    insta::assert_snapshot!("help-120x40", stage.show(120, 40));
    stage.press("esc :");
    insta::assert_snapshot!("palette-80x24", stage.show(80, 24));
    stage.types("play to");
    insta::assert_snapshot!("palette-typed-80x24", stage.show(80, 24));
}

#[test]
fn the_demo() {
    let mut stage = Stage::demo(&["orders"]);
    stage.goes_live(0, 60).press("d down");
    insta::assert_snapshot!("demo-80x24", stage.show(80, 24));
    stage.press("esc t").pass(3_000).order(0, 1);
    insta::assert_snapshot!("tour-80x24", stage.show(80, 24));
    stage.press("R");
    insta::assert_snapshot!("demo-sign-in-80x24", stage.show(80, 24));
}

#[test]
fn a_search() {
    let mut stage = after_a_restart();
    stage.press("/").types("O-7");
    insta::assert_snapshot!("search-80x24", stage.show(80, 24));
    stage.press("enter o N N");
    insta::assert_snapshot!("search-all-80x24", stage.show(80, 24));
    stage.press("/ ctrl-u").types("zzz");
    insta::assert_snapshot!("search-none-24x8", stage.show(24, 8));
}

#[test]
fn a_detail() {
    let mut stage = after_a_restart();
    stage.press("k k enter");
    insta::assert_snapshot!("detail-80x24", stage.show(80, 24));
    stage.press("v v");
    insta::assert_snapshot!("detail-hex-120x40", stage.show(120, 40));
    stage.press("i");
    insta::assert_snapshot!("connection-80x24", stage.show(80, 24));
}
