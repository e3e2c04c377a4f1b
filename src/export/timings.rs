//! The `timings` of HAR: the TLS handshake counts as part of the connecting, and the upgrade is the wait for the answer.

use std::time::Duration;

use crate::{cause::Stage, event::OpenFacts};

/// How long the steps to a link took, where they are known.
#[derive(Clone, Copy, Default)]
pub(super) struct Timings {
    dns: Option<Duration>,
    tcp: Option<Duration>,
    tls: Option<Duration>,
    wait: Duration,
}

impl Timings {
    /// Of a link.
    pub(super) fn of(facts: &OpenFacts) -> Self {
        let took = |step| {
            let mut stages = facts.stages.iter();
            stages
                .find(|(stage, _)| *stage == step)
                .map(|(_, took)| *took)
        };
        Self {
            dns: took(Stage::Dns),
            tcp: took(Stage::Tcp),
            tls: took(Stage::Tls),
            wait: took(Stage::Upgrade).unwrap_or_default(),
        }
    }

    /// All of them together.
    pub(super) fn sum(self) -> Duration {
        let steps = [self.dns, self.tcp, self.tls, Some(self.wait)];
        steps.into_iter().flatten().sum()
    }

    /// The members of `timings`, in milliseconds; what is left of `all` was spent with messages.
    pub(super) fn json(self, all: f64) -> String {
        let tls = self.tls.unwrap_or_default();
        let named = [
            ("dns", self.dns),
            ("connect", self.tcp.map(|tcp| tcp + tls)),
            ("ssl", self.tls),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, took)| Some(format!(r#""{name}":{:.3},"#, millis(took?))));
        let wait = millis(self.wait);
        let receive = (all - millis(self.sum())).max(0.0);
        format!(
            r#"{}"send":0,"wait":{wait},"receive":{receive:.3}"#,
            named.collect::<String>()
        )
    }
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}
