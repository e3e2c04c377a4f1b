//! One integration binary; its modules mirror the promises.

mod interop;
mod layers;
mod session;
mod store;
mod support;
