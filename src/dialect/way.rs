//! The simple ways of a profile as a dialect: query parameter, header, first message. So there is one engine for all.

use super::{Act, Await, Dialect, Fail, Only, Pattern, Renew, Step, Template};
use crate::auth::{FirstMessage, Way};

impl Dialect {
    /// The dialect of a service of which only this is known.
    pub fn of_way(way: &Way) -> Self {
        let mut dialect = Self {
            title: format!("token by {}", way.word()),
            overlap: true,
            ..Self::default()
        };
        match way {
            Way::None => {}
            Way::Query { name } => dialect.open.query.push((name.clone(), template("{token}"))),
            Way::Header { name, prefix } => {
                dialect
                    .open
                    .headers
                    .push((name.clone(), template(&format!("{prefix}{{token}}"))));
            }
            Way::FirstMessage(first) => dialect.log_in_by(first),
        }
        dialect
    }

    fn log_in_by(&mut self, first: &FirstMessage) {
        let refusal = first.refusal.iter().map(|refusal| Fail {
            pattern: Pattern::containing(refusal),
            rule: None,
            text: None,
        });
        let fail: Vec<Fail> = refusal.collect();
        let accept = first.ack.as_ref().map(Pattern::containing);
        let step = |act| Step {
            act,
            only: Only::default(),
        };
        self.login.push(step(Act::Send(template(&first.template))));
        if let Some(accept) = &accept {
            let await_ = Await {
                accept: accept.clone(),
                fail: fail.clone(),
                ..Await::default()
            };
            self.login.push(step(Act::Await(await_)));
        }
        if let Some(renew) = &first.renew {
            self.renew = Renew::InPlace {
                send: template(renew),
                each: None,
                accept,
                fail,
            };
        }
    }
}

/// A template that was checked before: the only fault there is, a filter that does not exist, leaves a text without
/// holes.
fn template(text: &str) -> Template {
    Template::parse(text).unwrap_or_else(|_| Template::literal(text))
}
