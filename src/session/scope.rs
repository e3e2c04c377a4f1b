//! What templates of the dialect are filled with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use url::{Position, Url};

use super::{machine::Session, outgoing::Pacer};
use crate::{
    dialect::{Bound, Clock, Takes, Vars, pointed, text_of},
    secret::Secret,
    time::Now,
};

/// The variables of a session, by how long they live.
#[derive(Debug)]
pub(super) struct Scope {
    /// What the profile gives.
    given: Vars,
    /// What outlives a link.
    pub(super) kept: Vars,
    /// What does, for each entry of the subscriptions.
    each: BTreeMap<String, Vars>,
    /// That of the entry whose turn it is.
    entry: Vars,
    /// What was taken or made for this link.
    pub(super) link: Vars,
    /// How many messages were sent over this link by templates.
    pub(super) sent: u64,
    /// How often the server sent a call to another place.
    pub(super) hops: u32,
    /// How many messages were sent of late.
    pub(super) pacer: Pacer,
    /// For UUIDs, apart from the delays.
    random: fastrand::Rng,
}

/// What belongs to a link that is not the present one.
#[derive(Debug, Default)]
pub(super) struct OfLink {
    vars: Vars,
    sent: u64,
    hops: u32,
    pub(super) pacer: Pacer,
}

impl Scope {
    /// Of a session to whose dialect the profile gives this; the seed decides every UUID.
    pub(super) fn new(given: Vars, seed: u64) -> Self {
        Self {
            given,
            kept: Vars::default(),
            each: BTreeMap::new(),
            entry: Vars::default(),
            link: Vars::default(),
            sent: 0,
            hops: 0,
            pacer: Pacer::default(),
            random: fastrand::Rng::with_seed(!seed),
        }
    }

    /// Replaces what the profile gives.
    pub(super) fn give(&mut self, given: Vars) {
        self.given = given;
    }

    /// Forgets what belongs to a link.
    pub(super) fn begin_link(&mut self) {
        (self.link, self.sent, self.hops) = (Vars::default(), 0, 0);
        self.pacer = Pacer::default();
    }

    /// Puts what belongs to another link in the place of what belongs to the present one, and the other way round.
    pub(super) const fn swap_link(&mut self, other: &mut OfLink) {
        std::mem::swap(&mut self.link, &mut other.vars);
        std::mem::swap(&mut self.sent, &mut other.sent);
        std::mem::swap(&mut self.hops, &mut other.hops);
        std::mem::swap(&mut self.pacer, &mut other.pacer);
    }

    /// Takes what a message holds. What it does not have stays as it was.
    pub(super) fn take(&mut self, takes: &Takes, message: &Value) {
        set(&mut self.link, &takes.take, message);
        let kept = match &takes.of {
            None => Some(&mut self.kept),
            Some(of) => {
                let entry = pointed(message, of).map(|entry| text_of(&entry));
                entry.and_then(|entry| self.each.get_mut(&entry))
            }
        };
        if let Some(kept) = kept {
            set(kept, &takes.keep, message);
        }
    }

    /// Keeps what the answer for an entry holds, in place of what was kept for it.
    pub(super) fn keep_for(&mut self, entry: &Value, keep: &Takes, answer: &Value) {
        let mut kept = Vars::default();
        set(&mut kept, &keep.keep, answer);
        self.each.insert(text_of(entry), kept);
    }

    /// Lets an entry have its turn: what was kept for it is seen. `None`: no entry has it.
    fn turn_to(&mut self, entry: Option<&Value>) {
        let kept = entry.and_then(|entry| self.each.get(&text_of(entry)));
        self.entry = kept.cloned().unwrap_or_default();
    }

    /// Forgets everything that was kept.
    pub(super) fn forget_all(&mut self) {
        (self.kept, self.each) = (Vars::default(), BTreeMap::new());
    }

