//! Making and ending links: begin, open, log in, close, and the commands that do so.

use super::{
    Command, Input, LinkId, Output,
    live::Live,
    machine::{Session, State, Then},
};
use crate::{
    auth::{FirstMessage, Header, OpenRequest, Way},
    cause::{Cause, Stage},
    close_code::CloseCode,
    event::{EventKind, Lifecycle, OpenFacts, Status},
    message::Direction,
    time::Now,
};

/// The dialer keeps the time limit itself and knows the stage; this much later the session does not wait for it.
const DIALER_GRACE: std::time::Duration = std::time::Duration::from_secs(3);

impl Session {
    /// Opens a link, with a credential fetched before if one is wanted and none is at hand.
    pub(super) fn begin(&mut self, now: Now) {
        if self.state == State::Stopped {
            return;
        }
        if self.profile.way.wants_credential() && !self.has_usable_credential(now) {
            self.state = State::AwaitCredential;
            self.status(
                Status::Fetching {
                    source: self.profile.source.to_string(),
                },
                now,
            );
            self.fetch();
        } else {
            self.open(now);
        }
    }

    pub(super) fn open(&mut self, now: Now) {
        let link = self.next_link();
        let until = now.mono.after(self.profile.limits.connect + DIALER_GRACE);
        self.state = State::AwaitOpen { link, until };
        if let Some(outage) = &mut self.outage {
            outage.attempts += 1;
        }
        self.status(
            Status::Connecting {
                attempt: self.history.attempts + 1,
            },
            now,
        );
        let request = self.request();
        self.push(Output::Open(link, Box::new(request)));
    }

    fn request(&self) -> OpenRequest {
        let profile = &self.profile;
        let plain = |(name, value): &(String, String)| Header {
            name: name.clone(),
            value: value.clone(),
            secret: None,
        };
        let mut request = OpenRequest {
            url: profile.url.clone(),
            query: None,
            headers: profile.headers.iter().map(plain).collect(),
            subprotocols: profile.subprotocols.clone(),
        };
        let secret = self
            .credential
            .as_ref()
            .map(|credential| credential.secret.clone());
        match (&profile.way, secret) {
            (Way::Query { name }, Some(secret)) => request.query = Some((name.clone(), secret)),
            (Way::Header { name, prefix }, secret @ Some(_)) => {
                request.headers.push(Header {
                    name: name.clone(),
                    value: prefix.clone(),
                    secret,
                });
            }
            _ => {}
        }
        request
    }

    pub(super) fn opened(&mut self, link: LinkId, facts: OpenFacts, now: Now) {
        if !matches!(self.state, State::AwaitOpen { link: awaited, .. } if awaited == link) {
            return;
        }
        self.skew = facts.skew.unwrap_or(0);
        self.tell(Lifecycle::Opened(facts), now);
        let live = Live::new(link, now, self.profile.limits.ping);
        let Some(first) = self.first_message() else {
            return self.go_live(live, false, now);
        };
        let (template, acknowledged) = (first.template.clone(), first.ack.is_some());
        self.send_login(link, &template, now);
        if acknowledged {
            let until = now.mono.after(self.profile.limits.login);
            self.state = State::AwaitLogin {
                live,
                sent: now.mono,
                until,
            };
            self.status(Status::Authenticating, now);
        } else {
            self.tell(Lifecycle::Authenticated(None), now);
            self.go_live(live, false, now);
        }
    }

    /// Sends a login with the token in use; what is shown of it has a mark in the token's place.
    pub(super) fn send_login(&mut self, link: LinkId, template: &str, now: Now) {
        if let Some(credential) = &self.credential {
            let (login, shown) = FirstMessage::fill(template, &credential.secret);
            self.event(EventKind::Message(Direction::Out, shown), now);
            self.push(Output::Send(link, login));
        }
    }

    pub(super) fn open_timed_out(&mut self, link: LinkId, now: Now) {
        self.push(Output::Drop(link));
        self.link_lost(Cause::Timeout(Stage::Upgrade), now);
    }

    /// A link is gone. Those that we no longer wait for are ignored.
    pub(super) fn ended(&mut self, link: LinkId, cause: Cause, now: Now) {
        if self.current_link() != Some(link) {
            return;
        }
        match self.state {
            State::AwaitClose { then, .. } => self.closed(then, now),
            _ => self.link_lost(cause, now),
        }
    }

    pub(super) const fn current_link(&self) -> Option<LinkId> {
        match &self.state {
            State::AwaitOpen { link, .. } | State::AwaitClose { link, .. } => Some(*link),
            State::AwaitLogin { live, .. } | State::Live(live) => Some(live.link),
            State::Idle
            | State::AwaitCredential
            | State::Backoff(_)
            | State::AwaitUser
            | State::Stopped => None,
        }
    }

    /// What follows after a link that we closed is gone.
    pub(super) fn closed(&mut self, then: Then, now: Now) {
        match then {
            Then::Open => self.begin(now),
            Then::Stop => self.stopped(now),
        }
    }

    pub(super) fn stop(&mut self, now: Now) {
        self.leave(Then::Stop, now);
    }

    fn stopped(&mut self, now: Now) {
        self.state = State::Stopped;
        self.status(
            Status::Stopped {
                why: "as asked".into(),
            },
            now,
        );
    }

    pub(super) fn reconnect(&mut self, now: Now) {
        self.leave(Then::Open, now);
    }

    /// Ends what is under way and goes on with `then`: an open link is closed first, one in the making is dropped.
    pub(super) fn leave(&mut self, then: Then, now: Now) {
        match &self.state {
            State::Stopped => {}
            State::AwaitClose {
                link,
                until,
                then: planned,
            } => {
                let then = if *planned == Then::Stop {
                    *planned
                } else {
                    then
                };
                self.state = State::AwaitClose {
                    link: *link,
                    until: *until,
                    then,
                };
            }
            State::AwaitLogin { live, .. } | State::Live(live) => {
                let link = live.link;
                self.begin_outage(we_closed(), now);
                let until = now.mono.after(self.profile.limits.close);
                self.push(Output::Close(link, CloseCode(1000)));
                self.state = State::AwaitClose { link, until, then };
            }
            State::AwaitOpen { link, .. } => {
                self.push(Output::Drop(*link));
                self.closed(then, now);
            }
            State::Idle | State::AwaitCredential | State::Backoff(_) | State::AwaitUser => {
                self.closed(then, now);
            }
        }
    }
}

const fn we_closed() -> Cause {
    Cause::Close {
        code: CloseCode(1000),
        reason: String::new(),
        ours: true,
    }
}

impl From<Command> for Input {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}
