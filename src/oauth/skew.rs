//! How far an issuer's clock is ahead of ours, by a token that it issued just now.

use crate::{auth::Claims, time::Wall};

/// By how much, in microseconds, the life that a token states may differ from the life that its server told with it.
const SLACK: i64 = 2_000_000;

/// How far the issuer's clock is ahead of ours, in microseconds (to the second), by the `iat` of a token that came at
/// `now`; `until`: its end by our clock, as the server told its life (`expires_in`). `None` where the token states
/// another life than that: some issuers date their tokens back, so that clocks behind theirs accept them.
pub fn skew(token: &Claims, until: Option<Wall>, now: Wall) -> Option<i64> {
    let (issued, expires) = (token.date("iat")?, token.date("exp")?);
    let (stated, told) = (expires.micros_since(issued), until?.micros_since(now));
    let agree = stated.abs_diff(told) <= SLACK.unsigned_abs();
    agree.then(|| issued.micros_since(now))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_token_whose_life_is_the_one_told_dates_the_clock() {
        let now = Wall::from_seconds(1_795_521_600);
        let skew = |iat: i64, exp: i64, told: Option<i64>| {
            let claims = json!({ "iat": now.seconds() + iat, "exp": now.seconds() + exp });
            let claims = Claims {
                header: json!({}),
                claims,
            };
            skew(&claims, told.map(|told| now.shifted(told * 1_000_000)), now)
        };
        assert_eq!(skew(120, 720, Some(600)), Some(120_000_000));
        assert_eq!(skew(-3600, -3000, Some(599)), Some(-3_600_000_000));
        // Dated back by five minutes: it says nothing of the clock.
        assert_eq!(skew(-300, 600, Some(600)), None);
        assert_eq!(skew(120, 720, None), None);
    }
}
