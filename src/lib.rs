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
pub mod profile;
pub mod retry;
pub mod session;
// shell: the only async, the only IO
pub mod clock;
pub mod config;
pub mod credential;
