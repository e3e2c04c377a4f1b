//! What keys do: scripts of keys, and what becomes of the screen and of what it asks for.

mod columns;
mod copy;
mod demo;
mod detail;
mod export;
mod fuzz;
mod hand;
mod mouse;
mod reading;
mod recording;
mod sides;

use std::time::Duration;

use sockeye::{
    app::{Input, Output, Pane, Standing},
    cause::Verdict,
    event::{Lifecycle, Status, StreamId},
    keymap::{Action, Keymap, Mode},
    message::{Class, Message},
    secret::Secret,
    session::Command,
    store::Seq,
};

use crate::stage::{Stage, text, token};

const CLAIMS: &str = r#"{"sub":"alice","exp":1795525424}"#;

fn orders(count: u32) -> Stage {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300);
    for id in 0..count {
        stage.order(0, id).pass(10);
    }
    stage
}

#[test]
fn every_key_is_documented_where_it_is_looked_for() {
    let mut stage = Stage::demo(&["orders", "prices"]);
    let page = stage.press("?").show(120, 60);
    stage.press("esc :");
    let mut palette = String::new();
    for _ in 0..60 {
        palette += &stage.show(80, 24);
        stage.press("down");
    }
    for binding in Keymap::standard().bindings(Mode::Watch) {
        let keys: Vec<_> = binding.keys.iter().map(ToString::to_string).collect();
        assert!(
            page.contains(&binding.help) && page.contains(&keys[0]),
            "{binding:?}"
        );
        let moves = [
            Action::Up,
            Action::Down,
            Action::PageUp,
            Action::PageDown,
            Action::Left,
            Action::Right,
        ];
        let listed = [Action::Stream, Action::ToggleFilter, Action::Palette];
        if !moves.contains(&binding.action) && !listed.contains(&binding.action) {
            assert!(palette.contains(&binding.help), "{binding:?}");
        }
        assert!(
            binding.help.chars().count() <= 22 && !binding.group.is_empty(),
            "{binding:?}"
        );
    }
}

#[test]
fn every_action_has_a_key_and_does_something() {
    for binding in Keymap::standard().bindings(Mode::Watch) {
        if matches!(
            binding.action,
            Action::Back | Action::Top | Action::TourLeave | Action::AllStreams
        ) {
            continue;
        }
        let mut stage = Stage::demo(&["orders", "prices"]);
        stage.goes_live(0, 300).goes_live(1, 300);
        stage.receive_as(0, Class::Heartbeat, Message::text("{}"));
        for id in 0..60 {
            stage.order(0, id);
        }
        stage.press("/").types("o-").press("enter k k k l");
        let before = (stage.show(80, 24), stage.outputs().len());
        stage.press(&binding.keys[0].to_string());
        let after = (stage.show(80, 24), stage.outputs().len());
        assert_ne!(before, after, "{binding:?}");
    }
}

#[test]
fn other_keys_leave_what_there_is() {
    let mut stage = orders(30);
    stage.press("k k k").types("/o-1").press("enter k enter");
    for (keys, gone) in [("esc", "· tree"), ("esc", "hits")] {
        assert!(stage.show(80, 24).contains(gone), "{gone}");
        assert!(!stage.press(keys).show(80, 24).contains(gone), "{gone}");
    }
    stage.press("g");
    assert_eq!(stage.app.list.cursor(), Some(Seq(0)));
    stage.press("G");
    assert_eq!(stage.app.list.standing(), Standing::Following);
}

#[test]
fn the_choice_stays_on_its_event_while_others_come() {
    let mut stage = orders(100);
    stage.show(80, 24);
    stage.press("k k k");
    assert_eq!(stage.app.list.cursor(), Some(Seq(97)));
    let chosen = |stage: &mut Stage| {
        let screen = stage.show(80, 24);
        let at = screen.lines().position(|line| line.starts_with('\u{258c}'));
        (
            at,
            screen.lines().nth(at.expect("a choice")).map(str::to_owned),
        )
    };
    let before = chosen(&mut stage);
    for id in 100..137 {
        stage.order(0, id);
    }
    assert_eq!(chosen(&mut stage), before);
    assert_eq!(stage.app.list.standing(), Standing::Detached(37));
    assert!(stage.show(80, 24).contains("37 new"));
    stage.press("f");
    assert_eq!(stage.app.list.standing(), Standing::Following);
}

