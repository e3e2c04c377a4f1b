//! OAuth 2 without the network: what an authorisation server's answers mean, and what is to be done with a grant.
//!
//! Requests are made, and their grants understood, by the `oauth2` library; here stands what it leaves open: discovery
//! (RFC 8414), answers that are none, the life of a token, how often a server is asked, and the redirect's query.

mod answer;
mod budget;
mod due;
mod grant;
mod metadata;
mod redirect;
mod skew;

pub use answer::{Fault, judge, life};
pub use budget::{Budget, MOST, WITHIN};
pub use due::{Due, due};
pub use grant::Granted;
pub use metadata::{Metadata, well_known};
pub use redirect::{Redirect, read_redirect};
pub use skew::skew;
