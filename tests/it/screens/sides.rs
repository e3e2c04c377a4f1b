//! Streams side by side, of which one waits for its next attempt.

use sockeye::{cause::Verdict, message::Message};

use crate::stage::Stage;

fn markets() -> Stage {
    let mut stage = Stage::new(&["orders", "prices", "audit"]);
    for stream in 0..3 {
        stage.goes_live(stream, 252);
    }
    for id in 0..40 {
        stage.order(0, id).pass(61);
        let tick = format!(r#"{{"type":"tick","symbol":"EUR/USD","bid":1.07{id}}}"#);
        stage.receive(1, Message::text(tick)).pass(23);
    }
    stage
        .ends(1, 1012, "deploy", Verdict::Reconnect)
        .waits(1, 2, 4_200)
        .pass(900);
    stage.show(160, 45);
    stage.press("s");
    stage
}

#[test]
fn side_by_side() {
    insta::assert_snapshot!("sides-160x45", markets().show(160, 45));
    insta::assert_snapshot!("sides-120x30", markets().press("tab k k k").show(120, 30));
    insta::assert_snapshot!(
        "sides-detail-200x45",
        markets().press("k enter").show(200, 45)
    );
    insta::assert_snapshot!("sides-80x24", markets().show(80, 24));
}
