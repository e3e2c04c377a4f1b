//! The session itself: its state, the one entrance for inputs, and the deadlines.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use super::{
    Command, Input, LinkId, Output,
    again::Ids,
    guard::Guard,
    hand::{Asked, Said},
    live::Live,
    overlap::Older,
    scope::Scope,
    sign::Signing,
};
use crate::{
    auth::Credential,
    cause::Cause,
    dialect::{Decoder, Dialect},
    event::{Event, EventKind, Gap, Lifecycle, Status, StreamId, Wait},
    profile::Profile,
    retry::{self, History},
    secret::Fingerprint,
    time::{Mono, Now},
};

/// One stream's life.
pub struct Session {
    pub(super) profile: Profile,
    stream: StreamId,
    pub(super) random: fastrand::Rng,
    outputs: VecDeque<Output>,
    events: u64,
    pub(super) state: State,
    pub(super) status: Status,
    links: LinkId,
    /// The token in use, or to be used next.
    pub(super) credential: Option<Credential>,
    /// A token that was fetched early and waits for the next link.
    pub(super) next: Option<Credential>,
    /// What the server said when it refused the last token.
    pub(super) refusal: Option<String>,
    /// Tokens that the server refused.
    pub(super) refused: BTreeSet<Fingerprint>,
    /// The token that a link was opened with last.
    pub(super) spent: Option<Fingerprint>,
    /// Whether an [`Output::Fetch`] is unanswered.
    pub(super) fetching: bool,
    pub(super) history: History,
    /// Since when nothing flows, and why.
    pub(super) outage: Option<Outage>,
    /// How far the server's clock is ahead of ours, in microseconds, by the last handshake.
    pub(super) skew: Option<i64>,
    pub(super) last: Now,
    pub(super) dialect: Arc<Dialect>,
    pub(super) scope: Scope,
    pub(super) signing: Signing,
    pub(super) decoder: Decoder,
    /// Whether the dialect has anything to do with messages of a live link.
    pub(super) listens: bool,
    /// Whether this link takes an interrupted stream up again.
    pub(super) resuming: bool,
    /// The link before the present one, while both are there.
    pub(super) older: Option<Older>,
    /// The ping of the user's whose pong is awaited.
    pub(super) asked: Option<Asked>,
    /// What is said for the user after each login.
    pub(super) greeting: Vec<String>,
    /// Takes the secrets in use out of whatever is told.
    pub(super) guard: Guard,
    /// The ids of the latest events.
    pub(super) ids: Ids,
}

/// What the session awaits.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    Idle,
    AwaitCredential,
    /// An HTTP call or a signature before the link is opened.
    AwaitAnswer {
        link: LinkId,
        step: usize,
        until: Mono,
    },
    AwaitOpen {
        link: LinkId,
        until: Mono,
    },
    AwaitLogin {
        live: Live,
        /// Which step of the login waits.
        step: usize,
        /// When the login began.
        since: Mono,
        until: Mono,
    },
    Live(Live),
    AwaitClose {
        link: LinkId,
        until: Mono,
        then: Then,
    },
    Backoff(Wait),
    AwaitUser,
    Stopped,
}

/// What follows once a link that we close is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Stop,
    Open,
    /// It was closed by hand, which was the cause: nothing, until the user wants more.
    Stand(Cause),
}

/// A time without events.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outage {
    pub(super) since: Mono,
    pub(super) cause: Cause,
    pub(super) attempts: u32,
}

impl Session {
    /// A session that waits for [`Input::Start`]. The seed decides every random delay.
    pub fn new(profile: Profile, stream: StreamId, seed: u64) -> Self {
        let dialect = profile.speaks();
        let scope = Scope::new(dialect.given(&profile.variables), seed);
        let scope_secrets = profile
            .variables
            .iter()
            .filter_map(|(_, bound)| bound.secret().cloned());
        Self {
            decoder: Decoder::new(dialect.codec, profile.limits.message),
            listens: dialect.listens(),
            dialect,
            scope,
            signing: Signing::default(),
            resuming: false,
            older: None,
            asked: None,
            greeting: Vec::new(),
            guard: Guard::new(scope_secrets),
            ids: Ids::default(),
            profile,
            stream,
            random: fastrand::Rng::with_seed(seed),
            outputs: VecDeque::new(),
            events: 0,
            state: State::Idle,
            status: Status::Idle,
            links: LinkId::default(),
            credential: None,
            next: None,
            refusal: None,
            refused: BTreeSet::new(),
            spent: None,
            fetching: false,
            history: History::default(),
            outage: None,
            skew: None,
            last: Now::default(),
        }
    }

    /// Gives a token to begin with, before the source is asked.
    pub fn begin_with(&mut self, credential: Credential) {
        self.next = Some(credential);
    }

    /// Tells the session what happened at `now`.
    pub fn handle(&mut self, input: Input, now: Now) {
        self.notice_clock_jump(now);
        match input {
            Input::Received(link, message) => self.received(link, message, now),
            Input::Pong(link) => self.pong(link, now),
            Input::PongByHand(link) => self.pong_by_hand(link, now),
            Input::Heard(link) => self.heard(link, now),
            Input::Tick => self.tick(now),
            Input::Start => {
                if let Some(by) = self.profile.recognised.clone() {
                    self.tell_recognised(by, false, now);
                }
                self.begin(now);
            }
            Input::Fetched(fetched) => self.fetched(fetched, now),
            Input::SourceChanged => self.source_changed(now),
            Input::Verified(token, checked) => self.verified(token, checked, now),
            Input::Answered(link, answer) => self.answered(link, answer, now),
            Input::Signed(number, answer) => self.signed(number, answer, now),
            Input::Opened(link, facts) => self.opened(link, facts, now),
            Input::Ended(link, cause) => self.ended(link, cause, now),
            Input::Dropped(count) => self.tell(Lifecycle::Dropped(count), now),
            Input::Note(text) => self.note(text, now),
            Input::Command(command) => self.command(command, now),
        }
    }

