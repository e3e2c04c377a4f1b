//! Believable events: orders, payments, prices, audit notes, alerts and heartbeats. What they say depends on the seed,
//! the feed and their number alone; only their times come from the clock.

use fastrand::Rng;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{scenario::Feed, time::Wall};

/// Faster than this (events per second) they are made in advance and sent again and again.
const FRESH: f64 = 5000.0;
const POOL: usize = 1024;

const GOODS: [&str; 6] = [
    "espresso beans 1 kg",
    "café filter no. 4",
    "milk jug 0.6 l",
    "grinder burr set",
    "descaler",
    "naïve ceramic cup",
];
const NAMES: [&str; 6] = ["alice", "bob", "chiara", "dmitri", "eun-ji", "françois"];
const SYMBOLS: [&str; 5] = ["COFFEE", "COCOA", "SUGAR", "WHEAT", "MILK"];
const REGIONS: [&str; 4] = ["eu-north", "eu-west", "us-east", "ap-south"];

/// The events of one connection, without end.
pub(super) struct Events {
    feed: Feed,
    random: Rng,
    number: u64,
    pool: Vec<Message>,
}

impl Events {
    pub(super) fn new(feed: Feed, seed: u64, rate: f64, now: Wall) -> Self {
        let mut events = Self {
            feed,
            random: Rng::with_seed(seed.wrapping_add(feed as u64)),
            number: 0,
            pool: Vec::new(),
        };
        if rate > FRESH {
            events.pool = (0..POOL).map(|_| events.fresh(now)).collect();
            events.number = 0;
        }
        events
    }

    /// The next event.
    pub(super) fn next(&mut self, now: Wall) -> Message {
        let place = self.number as usize % POOL;
        if let Some(message) = self.pool.get(place) {
            let message = message.clone();
            self.number += 1;
            return message;
        }
        self.fresh(now)
    }

    fn fresh(&mut self, now: Wall) -> Message {
        self.number += 1;
        let dice = self.random.u8(0..100);
        match (self.feed, dice) {
            (_, 0..6) => self.heartbeat(now),
            (_, 6..8) => self.frame(),
            (_, 8..11) => self.alert(now),
            (Feed::Orders, 11..14) => self.batch(now),
            (Feed::Orders, 14..55) => self.order(now),
            (Feed::Orders, 55..80) => self.payment(now),
            (Feed::Orders, _) => self.shipment(now),
            (Feed::Prices, 11..20) => self.book(now),
            (Feed::Prices, _) => self.tick(now),
            (Feed::Audit, _) => self.access(now),
        }
    }

    /// An event's common head, then its own members.
    fn event(&self, kind: &str, now: Wall, own: Value) -> Message {
        let mut event = json!({"type": kind, "seq": self.number, "ts": now.to_string()});
        if let (Value::Object(event), Value::Object(own)) = (&mut event, own) {
            event.extend(own);
        }
        Message::text(event.to_string())
    }

    fn heartbeat(&self, now: Wall) -> Message {
        self.event(
            "heartbeat",
            now,
            json!({"uptime_s": now.seconds() % 86_400, "node": "demo-1"}),
        )
    }

    fn alert(&mut self, now: Wall) -> Message {
        let level = ["info", "warn", "error"][self.random.usize(0..3)];
        let text = format!(
            "stock low: {}, {} left",
            self.pick(&GOODS),
            self.random.u8(0..9)
        );
        let region = self.pick(&REGIONS);
        let own = json!({"level": level, "text": text, "region": region,
            "rule": "stock.level < 10", "runbook": "https://example.com/runbooks/stock-low"});
        self.event("alert", now, own)
    }

    fn order(&mut self, now: Wall) -> Message {
        let lines = self.random.usize(1..6);
        let own = self.order_of(lines);
        self.event("order.created", now, own)
    }

    /// Several orders in one message: up to about 16 KiB.
    fn batch(&mut self, now: Wall) -> Message {
        let orders: Vec<_> = (0..self.random.usize(8..30))
            .map(|_| self.order_of(4))
            .collect();
        self.event(
            "order.batch",
            now,
            json!({"count": orders.len(), "orders": orders}),
        )
    }

    fn order_of(&mut self, count: usize) -> Value {
        let lines: Vec<_> = (0..count).map(|_| self.line()).collect();
        let cents = |line: &Value| line["cents"].as_u64().unwrap_or(0);
        let total: u64 = lines.iter().map(cents).sum();
        json!({"id": self.id("o"), "customer": {"name": self.pick(&NAMES), "tier": self.random.u8(1..4)},
            "region": self.pick(&REGIONS), "currency": "EUR", "total": total as f64 / 100.0, "lines": lines})
    }

    fn line(&mut self) -> Value {
        let quantity = self.random.u64(1..5);
        let cents = quantity * self.random.u64(290..4900);
        json!({"sku": format!("sku-{:04}", self.random.u16(0..2000)), "name": self.pick(&GOODS),
            "quantity": quantity, "cents": cents})
    }

