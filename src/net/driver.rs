//! The driver: carries a [`Session`] out. It tells the session what happened and does what the session wants.
//!
//! One loop, as quinn's: wait for one thing, tell it, do what is wanted, hand events on, sleep until the next. What
//! is under way (dials, links, a fetch) lives in fields, so nothing is restarted because something else came first.
//! It decides nothing about the stream; only how fast to read.

use std::{
    collections::VecDeque,
    future::{poll_fn, ready},
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{
    sync::mpsc::{
        OwnedPermit, Receiver, Sender, UnboundedReceiver, UnboundedSender, unbounded_channel,
    },
    time::{Sleep, sleep},
};

use super::{
    call::call,
    dial,
    diary::Diary,
    link::{Link, Received},
    outbox::{Batch, Gone, Outbox},
    short::Short,
    slot::{Slot, SlotState},
};
use crate::{
    audit::Watch,
    auth::{CallAnswer, Checked, Credential},
    cause::Cause,
    clock::Clock,
    close_code::CloseCode,
    credential::{Errand, FileWatch, Sources},
    event::{Event, OpenFacts},
    log::Log,
    profile::Profile,
    secret::{Fingerprint, Secret},
    session::{Command, FetchFault, Input, LinkId, Output, Session},
    time::{Mono, Now},
};

/// What a driver is connected to.
pub struct Ports {
    /// Where events go. When it is full, the profile's `when_full` holds.
    pub events: Sender<Batch>,
    /// Where the user's commands come from; it may be closed.
    pub commands: Receiver<Command>,
    /// Where credentials come from.
    pub sources: Sources,
    /// The clocks.
    pub clock: Clock,
}

/// Drives a session until it is over or nobody takes its events any more.
pub async fn drive(session: Session, ports: Ports) {
    let mut driver = Driver::new(session, ports);
    let start = driver.clock.now();
    driver.tell(Input::Start, start);
    while !driver.session.is_over() {
        if driver.hand_over().is_err() {
            return;
        }
        let woken = poll_fn(|cx| driver.poll(cx)).await;
        let now = driver.clock.now();
        if driver.take(woken, now).is_err() {
            return;
        }
    }
    if let Some(room) = driver.outbox.last_room().await {
        let now = driver.clock.now();
        driver.fill(room, now);
    }
}

struct Driver {
    session: Session,
    profile: Arc<Profile>,
    commands: Option<Receiver<Command>>,
    /// Messages of the user's that wait until the server takes more.
    held: VecDeque<Command>,
    sources: Sources,
    clock: Clock,
    outbox: Outbox,
    /// Follows the authentications, as long as they can be written down.
    audit: Option<Watch>,
    diary: Diary,
    slots: Vec<Slot>,
    /// Where the last look at the links began, so that none is always served first.
    turn: usize,
    fetching: Option<BoxFuture<'static, Result<Credential, FetchFault>>>,
    /// What a source says while it fetches, and where it says it.
    notes: UnboundedReceiver<String>,
    say: UnboundedSender<String>,
    short: Short,
    verifying: Option<BoxFuture<'static, (Fingerprint, Checked)>>,
    storing: Option<BoxFuture<'static, Result<(), String>>>,
    calling: Option<BoxFuture<'static, (LinkId, Result<CallAnswer, Cause>)>>,
    signing: Option<BoxFuture<'static, (u64, Result<Secret, String>)>>,
    /// Ready when the token file has changed.
    watching: Option<BoxFuture<'static, FileWatch>>,
    timer: Pin<Box<Sleep>>,
    armed: Option<Mono>,
    inbox: Vec<Received>,
    /// Bytes received over links that are gone.
    past_bytes: u64,
}

/// What ended a sleep.
enum Woken {
    Command(Command),
    /// A command that was held.
    Released(Command),
    Fetched(Result<Credential, FetchFault>),
    Note(String),
    Verified(Fingerprint, Checked),
    Stored(Result<(), String>),
    Answered(LinkId, Result<CallAnswer, Cause>),
    Signed(u64, Result<Secret, String>),
    Changed(FileWatch),
    Opened(LinkId, Result<OpenFacts, Cause>),
    /// The inbox is filled from this link, which may have ended.
    Read(LinkId, Option<Cause>),
    Room(OwnedPermit<Batch>),
    Gone,
    Deadline,
}

impl Driver {
    fn new(session: Session, ports: Ports) -> Self {
        let profile = Arc::new(session.profile().clone());
        let (say, notes) = unbounded_channel();
        Self {
            outbox: Outbox::new(ports.events, session.stream(), profile.when_full),
            audit: Some(Watch::new(
                &profile.name,
                profile.way_in_words(),
                profile.wants_credential(),
            )),
            diary: Diary::begin(ports.sources.log(&profile), &session),
            session,
            commands: Some(ports.commands),
            held: VecDeque::new(),
            sources: ports.sources,
            clock: ports.clock,
            slots: Vec::new(),
            turn: 0,
            fetching: None,
            notes,
            say,
            short: Short::default(),
            verifying: None,
            storing: None,
            calling: None,
            signing: None,
            watching: FileWatch::new(&profile).map(|watch| watch.changed().boxed()),
            timer: Box::pin(sleep(Duration::ZERO)),
            armed: None,
            inbox: Vec::new(),
            past_bytes: 0,
            profile,
        }
    }

    // Out: what the session wants.

    fn tell(&mut self, input: Input, now: Now) {
        self.session.handle(input, now);
        self.diary.keep_up(&self.session);
        while let Some(output) = self.session.poll() {
            self.perform(output);
        }
    }

    fn perform(&mut self, output: Output) {
        self.diary.wanted(&output);
        match output {
            Output::Event(event) => self.happened(event),
            Output::Fetch => {
                let (sources, profile) = (self.sources.clone(), self.profile.clone());
                let errand = Errand {
                    clock: self.clock,
                    unwanted: self.session.unwanted(),
                    notes: Some(self.say.clone()),
                };
                self.fetching = Some(async move { sources.fetch(&profile, &errand).await }.boxed());
            }
            Output::Verify(credential) => self.verify(*credential),
            Output::Store(credential) => {
                let (sources, profile) = (self.sources.clone(), self.profile.clone());
                self.storing =
                    Some(async move { sources.store(&profile, &credential).await }.boxed());
            }
            Output::Call(id, wanted) => {
                let (profile, clock, log) = self.to_dial();
                let calling = async move { (id, call(&wanted, &profile, clock, &log).await) };
                self.calling = Some(calling.boxed());
            }
            Output::Sign(question) => {
                let command = self.profile.signer.clone().unwrap_or_default();
                let sources = self.sources.clone();
                let signing = async move {
                    let answer = sources.sign(&command, &question.give).await;
                    (question.number, answer)
                };
                self.signing = Some(signing.boxed());
            }
            Output::Open(id, request) => {
                self.short.look(self.session.credential(), &self.say);
                let (profile, clock, log) = self.to_dial();
                let dialing = async move { dial(&request, &profile, clock, &log).await };
                let state = SlotState::Opening(dialing.boxed());
                self.slots.push(Slot { id, state });
            }
            Output::Send(id, message) => self.with_link(id, |link| link.send(message)),
            Output::Ping(id) => self.with_link(id, Link::ping),
            Output::PingByHand(id, payload) => {
                self.with_link(id, |link| link.ping_by_hand(payload));
            }
            Output::Close(id, code, reason) => self.close(id, code, reason),
            Output::Drop(id) => self.forget(id),
        }
    }

    /// What it takes to reach a server.
    fn to_dial(&self) -> (Arc<Profile>, Clock, Log) {
        (self.profile.clone(), self.clock, self.diary.log.clone())
    }

    fn verify(&mut self, credential: Credential) {
        let (sources, profile, clock) = (self.sources.clone(), self.profile.clone(), self.clock);
        let verifying = async move {
            let checked = sources.verify(&profile, &credential, clock).await;
            (credential.fingerprint(), checked)
        };
        self.verifying = Some(verifying.boxed());
    }

    fn happened(&mut self, event: Event) {
        self.diary.happened(&event);
        let record = self.audit.as_mut().and_then(|audit| audit.note(&event));
        let written = record.map_or(Ok(()), |record| self.sources.audit(&record));
        let at = event.at;
        self.outbox.push(event);
        if let Err(why) = written {
            // Told once: what cannot be written now will hardly be later.
            self.audit = None;
            self.session.handle(Input::Note(why), at);
        }
        if let Some(why) = self.diary.log.take_fault() {
            self.session.handle(Input::Note(why), at);
        }
    }

    fn with_link(&mut self, id: LinkId, act: impl FnOnce(&mut Link)) {
        let slot = self.slots.iter_mut().find(|slot| slot.id == id);
        if let Some(SlotState::Open(link)) = slot.map(|slot| &mut slot.state) {
            act(link);
        }
    }

    fn close(&mut self, id: LinkId, code: CloseCode, reason: String) {
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.id == id) else {
            return;
        };
        match &mut slot.state {
            SlotState::Open(link) => link.close(code, reason),
            SlotState::Opening(dialing) => {
                let cause = Cause::Close {
                    code,
                    reason,
                    ours: true,
                };
                *dialing = ready(Err(cause)).boxed();
            }
        }
    }

    fn forget(&mut self, id: LinkId) {
        if let Some(at) = self.slots.iter().position(|slot| slot.id == id) {
            self.past_bytes += self.slots.remove(at).bytes_in();
        }
    }

    fn hand_over(&mut self) -> Result<(), Gone> {
        let wire_in = self.wire_in();
        self.outbox.offer(wire_in)
    }

    fn fill(&mut self, room: OwnedPermit<Batch>, now: Now) {
        let dropped = self.outbox.take_dropped();
        if dropped > 0 {
            self.tell(Input::Dropped(dropped), now);
        }
        let wire_in = self.wire_in();
        self.outbox.fill(room, wire_in);
    }

    fn wire_in(&self) -> u64 {
        self.past_bytes + self.slots.iter().map(Slot::bytes_in).sum::<u64>()
    }

    // In: what happened.

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Woken> {
        if let Poll::Ready(room) = self.outbox.poll_room(cx) {
            return Poll::Ready(room.map_or(Woken::Gone, Woken::Room));
        }
        // Before the next command, which may be a close.
        if let Some(command) = self.release() {
            return Poll::Ready(Woken::Released(command));
        }
        if let Some(commands) = &mut self.commands {
            match commands.poll_recv(cx) {
                Poll::Ready(Some(command)) => return Poll::Ready(Woken::Command(command)),
                Poll::Ready(None) => self.commands = None,
                Poll::Pending => {}
            }
        }
        // Before the answer: it was said before.
        if let Poll::Ready(Some(text)) = self.notes.poll_recv(cx) {
            return Poll::Ready(Woken::Note(text));
        }
        if let Poll::Ready(result) = poll_task(&mut self.fetching, cx) {
            return Poll::Ready(Woken::Fetched(result));
        }
        if let Poll::Ready((id, result)) = poll_task(&mut self.calling, cx) {
            return Poll::Ready(Woken::Answered(id, result));
        }
        if let Poll::Ready((number, result)) = poll_task(&mut self.signing, cx) {
            return Poll::Ready(Woken::Signed(number, result));
        }
        if let Poll::Ready(watch) = poll_task(&mut self.watching, cx) {
            return Poll::Ready(Woken::Changed(watch));
        }
        if let Poll::Ready((token, checked)) = poll_task(&mut self.verifying, cx) {
            return Poll::Ready(Woken::Verified(token, checked));
        }
        if let Poll::Ready(result) = poll_task(&mut self.storing, cx) {
            return Poll::Ready(Woken::Stored(result));
        }
        // The deadline comes last: what has arrived must be known before anything is called silent.
        match self.poll_links(cx) {
            Poll::Ready(woken) => Poll::Ready(woken),
            // The links may have sent what was in the way.
            Poll::Pending => match self.release() {
                Some(command) => Poll::Ready(Woken::Released(command)),
                None => self.poll_deadline(cx).map(|()| Woken::Deadline),
            },
        }
    }

    /// The next message that was held, unless the server has still to take what was sent before.
    fn release(&mut self) -> Option<Command> {
        let behind = self.slots.iter().any(Slot::is_behind);
        if behind { None } else { self.held.pop_front() }
    }

    fn poll_links(&mut self, cx: &mut Context<'_>) -> Poll<Woken> {
        let read = !self.outbox.holds();
        let count = self.slots.len();
        self.turn = self.turn.wrapping_add(1);
        for step in 0..count {
            let slot = &mut self.slots[(self.turn + step) % count];
            match &mut slot.state {
                SlotState::Open(link) => {
                    if let Poll::Ready(ended) = link.poll(cx, read, &mut self.inbox) {
                        return Poll::Ready(Woken::Read(slot.id, ended));
                    }
                }
                SlotState::Opening(dialing) => {
                    if let Poll::Ready(result) = dialing.poll_unpin(cx) {
                        return Poll::Ready(Woken::Opened(slot.id, slot.opened(result)));
                    }
                }
            }
        }
        Poll::Pending
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.session.deadline() else {
            return Poll::Pending;
        };
        if self.armed != Some(deadline) {
            self.armed = Some(deadline);
            self.timer
                .as_mut()
                .reset(self.clock.instant(deadline).into());
        }
        self.timer.as_mut().poll(cx)
    }

    fn take(&mut self, woken: Woken, now: Now) -> Result<(), Gone> {
        if let Woken::Command(command) = &woken {
            self.diary.commanded(command);
        }
        match woken {
            Woken::Command(command @ (Command::Send(_) | Command::Say(_))) => {
                self.held.push_back(command);
            }
            Woken::Command(command) | Woken::Released(command) => {
                self.tell(Input::Command(command), now);
            }
            Woken::Fetched(result) => self.tell(Input::Fetched(result), now),
            Woken::Note(text) => self.tell(Input::Note(text), now),
            Woken::Verified(token, checked) => {
                self.tell(Input::Verified(token, Box::new(checked)), now);
            }
            Woken::Stored(Ok(())) => {}
            Woken::Stored(Err(why)) => self.tell(Input::Note(why), now),
            Woken::Answered(id, result) => self.tell(Input::Answered(id, result), now),
            Woken::Signed(number, result) => self.tell(Input::Signed(number, result), now),
            Woken::Changed(watch) => {
                self.watching = Some(watch.changed().boxed());
                self.tell(Input::SourceChanged, now);
            }
            Woken::Opened(id, Ok(facts)) => self.tell(Input::Opened(id, facts), now),
            Woken::Opened(id, Err(cause)) => self.take_end(id, cause, now),
            Woken::Read(id, ended) => {
                self.take_inbox(id, now);
                if let Some(cause) = ended {
                    self.take_end(id, cause, now);
                }
                // A flood must not starve the deadlines.
                if self.session.deadline().is_some_and(|at| at <= now.mono) {
                    self.tell(Input::Tick, now);
                }
            }
            Woken::Room(room) => self.fill(room, now),
            Woken::Gone => return Err(Gone),
            Woken::Deadline => self.take_deadline(now),
        }
        Ok(())
    }

    fn take_inbox(&mut self, id: LinkId, now: Now) {
        let mut inbox = mem::take(&mut self.inbox);
        self.diary.received(id, &inbox);
        for received in inbox.drain(..) {
            let input = match received {
                Received::Message(message) => Input::Received(id, message),
                Received::Pong => Input::Pong(id),
                Received::PongByHand => Input::PongByHand(id),
                Received::Heard => Input::Heard(id),
            };
            self.tell(input, now);
        }
        self.inbox = inbox;
    }

    fn take_end(&mut self, id: LinkId, cause: Cause, now: Now) {
        self.forget(id);
        self.diary.ended(id, &cause);
        self.tell(Input::Ended(id, cause), now);
    }

    fn take_deadline(&mut self, now: Now) {
        if self.outbox.holds() {
            // Nobody listens, so silence proves nothing.
            let held: Vec<_> = self.slots.iter().filter_map(Slot::open_id).collect();
            for id in held {
                self.tell(Input::Heard(id), now);
            }
        }
        self.tell(Input::Tick, now);
    }
}

fn poll_task<T>(task: &mut Option<BoxFuture<'static, T>>, cx: &mut Context<'_>) -> Poll<T> {
    match task {
        None => Poll::Pending,
        Some(running) => running.poll_unpin(cx).map(|done| {
            *task = None;
            done
        }),
    }
}
