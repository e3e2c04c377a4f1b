//! Sockeye: a terminal monitor for authenticated WebSocket streams.
//!
//! # Shape
//!
//! Two pure machines of the same shape and one thin shell. A [`session::Session`] is a stream's life, an [`app::App`] is
//! the screen. Both are plain values: `handle(input, now)`, then `poll()` until there is nothing more; neither knows a
//! socket, a file or a clock. The shell carries out what they want and tells them what happened.
//!
//! ```text
//! socket ─ net::dial, net::driver ─ Input ─▶ Session ─ Event ─▶ bounded channel ─▶ App ─▶ view ─▶ terminal
//!              ▲                                │ Open, Call, Send, Close, Fetch    ├▶ tail ─▶ NDJSON
//!              └────────────────────────────────┘                                   └▶ recording ─▶ file
//! key ─ tui ─ keymap ─ Action ─▶ App ─ Output ─▶ shell (connect, send, copy, export, quit)
//! ```
//!
//! # Layers
//!
//! The modules stand below in layers, and paths point downward only; a test reads them. *Values* know nothing but each
//! other. *Rules* decide: what a service wants ([`dialect`]), what is done about a cause ([`retry`]), what a stream does
//! next ([`session`]), what is kept ([`store`]). The *screen* is made of both and of ratatui's buffers. Only the *shell*
//! is asynchronous or touches the world.
//!
//! # What holds everywhere
//!
//! - Time is passed in ([`time::Now`]); it is read in [`clock`] alone.
//! - Everything that happened is an [`event::Event`]: what `tail` writes, the monitor shows and tests compare.
//! - No secret enters an event; [`secret::Secret`] cannot be printed and is exposed last.
//! - The [`log`] is the shell's: the machines know nothing of it.
//! - Text from outside is escaped where it is shown ([`payload::escape`]).
//! - A service is data: `assets/dialects`, with transcripts that [`transcript`] plays.
//! - Payload bytes are copied once, into the store's segments, and parsed when somebody looks at them.

// values: no IO, no async, no clock, no screen
pub mod cause;
pub mod close_code;
pub mod codec;
pub mod diagnostic;
pub mod event;
pub mod message;
pub mod payload;
pub mod redact;
pub mod rulebook;
pub mod secret;
pub mod time;
// rules: pure
pub mod alert;
pub mod audit;
pub mod auth;
pub mod dialect;
pub mod document;
pub mod export;
pub mod filter;
pub mod keymap;
pub mod oauth;
pub mod places;
pub mod profile;
pub mod retry;
pub mod scenario;
pub mod session;
pub mod store;
pub mod transcript;
// screen: pure
pub mod app;
pub mod view;
// shell: the only async, the only IO
pub mod announcing;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credential;
pub mod demo;
pub mod error;
pub mod exporting;
pub mod learn;
pub mod log;
pub mod login;
pub mod net;
pub mod privacy;
pub mod recording;
pub mod screen;
pub mod signals;
pub mod tail;
pub mod target;
pub mod token;
pub mod tui;
