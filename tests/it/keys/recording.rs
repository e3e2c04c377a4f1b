//! The key of the recording, and what the screen tells of it.

use std::time::Duration;

use sockeye::app::{
    Input, Output,
    RecordingNews::{Began, Ended, Missed, Wrote},
};

use crate::stage::Stage;

#[test]
fn what_is_let_go_is_told_with_what_is_recorded() {
    let mut stage = Stage::with(&["orders"], |setup| setup.budget = 64 << 10);
    stage.goes_live(0, 300);
    let fill = |stage: &mut Stage, count: u32| {
        for id in 0..count {
            stage.order(0, id);
        }
        stage.app.store.evicted()
    };
    let told = |stage: &mut Stage| (stage.app.let_go(), stage.show(160, 40));
    let news = |news| Input::Recording(news);
    // At first nothing is recorded.
    let unrecorded = fill(&mut stage, 1000);
    assert_eq!(told(&mut stage).0, Some(format!("{unrecorded} let go")));
    assert_eq!(stage.press("ctrl-r").outputs(), [Output::Record(true)]);
    stage.tell(news(Began("~/a.ndjson".into())));
    let since = stage.app.store.end().0;
    assert!(stage.show(80, 24).contains("recording to ~/a.ndjson"));
    stage.tell(news(Wrote(12_400_000)));
    let gone = fill(&mut stage, 2000);
    let held = (gone - since).to_string();
    let (words, screen) = told(&mut stage);
    assert!(words.is_some_and(|words| words.ends_with("recorded")));
    assert!(screen.contains("REC  12.4 MB"), "{screen}");
    assert_eq!(stage.app.recorded().to_string(), held);
    // It ends: what was let go of it stays recorded, what comes later is not.
    assert_eq!(stage.press("ctrl-r").outputs(), [Output::Record(false)]);
    let until = stage.app.store.end().0;
    assert_eq!(stage.press("ctrl-r").outputs(), []);
    fill(&mut stage, 1000);
    let (whole, broken) = (true, false);
    let ended = |told: &str, whole, broken| Ended {
        told: told.into(),
        whole,
        broken,
    };
    stage.tell(news(ended("recorded", whole, broken)));
    assert!(!stage.show(160, 40).contains("REC"));
    fill(&mut stage, 2000);
    assert_eq!(stage.app.recorded(), until - since);
    // One in which events are missing claims nothing; one that broke off stays told.
    stage.press("ctrl-r").tell(news(Began("~/b.ndjson".into())));
    stage.tell(news(Missed(37)));
    fill(&mut stage, 2000);
    assert_eq!(stage.app.recorded(), until - since);
    assert!(stage.show(80, 24).contains("REC      0 B 37 missed"));
    stage.tell(news(ended("no room", false, true)));
    let screen = stage.show(80, 24);
    assert!(screen.contains("REC failed") && screen.contains("no room"));
    stage.press("i");
    assert!(stage.show(160, 40).contains("no room"));
}

#[test]
fn a_notice_goes_in_a_flood_too() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300);
    stage.tell(Input::Recording(Began("~/a.ndjson".into())));
    assert!(stage.app.notice().is_some());
    for id in 0..50 {
        stage.now.mono = stage.now.mono.after(Duration::from_millis(100));
        stage.order(0, id);
    }
    assert_eq!(stage.app.notice(), None);
}
