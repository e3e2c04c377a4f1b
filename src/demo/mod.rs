//! The embedded server of `sockeye demo` and `sockeye serve`: a small service with JWT logins, believable events and
//! scripted faults, so that everything Sockeye shows can be seen without an account and without a network.
//!
//! It listens on loopback only, its keys are random and die with it, and it does nothing while nobody is connected.
//! It is no example of a production service: it keeps everything in memory and gives a token to whoever asks.

mod clients;
mod ending;
mod events;
mod files;
mod form;
mod http;
mod keys;
mod live;
mod login;
mod pace;
mod play;
mod profiles;
mod refresh;
mod server;
mod token;

use std::time::Duration;

use crate::clock::Clock;

pub use files::keep_token_files;
pub use profiles::profiles;
pub use server::{Server, UnknownScenario};
pub use token::{Grant, Issued};

/// How the server behaves.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The port on 127.0.0.1; 0: any free one.
    pub port: u16,
    /// Events per second and connection; infinite: as fast as the socket takes them.
    pub rate: f64,
    /// How long an access token lives unless its request says otherwise.
    pub token_life: Duration,
    /// Decides what the events say.
    pub seed: u64,
    /// The clock for token life and the times in events.
    pub clock: Clock,
}
