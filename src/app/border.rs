//! What the screen is told and what it wants.

use super::{Mouse, RecordingNews};
use crate::{
    event::{Event, StreamId},
    keymap::Chord,
    secret::Secret,
    session,
};

/// What the screen is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Things happened.
    Batch(Vec<Event>),
    /// This many bytes were received on the wire by a stream since its start.
    Wire(StreamId, u64),
    /// A key was pressed.
    Key(Chord),
    /// A text was pasted.
    Paste(Secret),
    /// The mouse did something.
    Mouse(Mouse),
    /// The terminal has this many columns and lines.
    Resize(u16, u16),
    /// The answer to [`Output::Sample`]: a token of that name.
    Sample(String, Secret),
    /// News of the recording.
    Recording(RecordingNews),
    /// Something to tell the user in the bottom line.
    Notice(String),
    /// The deadline may have passed.
    Tick,
}

/// What the screen wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Tell a session.
    Command(StreamId, session::Command),
    /// Let the demo server play the scenario of this name.
    Play(String),
    /// Let the demo server make a token of this name; answer with [`Input::Sample`].
    Sample(String),
    /// Take mouse events from the terminal, or leave them to it.
    Mouse(bool),
    /// Save a filter under a name; answer with [`Input::Notice`].
    SaveFilter(String, String),
    /// Begin to record, or end it; answer with [`Input::Recording`] or, when it cannot begin, [`Input::Notice`].
    Record(bool),
    /// Restore the terminal and suspend the program.
    Suspend,
    /// Clear the terminal and draw everything again.
    Redraw,
    /// End.
    Quit,
}
