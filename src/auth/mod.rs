//! How a credential is carried and what is known of it.

mod call;
mod claims;
mod credential;
mod printed;
mod way;

pub use call::{Call, CallAnswer};
pub use claims::Claims;
pub use credential::Credential;
pub use printed::{Printed, read_printed};
pub use way::{FirstMessage, Header, OpenRequest, Outgoing, Way, percent_encoded};
