//! Columns and pins: chosen, ordered, added from a payload, and gone again; the choice stays where it is.

use proptest::prelude::*;
use sockeye::{message::Message, profile::Column, store::Seq};

use crate::stage::Stage;

/// A stage with prices, each of its own length.
pub(crate) fn prices(count: u32) -> Stage {
    let mut stage = Stage::new(&["prices"]);
    stage.goes_live(0, 300);
    for n in 0..count {
        price(&mut stage, n);
    }
    stage
}

fn price(stage: &mut Stage, n: u32) {
    let text = format!(
        r#"{{"type":"price","data":{{"symbol":"EUR/USD","bid":"1.0{n}"}},"password":"hunter{n}"}}"#
    );
    stage.receive(0, Message::text(text)).pass(10);
}

fn column(path: &str) -> Column {
    Column::path(path.parse().expect("a path"))
}

fn row<'s>(screen: &'s str, holds: &str) -> &'s str {
    let found = screen.lines().find(|line| line.contains(holds));
    found.unwrap_or_else(|| panic!("{holds} in:\n{screen}"))
}

#[test]
fn a_chosen_value_is_a_column_and_no_longer() {
    let mut stage = prices(20);
    let plain = stage.show(80, 24);
    stage.press("k enter + j j C j C");
    let columns = &stage.app.list.columns;
    assert!(columns.has(&column(".data.symbol")) && columns.has(&column(".data.bid")));
    let screen = stage.press("esc f").show(80, 24);
    let at = |line: &str, text: &str| {
        let line = row(&screen, line);
        let byte = line.find(text).expect("a column");
        line[..byte].chars().count()
    };
    assert_eq!(at("payload", "data.bid"), at("1.019", "1.019"), "{screen}");
    assert_eq!(
        at("payload", "data.symbol"),
        at("1.019", "EUR/USD"),
        "{screen}"
    );
    stage.press("k enter C k C esc f");
    assert_eq!(stage.show(80, 24), plain);
}

#[test]
fn profiles_have_columns_from_the_start() {
    let mut stage = Stage::with(&["prices", "orders"], |setup| {
        setup.streams[0].columns = vec![Column::Type, column(".data.bid")];
        setup.streams[1].columns = vec![column(".id"), Column::Type];
    });
    price(&mut stage, 7);
    stage.order(1, 5);
    let screen = stage.show(80, 24);
    assert!(
        row(&screen, "payload").starts_with(" type          data.bid id "),
        "{screen}"
    );
    assert!(
        row(&screen, "1.07").starts_with(" price         1.07     \u{b7} "),
        "{screen}"
    );
    assert!(
        row(&screen, "o-5").starts_with(" order.created \u{b7}        o-5 "),
        "{screen}"
    );
}

