//! The store keeps what it promises, and a list shows what a plain search would.

use proptest::prelude::*;
use sockeye::{
    event::{Event, EventKind, Lifecycle, StreamId},
    message::{Direction, Message},
    store::{Body, Listing, Query, Selection, Seq, Store},
    time::Now,
};

fn message(n: u64, stream: u16, text: &str) -> Event {
    let kind = EventKind::Message(Direction::In, Message::text(text));
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
    let types: Vec<_> = store.types().collect();
    assert_eq!(types, [("order", 2)]);
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

proptest! {
    #[test]
    fn a_list_shows_what_a_plain_search_finds(
        events in prop::collection::vec((0..3_u16, "[abAB]{0,3}", 0..200_000_usize), 1..60),
        query in "[abAB]{0,2}",
        stream in prop::option::of(0..3_u16),
        slice in 1..50_usize,
    ) {
        let mut store = Store::new(2 << 20);
        let selection = Selection { stream: stream.map(StreamId), query: Query::new(&query) };
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
