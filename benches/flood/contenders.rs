//! The processes that are compared. Each reads the whole flood; a run in which a message was lost is an error.

use std::{
    error::Error,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use crate::{baseline, cpu, server::Flood, terminal::Monitor};

/// CPU time of the bare loop.
pub(crate) fn baseline(flood: &Flood, messages: u64) -> Result<Duration, Box<dyn Error>> {
    let (output, cpu) = cpu::of_child(|| {
        Command::new(std::env::current_exe()?)
            .args([baseline::ARGUMENT, &flood.url()])
            .stderr(Stdio::inherit())
            .output()
    })?;
    flood.wait_for_end()?;
    let count: u64 = String::from_utf8(output.stdout)?.trim().parse()?;
    equal("the bare loop", count, messages)?;
    Ok(cpu)
}

/// CPU time of `sockeye tail` to `/dev/null`, with more arguments. That it ends with success says that it has counted
/// them all.
pub(crate) fn tail(
    flood: &Flood,
    messages: u64,
    more: &[&str],
) -> Result<Duration, Box<dyn Error>> {
    let (status, cpu) = cpu::of_child(|| {
        let mut command = tail_command(flood, messages);
        command.args(more).stdout(Stdio::null()).status()
    })?;
    success("sockeye tail", status)?;
    flood.wait_for_end()?;
    Ok(cpu)
}

/// Runs `sockeye tail` into a pipe and checks that every message arrived, in its order.
pub(crate) fn tail_checked(flood: &Flood, messages: u64) -> Result<(), Box<dyn Error>> {
    let mut child = tail_command(flood, messages)
        .stdout(Stdio::piped())
        .spawn()?;
    let output = BufReader::with_capacity(64 << 10, child.stdout.take().ok_or("no output")?);
    let mut count = 0;
    for line in output.lines() {
        let line = line?;
        if !line.contains(&format!(r#""seq":{count},"#)) {
            return Err(format!("message {count} is not what tail wrote: {line}").into());
        }
        count += 1;
    }
    success("sockeye tail", child.wait()?)?;
    flood.wait_for_end()?;
    equal("sockeye tail", count, messages)
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

/// CPU time of the monitor, and how many messages it says it dropped.
pub(crate) fn monitor(flood: &Flood, config: &Path) -> Result<(u64, Duration), Box<dyn Error>> {
    cpu::of_child(|| {
        let mut monitor = Monitor::start(&flood.url(), config)?;
        monitor.wait_for("stopped")?;
        flood.wait_for_end()?;
        let dropped = monitor
            .number_after("dropped")
            .ok_or("the monitor shows no count of what it dropped")?;
        monitor.quit()?;
        Ok(dropped)
    })
}

/// What the monitor costs while nothing happens.
pub(crate) struct Idle {
    /// CPU time.
    pub(crate) cpu: Duration,
    /// Bytes written to the terminal.
    pub(crate) written: u64,
}

/// Watches the monitor on a silent stream for this long.
pub(crate) fn idle(url: &str, config: &Path, span: Duration) -> Result<Idle, Box<dyn Error>> {
    let mut monitor = Monitor::start(url, config)?;
    monitor.wait_for("live")?;
    // What belongs to the start, not to idling.
    thread::sleep(Duration::from_secs(1));
    let pid = monitor.pid().ok_or("the monitor has no process id")?;
    let (cpu, written) = (cpu::of_running(pid)?, monitor.written());
    thread::sleep(span);
    let idle = Idle {
        cpu: cpu::of_running(pid)?.saturating_sub(cpu),
        written: monitor.written() - written,
    };
    monitor.quit()?;
    Ok(idle)
}

fn success(who: &str, status: ExitStatus) -> Result<(), Box<dyn Error>> {
    if status.success() {
        return Ok(());
    }
    Err(format!("{who} ended with {status}").into())
}

fn equal(who: &str, count: u64, messages: u64) -> Result<(), Box<dyn Error>> {
    if count == messages {
        return Ok(());
    }
    Err(format!("{who} has {count} messages of {messages}").into())
}