#[test]
fn what_has_no_value_says_so_and_secrets_stay_masked() {
    let mut stage = prices(5);
    stage.press("k enter G C esc");
    stage.receive(0, Message::text(r#"{"type":"other"}"#));
    stage.receive(0, Message::text("no JSON"));
    let screen = stage.press("f").show(80, 24);
    assert!(
        screen.contains("*******") && !screen.contains("hunter"),
        "{screen}"
    );
    assert!(row(&screen, "other").contains("\u{b7}"), "{screen}");
    assert!(
        !row(&screen, "\u{2190} text").contains('\u{b7}'),
        "{screen}"
    );
    // The one that is shown as it is, is so in its column too.
    let screen = stage.press("k k k u").show(80, 24);
    assert!(
        screen.contains("hunter4") && !screen.contains("hunter3"),
        "{screen}"
    );
}

#[test]
fn columns_are_hidden_and_moved() {
    let mut stage = prices(5);
    let plain = stage.show(80, 24);
    // The type goes to the front, the direction and the distance are hidden, the size is shown.
    stage.press("C j space j j space j K K K K j j j j j space esc");
    let screen = stage.show(80, 24);
    assert!(row(&screen, "1.04").starts_with(" price"), "{screen}");
    assert!(
        !screen.contains('\u{2190}') && screen.contains("78 B"),
        "{screen}"
    );
    assert!(!row(&screen, "1.04").contains("+10ms"), "{screen}");
    let told = stage.press("C d").show(80, 24);
    assert!(told.contains("built in"), "{told}");
    stage.press("J J J J k k k space j j space j j space esc");
    assert_eq!(stage.show(80, 24), plain);
}

#[test]
fn widths_only_grow() {
    let mut stage = prices(3);
    stage.press("k enter j + j j C esc f");
    let at = |stage: &mut Stage| row(&stage.show(100, 24), "payload").find("payload");
    let narrow = at(&mut stage);
    let long = format!(
        r#"{{"type":"price","data":{{"bid":"{}"}}}}"#,
        "9".repeat(60)
    );
    stage.receive(0, Message::text(long));
    let wide = at(&mut stage);
    assert!(
        wide > narrow && wide <= narrow.map(|at| at + 24),
        "{narrow:?} {wide:?}"
    );
    for n in 0..100 {
        price(&mut stage, n);
    }
    assert_eq!(at(&mut stage), wide);
}

#[test]
fn pins_follow_the_values_of_their_type() {
    let mut stage = prices(12);
    stage.press("k enter + j j j p esc f").show(160, 45);
    let line = |stage: &mut Stage| row(&stage.show(160, 45), "n=").to_owned();
    let first = line(&mut stage);
    assert!(
        first.contains("data.bid 1.011") && first.contains("n=12"),
        "{first}"
    );
    assert!(
        first.contains("min 1 max 1.09") && first.contains('\u{2587}'),
        "{first}"
    );
    // Of another type, or without a value: nothing changes.
    stage.receive(0, Message::text(r#"{"type":"other","data":{"bid":7}}"#));
    stage.receive(0, Message::text(r#"{"type":"price","data":{"ask":7}}"#));
    assert_eq!(line(&mut stage), first);
    stage.receive(0, Message::text(r#"{"type":"price","data":{"bid":2.5}}"#));
    let last = line(&mut stage);
    assert!(
        last.contains("data.bid 2.5 ") && last.contains("n=13"),
        "{last}"
    );
    assert!(last.contains("max 2.5"), "{last}");
    // From the list it goes as it came.
    assert!(stage.press("p").show(80, 24).contains("columns and pins"));
    assert!(!stage.press("p esc").show(80, 24).contains("n=13"));
    assert!(stage.app.pins.is_empty());
}

#[test]
fn a_pin_goes_by_the_key_that_made_it_and_shows_no_secret() {
    let mut stage = prices(4);
    stage.press("k enter G p esc");
    let screen = stage.show(80, 24);
    assert!(row(&screen, "n=4").contains("*******"), "{screen}");
    let numbers = r#"{"type":"price","password":"98765"}"#;
    let screen = stage.receive(0, Message::text(numbers)).show(160, 45);
    assert!(
        !screen.contains("98765") && !screen.contains("min"),
        "{screen}"
    );
    stage.press("k").show(80, 24);
    assert!(!screen.contains("hunter"), "{screen}");
    assert!(stage.press("enter p").app.pins.is_empty());
    // A fifth one has no place.
    for n in 0..5 {
        let text = format!(r#"{{"type":"many","v{n}":1}}"#);
        stage.press("esc").receive(0, Message::text(text));
        stage.press("f k enter G p");
    }
    assert_eq!(stage.app.pins.len(), 4);
    assert!(stage.show(80, 24).contains("4 values are pinned already"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_and_pins_never_move_the_choice(
        count in 20..60_u32,
        up in 1_usize..30,
        keys in prop::collection::vec(
            prop::sample::select(vec!["C space", "C j j j j d", "C J", "C G K", "w", ",", "p", "in + j C", "in j p", "in G p C"]),
            1..12,
        ),
        wide in any::<bool>(),
    ) {
        let (width, height) = if wide { (160, 45) } else { (80, 24) };
        let mut stage = prices(count);
        stage.show(width, height);
        for _ in 0..up {
            stage.press("k");
        }
        let chosen = stage.app.list.cursor();
        prop_assert!(chosen >= Some(Seq(0)));
        for (n, keys) in (count..).zip(keys) {
            // On a wide screen the detail pane is beside the list.
            let into = if wide { "tab" } else { "enter" };
            stage.press(&keys.replace("in", into)).press("esc");
            if stage.app.detail.open {
                stage.press("esc");
            }
            price(&mut stage, n);
            let screen = stage.show(width, height);
            prop_assert_eq!(stage.app.list.cursor(), chosen);
            let edge = if wide { "\u{2502}\u{258c}" } else { "\n\u{258c}" };
            prop_assert!(screen.contains(edge), "{} {}", keys, screen);
        }
    }
}
