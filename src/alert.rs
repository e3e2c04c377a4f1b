//! Alerts: what is announced of messages that a filter asks for, and how often at most.

use std::time::Duration;

use crate::{
    payload::{escape::escape, mask},
    profile::Alert,
    secret::Secret,
    time::Mono,
};

/// The longest text from outside that an announcement holds, in bytes.
const MOST: usize = 200;

/// Lets an announcement pass once in a time; those that come too early are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    every: Duration,
    next: Option<Mono>,
    held: u64,
}

impl Pace {
    /// One announcement in this time at most; the first one passes at once.
    pub const fn new(every: Duration) -> Self {
        Self {
            every,
            next: None,
            held: 0,
        }
    }

    /// So many messages matched. Whether that is announced now, and then how many others were not since the last time.
    pub fn pass(&mut self, now: Mono, matches: u64) -> Option<u64> {
        self.held += matches;
        if self.held == 0 || self.next.is_some_and(|next| now < next) {
            return None;
        }
        self.next = Some(now.after(self.every));
        Some(std::mem::take(&mut self.held) - 1)
    }
}

/// What is announced of a message. Nothing in it is secret but the payload, in which secrets are masked.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// What is done.
    pub alert: Alert,
    /// The stream's name.
    pub stream: String,
    /// The type that the message states; empty when it states none.
    pub type_name: String,
    /// What tells it from others; empty where the dialect does not know.
    pub id: String,
    /// The payload, for the command's standard input.
    pub payload: Secret,
    /// How many others matched and were not announced.
    pub held: u64,
}

impl Announcement {
    /// What is told of a message of a stream, with its type and its id as they were written.
    pub fn new(
        (alert, stream): (&Alert, &str),
        (type_name, id): (Option<&[u8]>, Option<&[u8]>),
        (payload, held): (&[u8], u64),
    ) -> Self {
        let payload = String::from_utf8_lossy(&mask::masked(payload)).into_owned();
        Self {
            alert: alert.clone(),
            stream: stream.to_owned(),
            type_name: type_name.map(told).unwrap_or_default(),
            id: id.map(told).unwrap_or_default(),
            payload: Secret::new(payload),
            held,
        }
    }

    /// What happened, in a line.
    pub fn words(&self) -> String {
        let what = match &*self.type_name {
            "" => "a message",
            name => name,
        };
        let others = match self.held {
            0 => String::new(),
            held => format!(" · {held} others were not announced"),
        };
        format!("alert: {what} in {}{others}", escape(&self.stream))
    }

    /// The command, the program and its arguments, with the places in them filled.
    pub fn command(&self) -> Option<Vec<String>> {
        let words = self.alert.command.as_ref()?;
        Some(words.iter().map(|word| self.filled(word)).collect())
    }

    /// Text from outside never becomes an option of the command.
    fn filled(&self, word: &str) -> String {
        let stream = escape(&self.stream);
        let places = [
            ("{stream}", &*stream),
            ("{type}", &self.type_name),
            ("{id}", &self.id),
        ];
        let mut filled = String::new();
        let mut rest = word;
        while let Some((at, (place, text))) = places
            .iter()
            .filter_map(|place| Some((rest.find(place.0)?, place)))
            .min_by_key(|(at, _)| *at)
        {
            filled.push_str(&rest[..at]);
            filled.push_str(text);
            rest = &rest[at + place.len()..];
        }
        filled.push_str(rest);
        if filled.starts_with('-') && !word.starts_with('-') {
            filled.insert(0, ' ');
        }
        filled
    }
}

/// A text from outside as it may be told: masked, without quotes around it, escaped, and not too long.
fn told(bytes: &[u8]) -> String {
    let masked = mask::masked(bytes);
    let text = String::from_utf8_lossy(&masked);
    let bare = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let text = escape(bare.unwrap_or(&text));
    text[..text.floor_char_boundary(MOST)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_announcement_passes_in_a_time_and_the_others_are_counted() {
        let mut pace = Pace::new(Duration::from_secs(10));
        let at = |seconds: u64| Mono(seconds * 1_000_000);
        assert_eq!(pace.pass(at(100), 0), None);
        assert_eq!(pace.pass(at(100), 3), Some(2));
        assert_eq!(pace.pass(at(101), 1), None);
        assert_eq!(pace.pass(at(109), 4), None);
        assert_eq!(pace.pass(at(110), 0), Some(4));
        assert_eq!(pace.pass(at(120), 0), None);
        assert_eq!(pace.pass(at(121), 1), Some(0));
    }

    #[test]
    fn places_are_filled_once_and_never_become_options() {
        let words = ["notify", "--title={stream}", "{type}", "{id}: {type}"];
        let alert = Alert {
            command: Some(words.map(str::to_owned).to_vec()),
            ..Alert::on("kettle")
        };
        let jwt = format!("\"eyJhbGciOiJIUzI1NiJ9.{0}.{0}\"", "a".repeat(30));
        let announced = Announcement::new(
            (&alert, "{id}"),
            (Some(b"-i {id}\x1b"), Some(jwt.as_bytes())),
            (br#"{"password":"hunter2"}"#, 2),
        );
        let command = announced.command().unwrap();
        assert_eq!(command[..3], ["notify", "--title={id}", " -i {id}\\e"]);
        assert!(command[3].starts_with("eyJ*") && command[3].ends_with(": -i {id}\\e"));
        assert_eq!(announced.payload.expose(), r#"{"password":"*******"}"#);
        assert_eq!(
            announced.words(),
            "alert: -i {id}\\e in {id} · 2 others were not announced"
        );
    }
}