    /// Makes a variable of this link one that is not shown; the secret that it is now.
    pub(super) fn hide(&mut self, name: &str) -> Option<Secret> {
        let (value, false) = self.link.find(name)? else {
            return None;
        };
        let secret = Secret::new(text_of(&value));
        self.link.set(name, Bound::Secret(secret.clone()));
        Some(secret)
    }
}

/// Sets variables to what a message holds at their places. What it does not have stays as it was.
fn set(vars: &mut Vars, places: &[(String, String)], message: &Value) {
    for (name, place) in places {
        if let Some(value) = pointed(message, place).filter(|value| !value.is_null()) {
            vars.set(name, value.into_owned());
        }
    }
}

/// The address with which HTTP calls are made at the same place: `https:` for `wss:`, without a query or a last slash.
fn http_address(url: &Url) -> String {
    let rest = &url[Position::BeforeHost..Position::AfterPath];
    let scheme = if url.scheme() == "wss" {
        "https"
    } else {
        "http"
    };
    format!("{scheme}://{}", rest.trim_end_matches('/'))
}

/// A random UUID (RFC 9562 section 5.4).
fn uuid(random: &mut fastrand::Rng) -> String {
    let bits = random.u128(..) & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

impl Session {
    /// Every variable there is now.
    pub(super) fn vars(&mut self, now: Now) -> Vars {
        let scope = &self.scope;
        let mut vars = scope.given.clone();
        vars.extend(&scope.kept);
        vars.extend(&scope.entry);
        vars.extend(&scope.link);
        let wall = self.server_time(now);
        vars.set("now_s", Clock::Seconds.read(wall));
        vars.set("now_ms", Clock::Millis.read(wall));
        vars.set("now_iso", Clock::Iso.read(wall));
        vars.set("sent", Value::from(scope.sent));
        vars.set("seq", Value::from(scope.sent + 1));
        vars.set(
            "host",
            Value::from(self.profile.url.host_str().unwrap_or_default()),
        );
        vars.set("http", Value::from(http_address(&self.profile.url)));
        vars.set("uuid", Value::from(uuid(&mut self.scope.random)));
        vars.set("own_url", Value::from(self.profile.url.as_str()));
        if self.profile.signer.is_some() {
            vars.set("signer", Value::from(true));
        }
        if let Some(credential) = &self.credential {
            vars.set("token", Bound::Secret(credential.secret.clone()));
        }
        vars
    }

    /// Makes the derived values anew, and tells what cannot be made. Of several ways to make a value the first that can be
    /// made counts.
    pub(super) fn derive(&mut self, now: Now) {
        for why in self.derived(now) {
            self.note(why, now);
        }
    }

    /// Every variable for an entry of the subscriptions: what is derived may sign it.
    pub(super) fn vars_for(&mut self, entry: &Value, now: Now) -> Vars {
        self.scope.link.set("item", entry.clone());
        self.scope.turn_to(Some(entry));
        let vars = self.fresh_vars(now);
        self.scope.turn_to(None);
        self.scope.link.unset("item");
        vars
    }

    /// Every variable there is now, with derived values made just now.
    pub(super) fn fresh_vars(&mut self, now: Now) -> Vars {
        self.derive(now);
        self.vars(now)
    }

    /// Makes the derived values anew; why some cannot be made.
    pub(super) fn derived(&mut self, now: Now) -> Vec<String> {
        let dialect = self.dialect.clone();
        let (mut made, mut faults) = (BTreeSet::new(), Vec::new());
        for derived in &dialect.derive {
            if made.contains(&derived.name) {
                continue;
            }
            let vars = self.vars(now);
            match derived.make(&vars, self.server_time(now)) {
                Ok(Some(value)) => {
                    made.insert(&derived.name);
                    self.scope.link.set(&derived.name, value);
                }
                Ok(None) => self.scope.link.unset(&derived.name),
                Err(why) => faults.push(why),
            }
        }
        faults
    }
}
