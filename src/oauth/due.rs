//! What is to be done with a grant when a token is asked for.

use std::{collections::BTreeSet, time::Duration};

use super::Granted;
use crate::{secret::Fingerprint, time::Wall};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Its access token is used.
    Use,
    /// It is refreshed.
    Refresh {
        /// Whether its access token is good enough when that fails.
        spare: bool,
    },
    /// It is of no use any more: a new one is needed.
    Gone,
}

/// Decides on a grant: a token that is unwanted, or has less than `margin` to live, is renewed where that can be done.
pub fn due(
    granted: &Granted,
    renewable: bool,
    unwanted: &BTreeSet<Fingerprint>,
    margin: Duration,
    now: Wall,
) -> Due {
    let good = granted.is_good(now) && !unwanted.contains(&granted.access.fingerprint());
    let margin = i64::try_from(margin.as_micros()).unwrap_or(i64::MAX);
    if good && granted.is_good(now.shifted(margin)) {
        return Due::Use;
    }
    match renewable {
        true => Due::Refresh { spare: good },
        false if good => Due::Use,
        false => Due::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_token_is_used_while_it_is_good_and_wanted() {
        let secret = |text: &str| Secret::new(text.into());
        let margin = Duration::from_secs(30);
        let at = |until, renewable, unwanted: &[&str]| {
            let granted = Granted {
                what: String::new(),
                access: secret("a"),
                until: Some(Wall::from_seconds(until)),
                refresh: None,
                skew: None,
            };
            let unwanted = unwanted.iter().map(|text| secret(text).fingerprint());
            let unwanted = unwanted.collect();
            due(
                &granted,
                renewable,
                &unwanted,
                margin,
                Wall::from_seconds(100),
            )
        };
        assert_eq!(at(131, true, &["b"]), Due::Use);
        assert_eq!(at(130, true, &[]), Due::Refresh { spare: true });
        assert_eq!(at(100, true, &[]), Due::Refresh { spare: false });
        assert_eq!(at(500, true, &["a"]), Due::Refresh { spare: false });
        assert_eq!(at(110, false, &[]), Due::Use);
        assert_eq!(at(100, false, &[]), Due::Gone);
        assert_eq!(at(500, false, &["a"]), Due::Gone);
    }
}
