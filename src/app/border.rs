//! What the screen is told and what it wants.

use super::{Clip, Mouse, RecordingNews};
use crate::{
    auth::Credential,
    event::{Event, StreamId, Verification},
    export::{Format, Origin},
    keymap::Chord,
    secret::{Fingerprint, Secret},
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
    /// What became of an export so far.
    Export(ExportAnswer),
    /// The answer to [`Output::Verify`], about the token of this fingerprint.
    Verified(Fingerprint, Verification),
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
    /// Ask whether a token is what it says, as the profile of this stream wants it; answer with [`Input::Verified`].
    Verify(StreamId, Credential),
    /// Take mouse events from the terminal, or leave them to it.
    Mouse(bool),
    /// Put a text into the clipboard; answer with [`Input::Notice`].
    Copy(Clip),
    /// Go on with an export; answer with [`Input::Export`].
    Export(ExportStep),
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

/// A step of an export. Each but the last is answered before the next one comes.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportStep {
    /// Make a file.
    Begin(NewExport),
    /// Write these events, masked.
    Events(Vec<Event>),
    /// That were all: finish the file.
    End,
    /// Leave nothing behind.
    Cancel,
}

/// A file to export to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExport {
    /// Its path as it was typed.
    pub path: String,
    /// Its format.
    pub format: Format,
    /// The streams, in the order of their ids.
    pub origins: Vec<Origin>,
}

/// What became of a step of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportAnswer {
    /// It is done; the next may come.
    Ready,
    /// The file is whole.
    Done {
        /// How many events are in it.
        count: u64,
        /// Its size in bytes.
        size: u64,
    },
    /// It failed, and nothing is left behind.
    Failed {
        /// What is wrong.
        what: String,
        /// How to mend it.
        help: String,
    },
}
