//! Alerts in the monitor: what is announced, how often, what is marked, and what the keys do.

use std::time::Duration;

use sockeye::{
    alert::Announcement,
    app::{Input, Output},
    message::Message,
    profile::Alert,
};

use crate::stage::Stage;

/// A stage with a filter on failures.
fn filtered() -> Stage {
    let mut stage = Stage::new(&["orders", "prices"]);
    stage.goes_live(0, 300).goes_live(1, 300);
    stage.order(0, 1).failure(1);
    stage.press("/").types("failed").press("enter");
    stage
}

impl Stage {
    fn failure(&mut self, stream: u16) -> &mut Self {
        let text = r#"{"type":"order.failed","id":"o-7","password":"hunter2"}"#;
        self.receive(stream, Message::text(text)).pass(10)
    }

    fn announced(&mut self) -> Vec<Announcement> {
        let outputs = self.outputs().into_iter();
        outputs
            .filter_map(|output| match output {
                Output::Announce(announced) => Some(*announced),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn matches_are_announced_marked_and_counted_until_looked_at() {
    let mut stage = filtered();
    stage.press("a");
    assert!(stage.show(80, 24).contains("alert on: failed"));
    assert_eq!(stage.announced(), [], "what came before is no news");
    stage.press("esc").order(0, 2).failure(1).order(0, 3);
    let announced = stage.announced();
    assert_eq!(announced.len(), 1);
    let told = &announced[0];
    assert!(told.alert.bell && told.alert.notify && told.command().is_none());
    assert_eq!(told.words(), "alert: order.failed in prices");
    assert!(!told.payload.expose().contains("hunter2"));
    stage.failure(0).pass(5_000);
    insta::assert_snapshot!("alert-80x24", stage.show(80, 24));
    insta::assert_snapshot!("alert-160x45", stage.show(160, 45));
    assert!(stage.show(80, 24).contains("ALERT 2"));
    let newest = stage.press("!").app.list.cursor();
    assert!(!stage.show(80, 24).contains("ALERT"));
    assert!(stage.press("!").app.list.cursor() < newest);
    stage.press("!");
    assert!(stage.show(80, 24).contains("no earlier alert is listed"));
}

#[test]
fn others_wait_for_their_time_and_are_counted() {
    let mut stage = filtered();
    stage.press("a");
    for _ in 0..5 {
        stage.failure(0);
    }
    assert_eq!(stage.announced().len(), 1);
    stage.pass(9_000);
    assert_eq!(stage.announced(), []);
    stage.pass(3_000);
    let announced = stage.announced();
    assert_eq!(announced.len(), 1, "the last ones are not forgotten");
    assert_eq!(announced[0].held, 3);
    assert!(stage.show(80, 24).contains("ALERT 5"));
}

#[test]
fn the_key_ends_an_alert_with_its_filter_and_without() {
    let mut stage = filtered();
    stage.press("a a").failure(0);
    assert_eq!(stage.announced(), []);
    stage.press("a esc a").failure(0);
    assert_eq!(stage.announced(), []);
    assert!(stage.show(80, 24).contains("alert ended: failed"));
    stage.press("a");
    assert!(stage.show(80, 24).contains("there is no filter"));
    stage.press("!");
    assert!(stage.show(80, 24).contains("there is no alert"));
}

#[test]
fn a_profile_has_an_alert_for_its_own_stream() {
    let mut stage = Stage::with(&["orders", "prices"], |setup| {
        setup.streams[0].alert = Some(Alert {
            command: Some(vec!["notify".into(), "{stream}".into(), "{type}".into()]),
            every: Duration::from_secs(1),
            ..Alert::on("type:order.failed")
        });
    });
    stage.failure(1);
    assert_eq!(stage.announced(), []);
    stage.failure(0);
    let announced = stage.announced();
    let command = ["notify", "orders", "order.failed"].map(str::to_owned);
    assert_eq!(announced[0].command(), Some(command.to_vec()));
    stage.tell(Input::Notice("the command of an alert failed".into()));
    assert!(stage.show(80, 24).contains("ALERT 1"));
}
