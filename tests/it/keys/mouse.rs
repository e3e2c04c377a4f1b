//! What the mouse does: each gesture on what the screen shows under it.

use sockeye::{
    app::{Gesture, Input, Mouse, Output, Pane, Standing},
    cause::Verdict,
    event::StreamId,
    store::Seq,
};

use super::orders;
use crate::stage::Stage;

impl Stage {
    fn gesture(&mut self, gesture: Gesture, column: usize, row: usize) -> &mut Self {
        let (column, row) = (column as u16, row as u16);
        self.tell(Input::Mouse(Mouse {
            column,
            row,
            gesture,
        }))
    }

    /// Does something where a screen of this size shows a text.
    pub(super) fn on(
        &mut self,
        gesture: Gesture,
        (width, height): (u16, u16),
        text: &str,
    ) -> &mut Self {
        let screen = self.show(width, height);
        let found = screen.lines().enumerate().find_map(|(row, line)| {
            let byte = line.find(text)?;
            Some((line[..byte].chars().count(), row))
        });
        let (column, row) = found.unwrap_or_else(|| panic!("no '{text}' in\n{screen}"));
        self.gesture(gesture, column, row)
    }

    pub(super) fn click(&mut self, text: &str) -> &mut Self {
        self.on(Gesture::Click, (80, 24), text)
    }
}

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);

#[test]
fn the_wheel_moves_the_events_under_it_and_follows_again_at_the_end() {
    let mut stage = orders(100);
    stage.on(Gesture::WheelUp, SMALL, "o-90");
    let shown = stage.show(80, 24);
    assert!(shown.contains("o-96") && !shown.contains("o-97"), "{shown}");
    assert_eq!(stage.app.list.standing(), Standing::Detached(0));
    stage.on(Gesture::WheelUp, SMALL, "o-90");
    assert_eq!(stage.app.list.cursor(), Some(Seq(93)));
    stage.on(Gesture::WheelDown, SMALL, "o-90");
    let shown = stage.show(80, 24);
    assert!(shown.contains("o-96") && !shown.contains("o-97"), "{shown}");
    assert_eq!(stage.app.list.cursor(), Some(Seq(93)), "the choice stays");
    stage.on(Gesture::WheelDown, SMALL, "o-90");
    assert!(stage.show(80, 24).contains("o-99"));
    assert_ne!(stage.app.list.standing(), Standing::Following);
    stage.on(Gesture::WheelDown, SMALL, "o-90");
    assert_eq!(stage.app.list.standing(), Standing::Following);
}

#[test]
fn a_short_list_does_not_move() {
    let mut stage = orders(3);
    stage.on(Gesture::WheelUp, SMALL, "o-1");
    assert_eq!(stage.app.list.standing(), Standing::Following);
}

#[test]
fn a_click_chooses_an_event_and_another_one_opens_it() {
    let mut stage = orders(30);
    stage.click("o-27");
    assert_eq!(stage.app.list.cursor(), Some(Seq(27)));
    assert_eq!(stage.app.focus, Pane::Events);
    stage.click("o-27");
    let shown = stage.show(80, 24);
    assert!(shown.contains("event 28 · tree"), "{shown}");
    stage.on(Gesture::WheelDown, (80, 11), "received");
    assert!(!stage.show(80, 11).contains("received"));
}

#[test]
fn a_click_beside_all_rows_only_moves_the_focus() {
    let mut stage = orders(3);
    stage.press("tab");
    assert_eq!(stage.app.focus, Pane::Lifecycle);
    stage.gesture(Gesture::Click, 40, 9);
    assert_eq!(stage.app.focus, Pane::Events);
    assert_eq!(stage.app.list.cursor(), None);
}

#[test]
fn a_click_on_a_stream_shows_it_alone_and_another_one_shows_all() {
    for size in [SMALL, LARGE] {
        let mut stage = Stage::new(&["orders", "prices", "audit"]);
        stage.on(Gesture::Click, size, "○ audit");
        assert_eq!(stage.app.list.stream(), Some(StreamId(2)), "{size:?}");
        stage.on(Gesture::Click, size, "○ prices");
        assert_eq!(stage.app.list.stream(), Some(StreamId(1)), "{size:?}");
        stage.on(Gesture::Click, size, "○ prices");
        assert_eq!(stage.app.list.stream(), None, "{size:?}");
    }
}

#[test]
fn a_turn_is_chosen_and_explained() {
    let mut stage = orders(3);
    stage.ends(0, 1012, "deploy", Verdict::Reconnect);
    stage.press("tab");
    let log = |stage: &Stage| stage.app.log.chosen().map(|turn| turn.id);
    let newest = log(&stage);
    stage.on(Gesture::Click, SMALL, "attempt 1 · connected");
    assert_ne!(log(&stage), newest);
    stage.on(Gesture::WheelDown, SMALL, "attempt 1 · connected");
    assert_eq!(log(&stage), newest);
    stage.on(Gesture::Click, SMALL, "reconnect: attempt 2");
    let shown = stage.show(80, 24);
    assert!(shown.contains("may send"), "{shown}");
}

#[test]
fn entries_of_menus_are_chosen_then_done_and_a_click_beside_closes() {
    let mut stage = Stage::demo(&["orders"]);
    stage.goes_live(0, 300).order(0, 1).press("d");
    stage.click("TCP reset");
    assert_eq!(stage.outputs(), []);
    stage.click("TCP reset");
    assert_eq!(stage.outputs(), [Output::Play("reset".into())]);
    stage.press(":").types("follow").click("newest");
    assert!(stage.show(80, 24).contains("▌ newest"));
    stage.gesture(Gesture::WheelUp, 40, 10);
    assert!(stage.show(80, 24).contains("▌ follow"));
    stage.click("▌ follow");
    assert!(!stage.show(80, 24).contains("palette ─"));
    assert_ne!(stage.app.list.standing(), Standing::Following);
    for keys in ["d", ":"] {
        stage.press(keys).gesture(Gesture::Click, 0, 0);
        assert!(!stage.show(80, 24).contains("▌demo"), "{keys}");
        assert!(!stage.show(80, 24).contains("▌palette"), "{keys}");
    }
}

#[test]
fn the_mouse_is_given_back_by_a_key_and_by_the_palette() {
    let mut stage = orders(100);
    let help = stage.press("?").show(120, 60);
    assert!(help.contains("shift-drag"), "{help}");
    stage.press("esc M");
    assert_eq!(stage.outputs(), [Output::Mouse(false)]);
    stage.on(Gesture::WheelUp, SMALL, "o-90");
    assert_eq!(stage.app.list.standing(), Standing::Following);
    assert!(!stage.press("?").show(120, 60).contains("shift-drag"));
    stage.press("esc :").types("mouse on").press("enter");
    assert_eq!(stage.outputs(), [Output::Mouse(true)]);
    stage.on(Gesture::WheelUp, SMALL, "o-90");
    assert_ne!(stage.app.list.standing(), Standing::Following);
}

#[test]
fn the_configuration_leaves_the_mouse_to_the_terminal() {
    use sockeye::{cli::Color, profile::Settings, screen};
    for mouse in [true, false] {
        let settings = Settings {
            mouse,
            ..Settings::default()
        };
        let setup = screen::setup(&[], &settings, Color::Never);
        assert_eq!(sockeye::app::App::new(setup).mouse, mouse);
    }
}
