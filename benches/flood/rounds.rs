//! The rounds under a flood that ends.

use std::time::Duration;

use crate::{
    common::{
        Result, median,
        report::{Report, line},
        server::{Flood, event, varied},
    },
    contenders::{self, Account, Cost, Websocat},
};

struct Plan {
    messages: u64,
    rounds: usize,
}

impl Plan {
    const fn of(quick: bool) -> Self {
        if quick {
            Self {
                messages: 200_000,
                rounds: 3,
            }
        } else {
            Self {
                messages: 1_000_000,
                rounds: 5,
            }
        }
    }
}

const PAYLOADS: [&str; 2] = ["--format", "payload"];
/// Asked of every message, and lets all of them through.
const FILTER: [&str; 2] = ["--filter", ".data.user.tier != \"none\""];

/// One round.
struct Round {
    bare: Cost,
    tail: Duration,
    payloads: Duration,
    filtered: Duration,
    websocat: Option<Duration>,
    monitor: Duration,
    held: Account,
    dropping: Account,
}

/// Measures G1 to G4, G6 to G8 and G19.
pub(crate) fn measure(quick: bool, report: &mut Report) -> Result<()> {
    let plan = Plan::of(quick);
    let flood = Flood::start(plan.messages, event)?;
    let websocat = Websocat::find()?;
    begin(&plan, &flood, websocat.as_ref())?;
    let config = tempfile::TempDir::new()?;
    let mut rounds = Vec::new();
    for number in 1..=plan.rounds {
        let round = Round {
            bare: contenders::baseline(&flood, plan.messages)?,
            tail: contenders::tail(&flood, plan.messages, &[])?,
            payloads: contenders::tail(&flood, plan.messages, &PAYLOADS)?,
            filtered: contenders::tail(&flood, plan.messages, &FILTER)?,
            websocat: websocat.as_ref().map(|it| it.run(&flood)).transpose()?,
            monitor: contenders::monitor(&flood, config.path())?,
            held: contenders::counted(&flood, "hold")?,
            dropping: contenders::counted(&flood, "drop")?,
        };
        line(round.row(number))?;
        rounds.push(round);
    }
    drop(flood);
    let varied = varied_ratios(&plan)?;
    line(format!(
        "\ntail / bare loop, messages that never repeat: {:.3}, no gate",
        median(varied)
    ))?;
    judge(&rounds, plan.messages, report);
    Ok(())
}

fn begin(plan: &Plan, flood: &Flood, websocat: Option<&Websocat>) -> Result<()> {
    let mean = flood.payload as f64 / plan.messages as f64;
    line(format!(
        "{} messages of {mean:.0} bytes on average; CPU seconds of whole processes\n",
        plan.messages
    ))?;
    contenders::tail_checked(flood, plan.messages, &[])?;
    contenders::tail_checked(flood, plan.messages, &PAYLOADS)?;
    line("tail into a pipe: every message arrived, in order")?;
    match websocat {
        Some(websocat) => {
            websocat.check(flood, plan.messages)?;
            let version = &websocat.version;
            line(format!(
                "{version} into a pipe: every message arrived, in order"
            ))?;
        }
        None => line(format!("skipped: {NO_WEBSOCAT}"))?,
    }
    line(
        "\nround   bare    tail  payload  filter  websocat  monitor  wall: bare  monitor  dropped when told to",
    )?;
    Ok(())
}

const NO_WEBSOCAT: &str = "websocat is not here";

impl Round {
    fn row(&self, number: usize) -> String {
        let seconds = |span: Duration| format!("{:.3}", span.as_secs_f64());
        let columns = [
            (7, seconds(self.bare.cpu)),
            (8, seconds(self.tail)),
            (9, seconds(self.payloads)),
            (8, seconds(self.filtered)),
            (10, self.websocat.map_or_else(|| "-".into(), seconds)),
            (9, seconds(self.monitor)),
            (12, seconds(self.bare.wall)),
            (9, seconds(self.held.wall)),
            (9, self.dropping.dropped.to_string()),
        ];
        let columns = columns.map(|(width, text)| format!("{text:>width$}"));
        format!("{number:>5}{}", columns.concat())
    }
}

/// A gate of CPU time: its name, whose time it is, and how many times the other's it may be.
type Gate = (&'static str, fn(&Round) -> Duration, f64);

const OVER_BARE: [Gate; 4] = [
    ("G1 tail of payloads / bare loop", |it| it.payloads, 1.4),
    ("G2 tail / bare loop", |it| it.tail, 1.6),
    (
        "G3 tail with a field filter / bare loop",
        |it| it.filtered,
        3.0,
    ),
    ("G6 monitor / bare loop", |it| it.monitor, 3.0),
];
const OVER_WEBSOCAT: [Gate; 2] = [
    ("G4 tail of payloads / websocat", |it| it.payloads, 0.4),
    ("G7 monitor / websocat", |it| it.monitor, 0.8),
];

fn judge(rounds: &[Round], messages: u64, report: &mut Report) {
    for (gate, part, most) in OVER_BARE {
        let ratios = rounds.iter().map(|it| ratio(part(it), it.bare.cpu));
        report.at_most(gate, median(ratios), most, "");
    }
    for (gate, part, most) in OVER_WEBSOCAT {
        let ratios = rounds
            .iter()
            .filter_map(|it| Some(ratio(part(it), it.websocat?)));
        match median(ratios) {
            none if none.is_nan() => report.skipped(gate, NO_WEBSOCAT),
            found => report.at_most(gate, found, most, ""),
        }
    }
    let speeds = rounds.iter().map(|it| ratio(it.bare.wall, it.held.wall));
    let gate = "G8 messages/s of the monitor / of the bare loop";
    report.at_least(gate, median(speeds), 0.4, "");
    accounts(rounds, messages, report);
}

fn accounts(rounds: &[Round], messages: u64, report: &mut Report) {
    let accounts = rounds
        .iter()
        .flat_map(|round| [&round.held, &round.dropping]);
    let wrong = accounts
        .map(|account| (account.shown, account.dropped))
        .find(|(shown, dropped)| shown + dropped != messages);
    let last = rounds
        .last()
        .map(|round| (round.dropping.shown, round.dropping.dropped));
    let (shown, dropped) = wrong.or(last).unwrap_or_default();
    let sign = if wrong.is_some() { "≠" } else { "=" };
    report.verdict(
        wrong.is_none(),
        "G19 shown + dropped = sent, in each run",
        &format!("{shown} + {dropped} {sign} {messages}"),
    );
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// The ratios of `tail` for messages of which hardly two are alike.
fn varied_ratios(plan: &Plan) -> Result<Vec<f64>> {
    let flood = Flood::start(plan.messages, varied)?;
    let round = |_| {
        let bare = contenders::baseline(&flood, plan.messages)?.cpu;
        Ok(ratio(contenders::tail(&flood, plan.messages, &[])?, bare))
    };
    (0..plan.rounds).map(round).collect()
}
