//! One integration binary; its modules mirror the promises.

mod config;
mod demo;
mod interop;
mod keys;
mod layers;
mod net;
mod pty;
mod screens;
mod session;
mod stage;
mod store;
mod support;
mod tail;