#[test]
fn a_choice_that_is_let_go_moves_to_the_oldest() {
    let mut stage = Stage::with(&["orders"], |setup| setup.budget = 3 << 20);
    stage.goes_live(0, 300);
    let text = "x".repeat(200_000);
    for _ in 0..10 {
        stage.receive(0, Message::text(text.clone()));
    }
    stage.press("g");
    for _ in 0..60 {
        stage.receive(0, Message::text(text.clone()));
    }
    let first = stage.app.store.first();
    assert!(first > Seq(0));
    assert_eq!(stage.app.list.cursor(), Some(first));
    for (width, height) in [(80, 24), (120, 40)] {
        let screen = stage.show(width, height);
        assert!(screen.contains(&format!("{} let go", first.0)), "{screen}");
    }
}

#[test]
fn as_many_events_are_kept_as_may_be() {
    let mut stage = Stage::with(&["orders"], |setup| setup.most_events = Some(25));
    stage.goes_live(0, 300);
    for id in 0..40 {
        stage.order(0, id);
    }
    assert_eq!(stage.app.list.count(), 25);
    let facts = stage.press("i").show(160, 60);
    assert!(facts.contains("of 8.4 MB, 25 of 25 events"), "{facts}");
    assert!(facts.contains("15 events"), "{facts}");
}

#[test]
fn a_pause_holds_back_and_counts() {
    let mut stage = orders(10);
    let before = stage.press("space").show(80, 24);
    for id in 0..1204 {
        stage.order(0, id);
    }
    let held = stage.show(80, 24);
    assert!(held.contains("paused +1 204 held"), "{held}");
    let rows = |screen: &str| {
        screen
            .lines()
            .skip(2)
            .take(12)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&before), rows(&held));
    stage.press("space");
    assert!(stage.show(80, 24).contains("o-1203"));
}

#[test]
fn a_search_counts_hits_and_steps_between_them() {
    let mut stage = orders(30);
    stage.press("/").types("o-1");
    assert!(stage.show(80, 24).contains("11 hits"));
    stage.order(0, 199);
    assert!(stage.show(80, 24).contains("12 hits"));
    stage.press("enter o N N");
    assert_eq!(stage.app.list.cursor(), Some(Seq(19)));
    stage.press("n n");
    assert_eq!(stage.app.list.cursor(), Some(Seq(30)));
    assert!(stage.show(80, 24).contains("no later hit"));
    stage.press("o k");
    assert_eq!(stage.app.list.cursor(), Some(Seq(19)));
    stage.press("/ backspace ctrl-w");
    assert!(!stage.show(80, 24).contains("hits"));
    stage.press("esc");
    assert!(stage.app.list.search().is_none());
}

#[test]
fn a_long_search_goes_on_in_slices() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300);
    let events: Vec<_> = (0..160_000)
        .map(|n| {
            let text = Message::text(format!("event {n}"));
            stage.event(
                0,
                sockeye::event::EventKind::Message(
                    sockeye::message::Direction::In,
                    Class::Event,
                    text,
                ),
            )
        })
        .collect();
    stage.tell(Input::Batch(events));
    stage.press("/").paste("\"event 4\"");
    assert_eq!(stage.app.deadline(), Some(stage.now.mono));
    let shown = stage.show(80, 24);
    assert!(
        shown.contains("hits so far, ") && shown.contains(" %"),
        "{shown}"
    );
    stage.pass(1);
    assert!(!stage.app.list.is_behind());
    let shown = stage.show(80, 24);
    assert!(
        shown.contains("11 111 hits") && shown.contains("event 4"),
        "{shown}"
    );
}

