//! The rounds, the gates and what is printed of them.

use std::{error::Error, io::Write, time::Duration};

use crate::{contenders, server};

const TAIL_GATE: f64 = 1.6;
const FILTER_GATE: f64 = 3.0;
const MONITOR_GATE: f64 = 3.0;
/// Part of one core.
const IDLE_GATE: f64 = 0.001;

struct Plan {
    messages: u64,
    rounds: usize,
    silence: Duration,
}

impl Plan {
    const fn of(quick: bool) -> Self {
        if quick {
            Self {
                messages: 200_000,
                rounds: 3,
                silence: Duration::from_secs(10),
            }
        } else {
            Self {
                messages: 1_000_000,
                rounds: 5,
                silence: Duration::from_secs(60),
            }
        }
    }
}

/// Measures and prints; whether every gate is kept.
pub(crate) fn run(quick: bool) -> Result<bool, Box<dyn Error>> {
    let plan = Plan::of(quick);
    let config = tempfile::TempDir::new()?;
    let mut out = std::io::stdout();
    let flood = server::Flood::start(plan.messages, server::event)?;
    let (tail, monitor) = rounds(&plan, &flood, config.path(), &mut out)?;
    drop(flood);
    let filtered = filtered_rounds(&plan)?;
    let varied = varied_rounds(&plan)?;
    let silent = server::silent()?;
    let idle = contenders::idle(&silent, config.path(), plan.silence)?;
    let load = idle.cpu.as_secs_f64() / plan.silence.as_secs_f64();
    writeln!(
        out,
        "\nmonitor on a silent stream, {} s: {:.1} ms of CPU, {} bytes to the terminal\n",
        plan.silence.as_secs(),
        idle.cpu.as_secs_f64() * 1000.0,
        idle.written
    )?;
    writeln!(
        out,
        "      tail / bare loop, messages that never repeat: {:.3}, no gate",
        median(varied)
    )?;
    let kept = [
        gate(&mut out, "tail / bare loop", median(tail), TAIL_GATE, "")?,
        gate(
            &mut out,
            "filtered tail / bare",
            median(filtered),
            FILTER_GATE,
            "",
        )?,
        gate(
            &mut out,
            "monitor / bare loop",
            median(monitor),
            MONITOR_GATE,
            "",
        )?,
        gate(
            &mut out,
            "monitor when idle",
            load * 100.0,
            IDLE_GATE * 100.0,
            " % of a core",
        )?,
    ];
    let quick = if quick { " -- --quick" } else { "" };
    writeln!(out, "\nagain: cargo bench --bench flood{quick}")?;
    Ok(kept == [true; 4])
}

/// Runs the contenders in turn and gives the ratios of each round.
fn rounds(
    plan: &Plan,
    flood: &server::Flood,
    config: &std::path::Path,
    out: &mut impl Write,
) -> Result<(Vec<f64>, Vec<f64>), Box<dyn Error>> {
    let mean = flood.payload as f64 / plan.messages as f64;
    writeln!(
        out,
        "{} messages of {mean:.0} bytes on average; CPU seconds of whole processes\n",
        plan.messages
    )?;
    contenders::tail_checked(flood, plan.messages)?;
    writeln!(out, "tail into a pipe: every message arrived, in order\n")?;
    writeln!(
        out,
        "round  bare loop    tail   ratio  monitor   ratio  dropped"
    )?;
    let (mut tail_ratios, mut monitor_ratios) = (Vec::new(), Vec::new());
    for round in 1..=plan.rounds {
        let bare = contenders::baseline(flood, plan.messages)?.as_secs_f64();
        let tail = contenders::tail(flood, plan.messages, &[])?.as_secs_f64();
        let (dropped, monitor) = contenders::monitor(flood, config)?;
        let monitor = monitor.as_secs_f64();
        tail_ratios.push(tail / bare);
        monitor_ratios.push(monitor / bare);
        writeln!(
            out,
            "{round:>5}  {bare:>9.3}  {tail:>6.3}  {:>6.2}  {monitor:>7.3}  {:>6.2}  {dropped:>7}",
            tail / bare,
            monitor / bare
        )?;
    }
    Ok((tail_ratios, monitor_ratios))
}

/// The ratios of `tail` with a field filter that is asked of every message and lets all of them through.
fn filtered_rounds(plan: &Plan) -> Result<Vec<f64>, Box<dyn Error>> {
    let flood = server::Flood::start(plan.messages, server::event)?;
    let ratio = |_| {
        let bare = contenders::baseline(&flood, plan.messages)?;
        let filter = ["--filter", ".data.user.tier != \"none\""];
        let tail = contenders::tail(&flood, plan.messages, &filter)?;
        Ok(tail.as_secs_f64() / bare.as_secs_f64())
    };
    (0..plan.rounds).map(ratio).collect()
}

/// The ratios of `tail` for messages of which hardly two are alike.
fn varied_rounds(plan: &Plan) -> Result<Vec<f64>, Box<dyn Error>> {
    let flood = server::Flood::start(plan.messages, server::varied)?;
    let ratio = |_| {
        let bare = contenders::baseline(&flood, plan.messages)?;
        let tail = contenders::tail(&flood, plan.messages, &[])?;
        Ok(tail.as_secs_f64() / bare.as_secs_f64())
    };
    (0..plan.rounds).map(ratio).collect()
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

fn gate(
    out: &mut impl Write,
    what: &str,
    found: f64,
    most: f64,
    unit: &str,
) -> std::io::Result<bool> {
    let kept = found <= most;
    let word = if kept { "PASS" } else { "FAIL" };
    writeln!(out, "{word}  {what:<20} {found:.3}, at most {most}{unit}")?;
    Ok(kept)
}
