//! The alert of a profile: which messages are announced, and how.

use std::time::Duration;

use crate::{
    document::{Fault, Faults, Table, Value, flag, texts, time_limit},
    time::show_span,
};

use super::filters::filter;

/// Which messages are announced, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The filter that asks for them, as text; it was checked.
    pub when: String,
    /// Whether the terminal's bell rings.
    pub bell: bool,
    /// Whether the terminal is asked for a notice on the desktop.
    pub notify: bool,
    /// A command, the program and its arguments, with `{stream}`, `{type}` and `{id}` in them.
    pub command: Option<Vec<String>>,
    /// Of the matches in this time one is announced.
    pub every: Duration,
}

/// More announcements than one in a second help nobody.
const LEAST: Duration = Duration::from_secs(1);

impl Alert {
    /// The usual alert on what a filter asks for: the bell, every 10 s at most.
    pub fn on(when: impl Into<String>) -> Self {
        Self {
            when: when.into(),
            bell: true,
            notify: false,
            command: None,
            every: Duration::from_secs(10),
        }
    }
}

/// Reads the alert.
pub(super) fn alert<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Alert> {
    let known = ["when", "bell", "notify", "command", "every"];
    let table = Table::open(name, value, &known, faults)?;
    if !table.has("when") {
        table.miss("when", "write when = \"FILTER\"", faults);
    }
    let when = table.read("when", faults, filter);
    let mut alert = Alert::on(when.clone().unwrap_or_default());
    table.set("bell", &mut alert.bell, faults, flag);
    table.set("notify", &mut alert.notify, faults, flag);
    table.set("every", &mut alert.every, faults, time_limit);
    alert.command = table.read("command", faults, command);
    if alert.every < LEAST {
        let message = format!("'every' ({}) is too short", show_span(alert.every));
        let fault = Fault::new(message, "write a second or more, as in \"10s\"");
        faults.add(table.span("every"), fault);
    }
    when.map(|_| alert)
}

fn command<'t>(name: &str, value: &'t Value<'t>, faults: &mut Faults<'_>) -> Option<Vec<String>> {
    let words = texts(name, value, faults)?;
    let program = words.first().map(|(word, _)| *word);
    if program.is_none_or(|program| program.is_empty() || program.contains('{')) {
        let help = "begin with the program: [\"notify-send\", \"{stream}\", \"{type}\"]";
        faults.add(value.span(), Fault::new("'command' names no program", help));
    }
    for (word, value) in &words {
        if let Some(place) = unknown_place(word) {
            let message = format!("'{place}' is not known");
            let help = "write {stream}, {type} or {id}; the payload comes on the standard input";
            faults.add(value.span(), Fault::new(message, help));
        }
    }
    Some(words.into_iter().map(|(word, _)| word.to_owned()).collect())
}

/// A word in braces that stands for nothing; braces around anything else are left as they are.
fn unknown_place(word: &str) -> Option<&str> {
    let places = word.match_indices('{').filter_map(|(at, _)| {
        let end = word[at..].find('}')?;
        let place = &word[at..=at + end];
        let name = &place[1..place.len() - 1];
        let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        named.then_some(place)
    });
    let known = ["{stream}", "{type}", "{id}"];
    places.into_iter().find(|place| !known.contains(place))
}
