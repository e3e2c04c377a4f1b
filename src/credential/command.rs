//! A token from a command: a program and its arguments, never a shell, within 30 s.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    time::timeout,
};

use super::{Errand, token};
use crate::{
    auth::read_printed,
    document::suspect,
    payload::escape::escape,
    profile::Helper,
    secret::Secret,
    time::{Wall, show_span},
};

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The most it may print, in bytes, on either output.
const MOST: u64 = 1 << 20;

/// How much of what it says about a failure is shown, in characters.
const SHOWN: usize = 200;

/// Runs the command and reads the token that it prints, and when that expires.
pub(super) async fn run(
    helper: &Helper,
    errand: &Errand,
) -> Result<(Secret, Option<Wall>), String> {
    let origin = format!("the command {}", helper.name());
    let Some((program, arguments)) = helper.argv.split_first() else {
        return Err(format!("{origin} has no name"));
    };
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = child.map_err(|error| format!("{origin} cannot be started: {error}"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let work = async { tokio::join!(all(stdout), all(stderr), child.wait()) };
    let done = timeout(LIMIT, work).await;
    let (output, said, status) =
        done.map_err(|_| format!("{origin} did not end within {}", show_span(LIMIT)))?;
    let status = status.map_err(|error| format!("{origin}: {error}"))?;
    let output = output.map_err(|error| format!("{origin}: {error}"))?;
    if !status.success() {
        let said = String::from_utf8_lossy(said.as_ref().map_or(b"", Vec::as_slice)).into_owned();
        let said: String = said.trim().chars().take(SHOWN).collect();
        let said = suspect::mask(escape(&said).into_owned());
        return Err(format!("{origin} failed ({status}): {said}"));
    }
    let text = String::from_utf8(output)
        .map_err(|_| format!("{origin} printed something that is not UTF-8"))?;
    let text = Secret::new(text);
    let now = errand.clock.now().wall;
    let printed = read_printed(text.expose(), now).map_err(|why| format!("{origin} {why}"))?;
    token::check(printed.token.expose().trim()).map_err(|why| format!("{origin}: it {why}"))?;
    let stated = helper.ttl.map(|ttl| {
        let micros = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX);
        now.shifted(micros)
    });
    Ok((printed.token, printed.until.or(stated)))
}

/// Everything that is printed, unless it is too much.
async fn all(output: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, String> {
    let Some(output) = output else {
        return Ok(Vec::new());
    };
    let mut bytes = Vec::new();
    let read = output.take(MOST + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST {
        return Err("it printed more than 1 MiB".into());
    }
    Ok(bytes)
}
