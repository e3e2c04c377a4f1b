//! The server's first message tells its dialect, where nothing else does: the login waits for it, not for long.

use std::{sync::Arc, time::Duration};

use url::Url;

use super::{
    live::Live,
    machine::{Session, State, Then},
};
use crate::{
    auth::{OpenRequest, Way},
    dialect::{Decoder, Dialect, Vars, by_first},
    event::{Lifecycle, Recognised, Status},
    message::{Class, Direction, Message},
    time::{Now, show_span},
};

/// A server that speaks first does so as soon as the link is open.
const PATIENCE: Duration = Duration::from_secs(3);

impl Session {
    /// Whether the first message is still to tell the dialect.
    pub(super) const fn recognises(&self) -> bool {
        self.profile.auto.is_some()
    }

    /// Holds the login back until the server has said something.
    pub(super) fn listen_first(&mut self, live: Live, now: Now) {
        self.state = State::AwaitLogin {
            live,
            step: 0,
            since: now.mono,
            until: now.mono.after(PATIENCE),
        };
        self.status(Status::Authenticating, now);
    }

    /// The server speaks only when it is spoken to: the profile's own way is taken.
    pub(super) fn heard_nothing(&mut self, now: Now) {
        self.profile.auto = None;
        let span = show_span(PATIENCE);
        self.go_on_plainly(
            &format!("the server said nothing for {span} to tell its dialect by"),
            now,
        );
        self.begin_login(now);
    }

    /// Takes the first message as a sign, and goes on with the login that it belongs to.
    pub(super) fn heard_first(&mut self, message: &Message, now: Now) {
        let library = self.profile.auto.take().unwrap_or_default();
        let found = by_first(&library, message);
        self.show(Direction::In, Class::Event, message.clone(), now);
        match &found[..] {
            [] => self.go_on_plainly("no dialect is recognised by the first message", now),
            [one] => {
                if self.can_speak(&one.dialect, now)
                    && self.speak(one.dialect.clone(), one.by.clone(), now)
                {
                    return self.leave(Then::Open, now);
                }
            }
            several => {
                let names: Vec<_> = several.iter().map(|one| &*one.dialect.name).collect();
                let why = format!(
                    "several dialects begin with this message: {}",
                    names.join(", ")
                );
                self.go_on_plainly(&why, now);
            }
        }
        self.begin_login(now);
        for value in self.decoder.decode(message) {
            self.login_value(&value, now);
        }
    }

    fn go_on_plainly(&mut self, why: &str, now: Now) {
        let way = match &self.profile.way {
            Way::None => "without a credential".to_owned(),
            way => format!("with the token by {}", way.word()),
        };
        self.note(
            format!("{why}; it goes on {way} (name the dialect to settle it)"),
            now,
        );
    }

    /// Whether a dialect has what it wants, and wants no more than a server's word may bring about; if not, that is told.
    fn can_speak(&mut self, dialect: &Dialect, now: Now) -> bool {
        let profile = &self.profile;
        let given = |name: &str| profile.variables.iter().any(|(given, _)| given == name);
        let required = dialect.required();
        let missing: Vec<_> = required.into_iter().filter(|name| !given(name)).collect();
        let mut vars = dialect.given(&profile.variables);
        vars.extend(&self.vars(now));
        let name = &dialect.name;
        let why = if !missing.is_empty() {
            let missing = missing.join(", ");
            format!("this is {name}, which wants the variable {missing}")
        } else if let Some(host) = self.calls_elsewhere(dialect, &vars) {
            // The user named one place for the token; no server may name another.
            format!(
                "this is {name}, which calls {host} first, and a server's word is not enough for that"
            )
        } else {
            return true;
        };
        self.go_on_plainly(&why, now);
        false
    }

    /// The other host that is called before a link is opened.
    fn calls_elsewhere(&self, dialect: &Dialect, vars: &Vars) -> Option<String> {
        let calls = dialect.calls_first(vars).into_iter();
        let mut hosts = calls.map(|address| {
            let url = Url::parse(address.expose()).ok();
            url.and_then(|url| url.host_str().map(str::to_owned))
                .unwrap_or_default()
        });
        hosts.find(|host| self.profile.url.host_str() != Some(host))
    }

    /// Tells which dialect was recognised and by what.
    pub(super) fn tell_recognised(&mut self, by: String, reopens: bool, now: Now) {
        let recognised = Recognised {
            dialect: self.dialect.name.clone(),
            by,
            reopens,
            map: self.dialect.event.clone(),
            heartbeats: self.dialect.has_heartbeats(),
            in_place: self.profile.renews_in_place(),
        };
        self.tell(Lifecycle::Recognised(Box::new(recognised)), now);
    }

    /// From now on the session speaks this dialect; whether the link has to be made anew for it.
    fn speak(&mut self, dialect: Arc<Dialect>, by: String, now: Now) -> bool {
        let plain = self.request(now);
        self.scope.give(dialect.given(&self.profile.variables));
        self.decoder = Decoder::new(dialect.codec, self.profile.limits.message);
        self.listens = dialect.listens();
        self.profile.dialect = Some(dialect.clone());
        self.dialect = dialect;
        let (wanted, vars) = (self.request(now), self.vars(now));
        let reopens = !self.dialect.calls_first(&vars).is_empty() || !holds(&plain, &wanted);
        self.tell_recognised(by, reopens, now);
        if self.dialect.subscribe.is_none() && !self.profile.subscribe.is_empty() {
            self.note(
                "this dialect has no subscriptions: what was to be subscribed to is left out",
                now,
            );
        }
        reopens
    }

    /// The login from its first step, on the link whose login was held back; it is kept alive as the dialect says.
    fn begin_login(&mut self, now: Now) {
        if let State::AwaitLogin { live, .. } = &self.state {
            let live = Live::new(live.link, now, self.ping_every());
            self.log_in(live, 0, now.mono, now);
        }
    }
}

/// Whether what was asked for when a link was opened holds all that is wanted; more does no harm.
fn holds(asked: &OpenRequest, wanted: &OpenRequest) -> bool {
    let in_address = |name: &str, value: &str| {
        let mut pairs = asked.url.query_pairs();
        pairs.any(|(here, there)| here == name && there == value)
    };
    let mut query = wanted.query.iter();
    asked.url == wanted.url
        && query
            .all(|pair| asked.query.contains(pair) || in_address(&pair.0, pair.1.expose().expose()))
        && wanted
            .headers
            .iter()
            .all(|header| asked.headers.contains(header))
        && wanted
            .subprotocols
            .iter()
            .all(|name| asked.subprotocols.contains(name))
}
