//! Columns of values, pinned values, and the list of both.

use sockeye::message::Message;

use crate::stage::Stage;

fn market() -> Stage {
    let mut stage = Stage::new(&["prices"]);
    stage.goes_live(0, 300).pass(1_000);
    for n in 0..40_u32 {
        let bid = 100 + n * n % 17;
        let text = format!(
            r#"{{"type":"trade","data":{{"symbol":"EUR/USD","price":{bid}.5{},"size":{}}},"maker":{}}}"#,
            n % 3,
            n * 7,
            n % 2 == 0
        );
        stage.receive(0, Message::text(text)).pass(80);
        if n % 5 == 0 {
            stage.receive(0, Message::text(r#"{"type":"status","open":true}"#));
        }
    }
    stage.show(80, 24);
    stage.press("k enter + j j C j C p j p esc f");
    stage
}

#[test]
fn columns_and_pins() {
    insta::assert_snapshot!("columns-80x24", market().show(80, 24));
    insta::assert_snapshot!("columns-120x40", market().show(120, 40));
    insta::assert_snapshot!("columns-160x45", market().show(160, 45));
    insta::assert_snapshot!("columns-list-80x24", market().press("C j j j").show(80, 24));
    insta::assert_snapshot!("columns-24x8", market().show(24, 8));
}
