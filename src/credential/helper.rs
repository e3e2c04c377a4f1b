//! A token from a command: a program and its arguments, never a shell, within 30 s.

use super::{
    Errand,
    child::{self, Around, Fault, LIMIT},
    token,
};
use crate::{
    auth::read_printed, document::suspect, payload::escape::escape, profile::Helper,
    secret::Secret, time::Wall,
};

/// How much of what it says about a failure is shown, in characters.
const SHOWN: usize = 200;

/// Runs the command and reads the token that it prints, and when that expires.
pub(super) async fn run(
    helper: &Helper,
    errand: &Errand,
    hidden: &[String],
) -> Result<(Secret, Option<Wall>), String> {
    let origin = format!("the command {}", helper.name());
    let limit = LIMIT;
    let printed = child::run(Around { limit, hidden }, &helper.argv, None).await;
    let output = printed.map_err(|fault| match fault {
        Fault::Said(text) => format!("{origin}: {text}"),
        Fault::Failed(status, said) => {
            // Masked first: a part of a token would not be known as one.
            let said = suspect::mask(escape(said.trim()).into_owned());
            let said: String = said.chars().take(SHOWN).collect();
            format!("{origin} failed ({status}): {said}")
        }
    })?;
    let text = Secret::from_utf8(output)
        .ok_or_else(|| format!("{origin} printed something that is not UTF-8"))?;
    let now = errand.clock.now().wall;
    let printed = read_printed(text.expose(), now).map_err(|why| format!("{origin} {why}"))?;
    token::check(printed.token.expose().trim()).map_err(|why| format!("{origin}: it {why}"))?;
    let stated = helper.ttl.map(|ttl| {
        let micros = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX);
        now.shifted(micros)
    });
    Ok((printed.token, printed.until.or(stated)))
}
