//! Answers of a token endpoint, judged before they are understood: a web page, a redirect or a failure is told as such.

use std::time::Duration;

use serde_json::Value;

/// The longest life of a token that is believed.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Why an answer is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// Judges an answer of `who` by its status, media type and body. Tokens and errors of RFC 6749 section 5 pass.
///
/// # Errors
/// What it is instead.
pub fn judge(who: &str, status: u16, media: Option<&str>, body: &[u8]) -> Result<(), Fault> {
    let fault = |text: String| Err(Fault(format!("{who} {text}")));
    let page = media.is_some_and(|media| media.to_ascii_lowercase().starts_with("text/html"))
        || body.trim_ascii_start().starts_with(b"<");
    let json = || serde_json::from_slice::<Value>(body).is_ok_and(|value| value.is_object());
    match status {
        300..=399 => fault(format!(
            "answered with a redirect ({status}), which is not followed; name the right address"
        )),
        _ if page => fault(format!(
            "answered with a web page ({status}) in place of JSON"
        )),
        // Some servers tell RFC 6749's errors with these, too.
        500.. if !json() => fault(format!("failed ({status})")),
        429 => fault("is asked too often (429)".into()),
        200..=299 if body.trim_ascii().is_empty() => Ok(()),
        _ if !json() => fault(format!(
            "answered with something that is no JSON object ({status})"
        )),
        _ => Ok(()),
    }
}

/// How long a token lives by what `expires_in` says (RFC 6749 section 5.1); `None`: it says nothing.
///
/// # Errors
/// When that makes no sense.
pub fn life(stated: Option<&Value>) -> Result<Option<Duration>, Fault> {
    let Some(stated) = stated.filter(|stated| !stated.is_null()) else {
        return Ok(None);
    };
    // Some servers write it as a text, or with a fraction.
    let seconds = match stated {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    let shown: String = stated.to_string().chars().take(40).collect();
    match seconds {
        Some(seconds) if seconds <= 0.0 => Err(Fault(format!(
            "the token has no life left: expires_in is {shown}"
        ))),
        Some(seconds) if seconds > LONGEST.as_secs_f64() => Err(Fault(format!(
            "the life of the token makes no sense: expires_in is {shown} seconds"
        ))),
        Some(seconds) if seconds.is_finite() => Ok(Some(Duration::from_secs_f64(seconds))),
        _ => Err(Fault(format!("expires_in is no number: {shown}"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lives_that_make_no_sense_are_refused() {
        let seconds =
            |stated: Value| life(Some(&stated)).map(|life| life.map(|life| life.as_secs()));
        for (stated, life) in [(json!(3600), 3600), (json!("60"), 60), (json!(1.5), 1)] {
            assert_eq!(seconds(stated), Ok(Some(life)));
        }
        assert_eq!(seconds(Value::Null), Ok(None));
        assert_eq!(life(None), Ok(None));
        for wrong in [
            json!(0),
            json!(-1),
            json!(1e18),
            json!("NaN"),
            json!("soon"),
            json!([]),
        ] {
            assert!(seconds(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_answer_is_told_as_what_it_is() {
        let said = |status, media, body: &str| {
            let judged = judge("S", status, media, body.as_bytes());
            judged
                .map_err(|fault| fault.to_string())
                .err()
                .unwrap_or_default()
        };
        assert_eq!(said(200, Some("application/json"), "{}"), "");
        assert_eq!(said(400, None, r#"{"error":"invalid_grant"}"#), "");
        assert_eq!(said(500, None, r#"{"error":"server_error"}"#), "");
        for (status, media, body, words) in [
            (
                200,
                Some("text/html; charset=utf-8"),
                "hello",
                "a web page (200)",
            ),
            (404, None, " <!DOCTYPE html>", "a web page (404)"),
            (302, None, "", "a redirect (302)"),
            (500, None, "oops", "failed (500)"),
            (429, None, "{}", "too often"),
            (200, None, "[]", "no JSON object"),
            (401, None, "no", "no JSON object"),
        ] {
            assert!(said(status, media, body).contains(words), "{status} {body}");
        }
    }
}
