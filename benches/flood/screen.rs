//! The monitor's screen: when nothing comes, when little comes, and under a flood without end.

use std::{path::Path, time::Duration};

use crate::common::{
    Result, cpu, median, now,
    report::{Report, line},
    server,
    terminal::{Terminal, Written},
};

/// Between two frames of a screen that is drawn 60 times a second.
const TICK: Duration = Duration::from_micros(16_667);
/// Between two messages when little comes.
const SLOW: Duration = Duration::from_millis(100);
/// A key that does nothing: what is shown is drawn again, and little is written.
const NOTHING: &str = "~";

struct Plan {
    silence: Duration,
    /// Of slow messages, with and without ticks.
    pairs: usize,
    phase: Duration,
    flood: Duration,
}

impl Plan {
    const fn of(quick: bool) -> Self {
        if quick {
            Self {
                silence: Duration::from_secs(10),
                pairs: 3,
                phase: Duration::from_secs(2),
                flood: Duration::from_secs(3),
            }
        } else {
            Self {
                silence: Duration::from_secs(60),
                pairs: 5,
                phase: Duration::from_secs(5),
                flood: Duration::from_secs(10),
            }
        }
    }
}

/// Measures G15 to G17.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<()> {
    let plan = Plan::of(quick);
    let config = tempfile::TempDir::new()?;
    line("")?;
    idle(&plan, config.path(), report)?;
    trickle(&plan, config.path(), report)?;
    busy(&plan, config.path(), report)
}

/// What a monitor did in a while.
struct Part {
    cpu: Duration,
    written: Written,
    span: Duration,
}

impl Part {
    fn frames_per_second(&self) -> f64 {
        self.written.frames as f64 / self.span.as_secs_f64()
    }
}

fn open(url: &str, config: &Path) -> Result<Terminal> {
    let mut monitor = Terminal::monitor(url, config)?;
    monitor.wait_for("live")?;
    // What belongs to the start.
    monitor.watch_for(Duration::from_secs(1))?;
    Ok(monitor)
}

fn part(monitor: &mut Terminal, watch: impl FnOnce(&mut Terminal) -> Result<()>) -> Result<Part> {
    let pid = monitor.pid()?;
    let (cpu, written, begun) = (cpu::of_running(pid)?, monitor.written(), now());
    watch(monitor)?;
    Ok(Part {
        span: now().since(begun),
        written: monitor.written().since(written),
        cpu: cpu::of_running(pid)?.saturating_sub(cpu),
    })
}

fn idle(plan: &Plan, config: &Path, report: &mut Report) -> Result<()> {
    let mut monitor = open(&server::silent()?, config)?;
    let idle = part(&mut monitor, |monitor| monitor.watch_for(plan.silence))?;
    monitor.quit()?;
    line(format!(
        "on a silent stream, {} s: {:.1} ms of CPU, {} frames, {} bytes to the terminal",
        plan.silence.as_secs(),
        idle.cpu.as_secs_f64() * 1000.0,
        idle.written.frames,
        idle.written.bytes
    ))?;
    let load = idle.cpu.as_secs_f64() / idle.span.as_secs_f64();
    report.at_most("G15 monitor when idle", load * 100.0, 0.1, " % of a core");
    Ok(())
}

/// Ten messages a second, by itself and with a key that does nothing for each frame of 60 a second.
fn trickle(plan: &Plan, config: &Path, report: &mut Report) -> Result<()> {
    let mut monitor = open(&server::slow(SLOW)?, config)?;
    let mut ratios = Vec::new();
    for _ in 0..plan.pairs {
        let free = part(&mut monitor, |monitor| monitor.watch_for(plan.phase))?;
        let forced = part(&mut monitor, |monitor| tick(monitor, plan.phase))?;
        line(format!(
            "10 messages/s, {} s: {:.1} ms of CPU, {:.0} frames/s; forced: {:.1} ms, {:.0} frames/s",
            plan.phase.as_secs(),
            free.cpu.as_secs_f64() * 1000.0,
            free.frames_per_second(),
            forced.cpu.as_secs_f64() * 1000.0,
            forced.frames_per_second()
        ))?;
        ratios.push(free.cpu.as_secs_f64() / forced.cpu.as_secs_f64());
    }
    monitor.quit()?;
    report.at_most(
        "G16 10 messages/s / the same at 60 frames/s",
        median(ratios),
        0.4,
        "",
    );
    Ok(())
}

fn tick(monitor: &mut Terminal, span: Duration) -> Result<()> {
    let begun = now();
    let mut next = begun;
    while next.since(begun) < span {
        monitor.press(NOTHING)?;
        next = next.after(TICK);
        monitor.watch_until(next)?;
    }
    Ok(())
}

/// Frames are told apart by the cursor, which is hidden at the end of each.
fn busy(plan: &Plan, config: &Path, report: &mut Report) -> Result<()> {
    let mut monitor = open(&server::endless()?, config)?;
    let busy = part(&mut monitor, |monitor| monitor.watch_for(plan.flood))?;
    monitor.quit()?;
    if busy.written.frames == 0 {
        return Err("the monitor draws nothing under a flood".into());
    }
    let frames = busy.frames_per_second();
    let size = busy.written.bytes as f64 / busy.written.frames as f64;
    report.at_most("G17 frames under a flood", frames, 61.0, " a second");
    report.at_most(
        "G17 bytes for each frame at 200x50",
        size / 1000.0,
        32.0,
        " KB",
    );
    Ok(())
}
