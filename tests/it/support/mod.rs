//! What several test modules share.

pub(crate) mod browser;
pub(crate) mod command;
pub(crate) mod demo;
pub(crate) mod guide_server;
pub(crate) mod made;
pub(crate) mod node;
#[cfg(target_os = "linux")]
pub(crate) mod program;
pub(crate) mod proxy;
pub(crate) mod python;
pub(crate) mod server;
pub(crate) mod tail;
pub(crate) mod token;
pub(crate) mod token_server;
