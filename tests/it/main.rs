//! One integration binary; its modules mirror the promises.

mod config;
mod demo;
mod interop;
mod layers;
#[cfg(test)]
mod net;
mod pty;
mod session;
mod store;
mod support;
mod tail;
