//! The store keeps what it promises, and a list shows what a plain search would.

use proptest::prelude::*;
use sockeye::{
    dialect::EventMap,
    event::{Event, EventKind, Lifecycle, StreamId},
    filter::{Context, Filter},
    message::{Class, Direction, Message},
    store::{Body, Earlier, Listing, Row, Selection, Seq, Stated, Store},
    time::{Mono, Now, Wall},
};

fn message(n: u64, stream: u16, text: &str) -> Event {
    let kind = EventKind::Message(Direction::In, Class::Event, Message::text(text));
    Event {
        n,
        at: Now::default(),
        stream: StreamId(stream),
        kind,
    }
}

fn text(store: &Store, seq: Seq) -> &str {
    match store.row(seq).map(|row| row.body) {
        Some(Body::Message { data, .. }) => std::str::from_utf8(data).expect("UTF-8"),
        _ => "",
    }
}

#[test]
fn events_come_back_as_they_were() {
    let mut store = Store::new(1 << 20);
    store.push(&message(1, 0, r#"{"type":"order","id":1}"#));
    let note = EventKind::Lifecycle(Box::new(Lifecycle::Note("hello".into())));
    store.push(&Event {
        n: 2,
        at: Now::default(),
        stream: StreamId(0),
        kind: note,
    });
    store.push(&message(3, 1, r#"{"id":2,"type":"order"}"#));
    let types: Vec<_> = store.types(None, Mono::default()).collect();
    assert_eq!(types.len(), 1);
    assert_eq!(
        (types[0].stated, types[0].events),
        (Stated::Name("order"), 2)
    );
    let row = store.row(Seq(0)).expect("a row");
    assert!(matches!(
        row.body,
        Body::Message {
            type_name: Some("order"),
            ..
        }
    ));
    assert!(
        matches!(store.row(Seq(1)).expect("a row").body, Body::Lifecycle(Lifecycle::Note(text)) if text == "hello")
    );
    assert_eq!(
        (text(&store, Seq(2)), store.row(Seq(3))),
        (r#"{"id":2,"type":"order"}"#, None)
    );
}

#[test]
fn memory_is_bounded_and_what_goes_is_counted() {
    let mut store = Store::new(4 << 20);
    let event = "x".repeat(211);
    for n in 1..=200_000 {
        store.push(&message(n, 0, &event));
        assert!(store.bytes() <= (4 << 20) + (3 << 19), "{}", store.bytes());
    }
    let kept = store.end().0 - store.first().0;
    assert_eq!(store.evicted() + kept, 200_000);
    let ratio = store.bytes() as f64 / (kept * 211) as f64;
    assert!(ratio <= 1.25, "{ratio}");
    store.push(&message(200_001, 0, &"y".repeat(9 << 20)));
    store.push(&message(200_002, 0, "last"));
    assert_eq!(text(&store, Seq(200_001)), "last");
}

#[test]
fn a_flood_of_lifecycle_events_is_bounded_too() {
    let mut store = Store::new(1 << 20);
    for n in 0..20_000 {
        let kind = EventKind::Lifecycle(Box::new(Lifecycle::Note("x".repeat(n as usize % 500))));
        let event = Event {
            kind,
            ..message(n, 0, "")
        };
        store.push(&event);
        assert!(store.bytes() <= 2 << 20, "{}", store.bytes());
        let newest = store.row(Seq(n));
        assert_eq!(newest.map(|row| shown(&row)), Some(event));
    }
    assert!(store.evicted() > 0);
}

#[test]
fn the_message_before_of_the_same_kind_is_found() {
    let mut store = Store::new(1 << 24);
    let mut push = |stream: u16, text: &str| store.push(&message(1, stream, text));
    let tick = r#"{"type":"tick","ch":"a"}"#;
    let first = push(0, tick);
    let other = push(0, r#"{"type":"alert"}"#);
    let elsewhere = push(1, tick);
    let second = push(0, r#"{"type":"tick","ch":"b"}"#);
    let last = push(0, tick);
    let found = |seq, channel| Earlier::Found { seq, channel };
    assert_eq!(store.earlier(last), found(second, false));
    assert_eq!(store.earlier(second), found(first, false));
    for alone in [first, other, elsewhere] {
        assert_eq!(store.earlier(alone), Earlier::Nothing);
    }
    let map = EventMap {
        kind: vec!["/type".into()],
        channel: Some("/ch".into()),
        ..EventMap::default()
    };
    store.map(StreamId(0), &map);
    assert_eq!(store.earlier(last), found(first, true));
    assert_eq!(store.earlier(second), Earlier::Nothing);
    for _ in 0..100_000 {
        store.push(&message(1, 0, "x"));
    }
    let late = store.push(&message(1, 0, r#"{"type":"alert"}"#));
    assert_eq!(store.earlier(late), Earlier::NotNear);
}

fn any_event() -> impl Strategy<Value = Event> {
    let payload = prop_oneof![
        "[ -~é]{0,40}",
        "[a-z]{0,9}".prop_map(|name| format!("{{\"type\":\"{name}\"}}")),
        (0..9000_usize).prop_map(|size| "x".repeat(size)),
    ];
    let message = (payload, any::<(bool, bool)>()).prop_map(|(text, (out, binary))| {
        let direction = if out { Direction::Out } else { Direction::In };
        let message = if binary {
            Message::binary(text.into_bytes())
        } else {
            Message::text(text)
        };
        EventKind::Message(direction, Class::Event, message)
    });
    let note = "[a-z]{0,40}".prop_map(|text| EventKind::Lifecycle(Box::new(Lifecycle::Note(text))));
    let at = any::<(u64, i64)>().prop_map(|(mono, wall)| Now {
        mono: Mono(mono),
        wall: Wall(wall),
    });
    (
        any::<u64>(),
        at,
        any::<u16>(),
        prop_oneof![4 => message, 1 => note],
    )
        .prop_map(|(n, at, stream, kind)| Event {
            n,
            at,
            stream: StreamId(stream),
            kind,
        })
}

/// The event that a row shows.
fn shown(row: &Row<'_>) -> Event {
    let kind = match row.body {
        Body::Lifecycle(lifecycle) => EventKind::Lifecycle(Box::new(lifecycle.clone())),
        Body::Message {
            direction,
            kind,
            data,
            ..
        } => {
            let data = data.to_vec().into();
            EventKind::Message(direction, Class::Event, Message { kind, data })
        }
    };
    Event {
        n: row.n,
        at: row.at,
        stream: row.stream,
        kind,
    }
}

proptest! {
    #[test]
    fn rows_are_the_events_they_were(events in prop::collection::vec(any_event(), 0..200)) {
        let mut store = Store::new(0);
        for (number, event) in events.iter().enumerate() {
            prop_assert_eq!(store.push(event), Seq(number as u64));
        }
        prop_assert_eq!(store.end(), Seq(events.len() as u64));
        prop_assert_eq!(store.evicted(), store.first().0);
        for (number, wanted) in events.iter().enumerate() {
            let row = store.row(Seq(number as u64));
            prop_assert_eq!(row.is_some(), number as u64 >= store.first().0);
            if let Some(row) = row {
                prop_assert_eq!(&shown(&row), wanted);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_more_events_are_kept_than_may_be(
        sizes in prop::collection::vec((0..2000_usize, any::<bool>()), 1..300),
        most in 1..400_u64,
    ) {
        let mut store = Store::new(0).at_most(most);
        let mut bytes_alone = Store::new(0);
        let mut listing = Listing::default();
        for (n, (size, turn)) in (0..).zip(&sizes) {
            let text = "x".repeat(*size);
            let event = if *turn {
                let kind = EventKind::Lifecycle(Box::new(Lifecycle::Note(text)));
                Event { kind, ..message(n, 0, "") }
            } else {
                message(n, 0, &text)
            };
            store.push(&event);
            bytes_alone.push(&event);
            listing.advance(&store, 10);
            let (first, end) = (store.first().0, store.end().0);
            prop_assert_eq!(first, bytes_alone.first().0.max(end.saturating_sub(most)));
            prop_assert_eq!(store.evicted() + listing.len() as u64, n + 1);
            prop_assert_eq!(first.checked_sub(1).and_then(|gone| store.row(Seq(gone))), None);
            let held: Vec<_> = (first..end).filter_map(|seq| store.row(Seq(seq))).map(|row| row.n).collect();
            prop_assert_eq!(held, (first..end).collect::<Vec<_>>());
            prop_assert_eq!(store.row(Seq(n)).map(|row| shown(&row)), Some(event));
        }
        let nothing = Selection { folded: true, ..Selection::default() };
        let (found, _) = nothing.part(&store, Seq(0)..store.end(), usize::MAX);
        prop_assert_eq!(found, (store.first().0..store.end().0).map(Seq).collect::<Vec<_>>());
    }

    #[test]
    fn a_list_shows_what_a_plain_search_finds(
        events in prop::collection::vec((0..3_u16, "[abAB]{0,3}", 0..200_000_usize), 1..60),
        query in "[abAB]{0,2}",
        stream in prop::option::of(0..3_u16),
        slice in 1..50_usize,
    ) {
        let mut store = Store::new(2 << 20);
        let context = Context { streams: Vec::new(), now: Wall::default(), zone: jiff::tz::TimeZone::UTC };
        let filter = Filter::new(&query, &context).expect("a filter");
        let selection = Selection { stream: stream.map(StreamId), filters: vec![filter.into()], folded: false };
        let mut listing = Listing::new(selection);
        for (n, (stream, text, filler)) in events.iter().enumerate() {
            store.push(&message(n as u64, *stream, &format!("{text}{}", "·".repeat(*filler))));
            if n % 7 == 0 {
                listing.advance(&store, slice);
            }
        }
        while listing.advance(&store, slice) {}
        let wanted: Vec<Seq> = (store.first().0..store.end().0)
            .map(Seq)
            .filter(|seq| {
                let row = store.row(*seq).expect("a kept row");
                let found = text(&store, *seq).to_lowercase().contains(&query.to_lowercase());
                found && stream.is_none_or(|stream| row.stream == StreamId(stream))
            })
            .collect();
        let shown: Vec<Seq> = (0..listing.len()).filter_map(|index| listing.seq(index)).collect();
        prop_assert_eq!(&shown, &wanted);
        for (index, seq) in wanted.iter().enumerate() {
            prop_assert_eq!(listing.index_of(*seq), Some(index));
        }
    }
}
