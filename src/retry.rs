//! From a cause to a verdict, and from a verdict to a delay. Pure arithmetic over the rulebook, the profile and what
//! happened before; no clock, no randomness of its own.

use std::time::Duration;

use crate::{
    cause::{self, Cause, Verdict},
    dialect::{Answered, Dialect, Row},
    profile::{Profile, Retry},
    rulebook::{self, Rule},
};

/// The longest wait that a server is granted, by `Retry-After` or in a message.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(3600);

/// What happened since the stream was last stable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Attempts that ended, in a row.
    pub attempts: u32,
    /// Different tokens that were refused, in a row.
    pub refusals: u32,
}

/// A verdict with what led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What to do.
    pub verdict: Verdict,
    /// The rule that said so, before history and profile were asked.
    pub rule: Rule,
    /// Why the rule's own verdict was not taken, in words.
    pub instead: Option<&'static str>,
}

/// Judges a cause. The profile's verdict goes before the rulebook's; history can only turn a verdict that tries again
/// into one that asks or stops. `history.refusals` already counts this cause if it refused a token.
pub fn judge(cause: &Cause, profile: &Profile, history: History) -> Judgement {
    let rule = rule(cause, profile);
    let own = own_verdict(cause, profile);
    let verdict = own.unwrap_or(rule.verdict);
    let limit = rule.limit.filter(|_| own.is_none());
    let (verdict, instead) = match verdict {
        Verdict::Ask | Verdict::Stop => (verdict, None),
        _ if !profile.retry.enabled => (Verdict::Stop, Some("reconnecting is switched off")),
        Verdict::Renew if history.refusals > 1 => {
            (Verdict::Ask, Some("two different tokens were refused"))
        }
        _ if limit.is_some_and(|limit| history.attempts >= limit) => {
            (Verdict::Stop, Some("it happened several times in a row"))
        }
        _ if profile
            .retry
            .attempts
            .is_some_and(|most| history.attempts >= most) =>
        {
            (
                Verdict::Stop,
                Some("the profile's number of attempts is used up"),
            )
        }
        _ => (verdict, None),
    };
    Judgement {
        verdict,
        rule,
        instead,
    }
}

/// A cause in words: with the service's own name for its code, as what the registry calls private codes is not what a
/// service means by them; and with the words that the dialect finds in an HTTP answer.
pub fn words(cause: &Cause, profile: &Profile) -> String {
    let Some(dialect) = &profile.dialect else {
        return cause.to_string();
    };
    let row = row(cause, dialect);
    match cause {
        Cause::Http(refusal) => {
            let found = row.and_then(|row| row.words(said(cause)?));
            found.map_or_else(|| cause.to_string(), |words| refusal.with_words(&words))
        }
        Cause::Close {
            code,
            reason,
            ours: false,
        } => {
            let name = match row.and_then(|row| row.name.as_deref()) {
                Some(name) => name,
                None if code.0 < 3000 => return cause.to_string(),
                None => "",
            };
            format!("closed {}{}", code.0, cause::name_and_reason(name, reason))
        }
        _ => cause.to_string(),
    }
}

/// What the server said with a code or status.
fn said(cause: &Cause) -> Option<Answered<'_>> {
    Some(match cause {
        Cause::Close { code, reason, .. } => Answered {
            number: code.0,
            words: reason,
            headers: &[],
        },
        Cause::Eof => Answered {
            number: 1006,
            ..Answered::default()
        },
        Cause::Http(refusal) => Answered {
            number: refusal.status,
            words: &refusal.body,
            headers: &refusal.headers,
        },
        _ => return None,
    })
}

/// What the dialect says of the code or status, if anything.
pub fn row<'d>(cause: &Cause, dialect: &'d Dialect) -> Option<&'d Row> {
    let said = said(cause)?;
    let rows = match cause {
        Cause::Http(_) => &dialect.http,
        _ => &dialect.close,
    };
    rows.iter().find(|row| row.fits(said))
}

/// What is done about a cause: what the dialect says of the code or status, else the default.
pub fn rule(cause: &Cause, profile: &Profile) -> Rule {
    let row = profile
        .dialect
        .as_ref()
        .and_then(|dialect| row(cause, dialect));
    row.map_or_else(|| rulebook::rule(cause).clone(), |row| row.rule.clone())
}

fn own_verdict(cause: &Cause, profile: &Profile) -> Option<Verdict> {
    let (table, number) = match cause {
        Cause::Close { code, .. } => (&profile.verdicts.close, code.0),
        Cause::Eof => (&profile.verdicts.close, 1006),
        Cause::Http(refusal) => (&profile.verdicts.http, refusal.status),
        _ => return None,
    };
    table
        .iter()
        .find(|(key, _)| *key == number)
        .map(|(_, verdict)| *verdict)
}

/// The range a delay is drawn from. `attempt` is the one that follows, from 1.
///
/// `reconnect` draws from zero to a doubling limit ("full jitter"), `later` from the upper half of a longer one, and
/// `now` and the first `renew` do not wait. What the server asks for goes before all that, and then what the rule says.
pub fn delay_range(
    judgement: &Judgement,
    cause: &Cause,
    retry: &Retry,
    attempt: u32,
) -> (Duration, Duration) {
    if let Cause::Http(refusal) = cause
        && let Some(wanted) = refusal.retry_after
    {
        let wanted = wanted.min(RETRY_AFTER_CAP);
        return (wanted, wanted + retry.base.max(wanted / 10));
    }
    if let Some((least, most)) = judgement.rule.delay {
        return (least.min(RETRY_AFTER_CAP), most.min(RETRY_AFTER_CAP));
    }
    match judgement.verdict {
        Verdict::Now => (Duration::ZERO, retry.base),
        Verdict::Renew if attempt <= 2 => (Duration::ZERO, Duration::ZERO),
        Verdict::Later => {
            let most = doubled(retry.later.0, attempt, retry.later.1);
            (most / 2, most)
        }
        _ => (Duration::ZERO, doubled(retry.base, attempt, retry.cap)),
    }
}

