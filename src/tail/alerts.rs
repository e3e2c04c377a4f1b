//! The alerts of the profiles in `tail`: a bell and a notice where the standard error is a terminal, and the command.

use std::io::{self, IsTerminal, Write};

use super::Sieve;
use crate::{
    alert::{Announcement, Pace},
    announcing::{self, Commands},
    event::Event,
    message::Message,
    places::Part,
    profile::{Alert, Profile},
};

/// The alerts by stream, each with its pace.
#[derive(Default)]
pub struct Alerts(Vec<Option<(Alert, Pace)>>);

impl Alerts {
    /// Those of the profiles, in the order of the streams' ids.
    pub fn new(profiles: &[&Profile]) -> Self {
        let paced = |alert: &Alert| (alert.clone(), Pace::new(alert.every));
        let alerts = profiles
            .iter()
            .map(|profile| profile.alert.as_ref().map(paced));
        Self(alerts.collect())
    }

    /// What is announced of a message that matched, of the stream of this name; `None`: it came too soon after another.
    pub(super) fn announced(
        &mut self,
        (event, message): (&Event, &Message),
        name: &str,
        sieve: &Sieve,
    ) -> Option<Announcement> {
        let stream = usize::from(event.stream.0);
        let (alert, pace) = self.0.get_mut(stream)?.as_mut()?;
        let held = pace.pass(event.at.mono, 1)?;
        let places = sieve.places(event);
        let states = places.filter(|places| places.types(message.kind));
        let type_name = states.and_then(|places| places.type_name(&message.data));
        let id = places.and_then(|places| places.part(Part::Id, &message.data));
        Some(Announcement::new(
            (alert, name),
            (type_name.as_deref().map(str::as_bytes), id.as_deref()),
            (&message.data, held),
        ))
    }
}

/// Rings, asks for a notice and runs the command.
pub(super) fn announce(announced: &Announcement, commands: &mut Commands) {
    commands.start(announced);
    let mut stderr = io::stderr().lock();
    if stderr.is_terminal() {
        // Nobody is left to ring for when it is gone.
        let _ = stderr.write_all(announcing::sequence(announced).as_bytes());
    }
}
