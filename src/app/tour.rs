//! How a scenario of the demo is prepared and played, and how the tour goes from one to the next.

use super::{App, Output, Overlay, Play};
use crate::{auth::Credential, scenario::Scenario, secret::Secret, session::Command};

impl App {
    /// Plays a scenario outside the tour.
    pub(super) fn play_scenario(&mut self, at: usize) {
        self.overlay = Overlay::None;
        self.prepare(at, None);
    }

    /// Starts the tour, holds it, or lets it go on.
    pub(super) fn toggle_tour(&mut self) {
        let now = self.now.mono;
        match &mut self.play {
            Some(play) if play.step.is_some() => play.toggle(now),
            _ => self.step_tour(0),
        }
    }

    /// Goes to the next step of the tour, or to the first.
    pub(super) fn next_step(&mut self) {
        let step = self.play.as_ref().and_then(|play| play.step);
        self.step_tour(step.map_or(0, |step| step + 1));
    }

    fn step_tour(&mut self, step: usize) {
        let menu = self.setup.demo.as_ref();
        if let Some(scenario) = menu.and_then(|menu| menu.tour().nth(step)) {
            return self.prepare(scenario, Some(step));
        }
        self.play = None;
        self.tell("the tour is over");
    }

    fn prepare(&mut self, at: usize, step: Option<usize>) {
        self.is_new_to_demo = false;
        let Some(menu) = &self.setup.demo else {
            return;
        };
        let stream = menu.scenarios.get(at).map(Scenario::stream);
        let Some(stream) = stream.and_then(|stream| self.stream(stream)) else {
            return;
        };
        self.play = Play::prepare(menu, (at, step), stream, self.now.mono);
        let asked = self.play.as_ref().and_then(Play::asks_for);
        if let Some(name) = asked.map(str::to_owned) {
            self.outputs.push_back(Output::Sample(name));
        }
        self.play_on();
    }

    /// The demo token that a scenario asked for came: the stream signs in with it.
    pub(super) fn offer(&mut self, name: &str, token: &Secret) {
        let Some(stream) = self.scenario().map(Scenario::stream) else {
            return;
        };
        let Some(play) = self
            .play
            .as_mut()
            .filter(|play| play.asks_for() == Some(name))
        else {
            return;
        };
        play.offers(token.fingerprint());
        let credential = Credential::new(token.expose(), "the demo");
        self.sign_in_with(stream, credential);
    }

    /// The scenario under way.
    fn scenario(&self) -> Option<&Scenario> {
        let menu = self.setup.demo.as_ref()?;
        menu.scenarios.get(self.play.as_ref()?.scenario)
    }

    /// Begins a scenario when its stream is ready; goes on when its time is over.
    pub(super) fn play_on(&mut self) {
        let Some(play) = &self.play else {
            return;
        };
        if play.is_over(self.now) {
            self.changed = true;
            match play.step {
                Some(_) => self.next_step(),
                None => self.play = None,
            }
        } else if self.is_ready() {
            self.begin();
        } else {
            self.hurry();
        }
    }

    /// What the scenario before left of a wait would only be waited for again.
    fn hurry(&mut self) {
        let Some(stream) = self.scenario().map(Scenario::stream) else {
            return;
        };
        let state = self.streams.get(usize::from(stream.0));
        let hurries = self
            .play
            .as_mut()
            .zip(state)
            .is_some_and(|(play, state)| play.hurries(state));
        if hurries {
            let reconnect = Output::Command(stream, Command::Reconnect);
            self.outputs.push_back(reconnect);
        }
    }

    fn is_ready(&self) -> bool {
        let stream = self
            .scenario()
            .and_then(|scenario| self.stream(scenario.stream()));
        let play = self.play.as_ref().zip(stream);
        play.is_some_and(|(play, stream)| play.can_begin(stream, self.now.mono))
    }

    fn begin(&mut self) {
        let (Some(play), Some(menu)) = (&mut self.play, &self.setup.demo) else {
            return;
        };
        let Some(scenario) = menu.scenarios.get(play.scenario) else {
            return;
        };
        self.changed = true;
        play.begin(scenario, self.now.mono);
        self.outputs.push_back(Output::Play(scenario.name.clone()));
    }
}
