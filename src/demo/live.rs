//! A connection that was let in: events, renewal in place, expiry, and orders from scenarios.
//!
//! One task, and nothing that waits while it holds something back: a client that does not read is still told to go.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Poll, ready},
    time::Duration,
};

use futures_util::{Sink, SinkExt, StreamExt};
use tokio::{
    io::AsyncWriteExt,
    sync::mpsc::UnboundedReceiver,
    time::{Instant, Sleep, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::{
    ending::{Ending, Socket},
    events::Events,
    login,
    pace::Pace,
    server::Shared,
    token::Bearer,
};
use crate::{
    scenario::{Feed, Order, Refusal},
    secret::Secret,
    time::Now,
};

/// For bytes out of turn, to a client that may not read.
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs the connection and returns how it is to end. The login is acknowledged, where it came by message, once the
/// connection is among the clients: whoever saw the acknowledgement is reached by scenarios.
pub(super) async fn run(
    shared: &Shared,
    socket: &mut Socket,
    feed: Feed,
    (bearer, by_message): (Bearer, bool),
) -> Ending {
    let now = shared.options.clock.now();
    let (number, orders) = shared.clients().add(feed, bearer.clone());
    let seat = Seat { shared, number };
    let rate = shared.options.rate;
    let mut live = Live {
        socket,
        seat,
        feed,
        bearer,
        pace: Pace::new(rate, now.mono),
        events: Events::new(feed, shared.options.seed, rate, now.wall),
        unflushed: false,
    };
    let acknowledged = if by_message {
        live.acknowledge()
    } else {
        Ok(())
    };
    match acknowledged {
        Ok(()) => live.run(orders).await,
        Err(ending) => ending,
    }
}

/// A place among the clients, given up when it is dropped.
struct Seat<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.shared.clients().remove(self.number);
    }
}

struct Live<'a> {
    socket: &'a mut Socket,
    seat: Seat<'a>,
    feed: Feed,
    bearer: Bearer,
    pace: Pace,
    events: Events,
    /// Whether something may wait in the library's buffer.
    unflushed: bool,
}

/// What the socket did.
enum Turn {
    Received(Option<Result<Message, Error>>),
    /// Everything is on the wire.
    Flushed,
}

/// Reads, and writes what waits. Dropped half-way it loses nothing.
async fn turn(socket: &mut Socket, writes: bool) -> Turn {
    poll_fn(|context| {
        if let Poll::Ready(item) = socket.poll_next_unpin(context) {
            return Poll::Ready(Turn::Received(item));
        }
        if !writes {
            return Poll::Pending;
        }
        Poll::Ready(match ready!(socket.poll_flush_unpin(context)) {
            Ok(()) => Turn::Flushed,
            Err(fault) => Turn::Received(Some(Err(fault))),
        })
    })
    .await
}

impl Live<'_> {
    async fn run(mut self, mut orders: UnboundedReceiver<Order>) -> Ending {
        let mut expiry = pin!(sleep_until(self.expiry()));
        let mut tick = pin!(sleep_until(self.next_tick()));
        loop {
            let writes = self.unflushed || self.pace.due() > 0;
            let going_on = tokio::select! {
                biased;
                Some(order) = orders.recv() => self.obey(order).await,
                () = &mut expiry => Err(Ending::from(Refusal::Expired)),
                turn = turn(self.socket, writes) => self.turned(turn, expiry.as_mut()),
                () = &mut tick, if self.pace.wait().is_some() => {
                    self.pace.catch_up(self.now().mono);
                    tick.as_mut().reset(self.next_tick());
                    Ok(())
                }
            };
            if let Err(ending) = going_on {
                return ending;
            }
        }
    }

    fn now(&self) -> Now {
        self.seat.shared.options.clock.now()
    }

    fn after(&self, span: Duration) -> Instant {
        let clock = self.seat.shared.options.clock;
        Instant::from_std(clock.instant(clock.now().mono.after(span)))
    }

    /// The second of `exp`, from which on the token is no longer accepted (RFC 7519 section 4.1.4).
    fn expiry(&self) -> Instant {
        let left = self.bearer.expires.micros_since(self.now().wall);
        self.after(Duration::from_micros(u64::try_from(left).unwrap_or(0)))
    }

    /// Uneven, as real events are; the pace makes up for it.
    fn next_tick(&self) -> Instant {
        let wait = self.pace.wait().unwrap_or_default();
        self.after(wait.mul_f64(0.5 + fastrand::f64()))
    }

    fn turned(&mut self, turn: Turn, expiry: Pin<&mut Sleep>) -> Result<(), Ending> {
        match turn {
            Turn::Flushed => self.send_due(),
            Turn::Received(None) => Err(Ending::Gone),
            Turn::Received(Some(Err(fault))) => Err(Ending::after(&fault)),
            Turn::Received(Some(Ok(Message::Close(_)))) => Err(Ending::Answered),
            Turn::Received(Some(Ok(message))) => match login::token(&message) {
                Some(token) => self.renew(&token, expiry),
                None => Ok(()),
            },
        }
    }

    /// Hands one batch to the library.
    fn send_due(&mut self) -> Result<(), Ending> {
        self.unflushed = false;
        let (now, count) = (self.now().wall, self.pace.due());
        self.pace.sent(count);
        for _ in 0..count {
            let event = self.events.next(now);
            self.send(event)?;
        }
        Ok(())
    }

    /// Takes another token on the live connection. A bad one ends it, as a bad login would.
    fn renew(&mut self, token: &Secret, expiry: Pin<&mut Sleep>) -> Result<(), Ending> {
        let shared = self.seat.shared;
        self.bearer = shared.admit(token.expose(), self.feed)?;
        shared.clients().renew(self.seat.number, &self.bearer);
        expiry.reset(self.expiry());
        self.acknowledge()
    }

    fn acknowledge(&mut self) -> Result<(), Ending> {
        self.send(login::acknowledgement(&self.bearer, self.now().wall))
    }

    /// Hands a message to the library; the next turns bring it to the wire.
    fn send(&mut self, message: Message) -> Result<(), Ending> {
        self.unflushed = true;
        let sent = Pin::new(&mut *self.socket).start_send(message);
        sent.map_err(|fault| Ending::after(&fault))
    }

    async fn obey(&mut self, order: Order) -> Result<(), Ending> {
        match order {
            Order::Close { code, reason } => Err(Ending::Close(code, reason)),
            Order::Eof => Err(Ending::Eof),
            Order::Reset => Err(Ending::Reset),
            Order::Silence(span) => Err(Ending::Silence(span)),
            Order::Text(text) => self.send(Message::text(text)),
            Order::Bytes(bytes) => self.blurt(&bytes).await,
            Order::Burst(count) => {
                self.pace.burst(count);
                Ok(())
            }
        }
    }

    /// Puts bytes on the wire between two frames.
    async fn blurt(&mut self, bytes: &[u8]) -> Result<(), Ending> {
        let written = async {
            self.socket.flush().await.ok()?;
            self.socket.get_mut().write_all(bytes).await.ok()
        };
        let written = timeout(PATIENCE, written).await;
        written.ok().flatten().ok_or(Ending::Gone)
    }
}
