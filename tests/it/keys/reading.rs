//! How events are read: forms of the time, wrapped lines, one pane alone, marks.

use proptest::prelude::*;
use sockeye::{
    app::{Pane, Standing},
    message::Message,
    store::Seq,
};

use super::orders;
use crate::stage::Stage;

fn line(screen: &str, holds: &str) -> String {
    let found = screen.lines().find(|line| line.contains(holds));
    found
        .unwrap_or_else(|| panic!("{holds} in:\n{screen}"))
        .to_owned()
}

#[test]
fn times_are_told_in_four_forms() {
    let mut stage = orders(3);
    stage.press("k k k m").pass(64_970);
    let clock = stage.show(80, 24);
    assert!(line(&clock, "o-2").contains("+10ms"), "{clock}");
    let age = stage.press(",").show(80, 24);
    assert!(line(&age, "o-0").contains("1m05s"), "{age}");
    let previous = stage.press(",").show(80, 24);
    assert!(line(&previous, "o-2").contains("+10ms"), "{previous}");
    let mark = stage.press(",").show(80, 24);
    assert!(line(&mark, "o-2").contains("+20ms"), "{mark}");
    assert!(line(&mark, "o-0").contains("+0ms"), "{mark}");
    assert_eq!(stage.press(",").show(80, 24), clock);
}

#[test]
fn marks_are_found_again() {
    let mut stage = orders(60);
    stage.show(80, 24);
    assert!(stage.press("]").show(80, 24).contains("nothing is marked"));
    stage.press("m");
    assert_eq!(stage.app.list.standing(), Standing::Following);
    stage.press("k k k m g m [");
    assert!(
        stage
            .show(80, 24)
            .contains("no marked event is listed before")
    );
    for (key, seq) in [("]", 57), ("]", 59), ("[", 57), ("[", 0)] {
        stage.press(key);
        assert_eq!(stage.app.list.cursor(), Some(Seq(seq)), "{key}");
    }
    assert!(stage.show(80, 24).contains('\u{25c6}'));
    assert!(!stage.press("m").show(80, 24).contains('\u{25c6}'));
}

#[test]
fn a_pane_alone_has_all_the_room() {
    let mut stage = orders(60);
    assert!(stage.show(120, 40).contains("lifecycle"));
    let alone = stage.press("z").show(120, 40);
    assert!(
        alone.contains("zoomed") && !alone.contains("lifecycle"),
        "{alone}"
    );
    let panes = stage.press("tab").app.panes_for(120, 40);
    assert!(stage.app.focus != Pane::Events && panes.events.is_empty());
    let panes = stage.press("z").app.panes_for(120, 40);
    assert!(!panes.events.is_empty() && !panes.lifecycle.is_empty());
}

#[test]
fn wrapped_lines_show_the_whole_payload() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300);
    let words = "\u{65e5}\u{672c} word ".repeat(20);
    stage.receive(
        0,
        Message::text(format!(r#"{{"type":"a","text":"{words}","end":1}}"#)),
    );
    assert!(!stage.show(80, 24).contains("\"end\":1"));
    assert!(stage.press("w").show(80, 24).contains("\"end\":1"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_otherwise_never_moves_the_choice(
        sizes in prop::collection::vec(1_usize..600, 30..60),
        up in 1_usize..30,
        keys in prop::collection::vec(prop::sample::select(vec![",", "w", "z", "m", "space"]), 1..12),
    ) {
        let mut stage = Stage::new(&["orders"]);
        stage.goes_live(0, 300);
        let send = |stage: &mut Stage, size: usize| {
            stage.receive(0, Message::text("x".repeat(size)));
        };
        for size in &sizes {
            send(&mut stage, *size);
        }
        stage.show(80, 24);
        for _ in 0..up {
            stage.press("k");
        }
        let chosen = stage.app.list.cursor();
        for (key, size) in keys.iter().zip(sizes) {
            stage.press(key);
            send(&mut stage, size);
            let screen = stage.show(80, 24);
            prop_assert_eq!(stage.app.list.cursor(), chosen);
            prop_assert!(screen.contains('\u{258c}'), "{}", screen);
        }
    }
}
