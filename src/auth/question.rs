//! A question to a profile's signer.

use crate::dialect::Filled;

/// Something to be signed by the command of the profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its number; the answer bears it.
    pub number: u64,
    /// What the command is given on its standard input. Secrets are taken out last.
    pub give: Filled,
}
