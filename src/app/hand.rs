//! What keys do by hand on a live link: write and send a message, ping, close.

use super::{App, Compose, Output, Overlay, act::edit, compose::Desk};
use crate::{
    codec::Draft,
    event::{Answer, StreamId},
    keymap::Action,
    session::Command,
};

impl App {
    /// Opens the dialog in which a message to the stream is written.
    pub(super) fn begin_compose(&mut self) {
        self.compose_for(self.target());
    }

    fn compose_for(&mut self, stream: StreamId) {
        if let Some(desk) = self.desks.get_mut(usize::from(stream.0)) {
            self.overlay = Overlay::Compose(Box::new(Compose::new(stream, desk)));
        }
    }

    /// Keys of that dialog.
    pub(super) fn compose(&mut self, action: Action) {
        let Overlay::Compose(dialog) = &mut self.overlay else {
            return;
        };
        let at = usize::from(dialog.stream.0);
        let (Some(desk), Some(stream)) = (self.desks.get(at), self.streams.get(at)) else {
            return;
        };
        match action {
            Action::Accept => self.send_written(),
            Action::Back => self.leave_compose(),
            Action::Up => dialog.step(-1, desk),
            Action::Down => dialog.step(1, desk),
            Action::Message => dialog.turn(&stream.setup.messages),
            Action::NextPane => self.compose_for_next(),
            Action::NewLine => self.write("\n"),
            other => dialog.edit(|line| edit(line, other)),
        }
    }

    /// Text was typed or pasted into that dialog.
    pub(super) fn write(&mut self, text: &str) {
        let Overlay::Compose(dialog) = &mut self.overlay else {
            return;
        };
        if !dialog.insert(text) {
            self.tell("a message has room for 64 KiB here; the rest is left out");
        }
    }

    fn compose_for_next(&mut self) {
        let Overlay::Compose(dialog) = &self.overlay else {
            return;
        };
        let next = (usize::from(dialog.stream.0) + 1) % self.streams.len().max(1);
        self.leave_compose();
        self.compose_for(StreamId(next as u16));
    }

    fn leave_compose(&mut self) {
        let overlay = std::mem::replace(&mut self.overlay, Overlay::None);
        let Overlay::Compose(dialog) = overlay else {
            return;
        };
        if let Some(desk) = self.desks.get_mut(usize::from(dialog.stream.0)) {
            dialog.keep(desk);
        }
    }

    fn send_written(&mut self) {
        let Overlay::Compose(dialog) = &self.overlay else {
            return;
        };
        let (stream, text) = (dialog.stream, dialog.text().to_owned());
        let warned = dialog.warned;
        match self.judge(stream, &text) {
            _ if text.is_empty() => self.tell("write a message first"),
            Draft::Wrong(why) => self.tell(format!("it cannot be sent: {why}")),
            Draft::NotJson(_) if !warned => self.warn(),
            Draft::NotJson(_) | Draft::Fits => {
                self.overlay = Overlay::None;
                self.say(stream, text);
            }
        }
    }

    fn warn(&mut self) {
        if let Overlay::Compose(dialog) = &mut self.overlay {
            dialog.warned = true;
        }
        self.tell("this is not JSON; again, and it is sent as it is");
    }

    /// What the stream's service would make of a text.
    pub fn judge(&self, stream: StreamId, text: &str) -> Draft {
        let codec = self.stream(stream).map(|state| state.setup.event.codec);
        codec.unwrap_or_default().draft(text)
    }

    /// Sends a message of the stream's profile.
    pub(super) fn send_message(&mut self, stream: StreamId, at: usize) {
        let messages = self.stream(stream).map(|state| &state.setup.messages);
        let found = messages.and_then(|messages| messages.get(at));
        if let Some((_, text)) = found.cloned() {
            self.say(stream, text);
        }
    }

    /// Sends a text; the session answers.
    pub(super) fn say(&mut self, stream: StreamId, text: String) {
        if let Some(desk) = self.desks.get_mut(usize::from(stream.0)) {
            desk.send(&text);
        }
        self.tell(format!("{}: on its way", self.stream_name(stream)));
        let say = Output::Command(stream, Command::Say(text));
        self.outputs.push_back(say);
    }

    /// The session answered what was done by hand.
    pub(super) fn answered(&mut self, stream: StreamId, answer: &Answer) {
        let desk = self.desks.get_mut(usize::from(stream.0));
        match (desk, answer) {
            (Some(desk), Answer::Sent(_)) => desk.answered(true),
            (Some(desk), Answer::Unsent(_) | Answer::Refused(_)) => desk.answered(false),
            _ => {}
        }
        let told = format!("{}: {answer}", self.stream_name(stream));
        self.tell(told);
    }

    /// Whether the profile of the stream that is written to has messages.
    pub(super) fn has_messages(&self) -> bool {
        let Overlay::Compose(dialog) = &self.overlay else {
            return false;
        };
        self.stream(dialog.stream)
            .is_some_and(|state| !state.setup.messages.is_empty())
    }

    /// Sends a ping whose pong is known by its payload: the time.
    pub(super) fn ping(&mut self) {
        let payload = self.now.mono.0.to_string();
        let ping = Command::Ping(payload.into_bytes().into());
        self.outputs.push_back(Output::Command(self.target(), ping));
    }
}

/// A desk for each stream.
pub(super) fn desks(count: usize) -> Vec<Desk> {
    std::iter::repeat_with(Desk::default).take(count).collect()
}
