//! Commands of the user's own configuration: run without a shell, with what they are asked on the standard input, never
//! among the arguments, for a bounded time and with bounded output.

use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    time::timeout,
};

use super::token::LARGEST;
use crate::{redact::Redactor, secret::Secret, time::show_span};

/// For so long a command may run.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// Why a command gave nothing.
#[derive(Debug)]
pub(super) enum Fault {
    /// In words, without secrets.
    Said(String),
    /// It ended so, with this complaint, which may hold what it was given but not what it printed.
    Failed(ExitStatus, String),
}

/// What a command wrote.
struct Written {
    out: Vec<u8>,
    complaint: Vec<u8>,
    status: ExitStatus,
}

/// What surrounds a command.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// For so long it may run.
    pub(super) limit: Duration,
    /// Environment variables that hold secrets, which it does not get.
    pub(super) hidden: &'a [String],
}

/// Runs a command, the program and its arguments, and gives what it wrote. `give` is written to it.
pub(super) async fn run(
    around: Around<'_>,
    argv: &[String],
    give: Option<&Secret>,
) -> Result<Vec<u8>, Fault> {
    let limit = around.limit;
    let said = |text: String| Fault::Said(text);
    let Some((program, arguments)) = argv.split_first() else {
        return Err(said("it has no name".into()));
    };
    let mut command = Command::new(program);
    for name in around.hidden {
        command.env_remove(name);
    }
    let mut child = command
        .args(arguments)
        .stdin(give.map_or_else(Stdio::null, |_| Stdio::piped()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| said(format!("it cannot be started: {error}")))?;
    let written = timeout(limit, talk(&mut child, give)).await;
    let late = |_| said(format!("it has not answered within {}", show_span(limit)));
    let written = written.map_err(late)?;
    let written = written.map_err(|error| said(error.to_string()))?;
    if written.out.len() > LARGEST {
        return Err(said("it writes more than 64 KiB".into()));
    }
    if !written.status.success() {
        let complaint = String::from_utf8_lossy(&written.complaint).into_owned();
        let complaint = Redactor::new(&printed(written.out)).text(complaint);
        return Err(Fault::Failed(written.status, complaint));
    }
    Ok(written.out)
}

/// What it printed may be a token, all of it or a line, though it failed.
fn printed(out: Vec<u8>) -> Vec<Secret> {
    let out = Secret::from_utf8(out);
    let lines = out.iter().flat_map(|out| out.expose().lines());
    lines
        .map(|line| Secret::new(line.trim().to_owned()))
        .collect()
}

/// Gives it what it is asked and takes what it writes.
async fn talk(child: &mut Child, give: Option<&Secret>) -> io::Result<Written> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let asking = async {
        if let (Some(mut stdin), Some(give)) = (stdin, give) {
            // A command that does not read is told from its answer.
            let _ = stdin.write_all(give.expose().as_bytes()).await;
            let _ = stdin.write_all(b"\n").await;
        }
    };
    let ((), out, complaint) = tokio::join!(asking, bounded(stdout), bounded(stderr));
    // Whoever still writes more than is read is not waited for.
    let (out, complaint) = (out?, complaint?);
    let status = child.wait().await?;
    Ok(Written {
        out,
        complaint,
        status,
    })
}

/// All that it writes, up to one byte more than it may.
async fn bounded(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    // Never grown, so that no copy of a part of it is left in memory.
    let mut bytes = Vec::with_capacity(LARGEST + 64);
    if let Some(pipe) = pipe {
        pipe.take(LARGEST as u64 + 1)
            .read_to_end(&mut bytes)
            .await?;
    }
    Ok(bytes)
}
