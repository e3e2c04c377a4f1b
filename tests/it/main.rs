//! One integration binary; its modules mirror the promises.

mod keys;
mod screens;
mod config;
mod demo;
mod interop;
mod layers;
#[cfg(test)]
mod net;
mod pty;
mod session;
mod stage;
mod store;
mod support;
mod tail;
