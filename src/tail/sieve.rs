//! Which messages `tail` writes: those that every filter of the command line and that of their profile ask for.

use jiff::tz::TimeZone;

use crate::{
    diagnostic::report,
    dialect::EventMap,
    error::{Exit, Failure},
    event::{Event, StreamId},
    filter::{Context, Fault, Filter, Subject, TypeName},
    message::{Class, Direction, Kind, Message},
    places::Places,
    profile::Profile,
    time::Wall,
};

/// The filters, and where each stream's messages hold what.
pub struct Sieve {
    all: Vec<Filter>,
    streams: Vec<Own>,
}

/// What belongs to a stream.
struct Own {
    filter: Option<Filter>,
    alert: Option<Filter>,
    places: Places,
}

impl Sieve {
    /// The filters of the command line, and those of the profiles, in the order of the streams' ids.
    ///
    /// # Errors
    /// Every fault of every filter, with its caret.
    pub fn new(texts: &[String], profiles: &[&Profile], now: Wall) -> Result<Self, Failure> {
        let context = Context {
            streams: profiles
                .iter()
                .map(|profile| profile.name.clone())
                .collect(),
            now,
            zone: TimeZone::system(),
        };
        let mut faults = Vec::new();
        let mut read = |name: &str, text: &String| {
            let told = |fault: &Fault| fault.diagnostic(name, text);
            match Filter::new(text, &context) {
                Ok(filter) => Some(filter),
                Err(found) => {
                    faults.extend(found.iter().map(told));
                    None
                }
            }
        };
        let all = texts
            .iter()
            .filter_map(|text| read("--filter", text))
            .collect();
        let streams = profiles
            .iter()
            .map(|profile| {
                let filter = profile
                    .filter
                    .as_ref()
                    .and_then(|text| read(&profile.name, text));
                let alert = profile
                    .alert
                    .as_ref()
                    .and_then(|alert| read(&profile.name, &alert.when));
                Own {
                    filter,
                    alert,
                    places: Places::new(&profile.speaks().event),
                }
            })
            .collect();
        if faults.is_empty() {
            Ok(Self { all, streams })
        } else {
            Err(Failure::new(Exit::Usage, report(&faults).trim_end()))
        }
    }

    /// A stream's messages hold what its dialect says, which was recognised.
    pub fn map(&mut self, stream: StreamId, map: &EventMap) {
        if let Some(own) = self.streams.get_mut(usize::from(stream.0)) {
            own.places = Places::new(map);
        }
    }

    /// Whether a message is written.
    pub fn lets(&self, event: &Event, mark: (Direction, Class), message: &Message) -> bool {
        let own = self.own(event).and_then(|own| own.filter.as_ref());
        if own.is_none() && self.all.is_empty() {
            return true;
        }
        let subject = self.subject(event, mark, message);
        self.all
            .iter()
            .chain(own)
            .all(|filter| filter.holds(&subject))
    }

    /// Whether the alert of its profile is on a message.
    pub(super) fn alerts(
        &self,
        event: &Event,
        mark: (Direction, Class),
        message: &Message,
    ) -> bool {
        let alert = self.own(event).and_then(|own| own.alert.as_ref());
        alert.is_some_and(|alert| alert.holds(&self.subject(event, mark, message)))
    }

    /// Where the messages of an event's stream hold what.
    pub(super) fn places(&self, event: &Event) -> Option<&Places> {
        self.own(event).map(|own| &own.places)
    }

    fn own(&self, event: &Event) -> Option<&Own> {
        self.streams.get(usize::from(event.stream.0))
    }

    fn subject<'a>(
        &'a self,
        event: &'a Event,
        mark: (Direction, Class),
        message: &'a Message,
    ) -> Subject<'a> {
        let places = self.places(event);
        let states = places.map_or(message.kind == Kind::Text, |places| {
            places.types(message.kind)
        });
        Subject {
            stream: event.stream,
            at: event.at.wall,
            message: Some(mark),
            type_name: if states {
                TypeName::Unknown
            } else {
                TypeName::Known(None)
            },
            data: &message.data,
            places,
        }
    }

    /// The error of a filter that was given up: nothing would be written any more, and nobody would know why.
    pub fn broken(&self) -> Option<Failure> {
        let own = self
            .streams
            .iter()
            .flat_map(|own| own.filter.iter().chain(&own.alert));
        let why = self.all.iter().chain(own).find_map(Filter::broken)?;
        let failure = Failure::new(Exit::Usage, format!("a filter was given up: {why}"));
        Some(failure.help("write it without loops, or with fewer steps"))
    }
}
