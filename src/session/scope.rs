//! What templates of the dialect are filled with, and sending what they make.

use std::collections::BTreeSet;

use serde_json::Value;
use url::{Position, Url};

use super::{LinkId, Output, machine::Session};
use crate::{
    auth::Outgoing,
    dialect::{Bound, Clock, Filled, Takes, Template, Vars},
    message::{Class, Direction, Message},
    time::Now,
};

/// The variables of a session, by how long they live.
#[derive(Debug)]
pub(super) struct Scope {
    /// What the profile gives.
    given: Vars,
    /// What outlives a link.
    pub(super) kept: Vars,
    /// What was taken or made for this link.
    pub(super) link: Vars,
    /// How many messages were sent over this link by templates.
    sent: u64,
    /// For UUIDs, apart from the delays.
    random: fastrand::Rng,
}

/// What belongs to a link that is not the present one.
#[derive(Debug, Default)]
pub(super) struct OfLink {
    vars: Vars,
    sent: u64,
}

impl Scope {
    /// Of a session to whose dialect the profile gives this; the seed decides every UUID.
    pub(super) fn new(given: Vars, seed: u64) -> Self {
        Self {
            given,
            kept: Vars::default(),
            link: Vars::default(),
            sent: 0,
            random: fastrand::Rng::with_seed(!seed),
        }
    }

    /// Replaces what the profile gives.
    pub(super) fn give(&mut self, given: Vars) {
        self.given = given;
    }

    /// Forgets what belongs to a link.
    pub(super) fn begin_link(&mut self) {
        (self.link, self.sent) = (Vars::default(), 0);
    }

    /// Puts what belongs to another link in the place of what belongs to the present one, and the other way round.
    pub(super) const fn swap_link(&mut self, other: &mut OfLink) {
        std::mem::swap(&mut self.link, &mut other.vars);
        std::mem::swap(&mut self.sent, &mut other.sent);
    }

    /// Takes what a message holds.
    pub(super) fn take(&mut self, takes: &Takes, message: &Value) {
        for (name, pointer) in &takes.take {
            self.link
                .set(name, message.pointer(pointer).cloned().unwrap_or_default());
        }
        // What is kept stays when a later message does not have it.
        for (name, pointer) in &takes.keep {
            if let Some(value) = message.pointer(pointer).filter(|value| !value.is_null()) {
                self.kept.set(name, value.clone());
            }
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

    /// Makes the derived values anew, and tells what cannot be made.
    pub(super) fn derive(&mut self, now: Now) {
        for why in self.derived(now) {
            self.note(why, now);
        }
    }

    /// Makes the derived values anew; why some cannot be made.
    pub(super) fn derived(&mut self, now: Now) -> Vec<String> {
        let dialect = self.dialect.clone();
        let (mut made, mut faults) = (BTreeSet::new(), Vec::new());
        for derived in &dialect.derive {
            // Of several ways to make a value the first counts.
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

    /// Fills a template and sends it, with derived values made just now.
    pub(super) fn send_template(&mut self, link: LinkId, template: &Template, now: Now) {
        self.derive(now);
        let vars = self.vars(now);
        self.send_filled(link, &template.fill(&vars), now);
    }

    /// Sends a filled template and shows it, its secrets masked.
    pub(super) fn send_filled(&mut self, link: LinkId, filled: &Filled, now: Now) {
        let codec = self.dialect.codec;
        let text = filled.expose();
        let encoded = match codec.encode(text.expose()) {
            Ok(encoded) => encoded,
            Err(why) => return self.note(format!("not sent: {why}"), now),
        };
        let outgoing = self.dialect.outgoing;
        if outgoing.never {
            return self.note("not sent: this service ends links that send anything", now);
        }
        if outgoing.bytes.is_some_and(|most| encoded.data.len() > most) {
            return self.note(
                "not sent: this service ends links that send a message so large",
                now,
            );
        }
        self.scope.sent += 1;
        let (shown, outgoing) = if filled.is_secret() {
            (Message::text(filled.shown()), Outgoing::Login(codec, text))
        } else {
            (encoded.clone(), Outgoing::Plain(encoded))
        };
        self.show(Direction::Out, Class::Event, shown, now);
        self.push(Output::Send(link, outgoing));
    }
}
