//! The table of types: what it shows, in which order, and what its keys do.

use sockeye::message::Message;

use crate::stage::Stage;

/// Many prices, some orders of which the last is the newest, one large report, and messages that state no type.
fn traffic() -> Stage {
    let mut stage = Stage::new(&["orders", "prices"]);
    stage.goes_live(0, 300).goes_live(1, 300);
    let report = format!(
        r#"{{"type":"report.daily","rows":"{}"}}"#,
        "x".repeat(40_000)
    );
    stage.receive(0, Message::text(report)).pass(9_000);
    for id in 0..40 {
        for _ in 0..=id % 4 {
            stage.receive(1, Message::text(r#"{"type":"price","bid":1.07}"#));
        }
        stage.receive(1, Message::text("[1,2]")).pass(250);
        if id % 5 == 0 {
            stage.order(0, id);
        }
    }
    stage.order(0, 40).pass(900);
    stage
}

/// The names in the table, from the top.
fn names(stage: &mut Stage) -> Vec<&'static str> {
    let known = ["order.created", "price", "report.daily", "(no type)"];
    let screen = stage.show(120, 40);
    let lines = screen.lines().filter_map(|line| {
        let row = line.find(" %")?;
        known.into_iter().find(|name| line[..row].contains(name))
    });
    lines.collect()
}

#[test]
fn what_it_looks_like() {
    let mut stage = traffic();
    stage.press("#");
    insta::assert_snapshot!("types-80x24", stage.show(80, 24));
    insta::assert_snapshot!("types-160x45", stage.press("s s").show(160, 45));
    insta::assert_snapshot!("types-40x12", stage.show(40, 12));
}

#[test]
fn it_is_ordered_as_wanted() {
    let mut stage = traffic();
    stage.press("#");
    let by_rate = ["price", "(no type)", "order.created", "report.daily"];
    assert_eq!(names(&mut stage), by_rate);
    assert!(stage.show(80, 24).contains("all streams · by rate"));
    stage.press("right right");
    assert_eq!(names(&mut stage)[0], "report.daily");
    stage.press("s");
    assert_eq!(names(&mut stage)[0], "order.created");
    stage.press("s left S s");
    let by_last = ["order.created", "price", "(no type)", "report.daily"];
    assert_eq!(names(&mut stage), by_last);
    stage.press("s");
    let by_name = ["order.created", "price", "report.daily", "(no type)"];
    assert_eq!(names(&mut stage), by_name);
}

#[test]
fn it_is_of_the_stream_that_is_shown_and_goes_on() {
    let mut stage = traffic();
    stage.press("1 #");
    assert_eq!(names(&mut stage), ["order.created", "report.daily"]);
    stage.pass(60_000);
    let screen = stage.show(80, 24);
    assert!(screen.contains("types · orders") && screen.contains("1m00s"));
    assert!(screen.contains("0/s") && !screen.contains("0.4/s"));
}

#[test]
fn the_chosen_type_becomes_a_filter_wherever_its_row_moves() {
    let mut stage = traffic();
    stage.press("# j j");
    for id in 50..90 {
        stage.order(0, id).pass(10);
    }
    stage.pass(1_000);
    assert_eq!(names(&mut stage)[0], "order.created");
    stage.press("enter");
    let layers = stage.app.list.layers();
    assert_eq!(
        (layers.len(), layers.get(0).map(|layer| &*layer.text)),
        (1, Some("type:order.created"))
    );
    assert_eq!(stage.app.list.count(), 8 + 1 + 40);
    stage.press("esc # s G enter");
    assert_eq!(stage.app.list.layers().len(), 1);
    stage.press("esc # g s s s enter esc");
    assert!(stage.app.list.layers().is_empty());
}

#[test]
fn messages_without_a_type_can_be_asked_for() {
    let mut stage = traffic();
    stage.press("# j enter");
    assert_eq!(stage.app.list.count(), 40);
}
