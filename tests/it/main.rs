//! One integration binary; its modules mirror the promises.

mod config;
mod demo;
mod interop;
mod layers;
#[cfg(test)]
mod net;
mod session;
mod store;
mod support;
