//! One integration binary; its modules mirror the promises.

#[cfg(test)]
mod net;
mod session;
mod store;
