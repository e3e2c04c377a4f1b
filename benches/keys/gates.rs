//! The gates of keys: while a filter looks at many events, and under a flood beside a stream that is nearly quiet.

use std::{fs, path::Path, time::Duration};

use crate::{
    common::{
        Result, percentile,
        report::Report,
        server::{self, Feeder},
        terminal::Terminal,
    },
    control::Control,
};

/// Every event holds each of these words and their beginnings, so that none of them ends the search early.
const QUERY: &str = "region amount user tier msg";
/// Empties the line.
const CLEAR: &str = "\x15";
/// Between two messages of a stream that is nearly quiet.
const SLOW: Duration = Duration::from_millis(100);

struct Plan {
    keys: usize,
    events: u64,
}

/// Measures G13 and G14.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<()> {
    let plan = if quick {
        Plan {
            keys: 60,
            events: 200_000,
        }
    } else {
        Plan {
            keys: 200,
            events: 1_000_000,
        }
    };
    report.line("milliseconds from a key to its effect on the screen\n")?;
    report.line("                           keys    p50    p99   most   control: p50    p99")?;
    typing(&plan, report)?;
    let config = tempfile::TempDir::new()?;
    let quiet = toggling(&plan, &server::slow(SLOW)?, config.path())?;
    report.line(quiet.row("10 messages a second"))?;
    let flood = toggling(&plan, &server::endless()?, config.path())?;
    report.line(flood.row("a flood without end"))?;
    report.at_most(
        "G14 key to screen under a flood, p50",
        flood.p50(),
        25.0,
        " ms",
    );
    report.at_most(
        "G14 key to screen under a flood, p99",
        flood.p99(),
        60.0,
        " ms",
    );
    let ratio = flood.p99() / quiet.p99();
    report.at_most("G14 p99 under a flood / when nearly quiet", ratio, 3.0, "");
    Ok(())
}

/// Milliseconds of the monitor's keys and of the control's.
#[derive(Default)]
struct Times {
    monitor: Vec<f64>,
    control: Vec<f64>,
}

impl Times {
    fn p50(&self) -> f64 {
        percentile(self.monitor.iter().copied(), 0.5)
    }

    fn p99(&self) -> f64 {
        percentile(self.monitor.iter().copied(), 0.99)
    }

    fn row(&self, name: &str) -> String {
        let of_control = |part| percentile(self.control.iter().copied(), part);
        format!(
            "{name:<26} {:>4}  {:>5.1}  {:>5.1}  {:>5.1}          {:>5.1}  {:>5.1}",
            self.monitor.len(),
            self.p50(),
            self.p99(),
            percentile(self.monitor.iter().copied(), 1.0),
            of_control(0.5),
            of_control(0.99)
        )
    }
}

/// Types a query, a key as soon as the one before is seen, while the events are looked at.
fn typing(plan: &Plan, report: &mut Report) -> Result<()> {
    let mut server = Feeder::start(server::event)?;
    let config = tempfile::TempDir::new()?;
    fs::write(
        config.path().join("config.toml"),
        "[settings]\nmemory = \"1GiB\"\n",
    )?;
    let mut monitor = Terminal::monitor(&server.url(), config.path())?;
    server.send(plan.events)?;
    monitor.wait_for_number("received", plan.events)?;
    let mut control = Control::start()?;
    let (mut times, mut busy) = (Times::default(), 0);
    monitor.press("/")?;
    monitor.wait_for(" /")?;
    while times.monitor.len() < plan.keys {
        monitor.press(CLEAR)?;
        monitor.wait_until("an empty line", |screen| typed(screen) == Some(""))?;
        for end in ends() {
            busy += usize::from(monitor.shows("so far"));
            times.monitor.push(echo(&mut monitor, end)?);
            times.control.push(control.key()?);
        }
    }
    control.quit()?;
    monitor.press("\x1b")?;
    monitor.wait_for("re-authenticate")?;
    monitor.quit()?;
    report.line(times.row("typing a query"))?;
    report.line(format!(
        "    over {} events; {busy} of the keys came while the filter ran",
        plan.events
    ))?;
    report.at_most(
        "G13 key to echo while a filter runs, p99",
        times.p99(),
        50.0,
        " ms",
    );
    Ok(())
}

/// Where the query stands after each key that can be seen. A space cannot: it is typed with the letter behind it.
fn ends() -> impl Iterator<Item = usize> {
    (1..=QUERY.len()).filter(|end| !QUERY[..*end].ends_with(' '))
}

/// Types the query on to this end, and returns the milliseconds until it is seen.
fn echo(monitor: &mut Terminal, end: usize) -> Result<f64> {
    let start = QUERY[..end - 1].trim_end().len();
    let pressed = monitor.press(&QUERY[start..end])?;
    let seen = monitor.wait_until(&QUERY[..end], |screen| typed(screen) == Some(&QUERY[..end]))?;
    Ok(seen.since(pressed).as_secs_f64() * 1000.0)
}

/// What stands in the line of the filter. Behind it are the cursor and two spaces at least.
fn typed(screen: &str) -> Option<&str> {
    screen
        .lines()
        .last()?
        .strip_prefix(" /")?
        .split("   ")
        .next()
}

/// Wraps lines and no longer, at times that have nothing to do with the frames.
fn toggling(plan: &Plan, url: &str, config: &Path) -> Result<Times> {
    let mut monitor = Terminal::monitor(url, config)?;
    monitor.wait_for("live")?;
    let mut control = Control::start()?;
    let (mut times, mut random) = (Times::default(), fastrand::Rng::with_seed(14));
    for number in 0..plan.keys {
        monitor.watch_for(Duration::from_millis(random.u64(20..60)))?;
        let wrapped = number % 2 == 0;
        let pressed = monitor.press("w")?;
        let seen = monitor.wait_until("wrapped lines", |screen| {
            screen.contains("wrapped") == wrapped
        })?;
        times
            .monitor
            .push(seen.since(pressed).as_secs_f64() * 1000.0);
        times.control.push(control.key()?);
    }
    control.quit()?;
    monitor.quit()?;
    Ok(times)
}
