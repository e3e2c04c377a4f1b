//! How a credential is carried and what is known of it.

mod call;
mod claims;
mod credential;
mod doubts;
mod question;
mod verify;
mod way;

pub use call::{Call, CallAnswer};
pub use claims::{Claims, encrypted};
pub use credential::Credential;
pub use doubts::{Doubt, doubts};
pub use question::Question;
pub use verify::{Expected, Keys, Unverified, verify};
pub use way::{FirstMessage, Header, OpenRequest, Outgoing, Way};
