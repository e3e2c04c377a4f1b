//! What keys do in the sign-in dialog, the palette and the demo's menu.

use super::{App, Choice, Output, Overlay, SignIn, act::edit};
use crate::{auth::Credential, event::StreamId, keymap::Action, secret::Secret, session::Command};

/// Entries that a page key moves by.
const PAGE: isize = 10;

impl App {
    /// Opens the sign-in dialog for the stream that needs it, or the one shown.
    pub(super) fn begin_sign_in(&mut self) {
        let needing = self
            .streams
            .iter()
            .position(|stream| stream.status.needs_user());
        let stream = match (self.shown(), needing) {
            (Some(shown), _) => shown,
            (None, Some(at)) => StreamId(at as u16),
            (None, None) => self.target(),
        };
        if self
            .stream(stream)
            .is_some_and(|state| state.setup.authenticated)
        {
            self.overlay = Overlay::SignIn(Box::new(SignIn::new(stream)));
        } else {
            self.tell(format!("{} wants no credential", self.stream_name(stream)));
        }
    }

    pub(super) fn sign_in(&mut self, action: Action) {
        let count = self.streams.len().max(1);
        let Overlay::SignIn(dialog) = &mut self.overlay else {
            return;
        };
        match action {
            Action::Erase => dialog.erase(),
            Action::Clear => dialog.clear(),
            Action::Back => self.overlay = Overlay::None,
            Action::NextPane => {
                dialog.stream = StreamId(((usize::from(dialog.stream.0) + 1) % count) as u16);
            }
            Action::Fetch
                if self
                    .streams
                    .get(usize::from(dialog.stream.0))
                    .is_some_and(|state| state.setup.source.is_none()) =>
            {
                self.tell("its only source is you: paste a token");
            }
            Action::Fetch => {
                let fetch = Output::Command(dialog.stream, Command::Fetch);
                self.outputs.push_back(fetch);
                self.overlay = Overlay::None;
            }
            Action::Accept => self.submit(),
            Action::Down => self.sample(1),
            Action::Up => self.sample(-1),
            _ => {}
        }
    }

    /// A token that was entered is verified before it is submitted, where the stream's profile says by whom.
    pub(super) fn settle_sign_in(&mut self) {
        let Overlay::SignIn(dialog) = &mut self.overlay else {
            return;
        };
        let state = self.streams.get(usize::from(dialog.stream.0));
        if state.is_some_and(|state| state.setup.verifies)
            && let Some(credential) = dialog.unasked()
        {
            let wanted = Output::Verify(dialog.stream, credential);
            self.outputs.push_back(wanted);
        }
    }

    fn submit(&mut self) {
        let Overlay::SignIn(dialog) = &self.overlay else {
            return;
        };
        let Some(credential) = dialog.credential() else {
            return self.tell(dialog.fault().unwrap_or("paste or type a token first"));
        };
        let stream = dialog.stream;
        self.tell(format!(
            "{}: token {} is offered",
            self.stream_name(stream),
            credential.fingerprint()
        ));
        self.sign_in_with(stream, credential);
        self.overlay = Overlay::None;
    }

    pub(super) fn sign_in_with(&mut self, stream: StreamId, credential: Credential) {
        if let Some(state) = self.streams.get_mut(usize::from(stream.0)) {
            state.offers(credential.fingerprint());
        }
        self.outputs
            .push_back(Output::Command(stream, Command::SignIn(credential)));
    }

    /// Asks for the next demo token.
    fn sample(&mut self, by: isize) {
        let (Overlay::SignIn(dialog), Some(menu)) = (&mut self.overlay, &self.setup.demo) else {
            return;
        };
        let at = match dialog.sample {
            Some(at) => (at.cast_signed() + by).rem_euclid(menu.samples.len().max(1).cast_signed()),
            None => 0,
        };
        if let Some(sample) = menu.samples.get(at.unsigned_abs()) {
            dialog.sample = Some(at.unsigned_abs());
            self.outputs.push_back(Output::Sample(sample.name.clone()));
        }
    }

    /// A demo token came: it is filled in if it is still the one that was asked for.
    pub(super) fn fill(&mut self, name: &str, token: &Secret) {
        self.offer(name, token);
        let (Overlay::SignIn(dialog), Some(menu)) = (&mut self.overlay, &self.setup.demo) else {
            return;
        };
        let asked = dialog.sample.and_then(|at| menu.samples.get(at));
        if asked.is_some_and(|sample| sample.name == name) {
            dialog.clear();
            dialog.push(token.expose());
        }
    }

    pub(super) fn palette(&mut self, action: Action) {
        let Overlay::Palette(palette) = &self.overlay else {
            return;
        };
        let entries = palette.entries(self);
        let chosen = entries.get(palette.at).map(|entry| entry.choice);
        let page = PAGE;
        let Overlay::Palette(palette) = &mut self.overlay else {
            return;
        };
        let rows = match action {
            Action::Down => 1,
            Action::Up => -1,
            Action::PageDown => page,
            Action::PageUp => -page,
            Action::Back => return self.overlay = Overlay::None,
            Action::Accept => return self.choose(chosen),
            other => {
                edit(&mut palette.line, other);
                palette.at = 0;
                return;
            }
        };
        palette.at = within(palette.at, rows, entries.len());
    }

    fn choose(&mut self, choice: Option<Choice>) {
        let Some(choice) = choice else {
            return;
        };
        self.overlay = Overlay::None;
        match choice {
            Choice::Act(action) => self.perform(action, 0),
            Choice::Stream(at) => self.narrow(Some(at)),
            Choice::Filter(at) => {
                if let Some((name, text)) = self.setup.filters.get(at).cloned() {
                    self.apply(text, Some(name));
                }
            }
            Choice::Send(stream, at) => self.send_message(stream, at),
            Choice::Play(at) => self.play_scenario(at),
        }
    }

    pub(super) fn demo(&mut self, action: Action) {
        let count = self
            .setup
            .demo
            .as_ref()
            .map_or(0, |menu| menu.scenarios.len());
        let page = PAGE;
        let Overlay::Demo(at) = self.overlay else {
            return;
        };
        let rows = match action {
            Action::Down => 1,
            Action::Up => -1,
            Action::PageDown => page,
            Action::PageUp => -page,
            Action::Top => isize::MIN,
            Action::Bottom => isize::MAX,
            Action::Accept => return self.play_scenario(at),
            _ => return self.overlay = Overlay::None,
        };
        self.overlay = Overlay::Demo(within(at, rows, count));
    }

    /// Plays the scenario whose key was typed.
    pub(super) fn play_key(&mut self, text: &str) {
        let scenarios = self.setup.demo.iter().flat_map(|menu| &menu.scenarios);
        let found = scenarios
            .enumerate()
            .find(|(_, scenario)| text.chars().eq([scenario.key]));
        if let Some((at, _)) = found {
            self.play_scenario(at);
        }
    }
}

fn within(at: usize, rows: isize, count: usize) -> usize {
    at.saturating_add_signed(rows).min(count.saturating_sub(1))
}
