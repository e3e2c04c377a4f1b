//! A turn in a stream's life explained: what it means, who may cause it, what was decided and what helps.

use super::{PageLine, Role, verified_role, wrap};
use crate::{
    cause::{Cause, HttpRefusal},
    close_code::CloseCode,
    event::{CredentialFacts, Ended, Gap, Lifecycle, OpenFacts, Verification},
    payload::escape::escape,
    rulebook,
    time::show_span,
};

/// The lines that explain a turn, for a page of this width.
pub(super) fn lines(lifecycle: &Lifecycle, width: usize) -> Vec<PageLine> {
    let mut page = Page {
        width,
        lines: Vec::new(),
    };
    match lifecycle {
        Lifecycle::Ended(ended) => page.ended(ended),
        Lifecycle::Gap(gap) => page.gap(gap),
        Lifecycle::Opened(facts) => page.opened(facts),
        Lifecycle::Verified(facts) => page.verified(facts),
        other => page.title(Role::Accent, &other.to_string()),
    }
    page.lines
}

/// The lines that explain an end.
pub(super) fn ended(ended: &Ended, width: usize) -> Vec<PageLine> {
    let mut page = Page {
        width,
        lines: Vec::new(),
    };
    page.ended(ended);
    page.lines
}

struct Page {
    width: usize,
    lines: Vec<PageLine>,
}

impl Page {
    fn title(&mut self, role: Role, text: &str) {
        let lines = wrap::words(&escape(text), self.width);
        self.lines
            .extend(lines.into_iter().map(|line| PageLine::new(role, line)));
    }

    fn row(&mut self, name: &str, role: Role, text: &str) {
        if !text.is_empty() {
            self.lines
                .extend(wrap::row(name, role, &escape(text), self.width));
        }
    }

    fn ended(&mut self, ended: &Ended) {
        if ended.words == ended.cause.to_string() {
            self.title(Role::Bad, &title(&ended.cause));
            self.cause(&ended.cause);
        } else {
            self.title(Role::Bad, &ended.words);
            self.row(
                "meaning",
                Role::Text,
                "The service has a meaning of its own for this code.",
            );
        }
        self.row("verdict", Role::Accent, &ended.verdict.to_string());
        self.row("done", Role::Text, &ended.decision);
        if ended.rule.refuses_token {
            self.row(
                "token",
                Role::Warn,
                "refused: this token is never offered again",
            );
        }
        self.row("advice", Role::Good, &ended.rule.advice);
    }

    fn verified(&mut self, facts: &CredentialFacts) {
        let Some(told) = &facts.verification else {
            return;
        };
        self.title(
            verified_role(told),
            &format!("token {} {}", facts.fingerprint, told.word()),
        );
        self.row("checked", Role::Text, &told.to_string());
        let (meaning, advice) = match told {
            Verification::Verified(_) => (
                "Whoever the profile trusts with it says that the token is what it says. Whether it is enough is for the server to decide.",
                "",
            ),
            Verification::Failed(_) => (
                "The token is not what the profile expects. It is used all the same: whether it is taken is for the server to decide.",
                "Look whether the token comes from where you mean, and whether 'verify' of the profile names its issuer.",
            ),
            Verification::Open(_) => (
                "Nobody could tell whether the token is what it says. It is used all the same.",
                "The next token is verified anew.",
            ),
        };
        self.row("meaning", Role::Text, meaning);
        self.row("advice", Role::Good, advice);
    }

    fn gap(&mut self, gap: &Gap) {
        self.title(Role::Warn, &format!("gap of {}", show_span(gap.span)));
        let meaning = if gap.resumed {
            "There was no live connection for this long. The service took the stream up where it broke, as it promises."
        } else {
            "There was no live connection for this long. What the server sent meanwhile is not known; the stream was not resumed where it broke."
        };
        self.row("meaning", Role::Text, meaning);
        self.row("attempts", Role::Text, &gap.attempts.to_string());
        self.row("because", Role::Bad, &gap.words);
        if gap.words == gap.cause.to_string() {
            self.cause(&gap.cause);
            self.row("advice", Role::Good, &rulebook::rule(&gap.cause).advice);
        }
    }

    fn cause(&mut self, cause: &Cause) {
        match cause {
            Cause::Close { code, reason, ours } => {
                self.row("reason", Role::Value, reason);
                self.row(
                    "sent by",
                    Role::Text,
                    if *ours { "us" } else { "the server" },
                );
                self.code(*code);
            }
            Cause::Eof => self.code(CloseCode(1006)),
            Cause::Protocol { code, text } => {
                self.row("what", Role::Value, text);
                self.row("sent by", Role::Text, "us, before the link was dropped");
                self.code(*code);
            }
            Cause::Http(refusal) => self.http(refusal),
            other => self.row("what", Role::Value, &other.to_string()),
        }
    }

    fn code(&mut self, code: CloseCode) {
        let row = rulebook::close(code);
        let sender = match row.sender.as_str() {
            "either" => "server and client",
            "nobody" => "nobody: it stands for what was not said",
            one => one,
        };
        self.row("meaning", Role::Text, &row.meaning);
        self.row("may send", Role::Text, sender);
        self.row("source", Role::Dim, &row.source);
    }

    fn http(&mut self, refusal: &HttpRefusal) {
        self.row(
            "meaning",
            Role::Text,
            "The server answered the upgrade with HTTP; there was no WebSocket connection.",
        );
        self.row(
            "it wants",
            Role::Value,
            refusal.challenge.as_deref().unwrap_or_default(),
        );
        self.row(
            "location",
            Role::Value,
            refusal.location.as_deref().unwrap_or_default(),
        );
        if let Some(after) = refusal.retry_after {
            self.row(
                "retry",
                Role::Value,
                &format!("not before {}", show_span(after)),
            );
        }
        let body: String = refusal.text().chars().take(1000).collect();
        self.row("body", Role::Value, &body);
    }

    fn opened(&mut self, facts: &OpenFacts) {
        let proxy = facts.proxy.iter().map(|proxy| format!(" via {proxy}"));
        let way: String = proxy.collect();
        self.title(Role::Accent, &format!("connected to {}{way}", facts.peer));
        for (stage, took) in &facts.stages {
            self.row("", Role::Text, &format!("{stage} {}", show_span(*took)));
        }
        self.row(
            "TLS",
            Role::Text,
            facts.tls.as_deref().unwrap_or("none: plain text"),
        );
        self.row(
            "protocol",
            Role::Text,
            facts.subprotocol.as_deref().unwrap_or("none chosen"),
        );
        if facts.compression {
            self.row("compression", Role::Text, "permessage-deflate");
        }
        for warning in &facts.warnings {
            self.row("warning", Role::Warn, warning);
        }
    }
}

/// The cause in a line, without the server's words.
fn title(cause: &Cause) -> String {
    match cause {
        Cause::Close { code, .. } => format!("closed {code}"),
        Cause::Http(refusal) => HttpRefusal {
            status: refusal.status,
            ..HttpRefusal::default()
        }
        .to_string(),
        other => other.to_string(),
    }
}
