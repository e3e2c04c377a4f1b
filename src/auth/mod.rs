//! How a credential is carried and what is known of it.

mod call;
mod checked;
mod claims;
mod credential;
mod doubts;
mod printed;
mod question;
mod verify;
mod way;

pub use call::{Call, CallAnswer};
pub use checked::Checked;
pub use claims::{Claims, encrypted};
pub use credential::Credential;
pub use doubts::{Doubt, doubts};
pub use printed::{Printed, read_printed};
pub use question::Question;
pub use verify::{Expected, Keys, Unverified, verify};
pub use way::{FirstMessage, Header, OpenRequest, Outgoing, Way, shown};