#[test]
fn filters_are_stacked_switched_and_removed() {
    let mut stage = orders(30);
    stage
        .press("/")
        .types("o-1")
        .press("enter / backspace")
        .types(".lines[0].count == 2")
        .press("enter");
    stage.press("/").types("/o-1[0-4]/").press("enter");
    let counts = |stage: &Stage| -> Vec<usize> {
        stage
            .app
            .list
            .layers()
            .iter()
            .map(sockeye::app::Layer::count)
            .collect()
    };
    assert_eq!(
        (counts(&stage), stage.app.list.count()),
        (vec![11, 11, 5], 5)
    );
    stage.order(0, 14).order(0, 19).order(0, 2);
    assert_eq!(
        (counts(&stage), stage.app.list.count()),
        (vec![13, 13, 6], 6)
    );
    stage.press("alt-3");
    assert_eq!(stage.app.list.count(), 13);
    assert!(stage.show(80, 24).contains("3 /o-1[0-4]/ off"));
    stage.press("alt-3 alt-1");
    assert_eq!(stage.app.list.count(), 6);
    stage.press("alt-7");
    assert!(stage.show(80, 24).contains("there are only 3 filters"));
}

#[test]
fn kept_filters_are_changed_and_removed_in_a_list() {
    let mut stage = orders(30);
    stage.press("/").types("o-1").press("enter");
    stage.press("/").types("kettle").press("enter");
    stage.press("/").types("/o-1[0-4]/").press("enter");
    // The chosen one is removed, another is changed and kept at its place.
    stage.press("x k d k enter");
    assert!(stage.show(80, 24).contains("/o-1"));
    stage.press("backspace").types("2 enter").press("esc x");
    assert_eq!(
        stage
            .app
            .list
            .layers()
            .get(0)
            .map(|layer| layer.text.as_str()),
        Some("o-1")
    );
    stage.press("k enter backspace").types("2").press("enter");
    let texts: Vec<_> = stage
        .app
        .list
        .layers()
        .iter()
        .map(|layer| layer.text.as_str())
        .collect();
    assert_eq!(texts, ["o-2", "/o-1[0-4]/"]);
    stage.press("esc");
    assert_eq!(
        (stage.app.list.layers().len(), stage.app.list.count()),
        (1, 11)
    );
    stage.press("esc");
    assert_eq!(
        (stage.app.list.layers().len(), stage.app.list.count()),
        (0, 30)
    );
}

#[test]
fn the_last_good_filter_stays_while_a_fault_is_typed() {
    let mut stage = orders(30);
    stage.press("/").types("o-1");
    assert_eq!(stage.app.list.count(), 11);
    stage.press("space").types("or");
    let shown = stage.show(80, 24);
    assert!(shown.contains("^^ nothing stands behind this"), "{shown}");
    assert_eq!(stage.app.list.count(), 11);
    stage.press("enter");
    assert!(stage.show(80, 24).contains("mend the filter first"));
    stage.press("space").types("o-2");
    assert_eq!(stage.app.list.count(), 22);
    stage.press("enter");
    assert_eq!(stage.app.list.layers().len(), 1);
}

#[test]
fn a_filter_is_saved_by_name_and_found_in_the_palette() {
    let mut stage = orders(30);
    stage.press("/").types("o-1").press("enter x s");
    stage.types("no name").press("enter");
    assert!(
        stage
            .show(80, 24)
            .contains("this cannot be the name of a filter")
    );
    stage.press("ctrl-u").types("ones").press("enter");
    assert_eq!(
        stage.outputs(),
        [Output::SaveFilter("ones".into(), "o-1".into())]
    );
    stage.press("esc esc");
    assert_eq!(stage.app.list.layers().len(), 0);
    stage.press(":").types("ones").press("enter");
    assert_eq!(stage.app.list.count(), 11);
    assert!(stage.show(80, 24).contains("1 ones 11"));
}

#[test]
fn the_filter_of_a_profile_holds_for_its_stream() {
    let mut stage = Stage::with(&["orders", "prices"], |setup| {
        setup.streams[0].filter = Some(".id == \"o-1\"".into());
    });
    stage.goes_live(0, 300).goes_live(1, 300);
    for id in 0..3 {
        stage.order(0, id).order(1, id);
    }
    assert_eq!(stage.app.list.count(), 4);
    assert!(stage.press("esc").show(80, 24).contains("1 orders 4"));
    stage.press("alt-1");
    assert_eq!(stage.app.list.count(), 6);
}

