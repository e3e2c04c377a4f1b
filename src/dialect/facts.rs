//! What can be asked of a dialect as a whole.

use super::{Act, Bound, Codec, Derived, Dialect, Only, Request, Subscribe, Template, Vars};

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
            let calls = self.before.iter().map(|before| &before.only);
            let on = self.on.iter().map(|on| &on.only);
            let mut conditions = steps.chain(calls).chain(on).flat_map(Only::names);
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
            || beat.is_some_and(|beat| beat.answer.is_some())
            || self
                .subscribe
                .as_ref()
                .is_some_and(|subscribe| !subscribe.fail.is_empty())
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
            _ => None,
        });
        let calls = self.calls().flat_map(Request::templates);
        let subscribes = self.subscribe.iter().flat_map(Subscribe::templates);
        let templates = opens.chain(calls).chain(sends).chain(subscribes);
        let derived = self.derive.iter().flat_map(Derived::names);
        let mut names = templates.flat_map(Template::names).chain(derived);
        names.any(|name| name == "token")
    }

    /// The HTTP calls that are made before a link is opened and while it is logged in.
    fn calls(&self) -> impl Iterator<Item = &Request> {
        let before = self.before.iter().map(|before| &before.request);
        before.chain(self.login.iter().filter_map(|step| match &step.act {
            Act::Call(request) => Some(request),
            _ => None,
        }))
    }
}
