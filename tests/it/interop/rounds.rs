//! What every service has to go through.

use std::{fs, process::Command};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    tail::{EXIT_UNAUTHENTICATED, Tail},
    token::token_with_bad_signature,
};

/// A service, as a profile knows it.
pub(super) struct Service<'s> {
    pub(super) url: String,
    /// The lines of the profile that say how it is spoken to.
    pub(super) speech: &'s str,
    /// Which of its messages are events.
    pub(super) is_event: fn(&Value) -> bool,
}

impl Service<'_> {
    pub(super) fn tail(&self, token: &str, count: u32) -> Tail {
        Tail::start(&self.url, self.speech, token, count)
    }

    /// A good token delivers events, over one connection.
    pub(super) fn delivers(&self, token: &str) -> Tail {
        let mut tail = self.tail(token, 10);
        assert_eq!(tail.finish(), 0, "{tail:?}");
        assert!(self.events(&tail) >= 5, "{tail:?}");
        assert_eq!(ends(&tail).count(), 0, "{tail:?}");
        assert!(
            tail.record(|record| record["event"] == "authenticated")
                .is_some_and(|record| record["took_ms"].is_u64()),
            "{tail:?}"
        );
        tail
    }

    /// A wrong token is offered once, and then the user is wanted; gives the record of the end.
    pub(super) fn refuses(&self) -> Value {
        let mut tail = self.tail(&token_with_bad_signature(), 10_000);
        assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
        assert_eq!(self.events(&tail), 0, "{tail:?}");
        assert_eq!(connections(&tail), 1, "{tail:?}");
        wants_sign_in(&tail);
        tail.only_end().clone()
    }

    /// A token ends while events flow, and nothing renews it; gives the records of the ends.
    pub(super) fn outlives(&self, token: &str, end: impl FnOnce()) -> Vec<Value> {
        let mut tail = self.tail(token, 10_000);
        tail.wait_for(self.is_event);
        end();
        assert_eq!(tail.finish(), EXIT_UNAUTHENTICATED, "{tail:?}");
        wants_sign_in(&tail);
        ends(&tail).cloned().collect()
    }

    /// A token ends while events flow, and by then another one from the file is at hand; gives the records of the ends.
    pub(super) fn renews(&self, first: &str, second: &str, end: impl FnOnce()) -> Vec<Value> {
        let mut tail = self.tail(first, 10_000);
        tail.wait_for(self.is_event);
        tail.rewrite_token(second);
        tail.wait_for(|line| {
            let told = line["message"].as_str().unwrap_or_default();
            told.contains("ready for the next connection")
        });
        end();
        tail.wait_for(|line| line["event"] == "gap");
        tail.wait_for(self.is_event);
        let ends: Vec<_> = ends(&tail).cloned().collect();
        assert_eq!(connections(&tail), ends.len() + 1, "{tail:?}");
        ends
    }

    /// `--dialect auto` recognises it by its first message, and takes it as if its dialect had been named.
    pub(super) fn is_recognised(&self, dialect: &str, by: &str, token: &str, more: &[&str]) {
        let home = TempDir::new().expect("a directory");
        let file = home.path().join("token");
        fs::write(&file, token).expect("a file");
        let output = Command::new(env!("CARGO_BIN_EXE_sockeye"))
            .env("SOCKEYE_CONFIG_DIR", "/nonexistent/sockeye")
            .args(["tail", &self.url, "--dialect", "auto"])
            .args([
                "--lifecycle",
                "json",
                "--count",
                "10",
                "--for",
                "60s",
                "--token-file",
            ])
            .arg(file)
            .args(more)
            .output()
            .expect("sockeye runs");
        let lines = |bytes: &[u8]| -> Vec<Value> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let lines = text.lines().map(serde_json::from_str);
            lines.collect::<Result<_, _>>().expect("JSON lines")
        };
        let (events, records) = (lines(&output.stdout), lines(&output.stderr));
        let told = |event: &str| {
            records
                .iter()
                .filter(|record| record["event"] == event)
                .count()
        };
        let recognised = records
            .iter()
            .find(|record| record["event"] == "recognised");
        let recognised = recognised.unwrap_or_else(|| panic!("{records:?}"));
        assert_eq!(
            (&recognised["dialect"], &recognised["by"]),
            (&json!(dialect), &json!(format!("its first message: {by}")))
        );
        assert_eq!(
            (told("authenticated"), told("ended")),
            (1, 0),
            "{records:?}"
        );
        let events = events.iter().filter(|event| (self.is_event)(event));
        assert!(events.count() >= 5, "{records:?}");
        assert_eq!(output.status.code(), Some(0), "{records:?}");
    }

    fn events(&self, tail: &Tail) -> usize {
        let events = tail.events.iter().filter(|event| event["dir"] == "in");
        events.filter(|event| (self.is_event)(event)).count()
    }
}

/// What a binary message holds.
pub(super) fn bytes_of(line: &Value) -> Vec<u8> {
    let text = line["base64"].as_str().unwrap_or_default();
    BASE64_STANDARD.decode(text).expect("Base64")
}

pub(super) fn ends(tail: &Tail) -> impl Iterator<Item = &Value> {
    let records = tail.records.iter();
    records.filter(|record| record["event"] == "ended")
}

fn connections(tail: &Tail) -> usize {
    let records = tail.records.iter();
    records.filter(|record| record["event"] == "opened").count()
}

fn wants_sign_in(tail: &Tail) {
    let wanted = |record: &Value| record["status"] == "sign in needed";
    assert!(tail.record(wanted).is_some(), "{tail:?}");
}

/// What was done about each end.
pub(super) fn verdicts(ends: &[Value]) -> Vec<&str> {
    ends.iter()
        .filter_map(|end| end["verdict"].as_str())
        .collect()
}

/// The end is told in these words, among others.
pub(super) fn says(ended: &Value, words: &str) {
    let message = ended["message"].as_str().unwrap_or_default();
    assert!(message.contains(words), "{ended}");
}