#[test]
fn a_filter_that_is_given_up_is_told() {
    let mut stage = orders(3);
    stage.press("/").types(".a | def f: f; f");
    let shown = stage.show(120, 40);
    assert!(
        shown.contains("given up: this jq program takes too long"),
        "{shown}"
    );
    stage.press("enter");
    assert!(stage.show(80, 24).contains("given up"));
}

#[test]
fn streams_are_chosen_by_number() {
    let mut stage = Stage::new(&["orders", "prices"]);
    stage
        .goes_live(0, 300)
        .goes_live(1, 300)
        .order(0, 1)
        .order(1, 2);
    let screen = stage.press("2").show(80, 24);
    assert!(
        screen.contains("o-2") && !screen.contains("o-1"),
        "{screen}"
    );
    let screen = stage.press("0").show(80, 24);
    assert!(screen.contains("o-2") && screen.contains("o-1"), "{screen}");
    assert!(stage.press("3").show(80, 24).contains("only 2 streams"));
}

#[test]
fn commands_go_to_the_stream_that_is_shown() {
    let mut stage = Stage::new(&["orders", "prices"]);
    stage.goes_live(0, 300).goes_live(1, 300);
    stage.press("2 r F H");
    assert_eq!(
        stage.outputs(),
        [
            Output::Command(StreamId(1), Command::Reconnect),
            Output::Command(StreamId(1), Command::Fetch),
        ]
    );
    assert!(stage.show(80, 24).contains("no attempt is waiting"));
    stage.waits(1, 2, 4_000).press("H");
    assert_eq!(
        stage.outputs(),
        [Output::Command(StreamId(1), Command::Hold)]
    );
    stage.press("S n S y");
    assert_eq!(
        stage.outputs(),
        [Output::Command(StreamId(1), Command::Stop)]
    );
    stage.press("ctrl-z ctrl-l q : ctrl-c");
    assert_eq!(
        stage.outputs(),
        [Output::Suspend, Output::Redraw, Output::Quit, Output::Quit]
    );
}

