//! The session machine: one stream's life as a value.
//!
//! Feed it with [`Session::handle`], take what it wants with [`Session::poll`] until `None`, and call it again with
//! [`Input::Tick`] when [`Session::deadline`] has passed. It knows no socket, no file and no clock; everything it
//! decides comes from its inputs, so a test is a script of inputs and the text of the outputs.

mod again;
mod beat;
mod call;
mod credentials;
mod end;
mod first;
mod guard;
mod hand;
mod link;
mod live;
mod login;
mod machine;
mod obey;
mod outgoing;
mod overlap;
mod renewal;
mod scope;
mod sequence;
mod sign;
mod subscribe;

use bytes::Bytes;

use crate::{
    auth::{Call, CallAnswer, Checked, Credential, OpenRequest, Outgoing, Question},
    cause::Cause,
    close_code::CloseCode,
    event::{Event, OpenFacts},
    message::Message,
    secret::{Fingerprint, Secret},
};

pub use machine::Session;

/// Which link an input or output is about; links are numbered from 1. Inputs of links that are gone are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub u32);

/// What a session is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Begin.
    Start,
    /// The answer to [`Output::Fetch`].
    Fetched(Result<Credential, FetchFault>),
    /// The source of the credential was changed by somebody: it may have another one now.
    SourceChanged,
    /// The answer to [`Output::Verify`], about the token of this fingerprint.
    Verified(Fingerprint, Box<Checked>),
    /// The answer to [`Output::Call`].
    Answered(LinkId, Result<CallAnswer, Cause>),
    /// The answer to the [`Output::Sign`] of this number: what the signer wrote, checked; or why there is nothing.
    Signed(u64, Result<Secret, String>),
    /// The link is open: the answer to [`Output::Open`].
    Opened(LinkId, OpenFacts),
    /// The link ended, or could not be opened.
    Ended(LinkId, Cause),
    /// A message was received.
    Received(LinkId, Message),
    /// The pong to our ping was received.
    Pong(LinkId),
    /// The pong to the user's ping was received: the answer to [`Output::PingByHand`].
    PongByHand(LinkId),
    /// Something else was received that shows life: the server's own ping.
    Heard(LinkId),
    /// Messages were dropped because the consumer was too slow.
    Dropped(u64),
    /// The shell has something to say about this stream.
    Note(String),
    /// The deadline may have passed.
    Tick,
    /// The user wants something.
    Command(Command),
}

/// What the user wants of a session.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// End the stream for good; the session reaches `Stopped`.
    Stop,
    /// Connect now: ends a wait, or closes the link and opens it anew.
    Reconnect,
    /// Hold the next attempt back until [`Command::Reconnect`].
    Hold,
    /// Use this credential: in place when the way allows, else by reconnecting.
    SignIn(Credential),
    /// Fetch the credential from its source again and use it.
    Fetch,
    /// Send this message as it is, over the link that carries the stream. What became of it is told by
    /// [`Lifecycle::Answer`](crate::event::Lifecycle::Answer), as for all that follow.
    Send(Message),
    /// Send this text in the form of the service's messages: with the end that form demands, or for MQTT as the packet
    /// that it describes as JSON (see [`crate::dialect::Codec::encode`]).
    Say(String),
    /// Send a ping with this payload, 125 bytes at most; how long its pong took is told.
    Ping(Bytes),
    /// Send this close frame and nothing before it. When the link is gone the stream stands stopped until
    /// [`Command::Reconnect`], [`Command::SignIn`] or [`Command::Fetch`].
    Close {
        /// One that a client may send ([`CloseCode::may_be_sent`]).
        code: CloseCode,
        /// 123 bytes at most.
        reason: String,
    },
}

/// Why a source gave no credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchFault {
    /// Only the user can give one.
    AskUser,
    /// Only the user can make the source give one; why and how.
    SignIn(String),
    /// The source failed; what is wrong and how to mend it, without the secret.
    Failed(String),
}

/// What a session wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Fetch the credential from the profile's source; answer with [`Input::Fetched`].
    Fetch,
    /// Ask whether this credential is what it says, in place of any question that is unanswered; answer with
    /// [`Input::Verified`]. Nothing waits for it.
    Verify(Box<Credential>),
    /// Keep this credential in the store of the profile: it was pasted and has been accepted.
    Store(Box<Credential>),
    /// Make an HTTP call for this link; answer with [`Input::Answered`].
    Call(LinkId, Box<Call>),
    /// Ask the profile's signer, in place of any question that is unanswered; answer with [`Input::Signed`] within 30
    /// seconds.
    Sign(Box<Question>),
    /// Open a link; answer with [`Input::Opened`] or [`Input::Ended`].
    Open(LinkId, Box<OpenRequest>),
    /// Send a message.
    Send(LinkId, Outgoing),
    /// Send a ping; its pong is told by [`Input::Pong`].
    Ping(LinkId),
    /// Send a ping with the user's payload; its pong is told by [`Input::PongByHand`].
    PingByHand(LinkId, Bytes),
    /// Send a close frame with this reason and end the link; answer with [`Input::Ended`] when it is gone.
    Close(LinkId, CloseCode, String),
    /// Let go of the link at once, without a word.
    Drop(LinkId),
    /// Something happened.
    Event(Event),
}
