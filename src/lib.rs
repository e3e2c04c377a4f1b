//! Sockeye: a terminal monitor for authenticated WebSocket streams.

// values: no IO, no async, no clock, no screen
pub mod cause;
pub mod close_code;
pub mod diagnostic;
pub mod event;
pub mod message;
pub mod payload;
pub mod rulebook;
pub mod secret;
pub mod time;
// rules: pure
pub mod auth;
pub mod dialect;
pub mod document;
pub mod keymap;
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
pub mod cli;
pub mod clock;
pub mod config;
pub mod credential;
pub mod demo;
pub mod error;
pub mod learn;
pub mod net;
pub mod screen;
pub mod signals;
pub mod tail;
pub mod target;
pub mod tui;
