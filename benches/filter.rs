//! What filtering costs, as ratios of time to a plain search of the same bytes (`memmem`) in the same run: the events
//! of a flood are kept in a store and a list is filled with what a filter lets through, as the monitor does it.
//!
//! ```text
//! cargo bench --bench filter               1 000 000 events of about 211 bytes, 7 rounds
//! cargo bench --bench filter -- --quick      500 000 events, 3 rounds
//! ```
//!
//! Fewer would fit into a cache, which helps the plain search more than the list. Both sides run in turn within each
//! round and are compared pair by pair; the median of the rounds counts. Ends with an error when a gate is not kept.

mod common;

use std::{hint::black_box, process::ExitCode, rc::Rc};

use common::{
    Result, median, now,
    report::{Report, line},
};
use memchr::memmem::Finder;
use sockeye::{
    event::{Event, EventKind, StreamId},
    filter::{Context, Filter, Subject, TypeName},
    message::{Class, Direction, Message},
    store::{Listing, Selection, Store},
    time::{Mono, Now},
};

/// What the monitor spends on a list in one go.
const SLICE: usize = 150_000;

/// A filter, its gate, and how many times the plain search's time it may take.
const CONTENDERS: [(&str, &str, f64); 8] = [
    ("gold", "G11", 5.0),
    ("zebra", "G11", 5.0),
    ("type:order.paid", "G11", 5.0),
    ("-class:heartbeat size>200", "G11", 5.0),
    ("/o-[0-9]+7\"/", "G12", 40.0),
    (".data.user.tier == \"gold\"", "G12", 40.0),
    (".data.amount > 99", "G12", 40.0),
    ("gold .data.amount > 99", "G12", 40.0),
];
/// A jq program that has to be run whole; it has no gate.
const WHOLE: &str = ".data.items | length > 2";

/// jq programs that do not end by themselves.
const ENDLESS: [&str; 6] = [
    "def f: f; f",
    "[range(1e12)] | length",
    "reduce range(1e9) as $i (0; . + 1)",
    "reduce range(60) as $i (\"x\"; . + .)",
    "[.a[] as $x | .a[] as $y | 1] | length",
    ".a | tostring | test(\"(x+)+y\")",
];

fn main() -> ExitCode {
    common::run("filter", measure)
}

fn measure(quick: bool, report: &mut Report) -> Result<()> {
    let (count, rounds) = if quick { (500_000, 3) } else { (1_000_000, 7) };
    let (store, plain) = filled(count);
    line(format!(
        "{count} events, {rounds} rounds; ratio to memmem of the same bytes\n"
    ))?;
    for (text, gate, most) in CONTENDERS {
        let ratio = compare(&store, &plain, text, rounds)?;
        report.at_most(&format!("{gate} {text}"), ratio, most, "");
    }
    compare(&store, &plain, WHOLE, rounds)?;
    line(format!(
        "longest time for one event of 240 KB by a jq program that does not end: {:.1} ms",
        longest()
    ))?;
    Ok(())
}

/// The longest time that a program that does not end takes for one large event.
fn longest() -> f64 {
    let payload = format!("{{\"a\":[{}1]}}", "1,".repeat(120_000));
    let subject = Subject {
        stream: StreamId(0),
        at: Now::default().wall,
        message: Some((Direction::In, Class::Event)),
        type_name: TypeName::Known(None),
        data: payload.as_bytes(),
        places: None,
    };
    let times = ENDLESS.iter().filter_map(|program| {
        let filter = Filter::new(&format!(". | {program}"), &context()).ok()?;
        let begun = now();
        black_box(filter.holds(&subject));
        Some(millis_since(begun))
    });
    times.fold(0.0, f64::max)
}

fn millis_since(begun: Mono) -> f64 {
    now().since(begun).as_secs_f64() * 1000.0
}

fn context() -> Context {
    Context {
        streams: vec!["orders".into()],
        now: Now::default().wall,
        zone: jiff::tz::TimeZone::UTC,
    }
}

/// The median of the ratios. Of the last round the time, the longest slice and the hits are told.
fn compare(store: &Store, plain: &Plain, text: &str, rounds: usize) -> Result<f64> {
    let finder = Finder::new("gold");
    let mut ratios = Vec::new();
    let mut last = (0.0, 0, 0.0);
    for _ in 0..rounds {
        let begun = now();
        black_box(plain.search(&finder));
        let bare = millis_since(begun);
        last = list(store, text)?;
        ratios.push(last.0 / bare);
    }
    let (ratio, (millis, hits, slowest)) = (median(ratios), last);
    line(format!(
        "{ratio:7.1}x {millis:8.1} ms  slice {slowest:5.2} ms  {hits:>7} hits  {text}"
    ))?;
    Ok(ratio)
}

/// Milliseconds for the whole list, its length, and the longest slice.
fn list(store: &Store, text: &str) -> Result<(f64, usize, f64)> {
    let filter = Filter::new(text, &context()).map_err(|_| format!("'{text}' is no filter"))?;
    let mut listing = Listing::new(Selection {
        filters: vec![Rc::new(filter)],
        ..Selection::default()
    });
    let (begun, mut slowest) = (now(), 0.0_f64);
    loop {
        let slice = now();
        let more = listing.advance(store, SLICE);
        slowest = slowest.max(millis_since(slice));
        if !more {
            return Ok((millis_since(begun), listing.len(), slowest));
        }
    }
}

/// The same payloads, one behind the other.
#[derive(Default)]
struct Plain {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Plain {
    fn push(&mut self, payload: &[u8]) {
        self.bytes.extend_from_slice(payload);
        self.ends.push(self.bytes.len());
    }

    /// How many hold the text.
    fn search(&self, finder: &Finder<'_>) -> usize {
        let mut start = 0;
        let found = self.ends.iter().filter(|end| {
            let payload = &self.bytes[start..**end];
            start = **end;
            finder.find(payload).is_some()
        });
        found.count()
    }
}

fn filled(count: u64) -> (Store, Plain) {
    let mut plain = Plain::default();
    let mut store = Store::new(1 << 30);
    let mut random = fastrand::Rng::with_seed(7);
    for n in 0..count {
        let message = message(n, &mut random);
        plain.push(&message.data);
        store.push(&Event {
            n,
            at: Now::default(),
            stream: StreamId(0),
            kind: EventKind::Message(Direction::In, Class::Event, message),
        });
    }
    (store, plain)
}

/// About 211 bytes, with some text that is not ASCII.
fn message(n: u64, random: &mut fastrand::Rng) -> Message {
    let kind = ["order.created", "order.paid", "alert", "price.tick"][random.usize(0..4)];
    let tier = ["gold", "silver", "bronze", "none"][random.usize(0..4)];
    let items: Vec<_> = (0..random.usize(1..4))
        .map(|_| random.u16(1..999).to_string())
        .collect();
    Message::text(format!(
        r#"{{"type":"{kind}","seq":{n},"ts":"2026-11-24T12:03:44.{:03}Z","data":{{"user":{{"id":"u-{}","tier":"{tier}"}},"region":"eu-north","amount":{}.5,"items":[{}],"id":"o-{n}","msg":"café überfällig {}"}}}}"#,
        n % 1000,
        random.u32(0..100_000),
        random.u16(0..200),
        items.join(","),
        random.u32(..),
    ))
}
