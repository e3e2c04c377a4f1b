//! Refresh tokens: each is good for one exchange. One that comes twice was stolen or copied, so all that descend from
//! the same login are forgotten (RFC 9700 section 4.14.2).

use std::{collections::HashMap, time::Duration};

use sha2::{Digest, Sha256};

use super::token::Grant;
use crate::{
    secret::Secret,
    time::{Mono, Now},
};

/// How long one may be kept before it is used.
const LIFE: Duration = Duration::from_secs(3600);
/// How many are remembered; the oldest go first.
const MOST: usize = 4096;

#[derive(Default)]
pub(super) struct Refreshes {
    /// By digest: a look-up tells nothing of the token through its time.
    known: HashMap<[u8; 32], Entry>,
    families: u64,
}

struct Entry {
    family: Family,
    grant: Grant,
    used: bool,
    expires: Mono,
}

/// All tokens that descend from one login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Family(u64);

impl Refreshes {
    /// A family of its own, for a login.
    pub(super) const fn family(&mut self) -> Family {
        self.families += 1;
        Family(self.families)
    }

    /// Remembers a token that was handed out.
    pub(super) fn add(&mut self, token: &Secret, family: Family, grant: &Grant, now: Now) {
        self.known.retain(|_, entry| entry.expires > now.mono);
        if self.known.len() >= MOST {
            let oldest = self.known.iter().min_by_key(|(_, entry)| entry.expires);
            let oldest = oldest.map(|(digest, _)| *digest);
            oldest.and_then(|digest| self.known.remove(&digest));
        }
        let entry = Entry {
            family,
            grant: grant.clone(),
            used: false,
            expires: now.mono.after(LIFE),
        };
        self.known.insert(digest(token.expose()), entry);
    }

    /// Uses a token up; `None` when it is unknown, expired, or used before.
    pub(super) fn take(&mut self, token: &str, now: Now) -> Option<(Family, Grant)> {
        let entry = self.known.get_mut(&digest(token))?;
        let family = entry.family;
        if entry.used {
            self.known.retain(|_, entry| entry.family != family);
            return None;
        }
        entry.used = true;
        (entry.expires > now.mono).then(|| (family, entry.grant.clone()))
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
