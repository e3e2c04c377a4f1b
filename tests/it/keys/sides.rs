//! Streams side by side: what the keys and the mouse do there.

use sockeye::{
    app::{Gesture, Pane, Standing},
    event::StreamId,
    message::Message,
    store::{Body, Seq},
};

use crate::stage::Stage;

/// Streams of which each has had so many messages, in turns.
fn streams(names: &[&str], count: usize) -> Stage {
    let mut stage = Stage::new(names);
    for stream in 0..names.len() {
        stage.goes_live(stream as u16, 300);
    }
    for n in 0..count {
        for (stream, name) in names.iter().enumerate() {
            tell(&mut stage, stream as u16, &format!("{name}-{n}."));
        }
    }
    stage.show(160, 45);
    stage
}

fn tell(stage: &mut Stage, stream: u16, id: &str) {
    let text = format!(r#"{{"id":"{id}"}}"#);
    stage.receive(stream, Message::text(text)).pass(10);
}

/// The columns in view from left to right.
fn columns(stage: &Stage) -> Vec<u16> {
    let sides = stage.app.panes().sides;
    sides.streams().map(|stream| stream.0).collect()
}

/// The stream of the chosen event, and its number among all.
fn chosen(stage: &Stage) -> (StreamId, Seq) {
    let seq = stage.app.list.cursor().expect("a choice");
    let row = stage.app.store.row(seq).expect("an event");
    assert!(matches!(row.body, Body::Message { .. }));
    (row.stream, seq)
}

#[test]
fn each_stream_has_a_column_and_the_same_key_merges_them() {
    let mut stage = streams(&["a", "b", "c"], 3);
    let merged = stage.show(160, 45);
    let beside = stage.press("s").show(160, 45);
    let newest = beside.lines().find(|line| line.contains("a-2."));
    let newest = newest.expect("a line of all columns");
    assert!(
        newest.contains("b-2.") && newest.contains("c-2."),
        "{beside}"
    );
    assert_eq!(columns(&stage), [0, 1, 2]);
    assert_eq!(stage.press("s").show(160, 45), merged);
    assert_eq!(stage.press("s 0").show(160, 45), merged);
}

#[test]
fn without_room_or_another_stream_it_is_told() {
    for (names, width) in [(&["a"][..], 160), (&["a", "b"], 119)] {
        let mut stage = streams(names, 1);
        stage.show(width, 30);
        let told = stage.press("s").show(width, 30);
        assert!(told.contains("side by side needs 120 columns"), "{told}");
        assert_eq!((columns(&stage), stage.app.list.stream()), (vec![], None));
    }
}

#[test]
fn a_smaller_terminal_shows_the_focused_stream_until_there_is_room_again() {
    let mut stage = streams(&["a", "b"], 3);
    stage.press("s tab");
    let small = stage.show(80, 24);
    assert!(small.contains("b-2.") && !small.contains("a-2."), "{small}");
    assert!(stage.show(160, 45).contains("a-2."));
}

#[test]
fn the_tab_key_goes_through_all_columns_then_to_the_next_pane() {
    let mut stage = streams(&["a", "b", "c", "d", "e"], 3);
    stage.press("s");
    assert_eq!(columns(&stage), [0, 1, 2]);
    let mut seen = Vec::new();
    for key in ["tab", "tab", "tab", "tab", "shift-tab", "tab", "tab", "tab"] {
        stage.press(key);
        let focused = stage.app.list.stream().expect("a stream").0;
        seen.push((stage.app.focus, focused, columns(&stage)[0]));
    }
    let events = |focused, first| (Pane::Events, focused, first);
    let wanted = [
        events(1, 0),
        events(2, 0),
        events(3, 1),
        events(4, 2),
        // What is in view stays where it is.
        events(3, 2),
        events(4, 2),
        (Pane::Lifecycle, 4, 2),
        events(0, 0),
    ];
    assert_eq!(seen, wanted);
    stage.press("4");
    assert_eq!(
        (stage.app.list.stream(), columns(&stage)[0]),
        (Some(StreamId(3)), 1)
    );
}

#[test]
fn the_choice_stays_at_its_time_and_the_other_columns_stand_with_it() {
    let mut stage = streams(&["a", "b"], 60);
    stage.press("s k k k k k");
    let (stream, seq) = chosen(&stage);
    stage.press("tab");
    assert_eq!(
        (stream, chosen(&stage)),
        (StreamId(0), (StreamId(1), Seq(seq.0 + 1)))
    );
    stage.press("g");
    let oldest = stage.show(160, 45);
    assert!(
        oldest.contains("a-1.") && oldest.contains("b-0.") && !oldest.contains("a-59."),
        "{oldest}"
    );
    for n in 60..70 {
        tell(&mut stage, 0, &format!("a-{n}."));
    }
    assert_eq!(
        stage.show(160, 45).matches("a-").count(),
        oldest.matches("a-").count()
    );
    stage.press("f");
    assert_eq!(stage.app.list.standing(), Standing::Following);
    assert!(stage.show(160, 45).contains("a-69."));
}

#[test]
fn filters_and_pauses_hold_for_all_columns() {
    let mut stage = streams(&["a", "b"], 30);
    stage.press("s space");
    tell(&mut stage, 1, "b-late.");
    let paused = stage.show(160, 45);
    assert!(!paused.contains("b-late."), "{paused}");
    assert!(stage.press("space").show(160, 45).contains("b-late."));
    stage.press("/").types("7.").press("enter");
    let filtered = stage.show(160, 45);
    for (id, there) in [
        ("a-27.", true),
        ("b-27.", true),
        ("a-28.", false),
        ("b-28.", false),
    ] {
        assert_eq!(filtered.contains(id), there, "{id}\n{filtered}");
    }
}

#[test]
fn an_event_that_is_opened_takes_room_of_the_columns() {
    let mut stage = streams(&["a", "b", "c"], 3);
    assert!(stage.press("s").app.panes().detail.is_empty());
    stage.press("k enter");
    assert!(!stage.app.panes().detail.is_empty());
    assert_eq!(columns(&stage), [0, 1]);
    stage.press("esc");
    assert_eq!(columns(&stage), [0, 1, 2]);
}

#[test]
fn a_click_goes_to_the_column_under_it() {
    let mut stage = streams(&["a", "b", "c"], 3);
    stage.press("s").show(160, 45);
    stage.on(Gesture::Click, (160, 45), "c-1.");
    assert_eq!(stage.app.list.stream(), Some(StreamId(2)));
    stage.on(Gesture::Click, (160, 45), "c-1.");
    assert_eq!(chosen(&stage).0, StreamId(2));
}
