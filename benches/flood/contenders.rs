//! The processes that are compared. Each reads the whole flood; a run in which a message was lost is an error.

use std::{
    fs,
    io::{self, BufRead, BufReader},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use crate::{
    baseline,
    common::{
        Result, cpu,
        server::Flood,
        terminal::{Terminal, number},
    },
};

/// What a run took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) cpu: Duration,
    /// From the first message until the last was taken.
    pub(crate) wall: Duration,
}

/// The bare loop.
pub(crate) fn baseline(flood: &Flood, messages: u64) -> Result<Cost> {
    let (output, cpu) = cpu::of_child(|| {
        Command::new(std::env::current_exe()?)
            .args([baseline::ARGUMENT, &flood.url()])
            .stderr(Stdio::inherit())
            .output()
    })?;
    let end = flood.wait_for_end()?;
    let count: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
    equal("the bare loop", count, messages)?;
    let wall = end.left.since(end.began);
    Ok(Cost { cpu, wall })
}

/// CPU time of `sockeye tail` to `/dev/null`, with more arguments. That it ends with success says that it has counted
/// them all.
pub(crate) fn tail(flood: &Flood, messages: u64, more: &[&str]) -> Result<Duration> {
    let (status, cpu) = cpu::of_child(|| {
        let mut command = tail_command(flood, messages);
        command.args(more).stdout(Stdio::null()).status()
    })?;
    success("sockeye tail", status)?;
    flood.wait_for_end()?;
    Ok(cpu)
}

/// Runs `sockeye tail` into a pipe and checks that every message arrived, in its order.
pub(crate) fn tail_checked(flood: &Flood, messages: u64, more: &[&str]) -> Result<()> {
    let mut command = tail_command(flood, messages);
    command.args(more);
    checked("sockeye tail", flood, messages, command)
}

fn tail_command(flood: &Flood, messages: u64) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sockeye"));
    command
        .args([
            "tail",
            &flood.url(),
            "--lifecycle",
            "none",
            "--count",
            &messages.to_string(),
        ])
        .stdin(Stdio::null());
    command
}

/// Another program for the same.
pub(crate) struct Websocat {
    program: String,
    pub(crate) version: String,
}

impl Websocat {
    /// The one that `$WEBSOCAT` names, or that is found by its name; `None`: it is not here.
    pub(crate) fn find() -> Result<Option<Self>> {
        let named = std::env::var("WEBSOCAT").ok();
        let program = named.clone().unwrap_or_else(|| "websocat".into());
        match Command::new(&program).arg("--version").output() {
            Ok(output) => Ok(Some(Self {
                program,
                version: String::from_utf8(output.stdout)?.trim().into(),
            })),
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{program} cannot be run: {error}; see $WEBSOCAT").into()),
        }
    }

    /// CPU time to `/dev/null`.
    pub(crate) fn run(&self, flood: &Flood) -> Result<Duration> {
        let (status, cpu) = cpu::of_child(|| self.command(flood).stdout(Stdio::null()).status())?;
        success("websocat", status)?;
        if flood.wait_for_end()?.whole {
            Ok(cpu)
        } else {
            Err("websocat left before the end".into())
        }
    }

    /// Runs it into a pipe and checks that every message arrived, in its order.
    pub(crate) fn check(&self, flood: &Flood, messages: u64) -> Result<()> {
        checked("websocat", flood, messages, self.command(flood))
    }

    /// Without `-n` it would close at once, as its own input is at an end.
    fn command(&self, flood: &Flood) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["-n", "-U", &flood.url()])
            .stdin(Stdio::null());
        command
    }
}

fn checked(who: &str, flood: &Flood, messages: u64, mut command: Command) -> Result<()> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let count = ordered(who, &mut child)?;
    success(who, child.wait()?)?;
    flood.wait_for_end()?;
    equal(who, count, messages)
}

fn ordered(who: &str, child: &mut Child) -> Result<u64> {
    let output = BufReader::with_capacity(64 << 10, child.stdout.take().ok_or("no output")?);
    let mut count = 0;
    for line in output.lines() {
        let line = line?;
        if !line.contains(&format!(r#""seq":{count},"#)) {
            return Err(format!("message {count} is not what {who} wrote: {line}").into());
        }
        count += 1;
    }
    Ok(count)
}

/// CPU time of the monitor.
pub(crate) fn monitor(flood: &Flood, config: &Path) -> Result<Duration> {
    let ((), cpu) = cpu::of_child(|| -> Result<()> {
        let mut monitor = Terminal::monitor(&flood.url(), config)?;
        monitor.wait_for("stopped")?;
        flood.wait_for_end()?;
        monitor.quit()
    })?;
    Ok(cpu)
}

/// Where the messages are that were sent to a monitor.
pub(crate) struct Account {
    /// From the first message until the screen told that the stream has ended.
    pub(crate) wall: Duration,
    pub(crate) shown: u64,
    pub(crate) dropped: u64,
}

/// Runs the monitor with this policy for a full queue and counts the messages, both by its screen.
pub(crate) fn counted(flood: &Flood, when_full: &str) -> Result<Account> {
    let config = tempfile::TempDir::new()?;
    // So much memory that none is let go.
    let text = format!(
        "[settings]\nmemory = \"1GiB\"\n[profiles.flood]\nurl = \"{}\"\nway = \"none\"\nwhen-full = \"{when_full}\"\n",
        flood.url()
    );
    fs::write(config.path().join("config.toml"), text)?;
    let mut monitor = Terminal::monitor("flood", config.path())?;
    let stopped = monitor.wait_for("stopped")?;
    let end = flood.wait_for_end()?;
    let dropped = monitor.number_after("dropped")?;
    equal("let go by the monitor", monitor.number_after("let go")?, 0)?;
    let shown = hits(&mut monitor)?;
    monitor.press("\x1b")?;
    monitor.wait_for("re-authenticate")?;
    monitor.quit()?;
    Ok(Account {
        wall: stopped.since(end.began),
        shown,
        dropped,
    })
}

/// How many messages that came in are in the list.
fn hits(monitor: &mut Terminal) -> Result<u64> {
    const FILTER: &str = "dir:in";
    monitor.press(&format!("/{FILTER}"))?;
    let mut count = None;
    monitor.wait_until("the count of messages", |screen| {
        count = screen.split_once(" hit").and_then(|(before, after)| {
            let (_, count) = before.rsplit_once(FILTER)?;
            let settled = !after.starts_with("s so far");
            number(count).filter(|_| settled)
        });
        count.is_some()
    })?;
    count.ok_or_else(|| monitor.fault("no count of messages"))
}

fn success(who: &str, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(format!("{who} ended with {status}").into())
}

fn equal(who: &str, count: u64, wanted: u64) -> Result<()> {
    if count == wanted {
        return Ok(());
    }
    Err(format!("{who}: {count} messages instead of {wanted}").into())
}
