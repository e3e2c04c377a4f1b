//! The two gates of memory, each on a monitor of its own.

use std::{fs, time::Duration};

use crate::common::{
    Result,
    report::{Report, line},
    server::{self, Feeder},
    terminal::Terminal,
};

/// What comes after the budget is spent, in times of the budget.
const MORE: u64 = 10;
/// Until what was used at the way in is given back, if it is.
const SETTLED: Duration = Duration::from_secs(1);

/// Measures G9 and G10.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<()> {
    kept("short messages", server::event, 1_000_000, report)?;
    kept("long messages", server::long, 100_000, report)?;
    full(if quick { 16 << 20 } else { 64 << 20 }, report)
}

/// How much memory a byte of payload takes while everything is kept.
fn kept(name: &str, event: fn(u64) -> String, messages: u64, report: &mut Report) -> Result<()> {
    let mut subject = Subject::start(event, 2 << 30)?;
    let start = subject.resident()?;
    let payload = subject.feed(messages)?;
    let grown = subject.resident()?.saturating_sub(start);
    all_kept(subject.monitor.number_after("let go")?)?;
    subject.monitor.quit()?;
    line(format!(
        "{messages} {name}, {} bytes on average: {:.1} MB of payload, {:.1} MB of memory beyond {:.1} MB at the start",
        payload / messages,
        mega(payload),
        mega(grown),
        mega(start)
    ))?;
    let gate = format!("G9 memory / payload kept, {name}");
    report.at_most(&gate, grown as f64 / payload as f64, 1.25, "");
    Ok(())
}

/// By how much memory grows after the budget is spent.
fn full(budget: u64, report: &mut Report) -> Result<()> {
    let mut subject = Subject::start(server::event, budget)?;
    let start = subject.resident()?;
    let messages = budget / server::event(0).len() as u64;
    subject.feed(2 * messages)?;
    let full = subject.resident()?;
    let more = subject.feed(MORE * messages)?;
    let end = subject.resident()?;
    let gone = subject.monitor.number_after("let go")?;
    subject.monitor.quit()?;
    line(format!(
        "a budget of {:.1} MB: {:.1} MB at the start, {:.1} MB when it was spent twice, {:.1} MB after {:.1} MB more; {gone} events let go",
        mega(budget),
        mega(start),
        mega(full),
        mega(end),
        mega(more)
    ))?;
    let growth = end.saturating_sub(full) as f64 / budget as f64;
    report.at_most(
        "G10 growth when the budget is spent",
        growth * 100.0,
        5.0,
        " % of the budget",
    );
    Ok(())
}

/// A monitor and the server that feeds it.
struct Subject {
    monitor: Terminal,
    server: Feeder,
    fed: u64,
    _config: tempfile::TempDir,
}

impl Subject {
    fn start(event: fn(u64) -> String, budget: u64) -> Result<Self> {
        let server = Feeder::start(event)?;
        let config = tempfile::TempDir::new()?;
        let settings = format!("[settings]\nmemory = \"{}MiB\"\n", budget >> 20);
        fs::write(config.path().join("config.toml"), settings)?;
        let mut monitor = Terminal::monitor(&server.url(), config.path())?;
        monitor.wait_for("live")?;
        Ok(Self {
            monitor,
            server,
            fed: 0,
            _config: config,
        })
    }

    /// Sends messages, waits until the screen shows that all have come, and returns the bytes of their payloads.
    fn feed(&mut self, messages: u64) -> Result<u64> {
        let payload = self.server.send(messages)?;
        self.fed += messages;
        self.monitor.wait_for_number("received", self.fed)?;
        Ok(payload)
    }

    /// Bytes of the resident set.
    fn resident(&mut self) -> Result<u64> {
        self.monitor.watch_for(SETTLED)?;
        let status = fs::read_to_string(format!("/proc/{}/status", self.monitor.pid()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kib.ok_or("/proc tells no VmRSS")?.trim().parse::<u64>()? << 10)
    }
}

fn all_kept(gone: u64) -> Result<()> {
    if gone == 0 {
        return Ok(());
    }
    Err(format!("{gone} events were let go, so not all payload was kept").into())
}

fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
