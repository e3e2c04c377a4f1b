//! One integration binary; its modules mirror the promises.

mod keys;
mod screens;
mod session;
mod stage;
mod store;
