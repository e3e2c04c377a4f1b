//! An HTTP call: for a ticket, an address, a connection id, a subscription.

use std::time::Duration;

use crate::{auth::Header, dialect::Filled};

/// A call to make. Secrets are taken out last, by the caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Whether it is a POST; else a GET.
    pub post: bool,
    /// The address, `https:` or of this machine.
    pub url: Filled,
    /// Request headers.
    pub headers: Vec<Header>,
    /// The body with its media type.
    pub body: Option<(&'static str, Filled)>,
}

/// What was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallAnswer {
    /// The status, 100 to 999.
    pub status: u16,
    /// `Retry-After` in seconds.
    pub retry_after: Option<Duration>,
    /// The body as text, at most 1 MiB. It may hold secrets.
    pub body: String,
    /// The headers but cookies, 8 KiB at most.
    pub headers: Vec<(String, String)>,
}
