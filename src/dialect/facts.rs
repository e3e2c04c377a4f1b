//! What can be asked of a dialect as a whole.

use super::{
    Act, Bound, Codec, Derived, Dialect, Only, Prepare, Request, Subscribe, Template, Vars,
};
use crate::{message::Class, secret::Secret};

impl Dialect {
    /// What a profile gives, or else the defaults.
    pub fn given(&self, variables: &[(String, Bound)]) -> Vars {
        let mut vars = Vars::default();
        for variable in &self.variables {
            vars.set(&variable.name, variable.default.clone().unwrap_or_default());
        }
        for (name, bound) in variables {
            vars.set(name, bound.clone());
        }
        vars
    }

    /// The variables without which it cannot work: those that have no default, are not said to be
    /// optional, and that no condition asks about.
    pub fn required(&self) -> Vec<&str> {
        let asked = |name: &str| {
            let resumed = self.resume.iter().flat_map(|resume| &resume.login);
            let steps = self.login.iter().chain(resumed.flatten());
            let steps = steps.map(|step| &step.only);
            let before = self.before.iter().map(Prepare::only);
            let on = self.on.iter().map(|on| &on.only);
            let mut conditions = steps.chain(before).chain(on).flat_map(Only::names);
            conditions.any(|asked| asked == name)
        };
        let fills = |name: &str| {
            let pairs = self.open.query.iter().chain(&self.open.headers);
            let left_out = pairs.map(|(_, template)| template);
            let left_out = left_out.chain(&self.open.subprotocols);
            // Without it there is no address, which is told.
            let mut left_out = left_out.chain(&self.open.url);
            left_out.any(|template| template.names().any(|wanted| wanted == name))
        };
        let variables = self
            .variables
            .iter()
            .filter(|variable| variable.default.is_none() && !variable.optional);
        let names = variables.map(|variable| variable.name.as_str());
        names.filter(|name| !asked(name) && !fills(name)).collect()
    }

    /// The address for a profile that names none and gives this.
    pub fn address(&self, given: &Vars) -> Option<String> {
        let url = self.open.url.as_ref().filter(|url| url.is_ready(given))?;
        Some(url.fill(given).expose().expose().to_owned())
    }

    /// The addresses of the HTTP calls that would be made before opening, with what is known now. One that wants a token
    /// where there is none is not worth making.
    pub fn calls_first(&self, vars: &Vars) -> Vec<Secret> {
        let calls = self.before.iter().filter_map(|prepare| match prepare {
            Prepare::Call(call) => Some(call),
            Prepare::Sign { .. } => None,
        });
        let lacks_token = |call: &Request| {
            let mut names = call.templates().flat_map(Template::names);
            !vars.has("token") && names.any(|name| name == "token")
        };
        let made = calls
            .filter(|call| call.only.holds(vars) && !lacks_token(&call.request))
            .map(|call| &call.request.url)
            .filter(|url| url.is_ready(vars));
        made.map(|url| url.fill(vars).expose()).collect()
    }

    /// Whether it tells heartbeats from other messages.
    pub fn has_heartbeats(&self) -> bool {
        self.on.iter().any(|on| on.class == Class::Heartbeat)
    }

    /// Whether messages of a live link are of any interest, other than the answer to an offered token.
    pub fn listens(&self) -> bool {
        let plain = matches!(
            self.codec,
            Codec::Json | Codec::Array | Codec::Lines | Codec::Delimited
        );
        let beat = self.keepalive.beat.as_ref();
        !plain
            || !self.on.is_empty()
            || self.event.sequence.is_some()
            || self.event.id.is_some()
            || !self.event.secrets.is_empty()
            || beat.is_some_and(|beat| beat.answer.is_some())
            || self.subscribe.as_ref().is_some_and(|subscribe| {
                let mut ways = subscribe.ways.iter();
                !subscribe.fail.is_empty() || ways.any(|way| way.answer.is_some())
            })
    }

    /// Whether it ever asks the profile's signer.
    pub fn signs(&self) -> bool {
        let resumed = self.resume.iter().flat_map(|resume| &resume.login);
        let mut steps = self.login.iter().chain(resumed.flatten());
        let mut before = self.before.iter();
        before.any(|step| matches!(step, Prepare::Sign { .. }))
            || steps.any(|step| matches!(step.act, Act::Sign(_)))
            || self.on.iter().any(|on| on.sign.is_some())
    }

    /// Whether a variable that a profile gives takes the token's place.
    pub fn does_without_token(&self, mut given: impl FnMut(&str) -> bool) -> bool {
        let mut instead = self.variables.iter().filter(|known| known.replaces_token);
        instead.any(|known| given(&known.name))
    }

    /// Whether a token is wanted anywhere.
    pub fn wants_token(&self) -> bool {
        let open = &self.open;
        let pairs = open.query.iter().chain(&open.headers);
        let opens = pairs
            .map(|(_, template)| template)
            .chain(&open.subprotocols);
        let sends = self.login.iter().filter_map(|step| match &step.act {
            Act::Send(template) => Some(template),
            Act::Sign(ask) => Some(&ask.give),
            _ => None,
        });
        let before = self.before.iter().flat_map(Prepare::templates);
        let steps = self.login.iter().filter_map(|step| match &step.act {
            Act::Call(request) => Some(request),
            _ => None,
        });
        let calls = before.chain(steps.flat_map(Request::templates));
        let subscribes = self.subscribe.iter().flat_map(Subscribe::templates);
        let templates = opens.chain(calls).chain(sends).chain(subscribes);
        let derived = self.derive.iter().flat_map(Derived::names);
        let mut names = templates.flat_map(Template::names).chain(derived);
        names.any(|name| name == "token")
    }
}
