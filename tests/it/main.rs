//! One integration binary; its modules mirror the promises.

mod config;
mod secrets;
