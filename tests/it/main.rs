//! One integration binary; its modules mirror the promises.

mod config;
mod demo;
mod interop;
mod layers;
mod pty;
mod session;
mod store;
mod support;
mod tail;