/// `base` for the second attempt, twice that for the third and so on, never over `cap`.
fn doubled(base: Duration, attempt: u32, cap: Duration) -> Duration {
    let factor = 1_u32
        .checked_shl(attempt.saturating_sub(2))
        .unwrap_or(u32::MAX);
    base.saturating_mul(factor).min(cap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{auth::Way, cause::HttpRefusal, close_code::CloseCode, profile::Source};

    fn profile() -> Profile {
        let url = url::Url::parse("wss://example.com/ws").expect("an address");
        Profile::new("p", url, Way::None, Source::Prompt)
    }

    fn closed(code: u16) -> Cause {
        Cause::Close {
            code: CloseCode(code),
            reason: String::new(),
            ours: false,
        }
    }

    fn verdict(cause: &Cause, attempts: u32, refusals: u32) -> Verdict {
        judge(cause, &profile(), History { attempts, refusals }).verdict
    }

    #[test]
    fn the_default_verdicts_are_those_of_the_design() {
        use Verdict::{Ask, Later, Reconnect, Renew, Stop};
        let close = [
            1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013, 1014, 3000, 3003, 4001, 4003, 4999,
        ];
        let found = close.map(|code| verdict(&closed(code), 0, 0));
        let wanted = [
            Reconnect, Reconnect, Reconnect, Reconnect, Renew, Reconnect, Reconnect, Later,
            Reconnect, Renew, Ask, Renew, Ask, Reconnect,
        ];
        assert_eq!(found, wanted);
        let http = [301, 400, 401, 403, 404, 408, 426, 429, 500, 503];
        let found = http.map(|status| {
            verdict(
                &Cause::Http(HttpRefusal {
                    status,
                    ..HttpRefusal::default()
                }),
                0,
                0,
            )
        });
        assert_eq!(
            found,
            [
                Stop, Stop, Renew, Renew, Stop, Reconnect, Stop, Later, Reconnect, Later
            ]
        );
    }

    #[test]
    fn history_ends_the_loop() {
        assert_eq!(verdict(&closed(1008), 0, 1), Verdict::Renew);
        assert_eq!(verdict(&closed(1008), 0, 2), Verdict::Ask);
        assert_eq!(verdict(&closed(1002), 2, 0), Verdict::Reconnect);
        assert_eq!(verdict(&closed(1002), 3, 0), Verdict::Stop);
        assert_eq!(verdict(&closed(1001), 1000, 0), Verdict::Reconnect);
    }

    #[test]
    fn the_profile_goes_first() {
        let mut profile = profile();
        profile.verdicts.close.push((4003, Verdict::Reconnect));
        let judged = |profile: &Profile, attempts| {
            judge(
                &closed(4003),
                profile,
                History {
                    attempts,
                    refusals: 0,
                },
            )
        };
        assert_eq!(judged(&profile, 9).verdict, Verdict::Reconnect);
        profile.retry.attempts = Some(3);
        assert_eq!(judged(&profile, 3).verdict, Verdict::Stop);
        profile.retry.enabled = false;
        assert_eq!(
            judged(&profile, 0).instead,
            Some("reconnecting is switched off")
        );
    }

    #[test]
    fn delays_double_to_their_cap_and_obey_the_server() {
        let retry = Retry::default();
        let range = |cause: &Cause, attempt| {
            let judgement = judge(cause, &profile(), History::default());
            let (least, most) = delay_range(&judgement, cause, &retry, attempt);
            (least.as_millis(), most.as_millis())
        };
        assert_eq!(
            [2, 3, 4, 9, 90].map(|attempt| range(&closed(1006), attempt).1),
            [500, 1000, 2000, 30_000, 30_000]
        );
        assert_eq!(range(&closed(1012), 2), (5000, 30_000));
        assert_eq!(range(&closed(1013), 2), (5000, 10_000));
        assert_eq!(
            (range(&closed(4001), 2), range(&closed(4001), 3)),
            ((0, 0), (0, 1000))
        );
        let told = |verdict| {
            let mut rule = rulebook::http(503).clone();
            let span = Duration::from_secs(1);
            (rule.verdict, rule.delay) = (verdict, Some((span, span * 5)));
            Cause::Told {
                text: String::new(),
                rule: Box::new(rule),
            }
        };
        for verdict in [Verdict::Fresh, Verdict::Later, Verdict::Now, Verdict::Renew] {
            assert_eq!(range(&told(verdict), 2), (1000, 5000));
        }
        let retry_after = Some(Duration::from_secs(7));
        let busy = Cause::Http(HttpRefusal {
            status: 429,
            retry_after,
            ..HttpRefusal::default()
        });
        assert_eq!(range(&busy, 9), (7000, 7700));
        let never = Some(Duration::from_secs(u64::MAX));
        let busy = Cause::Http(HttpRefusal {
            status: 503,
            retry_after: never,
            ..HttpRefusal::default()
        });
        assert_eq!(range(&busy, 2).0, 3_600_000);
    }
}
