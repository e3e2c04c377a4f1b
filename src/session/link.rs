//! Making and ending links: begin, open, log in, close, and the commands that do so.

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::{
    Command, Input, LinkId, Output,
    live::Live,
    machine::{Session, State, Then},
};
use crate::{
    auth::{Credential, Header, OpenRequest},
    cause::{Cause, Stage},
    close_code::CloseCode,
    dialect::{Decoder, Filled, Template, Vars, host_fits},
    event::{Lifecycle, OpenFacts, Status},
    secret::Secret,
    time::Now,
};

/// The dialer keeps the time limit itself and knows the stage; this much later the session does not wait for it.
const DIALER_GRACE: Duration = Duration::from_secs(3);

impl Session {
    /// The last words on a live link.
    pub(super) fn say_farewell(&mut self, link: LinkId, now: Now) {
        if matches!(self.state, State::Live(_)) {
            let dialect = self.dialect.clone();
            for template in &dialect.farewell.send {
                self.send_template(link, template, now);
            }
        }
    }

    /// Opens a link, with a credential fetched before if one is wanted and none is at hand.
    pub(super) fn begin(&mut self, now: Now) {
        if self.state == State::Stopped {
            return;
        }
        if self.profile.wants_credential()
            && (!self.has_usable_credential(now) || self.must_renew(now))
        {
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
        self.spent = self.credential.as_ref().map(Credential::fingerprint);
        if let Some(outage) = &mut self.outage {
            outage.attempts += 1;
        }
        self.status(
            Status::Connecting {
                attempt: self.history.attempts + 1,
            },
            now,
        );
        self.drop_waiting(now);
        self.scope.begin_link();
        if let Some(why) = self.derived(now).into_iter().next() {
            return self.link_lost(Cause::Unsigned(why), now);
        }
        let vars = self.vars(now);
        let away = self.outage.as_ref().map(|outage| outage.since);
        let away = away.map_or(Duration::ZERO, |since| now.mono.since(since));
        self.resuming = self.dialect.resume.as_ref().is_some_and(|resume| {
            let needs = &resume.needs;
            let within = resume.within.as_ref();
            let within = within.and_then(|within| within.length(&vars, &Value::Null));
            !needs.is_empty()
                && needs.iter().all(|name| vars.has(name))
                && within.is_none_or(|within| away <= within)
        });
        self.call(link, 0, now);
    }

    /// Opens the link, now that everything is known for it.
    pub(super) fn dial(&mut self, link: LinkId, now: Now) {
        let until = now.mono.after(self.profile.limits.connect + DIALER_GRACE);
        self.state = State::AwaitOpen { link, until };
        let request = self.request(now);
        self.push(Output::Open(link, Box::new(request)));
    }

    /// What is to be opened: the address, with what the dialect adds to it.
    pub(super) fn request(&mut self, now: Now) -> OpenRequest {
        self.derive(now);
        let (dialect, vars) = (self.dialect.clone(), self.vars(now));
        let resume = dialect.resume.as_ref().filter(|_| self.resuming);
        let fill = |(name, template): &(String, Template)| {
            let filled = template.is_ready(&vars).then(|| template.fill(&vars))?;
            Some((name.clone(), filled))
        };
        let open = &dialect.open;
        let named = match resume {
            Some(resume) => self.allowed(resume.url.as_ref(), &resume.hosts, &vars),
            None => self.allowed(open.address.as_ref(), &open.hosts, &vars),
        };
        let (url, own_query) = named.map_or_else(|| (self.profile.url.clone(), Vec::new()), parted);
        let profile = &self.profile;
        let query = open
            .query
            .iter()
            .chain(resume.iter().flat_map(|resume| &resume.query));
        let own = profile.headers.iter();
        let own = own.map(|(name, value)| (name.clone(), Filled::plain(value)));
        let origin = open
            .origin
            .iter()
            .map(|origin| ("Origin".to_owned(), origin.fill(&vars)));
        let headers = own
            .chain(open.headers.iter().filter_map(fill))
            .chain(origin);
        let subprotocols = profile.subprotocols.iter().map(Filled::plain);
        OpenRequest {
            compression: self
                .profile
                .compression
                .or(self.dialect.open.compression)
                .unwrap_or(true),
            url,
            query: own_query
                .into_iter()
                .chain(query.filter_map(fill))
                .collect(),
            headers: headers
                .map(|(name, value)| Header { name, value })
                .collect(),
            subprotocols: subprotocols
                .chain(
                    open.subprotocols
                        .iter()
                        .filter(|template| template.is_ready(&vars))
                        .map(|template| template.fill(&vars)),
                )
                .collect(),
        }
    }

    /// An address that the server named, if it may: of the same origin, or of a host that the dialect allows and no less
    /// safe.
    fn allowed(&self, template: Option<&Template>, hosts: &[String], vars: &Vars) -> Option<Url> {
        let template = template.filter(|template| template.is_ready(vars))?;
        let mut url = Url::parse(template.fill(vars).expose().expose()).ok()?;
        if url.scheme() == "https" {
            url.set_scheme("wss").ok()?;
        }
        let host = url.host_str()?;
        let allowed = hosts.iter().any(|pattern| host_fits(pattern, host));
        let same = url.origin() == self.profile.url.origin();
        (same || allowed && url.scheme() == "wss").then_some(url)
    }

    pub(super) fn opened(&mut self, link: LinkId, facts: OpenFacts, now: Now) {
        if !matches!(self.state, State::AwaitOpen { link: awaited, .. } if awaited == link) {
            return;
        }
        let facts = self.guard.facts(facts);
        self.skew = facts.skew;
        self.tell(Lifecycle::Opened(facts), now);
        self.decoder = Decoder::new(self.dialect.codec, self.profile.limits.message);
        let live = Live::new(link, now, self.ping_every());
        if self.recognises() {
            return self.listen_first(live, now);
        }
        self.log_in(live, 0, now.mono, now);
    }

    /// How often the dialect wants pings of RFC 6455 section 5.5.2.
    pub(super) fn ping_every(&self) -> Option<Duration> {
        let pings = self.dialect.keepalive.ping;
        pings.then_some(self.profile.limits.ping)
    }

    pub(super) fn open_timed_out(&mut self, link: LinkId, now: Now) {
        self.push(Output::Drop(link));
        self.link_lost(Cause::Timeout(Stage::Upgrade), now);
    }

    /// A link is gone. Those that we no longer wait for are ignored.
    pub(super) fn ended(&mut self, link: LinkId, cause: Cause, now: Now) {
        let cause = cause.redacted(&self.guard.redactor);
        if self.older.as_ref().is_some_and(|older| older.link == link) {
            return self.older_ended(cause, now);
        }
        if self.current_link() != Some(link) {
            return;
        }
        if let State::AwaitClose { then, .. } = &self.state {
            return self.closed(then.clone(), now);
        }
        let cause = self.meant_by_end(cause);
        self.link_lost(cause, now);
    }

    pub(super) const fn current_link(&self) -> Option<LinkId> {
        match &self.state {
            State::AwaitAnswer { link, .. }
            | State::AwaitOpen { link, .. }
            | State::AwaitClose { link, .. } => Some(*link),
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
            Then::Stand(cause) => self.stand(cause, now),
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
        self.back_to_older();
        self.close_older(now);
        match &self.state {
            State::Stopped => {}
            State::AwaitClose {
                link,
                until,
                then: planned,
            } => {
                let then = match planned {
                    Then::Stop => Then::Stop,
                    Then::Open | Then::Stand(_) => then,
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
                let dialect = self.dialect.clone();
                self.say_farewell(link, now);
                let code = dialect.farewell.code.filter(|_| then == Then::Open);
                let code = CloseCode(code.unwrap_or(1000));
                self.push(Output::Close(link, code, String::new()));
                self.state = State::AwaitClose { link, until, then };
            }
            State::AwaitOpen { link, .. } => {
                self.push(Output::Drop(*link));
                self.closed(then, now);
            }
            State::Idle
            | State::AwaitCredential
            | State::AwaitAnswer { .. }
            | State::Backoff(_)
            | State::AwaitUser => {
                self.closed(then, now);
            }
        }
    }
}

/// An address that a server named, and its query, which may be a ticket.
fn parted(mut url: Url) -> (Url, Vec<(String, Filled)>) {
    let secret = |value: &str| Filled::secret(Secret::new(value.to_owned()));
    let query = url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), secret(&value)));
    let query = query.collect();
    url.set_query(None);
    (url, query)
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
