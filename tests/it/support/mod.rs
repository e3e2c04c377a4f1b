//! What several test modules share.

pub(crate) mod guide_server;
pub(crate) mod python;
