//! What several test modules share.

pub(crate) mod demo;
pub(crate) mod guide_server;
pub(crate) mod python;
