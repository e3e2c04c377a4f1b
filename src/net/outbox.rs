//! Events on their way to whoever shows them: gathered into batches, one channel send each.
//!
//! When the channel is full the profile's policy holds: the driver stops reading, or the oldest messages are dropped
//! and counted. Life-cycle events are never dropped.

use std::{
    collections::VecDeque,
    mem,
    task::{Context, Poll, ready},
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::mpsc::{
    OwnedPermit, Sender,
    error::{SendError, TrySendError},
};

use crate::{
    event::{Event, EventKind, StreamId},
    profile::WhenFull,
};

/// Events of one stream that came together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Whose they are.
    pub stream: StreamId,
    /// The events in order, at least one.
    pub events: Vec<Event>,
    /// Bytes the stream has received so far over all its links, since their upgrades.
    pub wire_in: u64,
}

/// The consumer is gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone;

/// Room for one batch, or the news that there will never be any.
pub(super) type Room = Result<OwnedPermit<Batch>, Gone>;

/// Events that wait for room in the channel.
pub(super) struct Outbox {
    channel: Sender<Batch>,
    closed: BoxFuture<'static, ()>,
    room: Option<BoxFuture<'static, Result<OwnedPermit<Batch>, SendError<()>>>>,
    stream: StreamId,
    when_full: WhenFull,
    waiting: VecDeque<Event>,
    messages: usize,
    bytes: usize,
    dropped: u64,
}

impl Outbox {
    pub(super) fn new(channel: Sender<Batch>, stream: StreamId, when_full: WhenFull) -> Self {
        let watched = channel.clone();
        Self {
            closed: async move { watched.closed().await }.boxed(),
            channel,
            room: None,
            stream,
            when_full,
            waiting: VecDeque::new(),
            messages: 0,
            bytes: 0,
            dropped: 0,
        }
    }

    pub(super) fn push(&mut self, event: Event) {
        if let Some(size) = message_size(&event) {
            self.messages += 1;
            self.bytes += size;
        }
        self.waiting.push_back(event);
    }

    /// Whether the sockets must not be read for now.
    pub(super) fn holds(&self) -> bool {
        self.room.is_some() && self.when_full == WhenFull::Hold
    }

    /// Sends what waits, or begins to wait for room.
    pub(super) fn offer(&mut self, wire_in: u64) -> Result<(), Gone> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        if self.room.is_none() {
            match self.channel.clone().try_reserve_owned() {
                Ok(room) => self.fill(room, wire_in),
                Err(TrySendError::Full(channel)) => {
                    self.room = Some(channel.reserve_owned().boxed());
                }
                Err(TrySendError::Closed(_)) => return Err(Gone),
            }
        }
        if self.when_full == WhenFull::Drop {
            self.trim();
        }
        Ok(())
    }

    /// Waits for the room that [`Outbox::offer`] did not find, and for the end of the consumer.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Room> {
        if self.closed.poll_unpin(cx).is_ready() {
            return Poll::Ready(Err(Gone));
        }
        let Some(room) = &mut self.room else {
            return Poll::Pending;
        };
        let room = ready!(room.poll_unpin(cx));
        self.room = None;
        Poll::Ready(room.map_err(|_| Gone))
    }

    /// Waits for room for the last batch, if there is one.
    pub(super) async fn last_room(&mut self) -> Option<OwnedPermit<Batch>> {
        if self.waiting.is_empty() {
            return None;
        }
        self.channel.clone().reserve_owned().await.ok()
    }

    /// How many messages were dropped since this was last asked.
    pub(super) const fn take_dropped(&mut self) -> u64 {
        mem::replace(&mut self.dropped, 0)
    }

    /// Sends everything that waits.
    pub(super) fn fill(&mut self, room: OwnedPermit<Batch>, wire_in: u64) {
        (self.messages, self.bytes) = (0, 0);
        // The next batch is likely to be as large.
        let next = VecDeque::with_capacity(self.waiting.len());
        room.send(Batch {
            stream: self.stream,
            events: mem::replace(&mut self.waiting, next).into(),
            wire_in,
        });
    }

    /// Drops the oldest messages until what waits is within its limits.
    fn trim(&mut self) {
        let mut kept = Vec::new();
        while self.messages > MOST_MESSAGES || (self.bytes > MOST_BYTES && self.messages > 1) {
            let Some(event) = self.waiting.pop_front() else {
                break;
            };
            if let Some(size) = message_size(&event) {
                self.messages -= 1;
                self.bytes -= size;
                self.dropped += 1;
            } else {
                kept.push(event);
            }
        }
        for event in kept.into_iter().rev() {
            self.waiting.push_front(event);
        }
    }
}

