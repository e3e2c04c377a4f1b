//! What the demo plays at the moment: one scenario, or the tour through several.

use std::time::Duration;

use super::DemoMenu;
use crate::time::Mono;

/// A scenario under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// Its place in the menu.
    pub scenario: usize,
    /// The step of the tour, from 0; `None` outside the tour.
    pub step: Option<usize>,
    /// Until when its explanation stands.
    until: Mono,
    /// The time that was left when the tour was held.
    held: Option<Duration>,
}

impl Play {
    /// Begins a scenario outside the tour.
    pub fn scenario(menu: &DemoMenu, scenario: usize, now: Mono) -> Option<Self> {
        let seconds = menu.scenarios.get(scenario)?.seconds;
        Some(Self {
            scenario,
            step: None,
            until: now.after(Duration::from_secs(seconds)),
            held: None,
        })
    }

    /// Begins a step of the tour; `None` past its end. Names that the menu does not know are left out.
    pub fn step(menu: &DemoMenu, step: usize, now: Mono) -> Option<Self> {
        let scenario = steps(menu).nth(step)?;
        let play = Self::scenario(menu, scenario, now)?;
        Some(Self {
            step: Some(step),
            ..play
        })
    }

    /// Holds the tour, or lets it go on.
    pub fn toggle(&mut self, now: Mono) {
        match self.held.take() {
            Some(left) => self.until = now.after(left),
            None => self.held = Some(self.until.since(now)),
        }
    }

    /// Whether the tour is held.
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Time left for it.
    pub fn left(&self, now: Mono) -> Duration {
        self.held.unwrap_or_else(|| self.until.since(now))
    }
}

/// How many steps the tour has.
pub fn length(menu: &DemoMenu) -> usize {
    steps(menu).count()
}

fn steps(menu: &DemoMenu) -> impl Iterator<Item = usize> {
    menu.tour.iter().filter_map(|name| {
        menu.scenarios
            .iter()
            .position(|scenario| scenario.name == *name)
    })
}
