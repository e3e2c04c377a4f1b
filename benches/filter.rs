//! What filtering costs, as ratios of time to a plain search of the same bytes (`memmem`) in the same run: the events
//! of a flood are kept in a store and a list is filled with what a filter lets through, as the monitor does it.
//!
//! ```text
//! cargo bench --bench filter               1 000 000 events of about 211 bytes, 7 rounds
//! cargo bench --bench filter -- --quick      200 000 events, 3 rounds
//! ```
//!
//! Both sides run in turn within each round and are compared pair by pair; the median of the rounds counts. Ends with
//! an error when a gate is not kept.

use std::{hint::black_box, io::Write, process::ExitCode, rc::Rc};

use memchr::memmem::Finder;
use sockeye::{
    clock::Clock,
    event::{Event, EventKind, StreamId},
    filter::{Context, Filter, Subject, TypeName},
    message::{Class, Direction, Message},
    store::{Listing, Selection, Store},
    time::{Mono, Now},
};

/// What the monitor spends on a list in one go.
const SLICE: usize = 150_000;

/// A filter, and how many times the plain search it may take.
const CONTENDERS: [(&str, f64); 8] = [
    ("gold", 5.0),
    ("zebra", 5.0),
    ("type:order.paid", 5.0),
    ("-class:heartbeat size>200", 5.0),
    ("/o-[0-9]+7\"/", 40.0),
    (".data.user.tier == \"gold\"", 40.0),
    (".data.amount > 99", 40.0),
    ("gold .data.amount > 99", 40.0),
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
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (count, rounds) = if quick { (200_000, 3) } else { (1_000_000, 7) };
    let (store, plain) = filled(count);
    let mut report = vec![format!(
        "{count} events, {rounds} rounds; ratio to memmem of the same bytes"
    )];
    let mut kept = true;
    let contenders = CONTENDERS.map(|(text, gate)| (text, Some(gate)));
    for (text, gate) in contenders.into_iter().chain([(WHOLE, None)]) {
        let (ratio, millis, hits, slowest) = compare(&store, &plain, text, rounds);
        kept &= gate.is_none_or(|gate| ratio <= gate);
        let gate = gate.map_or_else(String::new, |gate| format!("  gate {gate}"));
        report.push(format!(
            "{ratio:7.1}x {millis:8.1} ms  slice {slowest:5.2} ms  {hits:>7} hits  {text}{gate}"
        ));
    }
    report.push(format!(
        "longest time for one event of 240 KB by a jq program that does not end: {:.1} ms",
        longest()
    ));
    // Nobody is left to tell when the standard output is gone.
    let _ = writeln!(std::io::stdout(), "{}", report.join("\n"));
    if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
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
        let timer = Timer::start();
        black_box(filter.holds(&subject));
        Some(timer.millis())
    });
    times.fold(0.0, f64::max)
}

/// Wall time since a moment.
struct Timer(Clock, Mono);

impl Timer {
    fn start() -> Self {
        let clock = Clock::start();
        Self(clock, clock.now().mono)
    }

    fn millis(&self) -> f64 {
        self.0.now().mono.since(self.1).as_secs_f64() * 1000.0
    }
}

fn context() -> Context {
    Context {
        streams: vec!["orders".into()],
        now: Now::default().wall,
        zone: jiff::tz::TimeZone::UTC,
    }
}

/// The median of the ratios, and of the last round the time, the hits and the longest slice.
fn compare(store: &Store, plain: &Plain, text: &str, rounds: usize) -> (f64, f64, usize, f64) {
    let finder = Finder::new("gold");
    let mut ratios = Vec::new();
    let mut last = (0.0, 0, 0.0);
    for _ in 0..rounds {
        let timer = Timer::start();
        black_box(plain.search(&finder));
        let bare = timer.millis();
        last = list(store, text);
        ratios.push(last.0 / bare);
    }
    ratios.sort_by(f64::total_cmp);
    (ratios[rounds / 2], last.0, last.1, last.2)
}

/// Milliseconds for the whole list, its length, and the longest slice.
fn list(store: &Store, text: &str) -> (f64, usize, f64) {
    let Ok(filter) = Filter::new(text, &context()) else {
        return (f64::INFINITY, 0, 0.0);
    };
    let mut listing = Listing::new(Selection {
        filters: vec![Rc::new(filter)],
        ..Selection::default()
    });
    let (timer, mut slowest) = (Timer::start(), 0.0_f64);
    loop {
        let slice = Timer::start();
        let more = listing.advance(store, SLICE);
        slowest = slowest.max(slice.millis());
        if !more {
            return (timer.millis(), listing.len(), slowest);
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