#[test]
fn a_pasted_token_is_offered_and_never_shown() {
    let secret = token(r#"{"alg":"HS256"}"#, CLAIMS);
    for typed in [false, true] {
        let mut stage = Stage::new(&["orders"]);
        stage.goes_live(0, 300).press("R");
        if typed {
            stage.types(&secret);
        } else {
            stage.paste(&format!(" {secret}\n"));
        }
        assert_unseen(&mut stage, &secret);
        stage.press("enter");
        assert_unseen(&mut stage, &secret);
        let outputs = stage.outputs();
        assert_hidden(&format!("{outputs:?}"), &secret);
        let [Output::Command(StreamId(0), Command::SignIn(credential))] = &outputs[..] else {
            panic!("{outputs:?}");
        };
        assert_eq!(credential.secret, Secret::new(secret.clone()));
        assert!(credential.pasted);
    }
}

fn assert_unseen(stage: &mut Stage, secret: &str) {
    for (width, height) in [(80, 24), (200, 60), (24, 8)] {
        assert_hidden(&text(&stage.cells(width, height)), secret);
    }
}

/// No part of a token that is long enough to be of use is in a text; its claims may be shown decoded.
fn assert_hidden(shown: &str, secret: &str) {
    for part in secret.as_bytes().windows(8) {
        let part = std::str::from_utf8(part).expect("ASCII");
        assert!(!shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn text_that_is_no_token_is_not_offered() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).press("R enter");
    assert!(stage.show(80, 24).contains("paste or type a token first"));
    stage.paste("eyJ\nabc").press("enter");
    assert!(stage.show(80, 24).contains("line break"));
    assert_eq!(stage.outputs(), []);
    stage.press("ctrl-u").types("abc").press("backspace ctrl-f");
    assert_eq!(
        stage.outputs(),
        [Output::Command(StreamId(0), Command::Fetch)]
    );
    stage.press("R").types("abc").press("esc R enter");
    assert_eq!(stage.outputs(), []);
}

#[test]
fn a_refused_token_is_known_again() {
    let secret = token(r#"{"alg":"HS256"}"#, CLAIMS);
    let mut stage = Stage::new(&["orders"]);
    let credential = sockeye::auth::Credential::new(&secret, "pasted");
    stage.happens(0, Lifecycle::Credential(credential.facts(false)));
    stage.press("R").paste(&secret);
    assert!(!stage.show(80, 24).contains("has refused this very token"));
    stage.ends(0, 1008, "bad token", Verdict::Renew);
    assert!(stage.show(80, 24).contains("has refused this very token"));
}

#[test]
fn a_refused_offer_is_not_blamed_on_the_token_in_use() {
    let [good, bad] = ["good", "bad"].map(|name| token(name, CLAIMS));
    let mut stage = Stage::new(&["orders"]);
    let credential = sockeye::auth::Credential::new(&good, "pasted");
    stage.happens(0, Lifecycle::Credential(credential.facts(false)));
    stage.status(0, Status::Live);
    stage.press("R").paste(&bad).press("enter");
    stage.status(0, Status::Renewing);
    stage.ends(0, 1008, "bad token", Verdict::Renew);
    for (token, refused) in [(&good, false), (&bad, true)] {
        let shown = stage.press("R").paste(token).show(80, 24);
        assert_eq!(
            shown.contains("has refused this very token"),
            refused,
            "{shown}"
        );
        stage.press("esc");
    }
}

#[test]
fn the_dialog_opens_for_the_stream_that_needs_it_while_others_go_on() {
    let mut stage = Stage::new(&["orders", "audit"]);
    stage.goes_live(0, 300);
    stage.status(
        1,
        Status::SignInNeeded {
            why: "no credential".into(),
        },
    );
    stage.press("R").types("x");
    stage.order(0, 4711);
    let screen = stage.show(80, 30);
    assert!(
        screen.contains("sign in \u{b7} audit") && screen.contains("o-4711"),
        "{screen}"
    );
    stage.press("enter");
    assert!(matches!(
        stage.outputs()[..],
        [Output::Command(StreamId(1), Command::SignIn(_))]
    ));
}

#[test]
fn nothing_wakes_an_idle_screen() {
    let mut stage = Stage::new(&["orders"]);
    assert_eq!(stage.app.deadline(), None);
    stage.goes_live(0, 300);
    let second = stage.app.deadline().expect("a clock");
    assert!(second.since(stage.now.mono) <= Duration::from_secs(1));
    stage.show(80, 24);
    assert!(stage.app.take_changed() && !stage.app.take_changed());
    stage.tell(Input::Tick);
    assert!(!stage.app.take_changed());
    stage.pass(1_000);
    assert!(stage.app.take_changed());
}

#[test]
fn focus_goes_through_the_panes_that_are_there() {
    let mut stage = orders(3);
    stage.show(80, 24);
    let mut seen = |keys: &str| stage.press(keys).app.focus;
    assert_eq!(
        [seen("tab"), seen("tab"), seen("shift-tab")],
        [Pane::Lifecycle, Pane::Events, Pane::Lifecycle]
    );
    stage.show(120, 40);
    let mut seen = |keys: &str| stage.press(keys).app.focus;
    assert_eq!(
        [seen("tab"), seen("tab"), seen("tab")],
        [Pane::Streams, Pane::Events, Pane::Detail]
    );
    stage.show(80, 24);
    assert_eq!(stage.app.focus, Pane::Events);
}

#[test]
fn a_choice_in_the_lifecycle_pane_is_explained() {
    let mut stage = orders(3);
    stage.ends(0, 1013, "busy", Verdict::Later);
    stage.show(80, 24);
    let page = stage.press("tab enter").show(80, 24);
    assert!(
        page.contains("closed 1013 Try Again Later") && page.contains("busy"),
        "{page}"
    );
}

#[test]
fn a_key_ends_what_was_told() {
    let mut stage = orders(1);
    assert!(stage.press("9").show(80, 24).contains("only 1 stream"));
    assert!(stage.press("?").show(80, 24).contains("esc close"));
}

#[test]
fn payloads_are_shifted_sideways() {
    let mut stage = orders(1);
    let shown = stage.press("l").show(80, 24);
    assert!(
        shown.contains("-0\",\"total\"") && shown.contains("following  shifted 8"),
        "{shown}"
    );
    assert!(
        stage
            .press("h h h")
            .show(80, 24)
            .contains("{\"id\":\"o-0\"")
    );
}
