//! A turn in one line. Where it has no room, the server's words are cut and details left out: what was decided stays in
//! sight.

use super::text;
use crate::event::Lifecycle;

/// With fewer columns than these the server's words say too little to cut them further.
const LEAST: usize = 16;

/// The text of a turn in at most `room` columns, as far as it can be shortened; the rest is left to the canvas.
pub(super) fn fit(turn: &Lifecycle, whole: &str, room: usize, cut: &str) -> String {
    let whole = text::tame(whole);
    if text::width(&whole) <= room {
        return whole.into_owned();
    }
    let (cause, brief) = match turn {
        Lifecycle::Ended(ended) => (ended.words.clone(), format!(" → {}", ended.verdict)),
        Lifecycle::Gap(gap) => (gap.words.clone(), format!(" · {}", gap.outcome())),
        _ => return whole.into_owned(),
    };
    let cause = text::tame(&cause);
    let Some((head, _)) = whole.split_once(&*cause) else {
        return whole.into_owned();
    };
    let left = room.saturating_sub(text::width(head) + text::width(&brief));
    if left < LEAST {
        return whole.into_owned();
    }
    format!("{head}{}{brief}", text::fit(&cause, left, cut))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cause::{Cause, Verdict},
        close_code::CloseCode,
        event::Ended,
    };

    #[test]
    fn the_decision_stays_in_sight() {
        let ended = Lifecycle::Ended(Ended {
            cause: Cause::Close {
                code: CloseCode(1012),
                reason: "deploying → the new release".into(),
                ours: false,
            },
            words: "closed 1012 Service Restart: deploying → the new release".into(),
            verdict: Verdict::Reconnect,
            decision: "attempt 2 in 13 s".into(),
            rule: Box::new(crate::rulebook::close(CloseCode(1012)).rule.clone()),
        });
        let fit = |room| fit(&ended, &ended.to_string(), room, "…");
        assert_eq!(fit(200), ended.to_string());
        assert_eq!(
            fit(70),
            "closed 1012 Service Restart: deploying → the new release → reconnect"
        );
        assert_eq!(fit(40), "closed 1012 Service Restart… → reconnect");
        assert_eq!(fit(20), ended.to_string());
    }
}