    fn payment(&mut self, now: Wall) -> Message {
        let method = ["card", "transfer", "wallet", "invoice"][self.random.usize(0..4)];
        let declined = self.random.u8(0..10) == 0;
        let own = json!({"id": self.id("p"), "order": self.id("o"), "method": method,
            "amount": f64::from(self.random.u32(290..90_000)) / 100.0, "currency": "EUR",
            "risk": {"score": self.random.u8(0..100), "checks": ["address", "velocity"]}});
        let kind = if declined {
            "payment.declined"
        } else {
            "order.paid"
        };
        self.event(kind, now, own)
    }

    fn shipment(&mut self, now: Wall) -> Message {
        let carrier = ["north post", "velo kurier", "rail"][self.random.usize(0..3)];
        let parcels: Vec<_> = (0..self.random.usize(1..4))
            .map(|_| self.id("parcel"))
            .collect();
        let own = json!({"order": self.id("o"), "carrier": carrier, "parcels": parcels,
            "to": {"city": "Malmö", "region": self.pick(&REGIONS)}, "weight_g": self.random.u32(200..9000)});
        self.event("order.shipped", now, own)
    }

    fn tick(&mut self, now: Wall) -> Message {
        let cents = self.cents();
        let own = json!({"symbol": self.pick(&SYMBOLS), "bid": cents / 100.0, "ask": (cents + 2.0) / 100.0,
            "volume": self.random.u32(1..5000), "venue": self.pick(&REGIONS),
            "trades": [{"id": self.id("t"), "size": self.random.u16(1..400)}, {"id": self.id("t"), "size": self.random.u16(1..400)}]});
        self.event("price.tick", now, own)
    }

    fn book(&mut self, now: Wall) -> Message {
        let depth = self.random.usize(20..200);
        let mut side = || -> Vec<Value> {
            (0..depth)
                .map(|_| json!([self.cents() / 100.0, self.random.u16(1..900)]))
                .collect()
        };
        let own = json!({"bids": side(), "asks": side(), "symbol": self.pick(&SYMBOLS)});
        self.event("price.book", now, own)
    }

    fn access(&mut self, now: Wall) -> Message {
        let kind = ["audit.login", "audit.read", "audit.export"][self.random.usize(0..3)];
        let own = json!({"actor": self.pick(&NAMES), "resource": format!("/orders/{}", self.id("o")),
            "from": format!("192.0.2.{}", self.random.u8(1..255)), "agent": "console/4.2 (x86_64)",
            "outcome": if self.random.u8(0..12) == 0 { "denied" } else { "allowed" }, "trace": self.id("trace")});
        self.event(kind, now, own)
    }

    /// A binary message: a length, a number and samples.
    fn frame(&mut self) -> Message {
        let mut bytes = vec![0; self.random.usize(200..2000)];
        self.random.fill(&mut bytes);
        bytes[..8].copy_from_slice(&self.number.to_be_bytes());
        Message::binary(bytes)
    }

    /// A price; divided by 100 it has two digits after the point, as long as it is whole before.
    fn cents(&mut self) -> f64 {
        f64::from(self.random.u32(9_000..14_000))
    }

    fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}-{:08x}", self.random.u32(..))
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[self.random.usize(0..words.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(feed: Feed, seed: u64, rate: f64) -> Vec<Message> {
        let mut events = Events::new(feed, seed, rate, Wall(0));
        (0..2500).map(|_| events.next(Wall(0))).collect()
    }

    #[test]
    fn the_seed_decides() {
        assert_eq!(some(Feed::Orders, 1, 10.0), some(Feed::Orders, 1, 10.0));
        assert_ne!(some(Feed::Orders, 1, 10.0), some(Feed::Orders, 2, 10.0));
    }

    #[test]
    fn events_are_of_every_promised_kind_and_size() {
        for feed in [Feed::Orders, Feed::Prices, Feed::Audit] {
            let events = some(feed, 7, 10.0);
            assert!(events.iter().any(Message::is_binary));
            assert!(events.iter().all(|event| event.len() <= 16 << 10));
            let mean = events.iter().map(Message::len).sum::<usize>() / events.len();
            assert!((150..2000).contains(&mean), "{feed:?}: {mean} bytes");
            for event in events
                .iter()
                .filter_map(|event| event.to_text().ok().filter(|_| event.is_text()))
            {
                let value: Value = serde_json::from_str(event).expect("JSON");
                assert!(value["type"].is_string() && value["ts"] == "1970-01-01T00:00:00.000Z");
            }
        }
        assert!(
            some(Feed::Orders, 7, 10.0)
                .iter()
                .any(|event| event.len() > 8 << 10)
        );
    }

    #[test]
    fn a_flood_repeats_what_was_made_in_advance() {
        let events = some(Feed::Prices, 3, f64::INFINITY);
        assert_eq!(events[..1000], events[POOL..POOL + 1000]);
        assert_ne!(events[0], events[1]);
    }
}
