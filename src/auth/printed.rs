//! What a command printed: a bare token, or JSON as commands for other programs print it.

use serde_json::Value;

use crate::{
    secret::{Secret, SecretJson},
    time::Wall,
};

/// A token that was printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    /// The token.
    pub token: Secret,
    /// When it expires, if that was printed.
    pub until: Option<Wall>,
}

/// Where the token and its end stand, by the shape of the JSON: Kubernetes' `ExecCredential`
/// (`client.authentication.k8s.io`), AWS' `credential_process`, and the answer of a token endpoint (RFC 6749 section 5.1).
const SHAPES: [(&str, &str); 3] = [
    ("/status/token", "/status/expirationTimestamp"),
    ("/SessionToken", "/Expiration"),
    ("/access_token", "/expires_in"),
];

/// Reads what a command printed at `now`. No part of it is put into a message.
///
/// # Errors
/// What is wrong with it.
pub fn read_printed(text: &str, now: Wall) -> Result<Printed, String> {
    let text = text.trim();
    if !text.starts_with('{') {
        let token = Secret::new(text.to_owned());
        return Ok(Printed { token, until: None });
    }
    let value = serde_json::from_str(text).map(SecretJson);
    let mut value = value.map_err(|error| {
        format!(
            "printed JSON that is not whole, at line {}, column {}",
            error.line(),
            error.column()
        )
    })?;
    for (token, until) in SHAPES {
        let Some(Value::String(token)) = value.0.pointer_mut(token) else {
            continue;
        };
        let token = Secret::new(std::mem::take(token));
        let stated = value.0.pointer(until).filter(|stated| !stated.is_null());
        return Ok(Printed {
            token,
            until: stated.map(|stated| end(stated, now)).transpose()?,
        });
    }
    Err(
        "printed JSON without a token: neither status.token, nor SessionToken, nor access_token"
            .into(),
    )
}

fn end(stated: &Value, now: Wall) -> Result<Wall, String> {
    let moment = match stated {
        Value::Number(seconds) => seconds
            .as_i64()
            .map(|seconds| now.shifted(seconds.saturating_mul(1_000_000))),
        other => {
            let time: Option<jiff::Timestamp> = other.as_str().and_then(|text| text.parse().ok());
            time.map(|time| Wall(time.as_microsecond()))
        }
    };
    moment.ok_or_else(|| "printed an end of the token that is no time of RFC 3339".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_is_read() {
        let now = Wall::from_seconds(1000);
        let read = |text: &str| {
            let printed = read_printed(text, now)?;
            let until = printed.until.map(Wall::seconds);
            Ok::<_, String>((printed.token.expose().to_owned(), until))
        };
        let is = |token: &str, until| Ok((token.to_owned(), until));
        assert_eq!(read(" abc\n"), is("abc", None));
        assert_eq!(
            read(
                r#"{"kind":"ExecCredential","status":{"token":"k","expirationTimestamp":"1970-01-01T01:00:00Z"}}"#
            ),
            is("k", Some(3600))
        );
        assert_eq!(
            read(r#"{"Version":1,"SessionToken":"s","Expiration":"1970-01-01T01:00:00+01:00"}"#),
            is("s", Some(0))
        );
        assert_eq!(
            read(r#"{"access_token":"a","expires_in":60}"#),
            is("a", Some(1060))
        );
        for (text, said) in [
            ("{", "not whole"),
            ("{}", "without a token"),
            (
                r#"{"status":{"token":"hunter2","expirationTimestamp":"soon"}}"#,
                "no time",
            ),
        ] {
            let fault = read(text).expect_err("a fault");
            assert!(
                fault.contains(said) && !fault.contains("hunter2"),
                "{fault}"
            );
        }
    }
}
