//! The one wording of every turn in a stream's life, for the lifecycle pane, `tail` and the records.

use std::fmt;

use super::{
    CredentialFacts, Ended, Gap, Lifecycle, OpenFacts, Recognised, Status, Verification, Wait,
};
use crate::time::show_span;

impl fmt::Display for Lifecycle {
    /// One line. Texts from outside are in it as they came: escape the line before it is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Credential(facts) => write!(f, "{facts}"),
            Self::Verified(facts) => verified(facts, f),
            Self::Opened(facts) => write!(f, "{facts}"),
            Self::Recognised(recognised) => write!(f, "{recognised}"),
            Self::Authenticated(Some(took)) => write!(f, "login acknowledged {}", show_span(*took)),
            Self::Authenticated(None) => f.write_str("login sent; nothing acknowledges it"),
            Self::Renewed => f.write_str("new token accepted on the live connection"),
            Self::Unrenewed { why, .. } => write!(f, "{why}; what is in use stays"),
            Self::Ended(ended) => write!(f, "{ended}"),
            Self::Gap(gap) => write!(f, "{gap}"),
            Self::Pong(took) => write!(f, "pong after {}", show_span(*took)),
            Self::Dropped(count) => {
                write!(f, "{count} messages dropped: the consumer was too slow")
            }
            Self::Answer(answer) => write!(f, "{answer}"),
            Self::Note(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetching { source } => write!(f, "fetching the credential from {source}"),
            Self::Connecting { attempt } => write!(f, "connecting, attempt {attempt}"),
            Self::Silent => f.write_str("silent: a ping is unanswered"),
            Self::Expiring => f.write_str("expiring: nothing renews the token"),
            Self::Waiting(wait) => write!(f, "{wait}"),
            Self::SignInNeeded { why } | Self::Forbidden { why } | Self::Stopped { why } => {
                write!(f, "{}: {why}", self.word())
            }
            _ => f.write_str(self.word()),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            attempt,
            until,
            delay,
            range,
            why,
        } = self;
        if until.is_none() {
            return write!(f, "attempt {attempt} held back: {why}");
        }
        let (least, most) = (show_span(range.0), show_span(range.1));
        write!(
            f,
            "attempt {attempt} in {} (from {least} to {most}): {why}",
            show_span(*delay)
        )
    }
}

impl fmt::Display for CredentialFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token {} from {}", self.fingerprint, self.source)?;
        claimed(self, f)
    }
}

fn verified(facts: &CredentialFacts, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "token {}", facts.fingerprint)?;
    let verification = facts.verification.as_ref();
    verification.map_or(Ok(()), |verification| write!(f, " {verification}"))?;
    match verification {
        Some(Verification::Verified(_)) => claimed(facts, f),
        _ => Ok(()),
    }
}

/// For whom it is, what it allows, and until when.
fn claimed(facts: &CredentialFacts, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(subject) = &facts.subject {
        write!(f, ", for {subject}")?;
    }
    if let Some(scopes) = &facts.scopes {
        write!(f, ", allows {scopes}")?;
    }
    match facts.expires {
        Some(expires) => write!(f, ", expires {expires}"),
        None => f.write_str(", no expiry stated"),
    }
}

impl fmt::Display for OpenFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connected to {}", self.peer)?;
        self.proxy
            .iter()
            .try_for_each(|proxy| write!(f, " via {proxy}"))?;
        for (stage, took) in &self.stages {
            write!(f, " · {stage} {}", show_span(*took))?;
        }
        self.tls.iter().try_for_each(|tls| write!(f, " · {tls}"))?;
        self.subprotocol
            .iter()
            .try_for_each(|name| write!(f, " · subprotocol {name}"))?;
        if self.compression {
            f.write_str(" · compressed")?;
        }
        self.warnings
            .iter()
            .try_for_each(|warning| write!(f, " · {warning}"))
    }
}

impl fmt::Display for Recognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "recognised {} by {}", self.dialect, self.by)?;
        if self.reopens {
            f.write_str("; the link is made anew, for this dialect opens it otherwise")?;
        }
        Ok(())
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}: {}", self.words, self.verdict, self.decision)
    }
}

impl Gap {
    /// What became of what the server sent meanwhile: `resumed` or `not resumed`.
    pub const fn outcome(&self) -> &'static str {
        if self.resumed {
            "resumed"
        } else {
            "not resumed"
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attempts = if self.attempts == 1 {
            "attempt"
        } else {
            "attempts"
        };
        write!(
            f,
            "gap {} · {} · {} {attempts} · {}",
            show_span(self.span),
            self.words,
            self.attempts,
            self.outcome()
        )
    }
}