const fn message_size(event: &Event) -> Option<usize> {
    match &event.kind {
        EventKind::Message(_, _, message) => Some(message.data.len()),
        EventKind::Lifecycle(_) => None,
    }
}

const MOST_MESSAGES: usize = 4096;
const MOST_BYTES: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::{
        event::Lifecycle,
        message::{Class, Direction, Message},
        time::Now,
    };

    fn event(n: u64, kind: EventKind) -> Event {
        Event {
            n,
            at: Now::default(),
            stream: StreamId(7),
            kind,
        }
    }

    fn message(n: u64, size: usize) -> Event {
        let message = Message::binary(vec![0; size]);
        event(n, EventKind::Message(Direction::In, Class::Event, message))
    }

    fn note(n: u64) -> Event {
        let note = Lifecycle::Note("a note".into());
        event(n, EventKind::Lifecycle(Box::new(note)))
    }

    #[tokio::test]
    async fn a_full_channel_holds_or_drops_by_policy() {
        for (policy, held, dropped) in [(WhenFull::Hold, true, 0), (WhenFull::Drop, false, 904)] {
            let (channel, mut batches) = mpsc::channel(1);
            let mut outbox = Outbox::new(channel, StreamId(7), policy);
            outbox.push(note(1));
            assert_eq!((outbox.offer(1), outbox.holds()), (Ok(()), false));
            outbox.push(note(2));
            (3..=5002).for_each(|n| outbox.push(message(n, 1)));
            assert_eq!((outbox.offer(2), outbox.holds()), (Ok(()), held));
            assert_eq!(batches.recv().await.unwrap().events, [note(1)]);
            let room = std::future::poll_fn(|cx| outbox.poll_room(cx))
                .await
                .unwrap();
            assert_eq!((outbox.take_dropped(), outbox.take_dropped()), (dropped, 0));
            outbox.fill(room, 3);
            let batch = batches.recv().await.unwrap();
            let numbers: Vec<_> = batch.events.iter().map(|event| event.n).collect();
            let wanted: Vec<_> = [2].into_iter().chain(3 + dropped..=5002).collect();
            assert_eq!(
                (numbers, batch.wire_in, batch.stream),
                (wanted, 3, StreamId(7))
            );
        }
    }

    #[tokio::test]
    async fn waiting_bytes_are_bounded_too() {
        let (channel, _batches) = mpsc::channel(1);
        let mut outbox = Outbox::new(channel, StreamId(0), WhenFull::Drop);
        outbox.push(note(1));
        assert_eq!(outbox.offer(0), Ok(()));
        for n in 2..=11 {
            outbox.push(message(n, 10 << 20));
            assert_eq!(outbox.offer(0), Ok(()));
        }
        assert_eq!(outbox.take_dropped(), 4);
    }

    #[tokio::test]
    async fn a_consumer_that_is_gone_is_noticed() {
        let (channel, batches) = mpsc::channel(1);
        let mut outbox = Outbox::new(channel, StreamId(0), WhenFull::Hold);
        drop(batches);
        let room = std::future::poll_fn(|cx| outbox.poll_room(cx)).await;
        assert_eq!(room.err(), Some(Gone));
        outbox.push(note(1));
        assert_eq!(outbox.offer(0), Err(Gone));
        assert!(outbox.last_room().await.is_none());
    }
}
