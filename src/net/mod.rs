//! The network shell: it dials, upgrades and drives a [`Session`](crate::session::Session) over a socket.
//!
//! Bytes flow up through `TcpStream` → TLS → [`wire`] → the WebSocket library → [`link`] → [`driver`] → session.
//! Nothing here decides what a cause means or when to try again: the session does.

mod answer;
mod breach;
pub(crate) mod call;
mod deflate;
pub mod dial;
mod diary;
pub mod driver;
mod extension;
pub mod link;
mod outbox;
mod proxy;
mod reach;
mod refusal;
mod request;
mod short;
mod slot;
mod stages;
pub mod tls;
mod tunnel;
pub mod upgrade;
pub mod wire;

pub use dial::dial;
pub use driver::{Ports, drive};
pub use extension::Agreement;
pub use outbox::Batch;