    /// What it wants next; `None`: nothing until the next input.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When it wants [`Input::Tick`]; `None`: never.
    pub fn deadline(&self) -> Option<Mono> {
        let deadlines = [self.state_deadline(), self.older_deadline()];
        deadlines.into_iter().flatten().min()
    }

    fn state_deadline(&self) -> Option<Mono> {
        match &self.state {
            State::AwaitAnswer { until, .. }
            | State::AwaitOpen { until, .. }
            | State::AwaitClose { until, .. } => Some(*until),
            State::AwaitLogin { live, until, .. } => {
                let keepalive = live.keepalive_deadline(&self.profile.limits);
                Some((*until).min(keepalive))
            }
            State::Live(live) => Some(self.live_deadline(live)),
            State::Backoff(wait) => wait.until,
            State::Idle | State::AwaitCredential | State::AwaitUser | State::Stopped => None,
        }
    }

    /// Whether it will never do anything again.
    pub fn is_over(&self) -> bool {
        self.state == State::Stopped
    }

    /// The credential in use.
    pub const fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }

    /// The profile it works for.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The stream it works for.
    pub const fn stream(&self) -> StreamId {
        self.stream
    }

    pub(super) fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(super) fn next_link(&mut self) -> LinkId {
        self.links.0 += 1;
        self.links
    }

    pub(super) fn event(&mut self, kind: EventKind, now: Now) {
        self.events += 1;
        let event = Event {
            n: self.events,
            at: now,
            stream: self.stream,
            kind,
        };
        self.outputs.push_back(Output::Event(event));
    }

    pub(super) fn tell(&mut self, lifecycle: Lifecycle, now: Now) {
        self.event(EventKind::Lifecycle(Box::new(lifecycle)), now);
    }

    pub(super) fn note(&mut self, text: impl Into<String>, now: Now) {
        let text = self.guard.redactor.text(text.into());
        self.tell(Lifecycle::Note(text), now);
    }

    /// Tells that what was to take the place of a token or a link did not.
    pub(super) fn unrenewed(&mut self, why: String, refused: Option<Fingerprint>, now: Now) {
        let why = self.guard.redactor.text(why);
        self.tell(Lifecycle::Unrenewed { why, refused }, now);
    }

    /// Tells the status, unless it is the one told last. While another link carries the stream it counts as live.
    pub(super) fn status(&mut self, status: Status, now: Now) {
        let hidden = matches!(
            status,
            Status::Fetching { .. } | Status::Connecting { .. } | Status::Authenticating
        );
        if self.status != status && !(hidden && self.older_is_used()) {
            self.status = status.clone();
            self.tell(Lifecycle::Status(status), now);
        }
    }

    /// Tells of the time without events, now that they flow again.
    pub(super) fn close_gap(&mut self, now: Now) {
        if let Some(Outage {
            since,
            cause,
            attempts,
        }) = self.outage.take()
        {
            self.tell(
                Lifecycle::Gap(Gap {
                    span: now.mono.since(since),
                    words: retry::words(&cause, &self.profile),
                    cause,
                    attempts,
                    resumed: self.resuming,
                }),
                now,
            );
        }
    }

    fn command(&mut self, command: Command, now: Now) {
        match command {
            Command::Stop => self.stop(now),
            Command::Reconnect => self.reconnect(now),
            Command::Hold => self.hold(now),
            Command::SignIn(credential) => self.sign_in(credential, now),
            Command::Fetch => self.fetch_for_user(now),
            Command::Send(message) => {
                let answered = true;
                self.send_by_hand(Said { message, answered }, now);
            }
            Command::Say(text) => self.say(&text, true, now),
            Command::Ping(payload) => self.ping_by_hand(payload, now),
            Command::Close { code, reason } => self.close_by_hand(code, reason, now),
        }
    }

    fn hold(&mut self, now: Now) {
        if let State::Backoff(wait) = &mut self.state {
            wait.until = None;
            let status = Status::Waiting(wait.clone());
            self.status(status, now);
        }
    }

    fn tick(&mut self, now: Now) {
        self.older_tick(now);
        if self
            .state_deadline()
            .is_none_or(|deadline| deadline > now.mono)
        {
            return;
        }
        match &self.state {
            State::AwaitAnswer { .. } => self.call_timed_out(now),
            State::AwaitOpen { link, .. } => self.open_timed_out(*link, now),
            State::AwaitClose { link, then, .. } => {
                let (link, then) = (*link, then.clone());
                self.push(Output::Drop(link));
                self.closed(then, now);
            }
            State::AwaitLogin { .. } | State::Live(_) => self.live_tick(now),
            State::Backoff(_) => self.begin(now),
            State::Idle | State::AwaitCredential | State::AwaitUser | State::Stopped => {}
        }
    }
}
