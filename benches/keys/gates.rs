//! The gates of keys: while a filter looks at many events, and under a flood beside a stream that is nearly quiet.

use std::{fs, path::Path, time::Duration};

use crate::{
    common::{
        Result, percentile,
        report::{Report, line},
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
    /// How often the query is typed.
    queries: usize,
    events: u64,
    keys: usize,
}

impl Plan {
    const fn of(quick: bool) -> Self {
        if quick {
            Self {
                queries: 5,
                events: 200_000,
                keys: 100,
            }
        } else {
            Self {
                queries: 10,
                events: 1_000_000,
                keys: 200,
            }
        }
    }
}

/// Measures G13 and G14.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<()> {
    let plan = Plan::of(quick);
    line("milliseconds from a key to its effect on the screen\n")?;
    line("                           keys    p50    p99   most   control: p50    p99")?;
    let typing = typing(&plan)?;
    line(typing.row(&format!("filtering {} events", plan.events)))?;
    let config = tempfile::TempDir::new()?;
    let quiet = toggling(&plan, &server::slow(SLOW)?, config.path())?;
    line(quiet.row("10 messages a second"))?;
    let flood = toggling(&plan, &server::endless()?, config.path())?;
    line(flood.row("a flood without end"))?;
    let (median, slow) = (0.5, 0.99);
    typing.judge("G13 key to echo while a filter runs", slow, 50.0, report);
    flood.judge("G14 key to screen under a flood", median, 25.0, report);
    flood.judge("G14 key to screen under a flood", slow, 60.0, report);
    let over_quiet = percentile(&flood.monitor, slow) / percentile(&quiet.monitor, slow);
    let of_control = percentile(&flood.control, slow) / percentile(&quiet.control, slow);
    report.at_most(
        "G14 p99 under a flood / when nearly quiet",
        over_quiet,
        3.0,
        &format!("; the control {of_control:.1}"),
    );
    Ok(())
}

/// Milliseconds of the monitor's keys and of the control's.
#[derive(Default)]
struct Times {
    monitor: Vec<f64>,
    control: Vec<f64>,
}

impl Times {
    fn row(&self, name: &str) -> String {
        let [p50, p99, most] = [0.5, 0.99, 1.0].map(|part| percentile(&self.monitor, part));
        let [control_p50, control_p99] = [0.5, 0.99].map(|part| percentile(&self.control, part));
        let keys = self.monitor.len();
        format!(
            "{name:<26} {keys:>4}  {p50:>5.1}  {p99:>5.1}  {most:>5.1}          {control_p50:>5.1}  {control_p99:>5.1}"
        )
    }

    fn judge(&self, gate: &str, part: f64, most: f64, report: &mut Report) {
        let control = percentile(&self.control, part);
        report.at_most(
            &format!("{gate}, p{:.0}", part * 100.0),
            percentile(&self.monitor, part),
            most,
            &format!(" ms; the control {control:.1} ms"),
        );
    }
}

/// Types a query, a key as soon as the one before is seen. Keys that come while the filter has seen all are left out.
fn typing(plan: &Plan) -> Result<Times> {
    let mut server = Feeder::start(server::event)?;
    let config = tempfile::TempDir::new()?;
    let settings = "[settings]\nmemory = \"1GiB\"\n";
    fs::write(config.path().join("config.toml"), settings)?;
    let mut monitor = Terminal::monitor(&server.url(), config.path())?;
    server.send(plan.events)?;
    monitor.wait_for_number("received", plan.events)?;
    let (mut control, mut times) = (Control::start()?, Times::default());
    monitor.press("/")?;
    for _ in 0..plan.queries {
        monitor.press(CLEAR)?;
        monitor.wait_until("an empty line", |screen| typed(screen) == Some(""))?;
        for end in ends() {
            let runs = monitor.shows("so far");
            let time = echo(&mut monitor, end)?;
            times.monitor.extend(runs.then_some(time));
            times.control.push(control.key()?);
        }
    }
    control.quit()?;
    monitor.press("\x1b")?;
    monitor.wait_for("re-authenticate")?;
    monitor.quit()?;
    Ok(times)
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
